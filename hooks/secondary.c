/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/secondary.h"

/* Beside what it takes here, within the hook's own deadline. */
#define TIMEOUT_MS 6000

/*
 * The secondary of an instance, when this is the master and Ganeti does not run the hook there.  It does not after
 * gnt-instance replace-disks, unless the command has named that node as the new secondary (LUInstanceReplaceDisks,
 * BuildHooksNodes); the one that had to get a new disk may be just that one.
 */
static const char *find_left_out(const Hook *hook)
{
	const char *path = hook_get(hook, "HOOKS_PATH");
	const char *secondary = hook_get(hook, "POST_INSTANCE_SECONDARIES");

	if (g_strcmp0(path, "mirrors-replace") != 0 || !hook_is_master(hook))
		return NULL;
	if (!secondary || !*secondary || hook_is_this_node(hook, secondary, NULL) ||
	    g_strcmp0(secondary, hook_get(hook, "NEW_SECONDARY")) == 0)
		return NULL;
	return secondary;
}

/* What tells the hook which hook it is, and which disks are meant. */
static char **list_environment(void)
{
	static const char *const prefixes[] = { "GANETI_HOOKS_", "GANETI_INSTANCE_DISK",
						"GANETI_POST_INSTANCE_DISK" };
	g_auto(GStrv) all = g_get_environ();
	g_autoptr(GStrvBuilder) chosen = g_strv_builder_new();

	for (char **variable = all; *variable; variable++)
		for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
			if (g_str_has_prefix(*variable, prefixes[i]))
				g_strv_builder_add(chosen, *variable);
	return g_strv_builder_end(chosen);
}

gboolean hook_run_on_secondary(const Hook *hook, GError **error)
{
	const char *node = find_left_out(hook);

	if (!node)
		return TRUE;
	g_auto(GStrv) environment = list_environment();
	hook_log(hook, "%s as well, where Ganeti does not run this hook", node);
	return hook_is_dry_run(hook) ||
	       tune_hook_run_on(hook_get_root(hook), node, hook_get_program(hook),
				(const char *const *)environment, TIMEOUT_MS, error);
}
