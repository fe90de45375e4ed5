/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our hooks in Ganeti's directories: which of them Ganeti would run, and how to switch one on and off.
 *
 * A hook is a program of ours and a link to it, NAME.d/50-tune.  Ganeti runs executables whose names have no dot, and
 * silently skips the others (lib/utils/process.py, RunParts; EXT_PLUGIN_MASK).  So a hook is switched off by a dot in
 * its link's name, which also shows in a listing of the directory.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/ganeti/hooks.h>
#include <libtune/base/root.h>

#define LINK "50-tune"
#define LINK_DISABLED LINK ".disabled"

/* Serves all hooks after which an instance's devices are to be tuned. */
#define DEVICES "instance-devices"

/* Debian's Ganeti has its compile-time settings here. */
#define GANETI_CONSTANTS "usr/share/ganeti/default/ganeti/_constants.py"
#define GANETI_SYSCONFDIR "\nSYSCONFDIR = \""

/* Sources: Ganeti, lib/cmdlib (HPATH, HTYPE, BuildHooksEnv of each LU); doc/hooks.rst. */
/* clang-format off */
static const TuneHookKind kinds[] = {
	{ "cluster-init-post", "OP_CLUSTER_POST_INIT", "CLUSTER", "CLUSTER", "MASTER", NULL },
	{ "cluster-verify-post", "OP_CLUSTER_VERIFY_GROUP", "CLUSTER", NULL, "", NULL },
	{ "disk-grow-post", "OP_INSTANCE_GROW_DISK", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "instance-add-post", "OP_INSTANCE_CREATE", "INSTANCE", "INSTANCE_NAME",
	  "MASTER INSTANCE_NAME INSTANCE_HYPERVISOR INSTANCE_HV_cpu_type", NULL },
	{ "instance-failover-post", "OP_INSTANCE_FAILOVER", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "instance-migrate-post", "OP_INSTANCE_MIGRATE", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "instance-migrate-pre", "OP_INSTANCE_MIGRATE", "INSTANCE", "INSTANCE_NAME",
	  "MASTER INSTANCE_NAME INSTANCE_HYPERVISOR OLD_PRIMARY NEW_PRIMARY", NULL },
	{ "instance-modify-post", "OP_INSTANCE_SET_PARAMS", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "instance-reboot-post", "OP_INSTANCE_REBOOT", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "instance-start-post", "OP_INSTANCE_STARTUP", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "mirrors-replace-post", "OP_INSTANCE_REPLACE_DISKS", "INSTANCE", "INSTANCE_NAME", "", DEVICES },
	{ "node-add-post", "OP_NODE_ADD", "NODE", "NODE_NAME", "MASTER NODE_NAME", NULL },
	{ "node-modify-post", "OP_NODE_SET_PARAMS", "NODE", NULL, "MASTER OP_TARGET OFFLINE", NULL },
	{ "node-remove-post", "OP_NODE_REMOVE", "NODE", "NODE_NAME", "MASTER NODE_NAME", NULL },
};
/* clang-format on */

const TuneHookKind *tune_hook_find_kind(const char *name, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return tune_fail_null(error, TUNE_ERROR_INVALID, "there is no hook '%s'", name);
}

const char *tune_hook_state_name(TuneHookState state)
{
	static const char *const names[] = {
		[TUNE_HOOK_ENABLED] = "enabled", [TUNE_HOOK_DISABLED] = "disabled",
		[TUNE_HOOK_ABSENT] = "absent",   [TUNE_HOOK_BROKEN] = "broken",
		[TUNE_HOOK_FOREIGN] = "foreign",
	};

	return names[state];
}

/* ---- paths ---- */

/* Ganeti's own directory comes before ours: hooks that are installed elsewhere never run. */
static char *find_directory(TuneRoot *root)
{
	g_autofree char *constants = tune_root_read(root, GANETI_CONSTANTS, NULL);
	const char *found = constants ? strstr(constants, GANETI_SYSCONFDIR) : NULL;
	const char *end = found ? strchr(found + strlen(GANETI_SYSCONFDIR), '"') : NULL;

	if (!end)
		return g_strdup(HOOKSDIR);
	found += strlen(GANETI_SYSCONFDIR);
	g_autofree char *sysconfdir = g_strndup(found, (gsize)(end - found));
	return g_build_filename(sysconfdir, "ganeti/hooks", NULL);
}

