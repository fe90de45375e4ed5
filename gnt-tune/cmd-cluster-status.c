/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster status: the cluster on one screen. */
#include <string.h>

#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

static void tell_gate(Table *table, const TunePolicy *policy)
{
	const TuneCpuPolicy *cpu = tune_policy_get_cpu(policy);
	g_autoptr(GString) waived = g_string_new(NULL);

	for (guint i = 0; i < TUNE_CPU_IGNORED; i++)
		if (cpu->waivers & 1u << i)
			g_string_append_printf(waived, "%s%s", waived->len ? ", " : "; waived: ",
					       tune_cpu_class_name((TuneCpuClass)i));
	if (cpu->is_gate_on)
		table_tell(table, "gate", "on, what is not known %s%s",
			   cpu->is_unknown_refused ? "is refused" : "passes", waived->str);
	else
		table_tell(table, "gate", "off, by %s of the master", tune_policy_get_file(policy));
}

/* ---- nodes ---- */

static char *describe_record(TuneRoot *root, const TuneNodeReport *report, const char *class)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) record = tune_cpu_load_node_record(root, report->node, &error);

	if (!record)
		return g_strdup(g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT)
					? "no record"
					: "record cannot be read");
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(tune_cpu_get_time(record));
	g_autofree char *date = g_date_time_format(time, "%F");
	if (!report->cpu)
		return g_strdup_printf("%s, record of %s", class, date);
	g_autofree char *recorded = tune_cpu_fingerprint(record);
	g_autofree char *found = tune_cpu_fingerprint(report->cpu);
	return g_strdup_printf("%s, %s record of %s", class,
			       strcmp(recorded, found) ? "stale" : "current", date);
}

/* The class that cpu tags would set: guests of cpu_type host move freely within it. */
static const char *find_class(const GPtrArray *tags, const char *node)
{
	for (guint i = 0; tags && i < tags->len; i++) {
		const TuneTag *tag = tags->pdata[i];
		gboolean is_set = tag->action == TUNE_TAG_KEEP || tag->action == TUNE_TAG_ADD;
		if (is_set && g_strcmp0(tag->node, node) == 0)
			return tag->tag;
	}
	return "cpu: unknown";
}

static void tell_node(Table *table, TuneRoot *root, const TuneNode *node,
		      const TuneNodeReport *report, const char *class)
{
	g_autofree char *field = g_strconcat("node.", node->name, NULL);
	g_autofree char *record = node->is_vm_capable ? describe_record(root, report, class)
						      : g_strdup("not vm_capable");
	const char *role = node->is_master ? "master, " : node->is_drained ? "drained, " : "";

	if (report->reason)
		table_tell(table, field, "%s%s, %s", role, report->reason, record);
	else
		table_tell(table, field,
			   "%s%u of %u settings differ, %s, %u hooks enabled, %u guests%s", role,
			   report->drifts->len, report->n_settings, record, report->n_hooks,
			   report->guests->len,
			   report->faults->len ? "; not all is known, see verify" : "");
}

/* ---- guests ---- */

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static void tell_types(Table *table, const GPtrArray *reports)
{
	g_autoptr(GPtrArray) types = g_ptr_array_new();

	for (guint i = 0; i < reports->len; i++) {
		const TuneNodeReport *report = reports->pdata[i];
		for (guint k = 0; k < report->guests->len; k++)
			g_ptr_array_add(types,
					((TuneRunningGuest *)report->guests->pdata[k])->cpu_type);
	}
	g_ptr_array_sort(types, compare_texts);
	for (guint i = 0, n; i < types->len; i += n) {
		const char *type = types->pdata[i];
		for (n = 1; i + n < types->len && g_strcmp0(type, types->pdata[i + n]) == 0;)
			n++;
		if (!type)
			table_tell(table, "guests", "%u run with an unknown cpu_type", n);
		else if (!*type)
			table_tell(table, "guests", "%u run with QEMU's default cpu_type", n);
		else
			table_tell(table, "guests", "%u run with cpu_type %s", n, type);
	}
}

int run_cluster_status(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("status", table_fact_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;
	g_autoptr(GPtrArray) reports = cluster ? tune_cluster_survey(cluster->root, cluster->nodes,
								     CLUSTER_TIMEOUT_MS, error)
					       : NULL;

	if (!reports)
		return EXIT_FAILED;
	const TuneCpuPolicy *cpu = tune_policy_get_cpu(cluster->policy);
	g_autoptr(GPtrArray) tags = tune_tags_plan(cluster->root, cpu, FALSE, NULL);
	tell_gate(table, cluster->policy);
	for (guint i = 0; i < reports->len; i++)
		tell_node(table, cluster->root, cluster->nodes->pdata[i], reports->pdata[i],
			  find_class(tags, ((TuneNodeReport *)reports->pdata[i])->node));
	tell_types(table, reports);
	table_print(table);
	return EXIT_AS_WANTED;
}
