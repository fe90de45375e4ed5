/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <time.h>

#include <libtune/base/error.h>
#include <libtune/cluster/ledger.h>
#include <libtune/cluster/survey.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/migration/ledger.h>

/* Source, target and master judge a migration within seconds. */
#define SAME_MIGRATION_S 60

gint64 tune_ledger_since(void)
{
	return time(NULL) - (gint64)TUNE_LEDGER_DAYS * 24 * 60 * 60;
}

/* ---- one list ---- */

static gint compare_times(gconstpointer a, gconstpointer b)
{
	const TuneLedgerLine *first = *(const TuneLedgerLine *const *)a;
	const TuneLedgerLine *second = *(const TuneLedgerLine *const *)b;

	if (first->time != second->time)
		return first->time < second->time ? -1 : 1;
	return strcmp(first->instance, second->instance);
}

static gboolean is_same_refusal(const TuneLedgerLine *a, const TuneLedgerLine *b)
{
	return a->verdict == TUNE_LEDGER_REFUSED && b->verdict == TUNE_LEDGER_REFUSED &&
	       b->time - a->time <= SAME_MIGRATION_S && strcmp(a->instance, b->instance) == 0 &&
	       strcmp(a->source, b->source) == 0 && strcmp(a->target, b->target) == 0;
}

static gboolean is_told_before(const GPtrArray *lines, guint index)
{
	const TuneLedgerLine *line = lines->pdata[index];

	for (guint i = index; i-- > 0;) {
		const TuneLedgerLine *earlier = lines->pdata[i];
		if (line->time - earlier->time > SAME_MIGRATION_S)
			return FALSE;
		if (is_same_refusal(earlier, line))
			return TRUE;
	}
	return FALSE;
}

void tune_ledger_merge(GPtrArray *lines)
{
	g_ptr_array_sort(lines, compare_times);
	for (guint i = lines->len; i-- > 0;)
		if (is_told_before(lines, i))
			g_ptr_array_remove_index(lines, i);
}

/* ---- all nodes ---- */

static void add_fault(GPtrArray *faults, const TuneNode *node, const char *reason)
{
	g_ptr_array_add(faults, g_strdup_printf("%s: %s", node->name, reason));
}

static void take_answer(GPtrArray *lines, GPtrArray *faults, const TuneRemote *remote)
{
	guint n_damaged = 0;

	if (remote->reason) {
		add_fault(faults, remote->node, remote->reason);
		return;
	}
	GPtrArray *found = tune_ledger_parse(remote->answer, tune_ledger_since(), &n_damaged);
	g_ptr_array_extend_and_steal(lines, found);
	if (n_damaged) {
		g_autofree char *damaged = g_strdup_printf("%u lines of its ledger make no sense",
							   n_damaged);
		add_fault(faults, remote->node, damaged);
	}
}

GPtrArray *tune_cluster_read_ledgers(TuneRoot *root, const GPtrArray *nodes, guint timeout_ms,
				     GPtrArray **ret_faults, GError **error)
{
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, nodes->len);
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	guint n = 0;

	for (guint i = 0; i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		if (node->is_offline)
			add_fault(faults, node, "is offline, and was not asked");
		else
			remotes[n++] = (TuneRemote){ .node = node, .command = TUNE_LEDGER_COMMAND };
	}
	if (!tune_remote_run(root, remotes, n, NULL, timeout_ms, error))
		return NULL;
	GPtrArray *lines = tune_ledger_new();
	for (guint i = 0; i < n; i++) {
		take_answer(lines, faults, &remotes[i]);
		tune_remote_clear(&remotes[i]);
	}
	tune_ledger_merge(lines);
	*ret_faults = g_steal_pointer(&faults);
	return lines;
}