static char *name_directory(TuneRoot *root, const char *hook)
{
	g_autofree char *hooks = find_directory(root);

	return g_strdup_printf("%s/%s.d", hooks, hook);
}

char *tune_hook_name_program(const char *hook)
{
	const TuneHookKind *kind = tune_hook_find_kind(hook, NULL);

	return g_build_filename(HOOKSEXECDIR, kind && kind->program ? kind->program : hook, NULL);
}

static gboolean is_ours(const char *target)
{
	return target && g_str_has_prefix(target, HOOKSEXECDIR "/");
}

static gboolean is_executable(TuneRoot *root, const char *program)
{
	g_auto(filedesc) fd = tune_root_open_file(root, program, O_PATH, 0, NULL);
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       (status.st_mode & 0111);
}

/* ---- the state of each hook ---- */

static void free_hook(gpointer data)
{
	TuneHook *hook = data;

	g_free(hook->link);
	g_free(hook->target);
	g_free(hook->note);
	g_free(hook);
}

static TuneHook *add_hook(GPtrArray *hooks, const char *name, TuneHookState state)
{
	TuneHook *hook = g_new0(TuneHook, 1);

	hook->name = name;
	hook->state = state;
	g_ptr_array_add(hooks, hook);
	return hook;
}

static char *find_fault(TuneRoot *root, const char *name, const char *entry, const char *target)
{
	g_autofree char *program = tune_hook_name_program(name);

	/* EXT_PLUGIN_MASK is ^[a-zA-Z0-9_-]+$. */
	if (entry[strspn(entry, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-")])
		return g_strdup(
			"Ganeti skips names with other characters than letters, digits, _ and -: rename it");
	if (strcmp(target, program) != 0)
		return g_strdup_printf("leads to another hook: gnt-tune hooks enable %s", name);
	if (!is_executable(root, target))
		return g_strdup_printf("%s is missing or not executable: install it again", target);
	return NULL;
}

static void add_ours(GPtrArray *hooks, TuneRoot *root, const char *name, const char *link,
		     const char *target)
{
	const char *entry = strrchr(link, '/') + 1;
	gboolean is_disabled = strcmp(entry, LINK_DISABLED) == 0;
	char *fault = is_disabled ? NULL : find_fault(root, name, entry, target);
	TuneHook *hook = add_hook(hooks, name,
				  is_disabled ? TUNE_HOOK_DISABLED
				  : fault     ? TUNE_HOOK_BROKEN
					      : TUNE_HOOK_ENABLED);

	hook->link = g_strdup(link);
	hook->target = g_strdup(target);
	hook->note = fault;
}

static void add_foreign(GPtrArray *hooks, const char *name, const char *link, char *target)
{
	TuneHook *hook = add_hook(hooks, name, TUNE_HOOK_FOREIGN);

	hook->link = g_strdup(link);
	hook->target = target;
	hook->note = g_strdup_printf("not ours: remove it, then gnt-tune hooks enable %s", name);
}

static void add_entry(GPtrArray *hooks, TuneRoot *root, const char *name, const char *link)
{
	g_autofree char *target = tune_root_read_link(root, link, NULL);

	if (is_ours(target))
		add_ours(hooks, root, name, link, target);
	else if (g_str_has_suffix(link, "/" LINK))
		add_foreign(hooks, name, link, g_steal_pointer(&target));
}

static void add_absent(GPtrArray *hooks, const char *name, const char *directory)
{
	TuneHook *hook = add_hook(hooks, name, TUNE_HOOK_ABSENT);

	hook->link = g_build_filename(directory, LINK, NULL);
	hook->note = g_strdup_printf("not linked: gnt-tune hooks enable %s", name);
}

/* An absent directory has no hooks; when it cannot be read for another reason, nothing is known of its hooks. */
static gboolean add_entries(GPtrArray *hooks, TuneRoot *root, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *directory = name_directory(root, name);
	g_autoptr(GPtrArray) entries = tune_root_list(root, directory, &local);
	guint n_before = hooks->len;

	if (local && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	for (guint i = 0; entries && i < entries->len; i++) {
		g_autofree char *link = g_build_filename(directory, entries->pdata[i], NULL);
		add_entry(hooks, root, name, link);
	}
	if (hooks->len == n_before)
		add_absent(hooks, name, directory);
	return TRUE;
}

GPtrArray *tune_hooks_list(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) hooks = g_ptr_array_new_with_free_func(free_hook);

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (!add_entries(hooks, root, kinds[i].name, error))
			return NULL;
	return g_steal_pointer(&hooks);
}

/* ---- switch on and off ---- */

static gboolean find_entry(TuneRoot *root, const char *path, gboolean *ret_is_there, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH | O_NOFOLLOW, 0, &local);

	*ret_is_there = fd >= 0;
	if (fd >= 0 || g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* TRUE with *@ret_target NULL when nothing is there; FALSE when the entry is not one of our links. */
static gboolean read_own_link(TuneRoot *root, const char *link, char **ret_target, GError **error)
{
	gboolean is_there;

	if (!find_entry(root, link, &is_there, error))
		return FALSE;
	g_autofree char *target = is_there ? tune_root_read_link(root, link, NULL) : NULL;
	if (is_there && !is_ours(target))
		return tune_fail(error, TUNE_ERROR_REFUSED, "%s is not ours: remove it first",
				 link);
	*ret_target = g_steal_pointer(&target);
	return TRUE;
}

static gboolean link_to(TuneRoot *root, const char *link, const char *program, GError **error)
{
	g_autofree char *have = NULL;

	if (!read_own_link(root, link, &have, error))
		return FALSE;
	if (g_strcmp0(have, program) == 0)
		return TRUE;
	return (!have || tune_root_remove(root, link, error)) &&
	       tune_root_make_link(root, link, program, error);
}

static gboolean unlink_ours(TuneRoot *root, const char *link, GError **error)
{
	g_autofree char *have = NULL;

	return read_own_link(root, link, &have, error) &&
	       (!have || tune_root_remove(root, link, error));
}

/* The new link comes first, so that one of the two is there whenever this is interrupted. */
static gboolean swap_links(TuneRoot *root, const char *name, const char *wanted, const char *other,
			   GError **error)
{
	g_autofree char *directory = name_directory(root, name);
	g_autofree char *program = tune_hook_name_program(name);
	g_autofree char *link = g_build_filename(directory, wanted, NULL);
	g_autofree char *unwanted = g_build_filename(directory, other, NULL);
	g_autofree char *have = NULL;

	return read_own_link(root, unwanted, &have, error) &&
	       tune_root_make_directory(root, directory, error) &&
	       link_to(root, link, program, error) && unlink_ours(root, unwanted, error);
}

static gboolean check_both_links(TuneRoot *root, const char *name, GError **error)
{
	g_autofree char *directory = name_directory(root, name);
	g_autofree char *link = g_build_filename(directory, LINK, NULL);
	g_autofree char *disabled = g_build_filename(directory, LINK_DISABLED, NULL);
	g_autofree char *have = NULL, *have_disabled = NULL;

	return read_own_link(root, link, &have, error) &&
	       read_own_link(root, disabled, &have_disabled, error);
}

gboolean tune_hook_try(TuneRoot *root, const char *name, TuneHookState state, GError **error)
{
	const TuneHookKind *kind = tune_hook_find_kind(name, error);
	g_autofree char *program = tune_hook_name_program(name);

	if (!kind)
		return FALSE;
	if (state == TUNE_HOOK_ENABLED && !is_executable(root, program))
		return tune_fail(error, TUNE_ERROR_ABSENT,
				 "%s is missing or not executable: install it first", program);
	return check_both_links(root, name, error);
}

gboolean tune_hook_enable(TuneRoot *root, const char *name, GError **error)
{
	return tune_hook_try(root, name, TUNE_HOOK_ENABLED, error) &&
	       swap_links(root, name, LINK, LINK_DISABLED, error);
}

gboolean tune_hook_disable(TuneRoot *root, const char *name, GError **error)
{
	return tune_hook_try(root, name, TUNE_HOOK_DISABLED, error) &&
	       swap_links(root, name, LINK_DISABLED, LINK, error);
}
