/* SPDX-License-Identifier: BSD-2-Clause */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "gnt-tune/commands.h"

static void print_usage(FILE *stream)
{
	fputs("Usage: gnt-tune COMMAND [OPTION...]\n\n"
	      "Compare this Ganeti node with its policy, tune it, check it, put it back.\n\n",
	      stream);
	for (const Command *command = commands; command->name; command++)
		fprintf(stream, "  %-8s %s\n", command->name, command->summary);
	fputs("\ngnt-tune COMMAND --help lists its options; they may also stand before COMMAND.\n"
	      "gnt-tune --version prints the version.\n"
	      "Exit status: 0 as wanted, 1 failed, 2 called wrongly, 4 differs.\n",
	      stream);
}

static char *join_names(const Command *command, const Verb *verb)
{
	return g_strjoin(" ", command->name, verb ? verb->name : NULL, NULL);
}

static char *describe_output(const Command *command, const Verb *verb)
{
	if (command->columns)
		return table_describe(command->columns);
	return command->verbs ? verbs_describe(command->verbs, verb) : export_describe();
}

/* An option that only other commands take is an error: whoever gives it expects that it does something. */
static gboolean check_options(const Command *command, const Verb *verb, const Call *call,
			      GError **error)
{
	guint set = command_get_options(command, verb), others = call->given & ~set;
	g_autofree char *whole = join_names(command, verb);

	if (!call->unknown && !others)
		return TRUE;
	g_autofree char *option = call->unknown ? g_strdup(call->unknown)
						: g_strconcat("--", options_get_name(others), NULL);
	g_autofree char *owner = call->unknown ? NULL : command_name_owner(others & -others);
	g_autofree char *where = owner ? g_strdup_printf(" (%s has it)", owner) : g_strdup("");
	const char *word = option + strspn(option, "-");
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
		    "%s has no option %s%s; the nearest is --%s, see gnt-tune %s --help", whole,
		    option, where, options_find_nearest(set, word), whole);
	return FALSE;
}

static gboolean check_arguments(const Command *command, const char *argument, GError **error)
{
	if (command->arguments || !argument)
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s takes no argument '%s'",
		    command->name, argument);
	return FALSE;
}

static GOptionContext *make_context(const Command *command, const Verb *verb)
{
	const char *arguments = verb ? verb->arguments : command->arguments;
	GOptionContext *context = options_make_context(arguments && *arguments ? arguments : NULL,
						       command_get_options(command, verb));
	g_autofree char *fields = describe_output(command, verb);

	g_option_context_set_summary(context, verb ? verb->summary : command->summary);
	g_option_context_set_description(context, fields);
	return context;
}

static int print_help(const Command *command, const Verb *verb)
{
	g_autoptr(GOptionContext) context = make_context(command, verb);
	g_autofree char *whole = join_names(command, verb);
	g_autofree char *program = g_strconcat("gnt-tune ", whole, NULL);

	g_set_prgname(program);
	g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);
	fputs(text, stdout);
	return EXIT_AS_WANTED;
}

static int report_error(const GError *error)
{
	g_printerr("gnt-tune: %s\n", error->message);
	return error->domain == G_OPTION_ERROR ? EXIT_USAGE : EXIT_FAILED;
}

static int run_command(const Command *command, const Call *call, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	char **words = (char **)call->words->pdata;
	const Verb *verb = command->verbs && words[1] ? verbs_find(command->verbs, words[1]) : NULL;

	if (call->is_help)
		return print_help(command, verb);
	g_autoptr(GOptionContext) context = make_context(command, verb);
	if (!check_options(command, verb, call, &error) ||
	    !g_option_context_parse(context, &argc, &argv, &error) ||
	    !check_arguments(command, words[1], &error))
		return report_error(error);
	int status = command->run(options_get(), words + 1, &error);
	if (error)
		return report_error(error);
	/* The exit status tells that a table is cut off. */
	int why = table_flush();
	if (why) {
		g_printerr("gnt-tune: standard output: %s\n", g_strerror(why));
		return EXIT_FAILED;
	}
	return status;
}

static int run_without_command(const Call *call)
{
	const char *word = call->words->pdata[0];

	if (call->is_help && !word && !call->unknown) {
		print_usage(stdout);
		return EXIT_AS_WANTED;
	}
	if (word)
		g_printerr("gnt-tune: unknown command '%s'\n", word);
	else if (call->unknown)
		g_printerr("gnt-tune: unknown option %s\n", call->unknown);
	print_usage(stderr);
	return EXIT_USAGE;
}

int main(int argc, char *argv[])
{
	tune_standard_open();
	/* Programs read our numbers and words, so these are the same in every locale; only the character set follows it. */
	setlocale(LC_CTYPE, "");
	/* The build makes the script for bash of this output. */
	if (argc == 2 && strcmp(argv[1], "--completion") == 0) {
		completion_print();
		return table_flush() ? EXIT_FAILED : EXIT_AS_WANTED;
	}
	g_autoptr(Call) call = call_read(argv + 1);
	if (call->is_version) {
		puts(PACKAGE_STRING);
		return EXIT_AS_WANTED;
	}
	const Command *command = call->words->pdata[0] ? command_find(call->words->pdata[0]) : NULL;
	return command ? run_command(command, call, argc, argv) : run_without_command(call);
}
