/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster pending: guests that are not as Ganeti would start them now. */
#include <stdio.h>
#include <string.h>

#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

const Column cluster_pending_columns[] = {
	{ "instance", TRUE, "which guest" },
	{ "node", TRUE, "where it runs" },
	{ "class", TRUE, "migration, security, qemu, gains, harmless, unknown" },
	{ "what", TRUE, "what a new start would change; what is not known" },
	{ NULL, FALSE, NULL },
};

/* Rows of one guest stand together. */
static void print_summary(const GPtrArray *rows, const guint *counts)
{
	guint n_guests = 0;
	const char *last = "";

	for (guint i = 0; i < rows->len; i++) {
		const TunePending *row = rows->pdata[i];
		n_guests += row->kind != TUNE_PENDING_UNKNOWN && strcmp(row->instance, last) != 0;
		last = row->kind != TUNE_PENDING_UNKNOWN ? row->instance : last;
	}
	printf("%u guests wait for a restart:", n_guests);
	for (guint i = 0; i < TUNE_PENDING_N_CLASSES; i++)
		printf("%s %u %s", i ? "," : "", counts[i],
		       tune_pending_class_name((TunePendingClass)i));
	putchar('\n');
}

int run_cluster_pending(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("pending", cluster_pending_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;
	g_autoptr(GPtrArray) rows = cluster ? tune_cluster_list_pending(
						      cluster->root, cluster->nodes,
						      cluster->instances, CLUSTER_TIMEOUT_MS, error)
					    : NULL;
	guint counts[TUNE_PENDING_N_CLASSES] = { 0 };

	if (!rows)
		return EXIT_FAILED;
	for (guint i = 0; i < rows->len; i++) {
		const TunePending *row = rows->pdata[i];
		const char *cells[] = { row->instance, row->node,
					tune_pending_class_name(row->kind), row->what };
		counts[row->kind]++;
		(row->kind <= TUNE_PENDING_SECURITY ? table_add_marked : table_add)(table, cells);
	}
	table_print(table);
	if (!options->json && !options->separator)
		print_summary(rows, counts);
	if (rows->len > counts[TUNE_PENDING_UNKNOWN])
		return EXIT_DIFFERS;
	return rows->len ? EXIT_FAILED : EXIT_AS_WANTED;
}
