/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/secondary.h"

/*
 * The secondary, when this is the master and Ganeti leaves that node out; else NULL.  After gnt-instance replace-disks
 * Ganeti runs the hook on the secondary only when the command has named it as the new one (LUInstanceReplaceDisks,
 * BuildHooksNodes), but the disks that were replaced may be those of the old one.
 */
static const char *find_secondary_left_out(const Hook *hook)
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

/* The variables by which the hook knows which hook it is, and which disks it is about. */
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
	const char *node = find_secondary_left_out(hook);

	if (!node)
		return TRUE;
	g_auto(GStrv) environment = list_environment();
	hook_log(hook,
		 hook_is_dry_run(hook)
			 ? "would run this hook on %s, too, where Ganeti does not run it"
			 : "running this hook on %s, too, where Ganeti does not run it",
		 node);
	return hook_is_dry_run(hook) ||
	       tune_hook_run_on(hook_get_root(hook), node, hook_get_program(hook),
				(const char *const *)environment, hook_get_time_left(hook), error);
}
