/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs one of our hooks as Ganeti does, here or on another node.  Sources: lib/backend.py (HooksRunner), lib/hooksmaster.py. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/hooks.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/base/root.h>

/* All lines that our hooks print begin with it. */
#define PREFIX "tune: "

static char **set_variable(char **environment, const char *name, const char *value)
{
	g_autofree char *variable = g_strconcat("GANETI_", name, NULL);

	return value ? g_environ_setenv(environment, variable, value, TRUE) : environment;
}

static const char *get_variable(char **environment, const char *name)
{
	g_autofree char *variable = g_strconcat("GANETI_", name, NULL);

	return g_environ_getenv(environment, variable);
}

/* A file that is missing leaves the variable unset; the caller may set it. */
static char **set_ssconf(char **environment, TuneRoot *root, const char *name, const char *key)
{
	g_autofree char *value = tune_cluster_read(root, key, NULL);

	return set_variable(environment, name, value);
}

static char **make_environment(TuneRoot *root, const TuneHookKind *kind)
{
	char **environment = g_environ_setenv(NULL, "PATH", "/sbin:/bin:/usr/sbin:/usr/bin", TRUE);
	const char *dash = strrchr(kind->name, '-');
	g_autofree char *path = g_strndup(kind->name, (gsize)(dash - kind->name));

	environment = set_variable(environment, "HOOKS_VERSION", "2");
	environment = set_variable(environment, "HOOKS_PATH", path);
	environment = set_variable(environment, "HOOKS_PHASE", dash + 1);
	environment = set_variable(environment, "DATA_DIR", "/var/lib/ganeti");
	environment = set_variable(environment, "OP_CODE", kind->code);
	environment = set_variable(environment, "OBJECT_TYPE", kind->object);
	environment = set_ssconf(environment, root, "CLUSTER", "cluster_name");
	return set_ssconf(environment, root, "MASTER", "master_node");
}

/* "KEY=VALUE" or "GANETI_KEY=VALUE". */
static gboolean assign(char ***environment, const char *assignment, GError **error)
{
	const char *key = g_str_has_prefix(assignment, "GANETI_") ? assignment + strlen("GANETI_")
								  : assignment;
	const char *equals = strchr(key, '=');

	if (!equals || equals == key)
		return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is not KEY=VALUE", assignment);
	g_autofree char *name = g_strndup(key, (gsize)(equals - key));
	*environment = set_variable(*environment, name, equals + 1);
	return TRUE;
}

static gboolean check_needs(const TuneHookKind *kind, char **environment, GError **error)
{
	g_auto(GStrv) needs = g_strsplit(kind->needs, " ", -1);
	g_autoptr(GString) missing = g_string_new(NULL);

	for (char **need = needs; *need; need++)
		if (!get_variable(environment, *need))
			g_string_append_printf(missing, " %s=", *need);
	return !missing->len ||
	       tune_fail(error, TUNE_ERROR_INVALID, "%s needs%s as well", kind->name, missing->str);
}

char **tune_hook_make_environment(TuneRoot *root, const char *name, const char *const *assignments,
				  GError **error)
{
	const TuneHookKind *kind = tune_hook_find_kind(name, error);

	if (!kind)
		return NULL;
	g_auto(GStrv) environment = make_environment(root, kind);
	for (; *assignments; assignments++)
		if (!assign(&environment, *assignments, error))
			return NULL;
	if (!check_needs(kind, environment, error))
		return NULL;
	if (kind->target && !get_variable(environment, "OP_TARGET")) {
		g_autofree char *target = g_strdup(get_variable(environment, kind->target));
		environment = set_variable(environment, "OP_TARGET", target);
	}
	return g_steal_pointer(&environment);
}

/* Like lib/utils/process.py, except that the output is the caller's. */
static gboolean set_up_process(GError **error)
{
	g_auto(filedesc) null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	umask(077);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return tune_fail_errno(error, "/dev/null");
	return chdir("/") == 0 || tune_fail_errno(error, "/");
}

gboolean tune_hook_exec(TuneRoot *root, const char *name, const char *const *environment,
			gboolean is_dry_run, GError **error)
{
	g_autofree char *path = tune_hook_name_program(name);
	g_autofree char *program = tune_hook_find_kind(name, error)
					   ? tune_root_find_real_path(root, path, error)
					   : NULL;
	g_autofree char *directory = g_canonicalize_filename(tune_root_get_directory(root), NULL);
	g_autofree char *option = g_strconcat("--root=", directory, NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();

	if (!program)
		return FALSE;
	g_ptr_array_add(words, path);
	if (strcmp(directory, "/") != 0)
		g_ptr_array_add(words, option);
	if (is_dry_run)
		g_ptr_array_add(words, (gpointer) "--dry-run");
	g_ptr_array_add(words, NULL);
	if (set_up_process(error)) {
		execve(program, (char **)words->pdata, (char **)environment);
		tune_fail_errno(error, path);
	}
	return FALSE;
}

/* ---- on another node ---- */

/* "[ ! -x LINK ] || env NAME='VALUE' ... LINK" */
static char *make_command(const char *link, const char *const *environment)
{
	g_autofree char *program = g_shell_quote(link);
	g_autoptr(GString) command = g_string_new(NULL);

	g_string_printf(command, "[ ! -x %s ] || env", program);
	for (; *environment; environment++) {
		g_autofree char *assignment = g_shell_quote(*environment);
		g_string_append_printf(command, " %s", assignment);
	}
	g_string_append_printf(command, " %s", program);
	return g_strdup(command->str);
}

gboolean tune_hook_run_on(TuneRoot *root, const char *node, const char *link,
			  const char *const *environment, guint timeout_ms, GError **error)
{
	const TuneNode target = { .name = (char *)node };
	g_autofree char *command = make_command(link, environment);
	TuneRemote remote = { .node = &target, .command = command };

	if (!tune_remote_run(root, &remote, 1, NULL, timeout_ms, error))
		return FALSE;
	gboolean is_good = !remote.reason;
	const char *report = g_strstrip(remote.answer);
	/* "tune: NODE: ...": this hook's own report will begin with the same word. */
	report += g_str_has_prefix(report, PREFIX) ? strlen(PREFIX) : 0;
	if (!is_good && *report)
		tune_fail(error, TUNE_ERROR_REFUSED, "%s", report);
	else if (!is_good)
		tune_fail(error, TUNE_ERROR_IO, "%s: %s", node, remote.reason);
	tune_remote_clear(&remote);
	return is_good;
}
