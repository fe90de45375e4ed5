/* SPDX-License-Identifier: BSD-2-Clause */
/* The only file that writes to the kernel: record, write, read back, and at the end read everything once more. */
#include <string.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/tuning/guard.h>
#include <libtune/tuning/journal.h>
#include <libtune/tuning/plan.h>
#include <libtune/base/root.h>

/* The step reads back as wanted, but may come into force later. */
static void settle_written(const TunePlan *plan, Step *step)
{
	const TuneBackend *backend = tune_plan_get_backend(plan, step->public.param->section);
	const char *delay = backend->get_delay ? backend->get_delay(plan->facts, step->public.path)
					       : NULL;

	tune_step_settle(step, delay ? TUNE_VERDICT_PENDING_RECONNECT : TUNE_VERDICT_CHANGED,
			 g_strdup(delay));
}

/* Some writes fail and take effect all the same, so the value that reads back decides. */
static void read_back(const TunePlan *plan, Step *step, const GError *failure)
{
	tune_plan_read_step(plan, step);
	if (step->public.verdict == TUNE_VERDICT_SAME)
		settle_written(plan, step);
	else if (failure)
		tune_step_settle(step, tune_verdict_from_error(failure),
				 g_strdup(failure->message));
	else if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
		tune_step_settle(step, TUNE_VERDICT_CLAMPED,
				 g_strdup_printf("the kernel kept %s", step->public.have));
}

static gboolean apply_step(const TunePlan *plan, TuneJournal *journal, Step *step, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (step->is_final)
		return TRUE;
	tune_plan_read_step(plan, step);
	if (step->public.verdict != TUNE_VERDICT_WOULD_CHANGE)
		return TRUE;
	if (journal && !tune_journal_note_write(journal, plan, step, error))
		return FALSE;
	const TuneBackend *backend = tune_plan_get_backend(plan, step->public.param->section);
	backend->write(plan->facts, step->public.path, step->public.want, &failure);
	read_back(plan, step, failure);
	if (journal)
		tune_journal_note_kept(journal, plan, step);
	return TRUE;
}

/*
 * A write can undo an earlier one, so values that were as wanted are read again at the end.  And it can complete an
 * earlier one: a feature that was asked for may have had to wait for one that it needs.
 */
static void read_again(const TunePlan *plan, Step *step)
{
	TuneVerdict before = step->public.verdict;
	gboolean is_clamped = before == TUNE_VERDICT_CLAMPED;
	g_autofree char *note = g_strdup(step->public.note);

	gboolean was_wanted = before == TUNE_VERDICT_SAME || before == TUNE_VERDICT_CHANGED ||
			      before == TUNE_VERDICT_PENDING_RECONNECT;
	if (step->is_transient || (!was_wanted && !is_clamped))
		return;
	tune_plan_read_step(plan, step);
	if (step->public.verdict == TUNE_VERDICT_SAME)
		tune_step_settle(step, is_clamped ? TUNE_VERDICT_CHANGED : before,
				 is_clamped ? NULL : g_steal_pointer(&note));
	else if (is_clamped)
		tune_step_settle(step, before, g_steal_pointer(&note));
	else if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
		tune_step_settle(
			step, TUNE_VERDICT_OVERRIDDEN,
			g_strdup_printf("was as wanted, then changed to %s by something else",
					step->public.have));
}

/* ---- steps that could cut the node off ---- */

/* They are read again under the lock, since the guard puts back the values that are read here. */
static GPtrArray *list_guarded(const TunePlan *plan)
{
	GPtrArray *steps = g_ptr_array_new();

	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		if (!step->is_guarded)
			continue;
		tune_plan_read_step(plan, step);
		if (!step->is_final && step->public.verdict == TUNE_VERDICT_WOULD_CHANGE)
			g_ptr_array_add(steps, step);
	}
	return steps;
}

/* A stack of interfaces with a part of its MTUs does not work, so after a failure none of them counts as changed. */
static void finish_all(const TunePlan *plan, const GPtrArray *steps, const GError *failure)
{
	for (guint i = 0; i < steps->len; i++) {
		Step *step = steps->pdata[i];
		/* A refusal by the kernel is the better reason. */
		gboolean is_own = step->public.verdict == TUNE_VERDICT_REFUSED;
		g_autofree char *reason = g_strdup(is_own ? step->public.note : failure->message);
		tune_plan_read_step(plan, step);
		tune_step_finish(step, tune_verdict_from_error(failure), g_steal_pointer(&reason));
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

static void note_silent_peers(const GPtrArray *steps, const char *silent)
{
	for (guint i = 0; silent && i < steps->len; i++) {
		Step *step = steps->pdata[i];
		if (step->public.verdict == TUNE_VERDICT_CHANGED)
			tune_step_settle(
				step, TUNE_VERDICT_CHANGED,
				g_strdup_printf("not asked, as silent before: %s", silent));
	}
}

static gboolean apply_guarded(const TunePlan *plan, TuneJournal *journal, GError **error)
{
	g_autoptr(GPtrArray) steps = list_guarded(plan);
	g_autoptr(GError) failure = NULL;

	if (!steps->len || plan->backend || !tune_root_is_running(plan->root))
		return TRUE;
	g_autoptr(TuneGuard) guard = tune_guard_arm(plan, steps, &failure);
	for (guint i = 0; guard && i < steps->len; i++)
		if (!apply_step(plan, journal, steps->pdata[i], error))
			return FALSE;
	if (guard && check_written(steps, &failure) && tune_guard_verify(guard, &failure) &&
	    tune_guard_disarm(guard, &failure)) {
		note_silent_peers(steps, tune_guard_get_silent(guard));
		return TRUE;
	}
	g_clear_pointer(&guard, tune_guard_free);
	finish_all(plan, steps, failure);
	return TRUE;
}

static gboolean apply_all(TunePlan *plan, TuneJournal *journal, GError **error)
{
	/* Facts from before the lock may be outdated. */
	tune_plan_renew_facts(plan);
	if (!apply_guarded(plan, journal, error))
		return FALSE;
	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		gboolean is_applied = step->is_guarded &&
				      step->public.verdict == TUNE_VERDICT_CHANGED;
		if (!is_applied && !apply_step(plan, journal, step, error))
			return FALSE;
	}
	tune_plan_renew_facts(plan);
	for (guint i = 0; i < plan->steps->len; i++)
		read_again(plan, plan->steps->pdata[i]);
	return TRUE;
}

/* Then the journal is removed; after a failure it stays, so that the revert can be tried again. */
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
	if (!tune_plan_renew_revert(plan, error) || !apply_all(plan, NULL, error))
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
	if (plan->is_revert)
		return apply_revert(plan, error);
	g_autoptr(TuneJournal) journal = tune_journal_open(plan->root, error);
	return journal && apply_all(plan, journal, error);
}
