/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/guard.h>
#include <libtune/tuning/plan.h>
#include <libtune/base/root.h>

/* ---- steps and plans ---- */

Step *tune_step_new(const TuneParam *param, const char *key, const char *object, const char *want,
		    const char *origin)
{
	Step *step = g_new0(Step, 1);

	step->key = g_strdup(key);
	step->asked = g_strdup(want);
	step->public = (TuneStep){
		.param = param,
		.name = tune_section_format_name(param->section, key),
		.object = g_strdup(object),
		.path = tune_section_format_path(param->section, key, object),
		.want = g_strdup(want),
		.origin = g_strdup(origin),
		.verdict = TUNE_VERDICT_UNKNOWN,
	};
	return step;
}

void tune_step_free(gpointer data)
{
	Step *step = data;

	g_free(step->key);
	g_free(step->asked);
	g_free(step->read_only_reason);
	g_free(step->reason);
	g_free(step->public.name);
	g_free(step->public.object);
	g_free(step->public.path);
	g_free(step->public.have);
	g_free(step->public.want);
	g_free(step->public.note);
	g_free(step->public.origin);
	g_free(step);
}

TunePlan *tune_plan_new_empty(TuneRoot *root)
{
	TunePlan *plan = g_new0(TunePlan, 1);

	plan->root = root;
	plan->facts = tune_facts_new(root);
	plan->guard_s = TUNE_GUARD_S;
	plan->steps = g_ptr_array_new_with_free_func(tune_step_free);
	plan->findings = g_ptr_array_new_with_free_func(g_free);
	return plan;
}

void tune_plan_free(TunePlan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->steps);
	g_ptr_array_unref(plan->findings);
	tune_facts_free(plan->facts);
	g_free(plan);
}

void tune_plan_renew_facts(TunePlan *plan)
{
	tune_facts_free(plan->facts);
	plan->facts = tune_facts_new(plan->root);
}

Step *tune_plan_add(TunePlan *plan, Step *step)
{
	g_ptr_array_add(plan->steps, step);
	return step;
}

TuneFacts *tune_plan_get_facts(const TunePlan *plan)
{
	return plan->facts;
}

const GPtrArray *tune_plan_get_findings(const TunePlan *plan)
{
	return plan->findings;
}

guint tune_plan_get_length(const TunePlan *plan)
{
	return plan->steps->len;
}

const TuneStep *tune_plan_get_step(const TunePlan *plan, guint index)
{
	const Step *step = plan->steps->pdata[index];

	return &step->public;
}

guint tune_plan_count(const TunePlan *plan, TuneVerdict verdict)
{
	guint n = 0;

	for (guint i = 0; i < plan->steps->len; i++)
		n += tune_plan_get_step(plan, i)->verdict == verdict;
	return n;
}

gboolean tune_step_is_fault(const TuneStep *step)
{
	return step->verdict != TUNE_VERDICT_SAME && step->verdict != TUNE_VERDICT_CHANGED &&
	       step->verdict != TUNE_VERDICT_PENDING_RECONNECT &&
	       step->verdict != TUNE_VERDICT_ABSENT && step->verdict != TUNE_VERDICT_NOT_PERMITTED;
}

gboolean tune_plan_is_fulfilled(const TunePlan *plan)
{
	for (guint i = 0; i < plan->steps->len; i++)
		if (tune_step_is_fault(tune_plan_get_step(plan, i)))
			return FALSE;
	return TRUE;
}

const char *tune_verdict_name(TuneVerdict verdict)
{
	static const char *const names[] = {
		[TUNE_VERDICT_SAME] = "same",
		[TUNE_VERDICT_WOULD_CHANGE] = "would-change",
		[TUNE_VERDICT_CHANGED] = "changed",
		[TUNE_VERDICT_CLAMPED] = "clamped",
		[TUNE_VERDICT_REFUSED] = "refused",
		[TUNE_VERDICT_ABSENT] = "absent",
		[TUNE_VERDICT_NOT_PERMITTED] = "not-permitted",
		[TUNE_VERDICT_OVERRIDDEN] = "overridden",
		[TUNE_VERDICT_PENDING_RECONNECT] = "pending-reconnect",
		[TUNE_VERDICT_CONTESTED] = "contested",
		[TUNE_VERDICT_UNKNOWN] = "unknown",
	};

	return (guint)verdict < G_N_ELEMENTS(names) ? names[verdict] : "unknown";
}

/* ---- decide ---- */

void tune_step_settle(Step *step, TuneVerdict verdict, char *note)
{
	step->public.verdict = verdict;
	g_free(step->public.note);
	step->public.note = note;
}

void tune_step_finish(Step *step, TuneVerdict verdict, char *note)
{
	tune_step_settle(step, verdict, note);
	step->is_final = TRUE;
}

