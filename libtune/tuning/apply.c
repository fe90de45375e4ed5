/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place that writes to the kernel: record, write, read back, and look at everything once more. */
#include <string.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/tuning/guard.h>
#include <libtune/tuning/journal.h>
#include <libtune/tuning/plan.h>
#include <libtune/base/root.h>

static void write_value(const TunePlan *plan, const Step *step, GError **error)
{
	const TuneBackend *backend = tune_plan_get_backend(plan, step->public.param->section);

	backend->write(plan->facts, step->public.path, step->public.want, error);
}

static const char *get_delay(const TunePlan *plan, const Step *step)
{
	const TuneBackend *backend = tune_plan_get_backend(plan, step->public.param->section);

	return backend->get_delay ? backend->get_delay(plan->facts, step->public.path) : NULL;
}

/* It reads back: is it in force? */
static void settle_written(const TunePlan *plan, Step *step)
{
	const char *delay = get_delay(plan, step);

	tune_step_settle(step, delay ? TUNE_VERDICT_PENDING_RECONNECT : TUNE_VERDICT_CHANGED,
			 g_strdup(delay));
}

/* Some writes fail and have their effect all the same, so what stands decides. */
static void judge(const TunePlan *plan, Step *step, const GError *failure)
{
	tune_plan_look_at(plan, step);
	if (step->public.verdict == TUNE_VERDICT_SAME)
		settle_written(plan, step);
	else if (failure)
		tune_step_settle(step, tune_verdict_from_error(failure),
				 g_strdup(failure->message));
	else if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
		tune_step_settle(step, TUNE_VERDICT_CLAMPED,
				 g_strdup_printf("the kernel kept %s", step->public.have));
}

static gboolean act(const TunePlan *plan, TuneJournal *journal, Step *step, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (step->is_barred)
		return TRUE;
	tune_plan_look_at(plan, step);
	if (step->public.verdict != TUNE_VERDICT_WOULD_CHANGE)
		return TRUE;
	if (journal && !tune_journal_note_write(journal, plan, step, error))
		return FALSE;
	write_value(plan, step, &failure);
	judge(plan, step, failure);
	if (journal)
		tune_journal_note_kept(journal, plan, step);
	return TRUE;
}

static gboolean stands(TuneVerdict verdict)
{
	return verdict == TUNE_VERDICT_SAME || verdict == TUNE_VERDICT_CHANGED ||
	       verdict == TUNE_VERDICT_PENDING_RECONNECT;
}

/*
 * One write can undo another: what stood a moment ago must stand at the end.  And one can complete another: a
 * feature that was asked for may have had to wait for one that it needs.
 */
static void look_again(const TunePlan *plan, Step *step)
{
	TuneVerdict before = step->public.verdict;
	gboolean is_clamped = before == TUNE_VERDICT_CLAMPED;
	g_autofree char *note = g_strdup(step->public.note);

	if (step->is_transient || (!stands(before) && !is_clamped))
		return;
	tune_plan_look_at(plan, step);
	if (step->public.verdict == TUNE_VERDICT_SAME)
		tune_step_settle(step, is_clamped ? TUNE_VERDICT_CHANGED : before,
				 is_clamped ? NULL : g_steal_pointer(&note));
	else if (is_clamped)
		tune_step_settle(step, before, g_steal_pointer(&note));
	else if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
		tune_step_settle(
			step, TUNE_VERDICT_OVERRIDDEN,
			g_strdup_printf("it stood, then something made it %s", step->public.have));
}

/* ---- what could cut the node off ---- */

/* As they are now, under the lock: what the guard would put back must not be of yesterday. */
static GPtrArray *list_guarded(const TunePlan *plan)
{
	GPtrArray *steps = g_ptr_array_new();

	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		if (!step->is_guarded)
			continue;
		tune_plan_look_at(plan, step);
		if (!step->is_barred && step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
			g_ptr_array_add(steps, step);
	}
	return steps;
}

/* All of them or none: half a stack is worth nothing. */
static void bar_all(const TunePlan *plan, const GPtrArray *steps, const GError *failure)
{
	for (guint i = 0; i < steps->len; i++) {
		Step *step = steps->pdata[i];
		/* What the kernel has refused has a better reason. */
		gboolean is_own = step->public.verdict == TUNE_VERDICT_REFUSED;
		g_autofree char *reason = g_strdup(is_own ? step->public.note : failure->message);
		tune_plan_look_at(plan, step);
		tune_step_bar(step, tune_verdict_from_error(failure), g_steal_pointer(&reason));
	}
}

