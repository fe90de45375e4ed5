/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster admit: may a machine join, of which there is only a dump or a record? */
#include "gnt-tune/cmd-cluster.h"
#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"
#include "gnt-tune/steps.h"

const Column cluster_admit_columns[] = {
	{ "kind", TRUE, "to, from, cpu_type, cost" },
	{ "node", TRUE, "which node; - for the new machine" },
	{ "verdict", TRUE, "of a move between them: allowed, warns, unknown, refused" },
	{ "what", TRUE, "why; the cpu_type with which guests can move among all; what it costs" },
	{ NULL, FALSE, NULL },
};

/** @worst: of all moves */
typedef struct {
	Table *table;
	const TuneCpuPolicy *policy;
	TuneCpuVerdict worst;
} Admission;

static void add_move(Admission *admission, const char *kind, const Image *node, const TuneCpu *from,
		     const TuneCpu *to)
{
	static const char *const words[] = { "allowed", "warns", "unknown", "refused" };
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(from, to, admission->policy->waivers);
	TuneCpuVerdict verdict = tune_cpu_policy_judge(admission->policy,
						       tune_cpu_report_get_verdict(report));
	g_autofree char *reasons = tune_cpu_report_format(report);
	const char *cells[] = { kind, node->name, words[verdict], *reasons ? reasons : NULL };

	(verdict > TUNE_CPU_WARN ? table_add_marked : table_add)(admission->table, cells);
	admission->worst = MAX(admission->worst, verdict);
}

/* With this cpu_type all moves are possible, whatever the rows above say of the type "host". */
static gboolean add_type(Table *table, const GPtrArray *images, const TuneCpu *machine,
			 GError **error)
{
	g_autoptr(GPtrArray) cpus = g_ptr_array_new();
	g_auto(GStrv) costs = NULL;

	g_ptr_array_add(cpus, (gpointer)machine);
	for (guint i = 0; i < images->len; i++)
		g_ptr_array_add(cpus, ((const Image *)images->pdata[i])->cpu);
	g_autofree char *type = tune_cpu_baseline((const TuneCpu *const *)cpus->pdata, cpus->len,
						  &costs, error);
	if (!type)
		return FALSE;
	const char *cells[] = { "cpu_type", NULL, NULL, type };
	table_add(table, cells);
	for (guint i = 0; i < cpus->len; i++) {
		const char *node = i ? ((const Image *)images->pdata[i - 1])->name : NULL;
		const char *cost[] = { "cost", node, NULL, *costs[i] ? costs[i] : "nothing" };
		table_add(table, cost);
	}
	return TRUE;
}

static int admit(const GPtrArray *images, const TuneCpu *machine, Table *table,
		 const TunePolicy *policy)
{
	Admission admission = { table, tune_policy_get_cpu(policy), TUNE_CPU_OK };
	g_autoptr(GError) no_type = NULL;

	for (guint i = 0; i < images->len; i++) {
		const Image *node = images->pdata[i];
		add_move(&admission, "to", node, node->cpu, machine);
		add_move(&admission, "from", node, machine, node->cpu);
	}
	if (!add_type(table, images, machine, &no_type)) {
		const char *cells[] = { "cpu_type", NULL, "unknown", no_type->message };
		table_add_marked(table, cells);
		admission.worst = MAX(admission.worst, TUNE_CPU_VERDICT_UNKNOWN);
	}
	table_print(table);
	return admission.worst == TUNE_CPU_REFUSE            ? EXIT_DIFFERS
	       : admission.worst == TUNE_CPU_VERDICT_UNKNOWN ? EXIT_FAILED
							     : EXIT_AS_WANTED;
}

int run_cluster_admit(const Options *options, char **arguments, GError **error)
{
	g_autoptr(Table) table = table_new("admission", cluster_admit_columns, options, error);
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	TuneCpuProfile profile;
	guint n_bad = 0;

	if (!*arguments || arguments[1])
		return EXIT_USAGE;
	if (!table || !steps_load(options, &root, &policy, error) ||
	    !tune_cpu_check_records(root, error) || !cpu_get_profile(options, &profile, error))
		return EXIT_FAILED;
	g_autoptr(TuneCpu) machine = tune_cpu_load_file(*arguments, &profile, error);
	g_autoptr(GPtrArray) images = machine ? images_load_published(root, &n_bad, error) : NULL;
	if (!images)
		return EXIT_FAILED;
	g_autofree char *machine_version = tune_ganeti_get_machine(root);
	images_start_as_configured(images, root);
	tune_cpu_start_as(machine, machine_version);
	int status = admit(images, machine, table, policy);
	return n_bad ? EXIT_FAILED : status;
}
