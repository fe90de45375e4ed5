/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gnt-tune/verbs.h"

const Verb *verbs_find(const Verbs *verbs, const char *name)
{
	for (guint i = 0; i < verbs->n_verbs; i++)
		if (strcmp(verbs->verbs[i].name, name) == 0)
			return &verbs->verbs[i];
	return NULL;
}

static void append_verbs(const Verbs *verbs, GString *text)
{
	size_t names = 8, width = 0;

	for (guint i = 0; i < verbs->n_verbs; i++) {
		names = MAX(names, strlen(verbs->verbs[i].name));
		width = MAX(width, strlen(verbs->verbs[i].arguments));
	}
	g_string_append(text, "Verbs:\n");
	for (guint i = 0; i < verbs->n_verbs; i++)
		g_string_append_printf(text, "  %-*s %-*s  %s\n", (int)names, verbs->verbs[i].name,
				       (int)width, verbs->verbs[i].arguments,
				       verbs->verbs[i].summary);
}

char *verbs_describe(const Verbs *verbs, const Verb *verb)
{
	GString *text = g_string_new(NULL);

	if (!verb)
		append_verbs(verbs, text);
	if (verbs->help)
		g_string_append_printf(text, "%s%s", verb ? "" : "\n", verbs->help);
	for (guint i = 0; i < verbs->n_verbs; i++) {
		if (!verbs->verbs[i].columns || (verb && verb != &verbs->verbs[i]))
			continue;
		g_autofree char *fields = table_describe(verbs->verbs[i].columns);
		g_string_append_printf(text, "\n%s: %s", verbs->verbs[i].name, fields);
	}
	return g_string_free(text, FALSE);
}

static int run_verb(const Verbs *verbs, const Verb *verb, const Options *options, char **arguments,
		    GError **error)
{
	gboolean takes_any = *verb->arguments;
	int status = takes_any || !*arguments ? verb->run(options, arguments, error) : EXIT_USAGE;

	if (status != EXIT_USAGE)
		return status;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "usage: gnt-tune %s %s%s%s, see gnt-tune %s --help", verbs->command, verb->name,
		    takes_any ? " " : "", verb->arguments, verbs->command);
	return EXIT_FAILED;
}

int verbs_run(const Verbs *verbs, const Options *options, char **arguments, GError **error)
{
	const char *command = verbs->command;
	const Verb *verb = *arguments ? verbs_find(verbs, *arguments) : NULL;

	if (verb)
		return run_verb(verbs, verb, options, arguments + 1, error);
	if (*arguments)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "%s has no verb '%s', see gnt-tune %s --help", command, *arguments,
			    command);
	else
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "%s takes a verb, see gnt-tune %s --help", command, command);
	return EXIT_FAILED;
}
