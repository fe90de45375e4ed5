/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu baseline: the cpu_type that all can run, what it costs, and how Ganeti is told. */
#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"

const Column cpu_baseline_columns[] = {
	{ "field", TRUE, "cpu_type; modify: the command that sets it; cost" },
	{ "node", TRUE, "whose cost it is" },
	{ "value", TRUE, "the value, the command, the features given up" },
	{ NULL, FALSE, NULL },
};

static void add_row(Table *table, const char *field, const char *node, const char *value)
{
	const char *cells[] = { field, node, value };

	table_add(table, cells);
}

/* Ganeti splits what follows -H at its commas, the shell takes a backslash away. */
static char *format_command(const char *type)
{
	g_auto(GStrv) parts = g_strsplit(type, ",", -1);
	g_autofree char *escaped = g_strjoinv("\\,", parts);

	return g_strdup_printf("gnt-cluster modify -H 'kvm:cpu_type=%s'", escaped);
}

static void print(Table *table, const GPtrArray *images, const char *type, char **costs)
{
	g_autofree char *command = format_command(type);

	add_row(table, "cpu_type", NULL, type);
	add_row(table, "modify", NULL, command);
	for (guint i = 0; i < images->len; i++) {
		const Image *image = images->pdata[i];
		add_row(table, "cost", image->name, *costs[i] ? costs[i] : "nothing");
	}
	table_print(table);
}

/* Only of a dump: without all there is to know of a record there is no baseline. */
static void warn_unknown(const Image *image)
{
	g_autoptr(GPtrArray) facts = tune_cpu_describe(image->cpu);
	g_autoptr(GString) words = g_string_new(NULL);

	for (guint i = 0; i < facts->len; i++) {
		const TuneCpuFact *fact = facts->pdata[i];
		if (!fact->value &&
		    (g_str_has_prefix(fact->name, "0x") || g_str_has_prefix(fact->name, "msr.")))
			g_string_append_printf(words, " %s", fact->name);
	}
	if (words->len)
		g_printerr("%s: unknown, so not looked at:%s\n", image->name, words->str);
}

/* So that messages name the image as it was named. */
static GPtrArray *collect(const GPtrArray *images)
{
	GPtrArray *cpus = g_ptr_array_new();

	for (guint i = 0; i < images->len; i++) {
		const Image *image = images->pdata[i];
		if (!tune_cpu_get_node(image->cpu))
			tune_cpu_set_node(image->cpu, image->name);
		g_ptr_array_add(cpus, image->cpu);
	}
	return cpus;
}

static GPtrArray *load(const Options *options, TuneRoot *root, char **arguments, GError **error)
{
	guint n_bad = 0;

	if (*arguments)
		return images_load(options, root, arguments, error);
	g_autoptr(GPtrArray) images = images_load_published(root, &n_bad, error);
	if (!n_bad || !images)
		return g_steal_pointer(&images);
	/* What all but one can run is not what all can. */
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID, "%u of the records cannot be used",
		    n_bad);
	return NULL;
}

int run_cpu_baseline(const Options *options, char **arguments, GError **error)
{
	g_autoptr(Table) table = table_new("baseline", cpu_baseline_columns, options, error);
	g_autoptr(TuneRoot) root = table ? cpu_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) images = root ? load(options, root, arguments, error) : NULL;
	g_auto(GStrv) costs = NULL;

	if (!images)
		return EXIT_FAILED;
	g_autoptr(GPtrArray) cpus = collect(images);
	g_autofree char *type = tune_cpu_baseline((const TuneCpu *const *)cpus->pdata, cpus->len,
						  &costs, error);
	if (!type)
		return EXIT_FAILED;
	print(table, images, type, costs);
	for (guint i = 0; i < images->len; i++)
		warn_unknown(images->pdata[i]);
	return EXIT_AS_WANTED;
}