TuneVerdict tune_verdict_from_error(const GError *error)
{
	if (g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TUNE_VERDICT_ABSENT;
	if (g_error_matches(error, TUNE_ERROR, TUNE_ERROR_DENIED))
		return TUNE_VERDICT_NOT_PERMITTED;
	if (g_error_matches(error, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return TUNE_VERDICT_REFUSED;
	return TUNE_VERDICT_UNKNOWN;
}

static void replace_text(char **text, char *fresh)
{
	g_free(*text);
	*text = fresh;
}

/* The wanted value is not possible on this host: it does not offer the choice, or has another number of fields. */
static void settle_impossible(Step *step, const char *shown)
{
	const TuneCodec *codec = step->public.param->codec;
	gboolean is_choice = codec == &tune_codec_choice || codec == &tune_codec_switch ||
			     strchr(shown, '[');
	g_autofree char *line = g_strdelimit(g_strdup(shown), "\t\n", ' ');

	tune_step_settle(step, is_choice ? TUNE_VERDICT_ABSENT : TUNE_VERDICT_REFUSED,
			 g_strdup_printf("'%s' is not possible: shows '%s'", step->asked, line));
}

/* Why the value that @shown is may not be replaced, static text or of @step; NULL: it may */
static const char *find_obstacle(const Step *step, const char *shown)
{
	const TuneCodec *codec = step->public.param->codec;

	if (step->read_only_reason)
		return step->read_only_reason;
	return step->is_exact || !codec->find_obstacle ? NULL : codec->find_obstacle(shown);
}

/* A pure function of the step and the text that the host shows. */
static void decide_step(Step *step, const char *shown)
{
	const TuneCodec *codec = step->public.param->codec;

	replace_text(&step->public.have, codec->current(shown));
	if (!step->asked) {
		tune_step_settle(step, TUNE_VERDICT_SAME, g_strdup("not in the policy"));
		return;
	}
	char *should = step->is_exact ? g_strdup(step->asked) : codec->resolve(shown, step->asked);

	if (!should) {
		settle_impossible(step, shown);
		return;
	}
	replace_text(&step->public.want, should);
	gboolean is_same = step->is_exact ? strcmp(step->public.have, should) == 0
					  : codec->equal(step->public.have, should);
	const char *obstacle = is_same ? NULL : find_obstacle(step, shown);
	if (obstacle)
		tune_step_settle(step, TUNE_VERDICT_REFUSED, g_strdup(obstacle));
	else
		tune_step_settle(step, is_same ? TUNE_VERDICT_SAME : TUNE_VERDICT_WOULD_CHANGE,
				 g_strdup(step->reason));
}

/* ---- reading ---- */

const TuneBackend *tune_plan_get_backend(const TunePlan *plan, const TuneSection *section)
{
	return plan->backend ? plan->backend : section->backend;
}

char *tune_plan_read(const TunePlan *plan, const TuneSection *section, const char *path,
		     GError **error)
{
	return tune_plan_get_backend(plan, section)->read(plan->facts, path, error);
}

void tune_plan_read_step(const TunePlan *plan, Step *step)
{
	g_autoptr(GError) error = NULL;

	if (step->is_final)
		return;
	g_autofree char *shown = tune_plan_read(plan, step->public.param->section,
						step->public.path, &error);
	if (shown) {
		decide_step(step, shown);
		return;
	}
	g_clear_pointer(&step->public.have, g_free);
	TuneVerdict verdict = tune_verdict_from_error(error);
	/* After a read that failed, the value is unknown; only a write can be refused or not permitted. */
	if (verdict == TUNE_VERDICT_REFUSED || verdict == TUNE_VERDICT_NOT_PERMITTED)
		verdict = TUNE_VERDICT_UNKNOWN;
	tune_step_settle(step, verdict,
			 verdict == TUNE_VERDICT_ABSENT ? NULL : g_strdup(error->message));
}

/* The step for @key of the same object; it comes before @index, because the table is in the order of writes. */
static const Step *find_before(const TunePlan *plan, guint index, const char *key)
{
	const Step *step = plan->steps->pdata[index];

	while (index-- > 0) {
		const Step *other = plan->steps->pdata[index];
		if (other->public.param->section != step->public.param->section ||
		    g_strcmp0(other->public.object, step->public.object) != 0)
			return NULL;
		if (strcmp(other->key, key) == 0)
			return other;
	}
	return NULL;
}

/* The settings of a scheduler can be read only once it is chosen, which an earlier step of the plan may do. */
static void mark_comes_with_earlier_step(const TunePlan *plan, guint index)
{
	Step *step = plan->steps->pdata[index];
	g_autofree char *key = NULL;
	const char *value;

	if (step->public.verdict != TUNE_VERDICT_ABSENT || step->is_final ||
	    !tune_param_get_after(step->public.param, &key, &value))
		return;
	const Step *first = find_before(plan, index, key);
	if (first && first->public.verdict == TUNE_VERDICT_WOULD_CHANGE &&
	    (!value || strcmp(value, first->public.want) == 0))
		tune_step_settle(step, TUNE_VERDICT_WOULD_CHANGE,
				 g_strdup_printf("comes with %s %s", key, first->public.want));
}

/*
 * Marks steps that cannot be written here, as on a read-only mount.  All objects of a section are on one mount, so the
 * check of one disk is enough for a thousand.
 */
static void mark_not_permitted(const TunePlan *plan)
{
	const TuneSection *permitted = NULL;

	for (guint i = 0; i < plan->steps->len; i++) {
		g_autoptr(GError) error = NULL;
		Step *step = plan->steps->pdata[i];
		const TuneSection *section = step->public.param->section;
		if (step->public.verdict != TUNE_VERDICT_WOULD_CHANGE || step->is_final ||
		    section == permitted)
			continue;
		const TuneBackend *backend = tune_plan_get_backend(plan, section);
		if (backend->check && !backend->check(plan->facts, step->public.path, &error))
			tune_step_settle(step, TUNE_VERDICT_NOT_PERMITTED,
					 g_strdup(error->message));
		else if (step->public.object)
			permitted = section;
	}
}

void tune_plan_decide(TunePlan *plan)
{
	for (guint i = 0; i < plan->steps->len; i++)
		tune_plan_read_step(plan, plan->steps->pdata[i]);
	mark_not_permitted(plan);
	for (guint i = 0; i < plan->steps->len; i++)
		mark_comes_with_earlier_step(plan, i);
}
