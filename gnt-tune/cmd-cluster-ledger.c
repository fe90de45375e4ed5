/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster ledger: what has become of the guests that were migrated. */
#include <stdio.h>

#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

const Column cluster_ledger_columns[] = {
	{ "time", TRUE, "when, UTC" },
	{ "instance", TRUE, "what was migrated" },
	{ "source", TRUE, "from there" },
	{ "target", TRUE, "to there" },
	{ "verdict", TRUE, "same, lost, unknown, refused" },
	{ "note", TRUE, "what it has lost or gained; why it was refused, or is not known" },
	{ NULL, FALSE, NULL },
};

#define N_VERDICTS (TUNE_LEDGER_REFUSED + 1)

static void add_row(Table *table, const TuneLedgerLine *line)
{
	g_autofree char *time = table_format_time(line->time);
	const char *cells[] = { time,
				line->instance,
				line->source,
				line->target,
				tune_ledger_verdict_name(line->verdict),
				line->note };

	(line->verdict == TUNE_LEDGER_LOST ? table_add_marked : table_add)(table, cells);
}

/* "412 migrations in 90 days: 0 cost the guest features; 3 more were refused" */
static void print_summary(const guint *counts)
{
	guint n_moved = counts[TUNE_LEDGER_SAME] + counts[TUNE_LEDGER_LOST] +
			counts[TUNE_LEDGER_UNKNOWN];

	printf("%u migrations in %d days: %u cost the guest features", n_moved, TUNE_LEDGER_DAYS,
	       counts[TUNE_LEDGER_LOST]);
	if (counts[TUNE_LEDGER_UNKNOWN])
		printf(", of %u that is not known", counts[TUNE_LEDGER_UNKNOWN]);
	printf("; %u more were refused\n", counts[TUNE_LEDGER_REFUSED]);
}

int run_cluster_ledger(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("migrations", cluster_ledger_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;
	g_autoptr(GPtrArray) faults = NULL;
	g_autoptr(GPtrArray)
		lines = cluster ? tune_cluster_read_ledgers(cluster->root, cluster->nodes,
							    CLUSTER_TIMEOUT_MS, &faults, error)
				: NULL;
	guint counts[N_VERDICTS] = { 0 };

	if (!lines)
		return EXIT_FAILED;
	for (guint i = 0; i < lines->len; i++) {
		const TuneLedgerLine *line = lines->pdata[i];
		counts[line->verdict]++;
		if (options->verbose || line->verdict != TUNE_LEDGER_SAME)
			add_row(table, line);
	}
	table_print(table);
	if (!options->json && !options->separator)
		print_summary(counts);
	for (guint i = 0; i < faults->len; i++)
		g_printerr("gnt-tune: %s\n", (const char *)faults->pdata[i]);
	if (counts[TUNE_LEDGER_LOST])
		return EXIT_DIFFERS;
	return faults->len ? EXIT_FAILED : EXIT_AS_WANTED;
}