static gboolean check_written(const GPtrArray *steps, GError **error)
{
	for (guint i = 0; i < steps->len; i++) {
		const TuneStep *step = steps->pdata[i];
		if (tune_step_is_fault(step))
			return tune_fail(error, TUNE_ERROR_REFUSED, "put back, as %s of %s is %s",
					 step->name, step->object,
					 tune_verdict_name(step->verdict));
	}
	return TRUE;
}

static gboolean prove(TuneGuard *guard, const GPtrArray *steps, GError **error)
{
	return check_written(steps, error) && tune_guard_verify(guard, error) &&
	       tune_guard_disarm(guard, error);
}

static void note_silent(const GPtrArray *steps, const char *silent)
{
	for (guint i = 0; silent && i < steps->len; i++) {
		Step *step = steps->pdata[i];
		if (step->public.verdict == TUNE_VERDICT_CHANGED)
			tune_step_settle(
				step, TUNE_VERDICT_CHANGED,
				g_strdup_printf("not asked, as silent before: %s", silent));
	}
}

static gboolean act_guarded(const TunePlan *plan, TuneJournal *journal, GError **error)
{
	g_autoptr(GPtrArray) steps = list_guarded(plan);
	g_autoptr(GError) failure = NULL;

	if (!steps->len || plan->backend || !tune_root_is_running(plan->root))
		return TRUE;
	g_autoptr(TuneGuard) guard = tune_guard_arm(plan, steps, &failure);
	for (guint i = 0; guard && i < steps->len; i++)
		if (!act(plan, journal, steps->pdata[i], error))
			return FALSE;
	if (guard && prove(guard, steps, &failure)) {
		note_silent(steps, tune_guard_get_silent(guard));
		return TRUE;
	}
	g_clear_pointer(&guard, tune_guard_free);
	bar_all(plan, steps, failure);
	return TRUE;
}

static gboolean is_settled(const Step *step)
{
	return step->is_guarded && step->public.verdict == TUNE_VERDICT_CHANGED;
}

static gboolean act_all(TunePlan *plan, TuneJournal *journal, GError **error)
{
	/* What was seen before the lock was had may be of yesterday. */
	tune_plan_renew_facts(plan);
	if (!act_guarded(plan, journal, error))
		return FALSE;
	for (guint i = 0; i < plan->steps->len; i++)
		if (!is_settled(plan->steps->pdata[i]) &&
		    !act(plan, journal, plan->steps->pdata[i], error))
			return FALSE;
	tune_plan_renew_facts(plan);
	for (guint i = 0; i < plan->steps->len; i++)
		look_again(plan, plan->steps->pdata[i]);
	return TRUE;
}

static gboolean apply_recorded(TunePlan *plan, GError **error)
{
	g_autoptr(TuneJournal) journal = tune_journal_open(plan->root, error);

	return journal && act_all(plan, journal, error);
}

/* Once nothing of ours stands, there is nothing to remember; what failed is kept for another try. */
static gboolean is_put_back(const TunePlan *plan)
{
	static const TuneVerdict failures[] = { TUNE_VERDICT_WOULD_CHANGE, TUNE_VERDICT_CLAMPED,
						TUNE_VERDICT_REFUSED, TUNE_VERDICT_UNKNOWN,
						TUNE_VERDICT_NOT_PERMITTED };

	for (guint i = 0; i < G_N_ELEMENTS(failures); i++)
		if (tune_plan_count(plan, failures[i]))
			return FALSE;
	return TRUE;
}

static gboolean apply_revert(TunePlan *plan, GError **error)
{
	if (!tune_plan_renew_revert(plan, error) || !act_all(plan, NULL, error))
		return FALSE;
	if (!plan->steps->len)
		return TRUE;
	return !is_put_back(plan) || tune_journal_remove(plan->root, error);
}

gboolean tune_plan_apply(TunePlan *plan, guint wait_ms, GError **error)
{
	if (!plan->is_revert && tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE) == 0)
		return TRUE;
	if (plan->is_revert && plan->steps->len == 0)
		return TRUE;
	g_auto(filedesc) lock = tune_journal_lock(plan->root, wait_ms, error);
	if (lock < 0)
		return FALSE;
	return plan->is_revert ? apply_revert(plan, error) : apply_recorded(plan, error);
}
