/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu: its verbs. */
#include <string.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/cpu.h"

/** @columns: NULL where the output is no table */
typedef struct {
	const char *name;
	Run *run;
	const char *arguments;
	const Column *columns;
	const char *summary;
} Verb;

/* clang-format off */
static const Verb verbs[] = {
	{ "show",     run_cpu_show,     "[IMAGE]",    cpu_show_columns,     "Show a CPU: this node's, a guest's, a file's" },
	{ "record",   run_cpu_record,   "",           NULL,                 "Print this node's CPU as a record (YAML)" },
	{ "compare",  run_cpu_compare,  "FROM TO",    cpu_compare_columns,  "Say whether a guest may move, and why not" },
	{ "matrix",   run_cpu_matrix,   "[IMAGE...]", cpu_matrix_columns,   "Compare all with all; published nodes by default" },
	{ "baseline", run_cpu_baseline, "[IMAGE...]", cpu_baseline_columns, "Print the cpu_type that all of them can run" },
	{ "publish",  run_cpu_publish,  "",           cpu_publish_columns,  "On the master: collect all nodes' records, copy them to all" },
	{ "tags",     run_cpu_tags,     "",           cpu_tags_columns,     "On the master: tell Ganeti's planners where guests can move" },
	{ "digest",   run_cpu_digest,   "",           NULL,                 "Tell which records are here, for publish" },
	{ "store",    run_cpu_store,    "",           NULL,                 "Take the records of all nodes, for publish" },
	{ "try",      run_cpu_try,      "CPU_TYPE",   NULL,                 "Say whether this node can run that cpu_type" },
};
/* clang-format on */

static const char image_help[] =
	"An IMAGE is host, instance NAME (or instance:NAME), qemu SOCKET (or qemu:SOCKET),\n"
	"the NAME of a node with a published record, or a FILE: a record, or a dump of cpuid -r.\n";

const char *cpu_get_binary(const Options *options)
{
	return options->qemu ? options->qemu : TUNE_CPU_QEMU_BINARY;
}

TuneRoot *cpu_open_root(const Options *options, GError **error)
{
	return tune_root_open(options->root ? options->root : "/", error);
}

static const Verb *find_verb(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int cpu_fail_usage(const char *verb, GError **error)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "usage: gnt-tune cpu %s %s, see gnt-tune cpu --help", verb,
		    find_verb(verb)->arguments);
	return EXIT_FAILED;
}

char *cpu_describe(void)
{
	GString *text = g_string_new("Verbs:\n");

	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		g_string_append_printf(text, "  %-8s %-10s  %s\n", verbs[i].name,
				       verbs[i].arguments, verbs[i].summary);
	g_string_append_printf(text, "\n%s", image_help);
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
		if (!verbs[i].columns)
			continue;
		g_autofree char *fields = table_describe(verbs[i].columns);
		g_string_append_printf(text, "\n%s: %s", verbs[i].name, fields);
	}
	return g_string_free(text, FALSE);
}

int run_cpu(const Options *options, char **arguments, GError **error)
{
	if (!arguments[0]) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "cpu takes a verb, see gnt-tune cpu --help");
		return EXIT_FAILED;
	}
	const Verb *verb = find_verb(arguments[0]);
	if (!verb) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "cpu has no verb '%s', see gnt-tune cpu --help", arguments[0]);
		return EXIT_FAILED;
	}
	return verb->run(options, arguments + 1, error);
}
