/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu history: what the records of nodes were before, and since when. */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/options.h"

const Column cpu_history_columns[] = {
	{ "node", TRUE, "its name" },
	{ "time", TRUE, "when its record was made, UTC" },
	{ "bit", TRUE, "with --bit: whether the node could give it to guests then" },
	{ "change", TRUE, "what came, what went, and which kernel, microcode and QEMU were new" },
	{ NULL, FALSE, NULL },
};

static void add_row(Table *table, const TuneHistoryEntry *entry)
{
	g_autofree char *time = table_format_time(entry->time);
	const char *cells[] = { entry->node, time, entry->bit,
				entry->fault ? entry->fault : entry->change };

	(entry->fault ? table_add_marked : table_add)(table, cells);
}

static gboolean add_node(Table *table, TuneRoot *root, const Options *options, const char *node,
			 gboolean *ret_has_faults, GError **error)
{
	g_autoptr(GPtrArray) history = tune_cpu_load_history(root, node, error);

	if (!history || (options->bit && !tune_cpu_filter_history(history, options->bit, error)))
		return FALSE;
	for (guint i = 0; i < history->len; i++) {
		const TuneHistoryEntry *entry = history->pdata[i];
		*ret_has_faults |= entry->fault != NULL;
		add_row(table, entry);
	}
	if (history->len)
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_ABSENT,
		    "no CPU record of %s here, see gnt-tune cpu publish", node);
	return FALSE;
}

int run_cpu_history(const Options *options, char **arguments, GError **error)
{
	g_autoptr(Table) table = table_new("history", cpu_history_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	gboolean has_faults = FALSE;

	if (!root)
		return EXIT_FAILED;
	g_auto(GStrv) nodes = *arguments ? g_strdupv(arguments) : tune_cpu_list_records(root);
	for (char **node = nodes; *node; node++)
		if (!add_node(table, root, options, *node, &has_faults, error))
			return EXIT_FAILED;
	table_print(table);
	return has_faults ? EXIT_FAILED : EXIT_AS_WANTED;
}
