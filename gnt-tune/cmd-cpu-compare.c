/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu compare: may a guest that sees one CPU go on with another? */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/image.h"
#include "gnt-tune/steps.h"

const Column cpu_compare_columns[] = {
	{ "from", FALSE, "what the guest sees" },
	{ "to", FALSE, "where it would go" },
	{ "class", TRUE, "kind of the difference; gained, no-return: what the move brings" },
	{ "name", TRUE, "the feature, in QEMU's name, or a few words; the node for no-return" },
	{ "effect", TRUE, "what the gate makes of it" },
	{ "verdict", FALSE, "of the whole comparison: ok, warn, refuse" },
	{ NULL, FALSE, NULL },
};

/* @seen: what a guest that goes on at @to would see there */
typedef struct {
	Table *table;
	const Image *from, *to;
	const TuneCpu *seen;
	const TuneCpuReport *report;
	const TuneCpuPolicy *policy;
} Comparison;

static TuneCpuVerdict get_verdict(const Comparison *comparison)
{
	return tune_cpu_policy_judge(comparison->policy,
				     tune_cpu_report_get_verdict(comparison->report));
}

static void add_row(const Comparison *comparison, const char *class, const char *name,
		    const char *effect)
{
	const char *verdict = tune_cpu_verdict_name(get_verdict(comparison));
	const char *cells[] = {
		comparison->from->name, comparison->to->name, class, name, effect, verdict
	};

	table_add(comparison->table, cells);
}

static const char *get_effect(const TuneCpuReason *reason)
{
	if (reason->is_waived)
		return "waived";
	if (reason->kind == TUNE_CPU_UNKNOWN)
		return "not known";
	return tune_cpu_class_refuses(reason->kind) ? "refuses" : "warns";
}

static void add_reasons(const Comparison *comparison)
{
	for (guint i = 0; i < tune_cpu_report_get_length(comparison->report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(comparison->report, i);
		g_autofree char *effect = g_strconcat(
			get_effect(reason), reason->way_out ? "; " : NULL, reason->way_out, NULL);
		add_row(comparison, tune_cpu_class_name(reason->kind), reason->name, effect);
	}
}

static gboolean can_go(const Comparison *comparison, const TuneCpu *from, const TuneCpu *to)
{
	return tune_cpu_judge(from, to, comparison->policy->waivers) != TUNE_CPU_REFUSE;
}

static void add_no_return(const Comparison *comparison, const char *node)
{
	add_row(comparison, "no-return", node, "a host guest cannot go there any more");
}

/* After the move, a guest of cpu_type host sees the new CPU: to which nodes can it not go any more? */
static void add_lost_nodes(const Comparison *comparison, TuneRoot *root)
{
	g_auto(GStrv) nodes = tune_cpu_list_records(root);
	const TuneCpu *from = comparison->from->cpu, *to = comparison->seen;

	if (!tune_cpu_is_guest(from) && !can_go(comparison, to, from))
		add_no_return(comparison, comparison->from->name);
	for (char **node = nodes; *node; node++) {
		g_autoptr(TuneCpu) other = tune_cpu_load_node_record(root, *node, NULL);
		if (other && g_strcmp0(*node, comparison->from->name) != 0 &&
		    can_go(comparison, from, other) && !can_go(comparison, to, other))
			add_no_return(comparison, *node);
	}
}

static void add_gained(const Comparison *comparison, TuneRoot *root)
{
	const char *const *gained = tune_cpu_report_get_gained(comparison->report);

	for (const char *const *name = gained; *name; name++)
		add_row(comparison, "gained", *name, "is new there");
	if (get_verdict(comparison) != TUNE_CPU_REFUSE &&
	    tune_cpu_follows_node(comparison->from->cpu))
		add_lost_nodes(comparison, root);
}

static gboolean has_waived(const TuneCpuReport *report)
{
	for (guint i = 0; i < tune_cpu_report_get_length(report); i++)
		if (tune_cpu_report_get_reason(report, i)->is_waived)
			return TRUE;
	return FALSE;
}

static void print_verdict(const Comparison *comparison, const TunePolicy *policy)
{
	static const char *const verdicts[] = {
		[TUNE_CPU_OK] = "allowed",
		[TUNE_CPU_WARN] = "allowed, with a warning",
		[TUNE_CPU_VERDICT_UNKNOWN] =
			"not known; the gate refuses that (cpu.unknown: refuse)",
		[TUNE_CPU_REFUSE] = "refused",
	};
	g_autofree char *reasons = tune_cpu_report_format(comparison->report);

	g_printerr("%s to %s: %s%s%s\n", comparison->from->name, comparison->to->name,
		   verdicts[get_verdict(comparison)], *reasons ? ": " : "", reasons);
	if (has_waived(comparison->report))
		g_printerr("waived by cpu.allow of %s\n", tune_policy_get_file(policy));
}

static int compare_images(const Options *options, Image *images[2], TuneRoot *root,
			  const TunePolicy *policy, GError **error)
{
	const TuneCpuPolicy *cpu = tune_policy_get_cpu(policy);
	g_autoptr(Table) table = table_new("comparison", cpu_compare_columns, options, error);

	if (!table)
		return EXIT_FAILED;
	g_autoptr(TuneCpu) seen = tune_cpu_copy_for(images[1]->cpu, images[0]->cpu);
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(images[0]->cpu, seen, cpu->waivers);
	const Comparison comparison = { table, images[0], images[1], seen, report, cpu };
	add_reasons(&comparison);
	add_gained(&comparison, root);
	table_print(table);
	print_verdict(&comparison, policy);
	return get_verdict(&comparison) == TUNE_CPU_REFUSE ? EXIT_DIFFERS : EXIT_AS_WANTED;
}

int run_cpu_compare(const Options *options, char **arguments, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	char **words = arguments;

	if (!words[0] || !words[1])
		return EXIT_USAGE;
	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(Image) from = image_load(options, root, &words, error);
	if (!from)
		return EXIT_FAILED;
	g_autofree char *machine = tune_ganeti_get_machine(root);
	tune_cpu_start_as(from->cpu, machine);
	if (!*words)
		return EXIT_USAGE;
	g_autoptr(Image) to = image_load(options, root, &words, error);
	if (!to)
		return EXIT_FAILED;
	if (*words)
		return EXIT_USAGE;
	return compare_images(options, (Image *[]){ from, to }, root, policy, error);
}
