/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/disk.h"
#include "os-scripts/guest.h"
#include "os-scripts/hold.h"
#include "os-scripts/parameters.h"
#include "os-scripts/variants.h"

/* constants.OS_SEARCH_PATH of Ganeti, in its order. */
static const char *const search_path[] = { "/srv/ganeti/os", "/usr/local/lib/ganeti/os",
					   "/usr/lib/ganeti/os", "/usr/share/ganeti/os" };

/* Set for the wrapped definition and all that it starts, so that this one does not wrap itself. */
#define WRAPPED "GANETI_TUNE_WRAPPED"

/* As long as Ganeti waits for the whole script. */
#define TIMEOUT_S (24 * 60 * 60)

/** @api: the highest version that both it and Ganeti know */
typedef struct {
	char *name;
	const char *variant;
	char *directory;
	gint64 api;
} Delegate;

static void delegate_clear(Delegate *delegate)
{
	g_free(delegate->name);
	g_free(delegate->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Delegate, delegate_clear)

/* ---- which one ---- */

/* One number a line; those that Ganeti 3.0 knows are 10, 15 and 20. */
static gint64 find_version(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gint64 highest = 0, version;

	for (char **line = lines; *line; line++)
		if (g_ascii_string_to_signed(g_strstrip(*line), 10, 10, 20, &version, NULL))
			highest = MAX(highest, version);
	return highest;
}

static char *read_below(TuneRoot *root, const char *directory, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return tune_root_read(root, path, error);
}

static gboolean find_directory(const Os *os, Delegate *delegate, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(search_path); i++) {
		g_autofree char *directory = g_build_filename(search_path[i], delegate->name, NULL);
		g_autofree char *text = read_below(os->root, directory, "ganeti_api_version", NULL);
		if (!text)
			continue;
		delegate->api = find_version(text);
		delegate->directory = g_steal_pointer(&directory);
		return TRUE;
	}
	return os_fail(error, TUNE_ERROR_ABSENT, "there is no OS definition '%s' on this node",
		       delegate->name);
}

static gboolean find_delegate(const Os *os, Delegate *delegate, GError **error)
{
	const char *value = os_parameter_get(os->environment, "delegate");
	const char *plus = strchr(value, '+');

	if (!*value)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "the OS parameter delegate says which OS definition to wrap");
	delegate->name = plus ? g_strndup(value, (gsize)(plus - value)) : g_strdup(value);
	delegate->variant = plus ? plus + 1 : "";
	if (os_environment_get(os->environment, WRAPPED) ||
	    g_strcmp0(delegate->name, os->environment->os_name) == 0)
		return os_fail(error, TUNE_ERROR_REFUSED, "%s cannot wrap itself", delegate->name);
	return find_directory(os, delegate, error);
}

static gboolean check_delegate(const Os *os, const Delegate *delegate, GError **error)
{
	if (!delegate->api)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "OS definition %s: no API version that is known here",
			       delegate->name);
	if (delegate->api < 15 && *delegate->variant)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "OS definition %s: of API version %d, which has no variants",
			       delegate->name, (int)delegate->api);
	if (delegate->api < 20 && *os_parameter_get(os->environment, "delegate-params"))
		return os_fail(error, TUNE_ERROR_INVALID,
			       "OS definition %s: of API version %d, which has no parameters",
			       delegate->name, (int)delegate->api);
	return TRUE;
}

/* ---- its environment ---- */

/* As in Ganeti, the first variant of the list is the default. */
static char *find_variant(const Os *os, const Delegate *delegate)
{
	if (*delegate->variant || delegate->api < 15)
		return g_strdup(delegate->variant);
	g_autofree char *text = read_below(os->root, delegate->directory, "variants.list", NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	for (char **line = lines; *line; line++)
		if (*g_strstrip(*line) && **line != '#')
			return g_strdup(*line);
	return g_strdup("");
}

static char **set_parameters(const Os *os, char **envp)
{
	g_auto(GStrv)
		pairs = g_strsplit(os_parameter_get(os->environment, "delegate-params"), ",", -1);

	for (char **pair = pairs; *pair; pair++) {
		g_auto(GStrv) words = g_strsplit(*pair, "=", 2);
		g_autofree char *upper = g_ascii_strup(g_strdelimit(words[0], "-", '_'), -1);
		g_autofree char *name = g_strconcat("OSP_", upper, NULL);
		envp = g_environ_setenv(envp, name, words[1], TRUE);
	}
	return envp;
}

/* Copies our own environment without our parameters. */
static char **copy_environment(char **envp)
{
	GPtrArray *copy = g_ptr_array_new();

	for (char **variable = envp; *variable; variable++)
		if (!g_str_has_prefix(*variable, "OSP_"))
			g_ptr_array_add(copy, g_strdup(*variable));
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}

static char **make_environment(const Os *os, const Delegate *delegate)
{
	char **envp = copy_environment(os->environment->envp);
	g_autofree char *variant = find_variant(os, delegate);
	g_autofree char *api = g_strdup_printf("%d", (int)delegate->api);
	g_autofree char *full = *variant ? g_strconcat(delegate->name, "+", variant, NULL)
					 : g_strdup(delegate->name);

	envp = g_environ_setenv(envp, "OS_API_VERSION", api, TRUE);
	envp = g_environ_setenv(envp, "OS_NAME", delegate->name, TRUE);
	envp = g_environ_setenv(envp, "OS_VARIANT", variant, TRUE);
	envp = g_environ_setenv(envp, "INSTANCE_OS", full, TRUE);
	envp = g_environ_setenv(envp, WRAPPED, "1", TRUE);
	return set_parameters(os, envp);
}

/* ---- running it ---- */

static gboolean run_delegate(const Os *os, const Delegate *delegate, GError **error)
{
	g_autofree char *script = g_build_filename(delegate->directory, "create", NULL);
	const char *const argv[] = { script, NULL };
	g_auto(GStrv) envp = make_environment(os, delegate);
	TuneCommand command = TUNE_COMMAND(argv, TIMEOUT_S * 1000u);

	command.envp = (const char *const *)envp;
	command.directory = delegate->directory;
	command.log = STDERR_FILENO;
	/* The umask of the scripts that Ganeti runs. */
	mode_t before = umask(077);
	gboolean good = tune_command_run(os->root, &command, error);
	umask(before);
	if (!good)
		g_prefix_error(error, "OS definition %s: ", delegate->name);
	return good;
}

static gboolean tune_disk(const Os *os, GError **error)
{
	if (!os_guest_may_open(os))
		return TRUE;
	const OsDisk *disk = os_disk_get_first(os, error);
	g_autoptr(OsMachine) machine = disk ? os_disk_start_machine(os, disk, 0, error) : NULL;
	return machine && os_guest_tune_disk(os, machine, error) &&
	       os_machine_close(g_steal_pointer(&machine), error);
}

gboolean os_wrap(Os *os, GError **error)
{
	g_auto(Delegate) delegate = { 0 };

	if (!find_delegate(os, &delegate, error) || !check_delegate(os, &delegate, error))
		return FALSE;
	os_say(os, "OS definition %s installs", delegate.name);
	if (!run_delegate(os, &delegate, error))
		return FALSE;
	/* Before we write to the disks, the wrapped definition must have released them. */
	g_autoptr(GArray) held = os_disks_hold(os, error);
	if (!held) {
		g_prefix_error(error, "OS definition %s has ended: ", delegate.name);
		return FALSE;
	}
	return tune_disk(os, error);
}
