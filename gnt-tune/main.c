/* SPDX-License-Identifier: BSD-2-Clause */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "gnt-tune/commands.h"

/** @columns: NULL where each of @verbs has its own, or there is no table */
typedef struct {
	const char *name;
	Run *run;
	const char *arguments;
	const Column *columns;
	const char *summary;
	const Verbs *verbs;
} Command;

/* clang-format off */
static const Command commands[] = {
	{ "list",    run_list,    NULL,    list_columns,    "Show all parameters that can be set", NULL },
	{ "plan",    run_plan,    NULL,    step_columns,    "Show what apply would do on this node", NULL },
	{ "apply",   run_apply,   NULL,    step_columns,    "Make this node what its policy says", NULL },
	{ "verify",  run_verify,  NULL,    step_columns,    "Say whether this node is as its policy says", NULL },
	{ "revert",  run_revert,  NULL,    step_columns,    "Put back what apply has changed since boot", NULL },
	{ "explain", run_explain, "PARAM", explain_columns, "Tell all about one parameter", NULL },
	{ "export",  run_export,  "FORMAT", NULL,           "Print what the policy says as configuration of udev, ...", NULL },
	{ "status",  run_status,  NULL,    table_fact_columns,  "Show this node on one screen", NULL },
	{ "doctor",  run_doctor,  NULL,    doctor_columns,  "Say what this node lacks, and how to get it", NULL },
	{ "drbd",    run_drbd,    "[advise]", drbd_columns, "List DRBD's minors and what bounds them; advise for a link", NULL },
	{ "cpu",     run_cpu,     "VERB [IMAGE...]", NULL,  "Compare CPUs of nodes and of running guests", &cpu_verbs },
	{ "cluster", run_cluster, "VERB [...]", NULL,       "Look at all nodes and guests, from the master", &cluster_verbs },
	{ "hooks",   run_hooks,   "VERB [HOOK...]", NULL,   "Show our hooks, switch them on and off, try one", &hooks_verbs },
};
/* clang-format on */

static Options options;

static const GOptionEntry entries[] = {
	{ "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root,
	  "Look at and tune the host below DIR, not this one", "DIR" },
	{ "policy", 0, 0, G_OPTION_ARG_FILENAME, &options.policy,
	  "Read FILE, not /etc/ganeti/tune.yaml", "FILE" },
	{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run,
	  "Write nothing, show what would be done", NULL },
	{ "output", 'o', 0, G_OPTION_ARG_STRING, &options.output,
	  "Show these fields; +FIELDS: these behind the usual ones", "FIELDS" },
	{ "no-headers", 0, 0, G_OPTION_ARG_NONE, &options.no_headers, "Leave out the headers",
	  NULL },
	{ "separator", 0, 0, G_OPTION_ARG_STRING, &options.separator, "Put SEP between fields",
	  "SEP" },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "Print JSON", NULL },
	{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "Show what is as wanted, too",
	  NULL },
	{ "pairs", 0, 0, G_OPTION_ARG_NONE, &options.pairs,
	  "With cpu matrix: one row for each pair", NULL },
	{ "apply", 0, 0, G_OPTION_ARG_NONE, &options.apply,
	  "With cpu tags: submit the jobs that set them", NULL },
	{ "remove", 0, 0, G_OPTION_ARG_NONE, &options.remove,
	  "With cpu tags: submit the jobs that take them away", NULL },
	{ "missing", 0, 0, G_OPTION_ARG_NONE, &options.missing,
	  "With hooks enable and disable: only those that have no link yet", NULL },
	{ "qemu", 0, 0, G_OPTION_ARG_FILENAME, &options.qemu,
	  "With cpu: ask PATH, not /" TUNE_CPU_QEMU_BINARY
	  "; a version (10.0): take dumps for what that QEMU would show",
	  "PATH|VERSION" },
	{ "kernel", 0, 0, G_OPTION_ARG_STRING, &options.kernel,
	  "With cpu: take dumps for what KVM of that Linux (6.1) would show", "VERSION" },
	{ "link", 0, 0, G_OPTION_ARG_STRING, &options.link,
	  "With drbd advise: the speed of the replication link, as in 10G", "SPEED" },
	{ NULL, 0, 0, 0, NULL, NULL, NULL },
};

static void print_usage(FILE *stream)
{
	fputs("Usage: gnt-tune COMMAND [OPTION...]\n\n"
	      "Compare this Ganeti node with its policy, tune it, check it, put it back.\n\n",
	      stream);
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fputs("\ngnt-tune COMMAND --help tells the options; gnt-tune --version the version.\n"
	      "Exit status: 0 as wanted, 1 failed, 2 called wrongly, 4 differs.\n",
	      stream);
}

static const Command *find_command(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static char *describe(const Command *command)
{
	if (command->columns)
		return table_describe(command->columns);
	return command->verbs ? verbs_describe(command->verbs) : export_describe();
}

static gboolean parse(const Command *command, int *argc, char ***argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
	g_autofree char *fields = describe(command);
	g_autofree char *program = g_strconcat("gnt-tune ", command->name, NULL);

	g_set_prgname(program);
	g_option_context_set_summary(context, command->summary);
	g_option_context_set_description(context, fields);
	g_option_context_add_main_entries(context, entries, NULL);
	gboolean good = g_option_context_parse(context, argc, argv, error);
	g_set_prgname("gnt-tune");
	return good;
}

static gboolean check_arguments(const Command *command, char **arguments, GError **error)
{
	if (command->arguments || !arguments[0])
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s takes no argument '%s'",
		    command->name, arguments[0]);
	return FALSE;
}

/* Who asks for something to be taken away must not get the contrary, and who asks for some must not get all. */
static gboolean check_actions(const Command *command, char **arguments, GError **error)
{
	gboolean is_tags = command->run == run_cpu && g_strcmp0(arguments[0], "tags") == 0;

	if (options.missing && command->run != run_hooks) {
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				    "--missing is for hooks enable and hooks disable");
		return FALSE;
	}
	if (is_tags || !(options.apply || options.remove))
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--%s is for cpu tags",
		    options.apply ? "apply" : "remove");
	return FALSE;
}

static int report(const GError *error)
{
	g_printerr("gnt-tune: %s\n", error->message);
	return error->domain == G_OPTION_ERROR ? EXIT_USAGE : EXIT_FAILED;
}

static int run(const Command *command, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (!parse(command, &argc, &argv, &error) || !check_arguments(command, argv + 1, &error) ||
	    !check_actions(command, argv + 1, &error))
		return report(error);
	int status = command->run(&options, argv + 1, &error);
	if (error)
		return report(error);
	/* Half a table must not pass for a whole one. */
	int why = table_flush();
	if (why) {
		g_printerr("gnt-tune: standard output: %s\n", g_strerror(why));
		return EXIT_FAILED;
	}
	return status;
}

int main(int argc, char *argv[])
{
	tune_standard_open();
	/* Characters are the terminal's; numbers and words are the same everywhere, for programs read them. */
	setlocale(LC_CTYPE, "");
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts(PACKAGE_STRING);
		return EXIT_AS_WANTED;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return EXIT_AS_WANTED;
	}
	const Command *command = argc > 1 ? find_command(argv[1]) : NULL;
	if (!command) {
		if (argc > 1)
			g_printerr("gnt-tune: no command '%s'\n", argv[1]);
		print_usage(stderr);
		return EXIT_USAGE;
	}
	return run(command, argc - 1, argv + 1);
}
