/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster upgrade: in which order the nodes, and what becomes of their guests. */
#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

const Column cluster_upgrade_columns[] = {
	{ "kind", TRUE, "freeze, restart, step, done, blocked, lift" },
	{ "object", TRUE, "a node, a guest, or the cluster" },
	{ "both", TRUE, "of a step: guests that can go, and come back in any case" },
	{ "forward", TRUE, "guests that can go, but not back before the node is upgraded" },
	{ "stuck", TRUE, "guests that no other node takes: they have to be stopped" },
	{ "unknown", TRUE, "guests of which that is not known" },
	{ "what", TRUE, "a command; which guests cannot go both ways, and why" },
	{ NULL, FALSE, NULL },
};

/* What the nodes will give when they have been upgraded. */
static TuneCpu *load_like(const Options *options, TuneRoot *root, GError **error)
{
	if (options->like && !options->record)
		return tune_cpu_load_node_record(root, options->like, error);
	if (options->record && !options->like)
		return tune_cpu_load_file(options->record, NULL, error);
	g_set_error(
		error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		"give either --like NODE, which is upgraded and whose record is published, or --record FILE");
	return NULL;
}

static void add_row(Table *table, const TuneUpgradeRow *row)
{
	char numbers[TUNE_UPGRADE_N_WAYS][16];
	gboolean is_step = row->kind == TUNE_UPGRADE_STEP;
	guint n_trouble = row->ways[TUNE_UPGRADE_FORWARD] + row->ways[TUNE_UPGRADE_STUCK] +
			  row->ways[TUNE_UPGRADE_UNKNOWN];

	for (guint i = 0; i < TUNE_UPGRADE_N_WAYS; i++)
		g_snprintf(numbers[i], sizeof(numbers[i]), "%u", row->ways[i]);
	const char *cells[] = { tune_upgrade_kind_name(row->kind),
				row->object,
				is_step ? numbers[TUNE_UPGRADE_BOTH] : NULL,
				is_step ? numbers[TUNE_UPGRADE_FORWARD] : NULL,
				is_step ? numbers[TUNE_UPGRADE_STUCK] : NULL,
				is_step ? numbers[TUNE_UPGRADE_UNKNOWN] : NULL,
				row->what };
	(n_trouble || row->kind == TUNE_UPGRADE_BLOCKED ? table_add_marked : table_add)(table,
											cells);
}

/* Something blocks it, or a guest cannot be moved out of its way and back. */
static gboolean has_trouble(const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const TuneUpgradeRow *row = rows->pdata[i];
		if (row->kind == TUNE_UPGRADE_BLOCKED || row->ways[TUNE_UPGRADE_FORWARD] ||
		    row->ways[TUNE_UPGRADE_STUCK] || row->ways[TUNE_UPGRADE_UNKNOWN])
			return TRUE;
	}
	return FALSE;
}

int run_cluster_upgrade(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("plan", cluster_upgrade_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;
	g_autoptr(TuneCpu) like = cluster ? load_like(options, cluster->root, error) : NULL;
	g_autoptr(GPtrArray)
		rows = like ? tune_cluster_plan_upgrade(cluster->root, cluster->policy,
							cluster->nodes, cluster->instances, like,
							options->like, CLUSTER_TIMEOUT_MS, error)
			    : NULL;

	if (!rows)
		return EXIT_FAILED;
	for (guint i = 0; i < rows->len; i++)
		add_row(table, rows->pdata[i]);
	table_print(table);
	return has_trouble(rows) ? EXIT_DIFFERS : EXIT_AS_WANTED;
}
