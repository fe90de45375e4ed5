/* SPDX-License-Identifier: BSD-2-Clause */
/* ganeti-tune-os VERB: the program behind the scripts of the OS definition `tune`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/isolate.h"
#include "os-scripts/os.h"

typedef struct {
	const char *name;
	guint needs;
	gboolean
		is_isolated; /* starts a virtual machine, or programs that could leave something behind */
	gboolean (*run)(Os *os, GError **error);
	const char *summary;
} OsVerb;

/* clang-format off */
static const OsVerb verbs[] = {
	{ "create", OS_NEEDS_INSTANCE | OS_NEEDS_DISKS,    TRUE,  os_create,
	  "put an operating system on the instance's disks, and tune it" },
	{ "export", OS_NEEDS_INSTANCE | OS_NEEDS_EXPORT,   FALSE, os_export,
	  "write one disk to standard output" },
	{ "import", OS_NEEDS_INSTANCE | OS_NEEDS_IMPORT,   FALSE, os_import,
	  "read one disk from standard input" },
	{ "prepare", 0,                                    TRUE,  os_prepare,
	  "start the virtual machine that opens guests' disks, so that no other verb has to make it first" },
	{ "rename", OS_NEEDS_INSTANCE | OS_NEEDS_OLD_NAME, TRUE,  os_rename,
	  "give the guest the instance's new name" },
	{ "verify", 0,                                     FALSE, os_verify,
	  "check the OS parameters" },
};
/* clang-format on */

/* ---- being called ---- */

static const OsVerb *find_verb(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (name && strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static char *describe_verbs(void)
{
	GString *text = g_string_new("Verbs:\n");

	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		g_string_append_printf(text, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
	g_string_append(
		text,
		"\nGaneti runs it, through the scripts of the OS definition and with ganeti-os-interface(7) in\nthe environment.\n");
	return g_string_free(text, FALSE);
}

static const OsVerb *parse_command_line(char **root, int *argc, char ***argv)
{
	const GOptionEntry entries[] = {
		{ "root", 0, 0, G_OPTION_ARG_FILENAME, root,
		  "Find programs and other OS definitions below DIR", "DIR" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new("VERB [CHECK...]");
	g_autoptr(GError) error = NULL;
	g_autofree char *description = describe_verbs();

	g_option_context_set_description(context, description);
	g_option_context_add_main_entries(context, entries, NULL);
	const OsVerb *verb = NULL;
	if (!g_option_context_parse(context, argc, argv, &error))
		g_printerr("ganeti-tune-os: %s\n", error->message);
	else if (!(verb = find_verb((*argv)[1])))
		g_printerr("ganeti-tune-os: unknown verb '%s', see --help\n",
			   *argc > 1 ? (*argv)[1] : "");
	return verb;
}

static gboolean run_verb(Os *os, const OsVerb *verb, const char *root, GError **error)
{
	os->root = tune_root_open(root ? root : "/", error);
	os->environment = os->root ? os_environment_new(environ, verb->needs, error) : NULL;
	return os->environment && verb->run(os, error);
}

int main(int argc, char *argv[])
{
	tune_standard_open();

	g_autofree char *root = NULL;
	g_autoptr(GError) error = NULL;
	const OsVerb *verb = parse_command_line(&root, &argc, &argv);
	Os os = { .verb = verb ? verb->name : NULL };

	if (!verb)
		return 2;
	/* Files that are written into a guest are for all of its users. */
	umask(022);
	gboolean good = (!verb->is_isolated || os_isolate(&error)) &&
			run_verb(&os, verb, root, &error);
	if (!good) {
		g_autofree char *line = os_describe_failure(&os, error->message);
		fputs(line, stderr);
	}
	os_environment_free(os.environment);
	tune_root_free(os.root);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
