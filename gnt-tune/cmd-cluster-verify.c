/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster verify: a row for each finding. */
#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

const Column cluster_verify_columns[] = {
	{ "node", TRUE, "where it is; - when it is about the cluster" },
	{ "object", TRUE, "what it is about: settings, record, a guest, a parameter, ..." },
	{ "finding", TRUE, "what is not as it should be, or not known" },
	{ "fix", TRUE, "what to do" },
	{ NULL, FALSE, NULL },
};

static void print_findings(Table *table, const GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++) {
		const TuneFinding *finding = findings->pdata[i];
		const char *cells[] = { finding->node, finding->object, finding->what,
					finding->fix };
		table_add(table, cells);
	}
	table_print(table);
}

static guint count_guests(const GPtrArray *reports)
{
	guint n_guests = 0;

	for (guint i = 0; i < reports->len; i++)
		n_guests += ((const TuneNodeReport *)reports->pdata[i])->guests->len;
	return n_guests;
}

int run_cluster_verify(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("findings", cluster_verify_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;
	g_autoptr(GPtrArray) reports = cluster ? tune_cluster_survey(cluster->root, cluster->nodes,
								     CLUSTER_TIMEOUT_MS, error)
					       : NULL;
	g_autoptr(GPtrArray)
		findings = reports ? tune_cluster_audit(cluster->root, cluster->policy,
							cluster->nodes, reports, cluster->instances,
							CLUSTER_TIMEOUT_MS, error)
				   : NULL;

	if (!findings)
		return EXIT_FAILED;
	print_findings(table, findings);
	if (!options->json && !options->separator)
		g_printerr("%u nodes, %u running guests: %u findings\n", reports->len,
			   count_guests(reports), findings->len);
	return findings->len ? EXIT_DIFFERS : EXIT_AS_WANTED;
}
