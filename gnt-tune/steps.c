/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "gnt-tune/options.h"
#include "gnt-tune/steps.h"

const Column step_columns[] = {
	{ "param", TRUE, "name of the parameter" },
	{ "object", TRUE, "the disk or interface it belongs to" },
	{ "have", TRUE, "current value" },
	{ "want", TRUE, "wanted value, the nearest that this host can have" },
	{ "verdict", TRUE, "how the two compare, or how the write ended" },
	{ "note", FALSE, "why" },
	{ "origin", FALSE, "the line of the policy that wants it" },
	{ "path", FALSE, "where it is below the root" },
	{ "risk", FALSE, "what changing it may cost" },
	{ "summary", FALSE, "what it does" },
	{ "source", FALSE, "where its meaning is documented" },
	{ NULL, FALSE, NULL },
};

gboolean step_is_not_same(const TuneStep *step)
{
	return step->verdict != TUNE_VERDICT_SAME;
}

gboolean steps_load(const Options *options, TuneRoot **ret_root, TunePolicy **ret_policy,
		    GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);

	if (!root)
		return FALSE;
	g_autoptr(TunePolicy) policy = tune_policy_load(root, options->policy, error);
	if (!policy)
		return FALSE;
	*ret_root = g_steal_pointer(&root);
	*ret_policy = g_steal_pointer(&policy);
	return TRUE;
}

static void add_row(Table *table, const TuneStep *step)
{
	const char *cells[] = { step->name,
				step->object,
				step->have,
				step->want,
				tune_verdict_name(step->verdict),
				step->note,
				step->origin,
				step->path,
				tune_risk_name(step->param->risk),
				step->param->summary,
				step->param->source };

	(tune_step_is_fault(step) ? table_add_marked : table_add)(table, cells);
}

static gboolean is_same_reason(const TuneStep *step, const TuneStep *before)
{
	return before && g_strcmp0(step->note, before->note) == 0 &&
	       g_strcmp0(step->object, before->object) == 0;
}

/* One line with parameter, object and reason.  Consecutive settings of an object that share a reason get one line. */
static void print_reasons(const TunePlan *plan, StepFilter *filter)
{
	const TuneStep *before = NULL;

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (filter(step) && step->note && step->verdict != TUNE_VERDICT_WOULD_CHANGE &&
		    !is_same_reason(step, before))
			g_printerr("%s%s%s: %s: %s\n", step->name, step->object ? " of " : "",
				   step->object ? step->object : "",
				   tune_verdict_name(step->verdict), step->note);
		before = step;
	}
}

static void print_summary(const TunePlan *plan, FILE *stream)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint length = tune_plan_get_length(plan);

	g_string_append_printf(text, "%u setting%s", length, length == 1 ? "" : "s");
	for (guint i = TUNE_VERDICT_SAME; i <= TUNE_VERDICT_UNKNOWN; i++) {
		guint n = tune_plan_count(plan, (TuneVerdict)i);
		if (n)
			g_string_append_printf(text, "%s %u %s", strchr(text->str, ':') ? "," : ":",
					       n, tune_verdict_name((TuneVerdict)i));
	}
	fprintf(stream, "%s\n", text->str);
}

gboolean steps_print(const TunePlan *plan, const Options *options, StepFilter *filter, FILE *count,
		     GError **error)
{
	g_autoptr(Table) table = table_new("settings", step_columns, options, error);

	if (!table)
		return FALSE;
	for (guint i = 0; i < tune_plan_get_length(plan); i++)
		if (options->verbose || filter(tune_plan_get_step(plan, i)))
			add_row(table, tune_plan_get_step(plan, i));
	table_print(table);
	print_reasons(plan, filter);
	if (!options->json && !options->separator)
		print_summary(plan, count);
	return TRUE;
}

gboolean findings_print(TuneFacts *facts, const TunePolicy *policy, guint *ret_n, GError **error)
{
	g_autoptr(GPtrArray) findings = tune_drbd_check(facts, policy, error);

	if (!findings)
		return FALSE;
	for (guint i = 0; i < findings->len; i++) {
		g_autofree char *line = tune_drbd_finding_format(findings->pdata[i]);
		g_printerr("%s\n", line);
	}
	*ret_n = findings->len;
	return TRUE;
}
