/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu show and cpu record: one CPU, for people and as a file. */
#include <stdio.h>

#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"

const Column cpu_show_columns[] = {
	{ "field", TRUE, "what is told; of a word of features, its leaf, sub-leaf and register" },
	{ "value", TRUE, "and how it is: features in QEMU's names, - when unknown" },
	{ NULL, FALSE, NULL },
};

static void print_facts(Table *table, const TuneCpu *cpu)
{
	g_autoptr(GPtrArray) facts = tune_cpu_describe(cpu);

	for (guint i = 0; i < facts->len; i++) {
		const TuneCpuFact *fact = facts->pdata[i];
		const char *cells[] = { fact->name, fact->value };
		table_add(table, cells);
	}
	table_print(table);
}

int run_cpu_show(const Options *options, char **arguments, GError **error)
{
	static char *host[] = { (char *)"host", NULL };
	char **words = *arguments ? arguments : host;
	g_autoptr(Table) table = table_new("cpu", cpu_show_columns, options, error);
	g_autoptr(TuneRoot) root = table ? cpu_open_root(options, error) : NULL;
	g_autoptr(Image) image = root ? image_load(options, root, &words, error) : NULL;

	if (!image)
		return EXIT_FAILED;
	if (*words)
		return cpu_fail_usage("show", error);
	print_facts(table, image->cpu);
	return EXIT_AS_WANTED;
}

int run_cpu_record(const Options *options, char **arguments, GError **error)
{
	if (*arguments)
		return cpu_fail_usage("record", error);
	gint64 deadline = g_get_monotonic_time() + CPU_DEADLINE_US;
	g_autoptr(TuneRoot) root = cpu_open_root(options, error);
	g_autoptr(TuneCpu)
		cpu = root ? tune_cpu_load_node(root, cpu_get_binary(options), deadline, error)
			   : NULL;
	if (!cpu)
		return EXIT_FAILED;
	g_autofree char *yaml = tune_cpu_to_yaml(cpu);
	fputs(yaml, stdout);
	return EXIT_AS_WANTED;
}
