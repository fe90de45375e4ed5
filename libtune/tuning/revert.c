/* SPDX-License-Identifier: BSD-2-Clause */
/* From the journal to the steps that put back what is still ours. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/tuning/journal.h>
#include <libtune/tuning/planner.h>

/**
 * What the records say of one path.
 *
 * @first: the oldest record of the newest device of that name, whose @old is what to put back
 * @identity: of that device
 * @written: the newest write of ours, NULL when it was only a sibling of one
 * @kept: what our newest write to it, or to what resets it, left there; NULL when it was never noted,
 *   because the writer died in the middle
 * @cause: path whose write may have reset this one, NULL when we wrote it ourselves
 */
typedef struct {
	const TuneRecord *first;
	const char *identity;
	const TuneRecord *written;
	const TuneRecord *kept;
	const char *cause;
	Step *step;
} Trace;

/* A minor of DRBD comes anew with each start of its instance: what the one before had went with it. */
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
		/* What we had written there may go now, by our own doing. */
		trace->kept = NULL;
		break;
	case TUNE_RECORD_KEPT:
		trace->kept = record;
		break;
	}
}

/* Of a pair, the face at zero is not in force: writing the other one clears it, and it may not take a 0. */
static gboolean is_idle_face(const Trace *trace)
{
	return trace->first->param->pair && g_strcmp0(trace->first->old, "0") == 0;
}

/* By object, and within one in the order of the table, but idle faces behind all others. */
static gint compare_traces(gconstpointer a, gconstpointer b)
{
	const Trace *first = *(const Trace *const *)a;
	const Trace *second = *(const Trace *const *)b;
	int by_object = g_strcmp0(first->first->object, second->first->object);

	if (by_object)
		return by_object;
	if (is_idle_face(first) != is_idle_face(second))
		return is_idle_face(first) ? 1 : -1;
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

	tune_plan_look_at(plan, step);
	if (step->public.verdict == TUNE_VERDICT_WOULD_CHANGE && !is_ours(trace, step))
		tune_step_bar(step, TUNE_VERDICT_OVERRIDDEN,
			      g_strdup_printf("somebody made it %s since, left alone",
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
		tune_step_bar(trace->step, TUNE_VERDICT_ABSENT,
			      g_strdup("another device has this name now"));
	else if (trace->written)
		decide_written(plan, trace);
}

/* A sibling goes back along with what reset it; where that is not ours any more, nor is the sibling. */
static void decide_sibling(GHashTable *traces, const Trace *trace)
{
	const Trace *cause = trace->cause ? g_hash_table_lookup(traces, trace->cause) : NULL;

	if (!trace->step || trace->written || !cause || !cause->step || !cause->step->is_barred)
		return;
	tune_step_bar(trace->step, cause->step->public.verdict,
		      g_strdup_printf("left with %s", cause->step->public.name));
}

void tune_plan_resolve_revert(TunePlan *plan, const GPtrArray *records)
{
	g_autoptr(GHashTable) traces = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
	const char *identity = NULL;

	for (guint i = 0; i < records->len; i++) {
		const TuneRecord *record = records->pdata[i];
		/* What is kept is noted behind the write, and of the same object. */
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
	tune_plan_look(plan);
	return TRUE;
}

TunePlan *tune_plan_new_revert(TuneRoot *root, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);

	plan->is_revert = TRUE;
	return tune_plan_renew_revert(plan, error) ? g_steal_pointer(&plan) : NULL;
}
