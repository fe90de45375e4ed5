/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes steps from the journal that put back old values, where our values are still in force. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/tuning/journal.h>
#include <libtune/tuning/planner.h>

/**
 * All records of one path.
 *
 * @first: the oldest record of the newest device of that name; its @old is put back
 * @identity: of that device
 * @written: our newest write, or NULL when we only wrote to a path that resets this one
 * @kept: the value that was read back after our newest write to this path, or to one that resets it; NULL when the
 *   writing process ended before it could record it
 * @cause: path whose write may have reset this one, or NULL when we wrote to this one
 */
typedef struct {
	const TuneRecord *first;
	const char *identity;
	const TuneRecord *written;
	const TuneRecord *kept;
	const char *cause;
	Step *step;
} Trace;

/* A DRBD minor is a new device after each start of its instance, so records of the earlier one no longer count. */
static Trace *get_trace(GHashTable *traces, GPtrArray *order, const TuneRecord *record,
			const char *identity)
{
	Trace *trace = g_hash_table_lookup(traces, record->path);

	if (!trace) {
		trace = g_new0(Trace, 1);
		g_hash_table_insert(traces, record->path, trace);
		g_ptr_array_add(order, trace);
	}
	if (!trace->first || g_strcmp0(trace->identity, identity) != 0)
		*trace = (Trace){ .first = record, .identity = identity };
	return trace;
}

static void trace_record(GHashTable *traces, GPtrArray *order, const TuneRecord *record,
			 const char *identity)
{
	Trace *trace = get_trace(traces, order, record, identity);

	switch (record->kind) {
	case TUNE_RECORD_WRITE:
		trace->written = record;
		trace->kept = NULL;
		break;
	case TUNE_RECORD_SIBLING:
		if (!trace->cause)
			trace->cause = record->new;
		/* Our own write may now reset the value that we had written there. */
		trace->kept = NULL;
		break;
	case TUNE_RECORD_KEPT:
		trace->kept = record;
		break;
	}
}

/* Of two rows that set the same in two units, the one at 0 is not in force, and may refuse a 0. */
static gboolean is_idle_unit(const Trace *trace)
{
	return trace->first->param->pair && g_strcmp0(trace->first->old, "0") == 0;
}

/* By object, then in the order of the table, with units that are not in force last. */
static gint compare_traces(gconstpointer a, gconstpointer b)
{
	const Trace *first = *(const Trace *const *)a;
	const Trace *second = *(const Trace *const *)b;
	int by_object = g_strcmp0(first->first->object, second->first->object);

	if (by_object)
		return by_object;
	if (is_idle_unit(first) != is_idle_unit(second))
		return is_idle_unit(first) ? 1 : -1;
	return first->first->param < second->first->param
		       ? -1
		       : first->first->param > second->first->param;
}

static gboolean is_same_object(TuneFacts *facts, const TuneRecord *record)
{
	g_autofree char *identity = tune_object_identify(facts, record->param->section->objects,
							 record->object);

	return strcmp(identity, record->identity) == 0;
}

/* Whether the current value is the one that our write has left. */
static gboolean is_ours(const Trace *trace, const Step *step)
{
	const TuneCodec *codec = step->public.param->codec;

	if (!trace->kept || g_strcmp0(step->public.have, trace->kept->new) == 0)
		return TRUE;
	return step->public.have && codec->equal(step->public.have, trace->written->new);
}

/* Decides a step whose value we wrote ourselves. */
static void decide_written(const TunePlan *plan, const Trace *trace)
{
	Step *step = trace->step;

	tune_plan_read_step(plan, step);
	if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE && !is_ours(trace, step))
		tune_step_finish(
			step, TUNE_VERDICT_OVERRIDDEN,
			g_strdup_printf("changed to %s by something else since; left alone",
					step->public.have));
}

static void add_trace(TunePlan *plan, Trace *trace)
{
	const TuneRecord *first = trace->first;

	if (!first->old)
		return;
	trace->step = tune_plan_add(plan, tune_step_new(first->param, first->key, first->object,
							first->old, "journal"));
	trace->step->is_exact = TRUE;
	if (!is_same_object(plan->facts, first))
		tune_step_finish(trace->step, TUNE_VERDICT_ABSENT,
				 g_strdup("another device has this name now"));
	else if (trace->written)
		decide_written(plan, trace);
}

/* A value that our write reset is put back along with what we wrote; when that is left alone, so is this one. */
static void decide_sibling(GHashTable *traces, const Trace *trace)
{
	const Trace *cause = trace->cause ? g_hash_table_lookup(traces, trace->cause) : NULL;

	if (!trace->step || trace->written || !cause || !cause->step || !cause->step->is_final)
		return;
	tune_step_finish(trace->step, cause->step->public.verdict,
			 g_strdup_printf("left with %s", cause->step->public.name));
}

void tune_plan_resolve_revert(TunePlan *plan, const GPtrArray *records)
{
	g_autoptr(GHashTable) traces = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
	const char *identity = NULL;

	for (guint i = 0; i < records->len; i++) {
		const TuneRecord *record = records->pdata[i];
		/* A record of a kept value follows that of the write, and belongs to the same object. */
		if (record->kind != TUNE_RECORD_KEPT)
			identity = record->identity;
		trace_record(traces, order, record, identity);
	}
	g_ptr_array_sort(order, compare_traces);
	for (guint i = 0; i < order->len; i++)
		add_trace(plan, order->pdata[i]);
	for (guint i = 0; i < order->len; i++)
		decide_sibling(traces, order->pdata[i]);
}

gboolean tune_plan_renew_revert(TunePlan *plan, GError **error)
{
	g_autoptr(GPtrArray) records = tune_journal_load(plan->root, error);

	if (!records)
		return FALSE;
	g_ptr_array_set_size(plan->steps, 0);
	tune_plan_renew_facts(plan);
	tune_plan_resolve_revert(plan, records);
	tune_plan_prepare(plan);
	return TRUE;
}

TunePlan *tune_plan_new_revert(TuneRoot *root, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);

	plan->is_revert = TRUE;
	return tune_plan_renew_revert(plan, error) ? g_steal_pointer(&plan) : NULL;
}
