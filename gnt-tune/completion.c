/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the tables for gnt-tune.bash.in: lines of "COMMAND [VERB]: WORD...".  A command's line has the words that may
 * follow it, and then its options.  Only the tables are read, so the script is the same for every host.
 */
#include <stdio.h>
#include <string.h>

#include "gnt-tune/commands.h"

static char *format_params(void)
{
	GString *text = g_string_new(NULL);
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	for (guint i = 0; i < n_params; i++) {
		g_autofree char *name = tune_param_name(&params[i]);
		if (!strchr(name, '*'))
			g_string_append_printf(text, " %s", name);
	}
	return g_string_free(text, FALSE);
}

/* The words that may follow a command, without options. */
static char *format_words(const Command *command)
{
	if (command->run == run_explain)
		return format_params();
	if (command->run == run_export)
		return export_format_names();
	if (command->run == run_drbd)
		return g_strdup(" advise");
	GString *text = g_string_new(NULL);
	for (guint i = 0; command->verbs && i < command->verbs->n_verbs; i++)
		g_string_append_printf(text, " %s", command->verbs->verbs[i].name);
	return g_string_free(text, FALSE);
}

static void print_command(const Command *command)
{
	g_autofree char *options = options_format(command_get_options(command, NULL));
	g_autofree char *words = format_words(command);

	printf("%s:%s%s\n", command->name, words, options);
	for (guint i = 0; command->verbs && i < command->verbs->n_verbs; i++) {
		const Verb *verb = &command->verbs->verbs[i];
		g_autofree char *own = options_format(verb->options);
		printf("%s %s:%s\n", command->name, verb->name, own);
	}
}

void completion_print(void)
{
	g_autofree char *values = options_format_values();
	g_autofree char *globals = options_format(OPTIONS_NODE);

	printf("values:%s\n:", values);
	for (const Command *command = commands; command->name; command++)
		printf(" %s", command->name);
	printf("%s --help --version\n", globals);
	for (const Command *command = commands; command->name; command++)
		print_command(command);
}
