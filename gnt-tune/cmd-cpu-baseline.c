/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cpu baseline: the cpu_type that all nodes can run, in two forms.  "host" without the features that some node lacks
 * costs only these.  A named model is the same on every node, so its guests can also move to an older node later.
 */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/cpu.h"
#include "gnt-tune/image.h"
#include "gnt-tune/options.h"

const Column cpu_baseline_columns[] = {
	{ "field", TRUE,
	  "cpu_type; refused: a type that gives more; cost; model: a named model; modify: the command that sets the type" },
	{ "node", TRUE, "whose cost it is" },
	{ "value", TRUE,
	  "the value, the command, the features given up, the type with the reason" },
	{ NULL, FALSE, NULL },
};

static void add_row(Table *table, const char *field, const char *node, const char *value)
{
	const char *cells[] = { field, node, value };

	table_add(table, cells);
}

static void add_command(Table *table, const char *type)
{
	g_autofree char *escaped = tune_cpu_type_escape(type);
	g_autofree char *command = g_strdup_printf("gnt-cluster modify -H 'kvm:cpu_type=%s'",
						   escaped);

	add_row(table, "modify", NULL, command);
}

/* Only a QEMU knows named models, and none of them may fit all nodes: then "host" is printed alone. */
static void add_model(Table *table, const Options *options, TuneRoot *root, const GPtrArray *cpus)
{
	gint64 deadline = g_get_monotonic_time() + CPU_DEADLINE_US;
	g_autoptr(GError) error = NULL;
	g_autofree char *binary = cpu_find_binary(options, root);
	g_autofree char *type = tune_cpu_find_model(
		root, binary, (const TuneCpu *const *)cpus->pdata, cpus->len, deadline, &error);

	if (!type) {
		g_printerr("no named model: %s\n", error->message);
		return;
	}
	add_row(table, "model", NULL, type);
	add_command(table, type);
}

/* Only a dump comes here with unknown words: a record that lacks one has made the baseline fail before. */
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
		g_printerr("%s: unknown, and not compared:%s\n", image->name, words->str);
}

/* Messages name a CPU by its node, so one without a node gets the name of its image. */
static GPtrArray *collect_cpus(const GPtrArray *images)
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

static GPtrArray *load_images(const Options *options, TuneRoot *root, char **arguments,
			      GError **error)
{
	guint n_bad = 0;

	if (*arguments)
		return images_load(options, root, arguments, error);
	if (!tune_cpu_check_records(root, error))
		return NULL;
	g_autoptr(GPtrArray) images = images_load_published(root, &n_bad, error);
	if (!n_bad || !images)
		return g_steal_pointer(&images);
	/* The node whose record is missing may lack what all others can run. */
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID, "%u of the records cannot be used",
		    n_bad);
	return NULL;
}

/* The cluster's cpu_type of today is kept where it can be, but not for files: these may be of other nodes. */
static char *choose_type(const Options *options, TuneRoot *root, const GPtrArray *cpus,
			 gboolean is_cluster, char ***ret_refused, GError **error)
{
	g_autofree char *have = is_cluster ? tune_ganeti_get_cpu_type(root, NULL) : NULL;
	g_autofree char *binary = cpu_find_binary(options, root);

	return tune_cpu_choose_type(root, binary, (const TuneCpu *const *)cpus->pdata, cpus->len,
				    have, g_get_monotonic_time() + CPU_DEADLINE_US, ret_refused,
				    error);
}

int run_cpu_baseline(const Options *options, char **arguments, GError **error)
{
	g_autoptr(Table) table = table_new("baseline", cpu_baseline_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) images = root ? load_images(options, root, arguments, error) : NULL;
	g_auto(GStrv) costs = NULL, refused = NULL;

	if (!images)
		return EXIT_FAILED;
	g_autoptr(GPtrArray) cpus = collect_cpus(images);
	g_autofree char *host = tune_cpu_baseline((const TuneCpu *const *)cpus->pdata, cpus->len,
						  &costs, error);
	g_autofree char *type = host ? choose_type(options, root, cpus, !*arguments, &refused,
						   error)
				     : NULL;
	if (!type)
		return EXIT_FAILED;
	gboolean is_host = g_str_has_prefix(type, "host");
	add_row(table, is_host ? "cpu_type" : "model", NULL, type);
	add_command(table, type);
	for (char **text = refused; *text; text++)
		add_row(table, "refused", NULL, *text);
	for (guint i = 0; is_host && i < images->len; i++) {
		const Image *image = images->pdata[i];
		add_row(table, "cost", image->name, *costs[i] ? costs[i] : "nothing");
	}
	if (is_host) {
		add_model(table, options, root, cpus);
	}
	table_print(table);
	for (guint i = 0; i < images->len; i++)
		warn_unknown(images->pdata[i]);
	return EXIT_AS_WANTED;
}
