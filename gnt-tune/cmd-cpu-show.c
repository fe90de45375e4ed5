/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu show and cpu record: one CPU, for people and as a file. */
#include <stdio.h>

#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"
#include "gnt-tune/options.h"

const Column cpu_show_columns[] = {
	{ "field", TRUE,
	  "name of the fact; of a word of features its leaf, sub-leaf and register" },
	{ "value", TRUE, "its value; features have QEMU's names; - when unknown" },
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

static Image *load_only_image(const Options *options, char **words, GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	g_autoptr(Image) image = root ? image_load(options, root, &words, error) : NULL;

	if (!image || !*words)
		return g_steal_pointer(&image);
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "one image is expected, and '%s' is another: see gnt-tune cpu --help", *words);
	return NULL;
}

int run_cpu_show(const Options *options, char **arguments, GError **error)
{
	g_autoptr(Table) table = table_new("cpu", cpu_show_columns, options, error);
	static char *host[] = { (char *)"host", NULL };
	char **words = *arguments ? arguments : host;
	g_autoptr(Image) image = table ? load_only_image(options, words, error) : NULL;

	if (!image)
		return EXIT_FAILED;
	print_facts(table, image->cpu);
	return EXIT_AS_WANTED;
}

/* Guests rely on a record, so this node makes none without asking its QEMU. */
static char *make_node_record(const Options *options, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + CPU_DEADLINE_US;
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	if (!root)
		return NULL;
	g_autofree char *binary = cpu_find_binary(options, root);
	g_autoptr(TuneCpu) cpu = tune_cpu_load_node(root, binary, deadline, error);

	return cpu ? tune_cpu_to_yaml(cpu) : NULL;
}

static char *make_image_record(const Options *options, char **words, GError **error)
{
	g_autoptr(Image) image = load_only_image(options, words, error);

	return image ? tune_cpu_to_yaml(image->cpu) : NULL;
}

int run_cpu_record(const Options *options, char **arguments, GError **error)
{
	g_autofree char *yaml = *arguments ? make_image_record(options, arguments, error)
					   : make_node_record(options, error);

	if (!yaml)
		return EXIT_FAILED;
	fputs(yaml, stdout);
	return EXIT_AS_WANTED;
}
