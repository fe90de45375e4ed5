/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "hooks/apply.h"

gboolean hook_apply(Hook *hook, const TunePolicy *policy, TunePlan *plan, GError **error)
{
	if (hook_is_dry_run(hook)) {
		g_autofree char *text = hook_describe(plan);
		hook_log(hook, "policy %s: would change %u: %s", tune_policy_get_file(policy),
			 tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE), text);
		return TRUE;
	}
	/* Another apply may hold the lock for a moment.  Half of the time is for what else the hook has to do. */
	if (!tune_plan_apply(plan, hook_get_time_left(hook) / 2, error))
		return FALSE;
	hook_log(hook, "policy %s: %u settings, %u changed", tune_policy_get_file(policy),
		 tune_plan_get_length(plan),
		 tune_plan_count(plan, TUNE_VERDICT_CHANGED) +
			 tune_plan_count(plan, TUNE_VERDICT_PENDING_RECONNECT));
	if (tune_plan_is_fulfilled(plan))
		return TRUE;
	g_autofree char *text = hook_describe(plan);
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text);
	return FALSE;
}

/* The value after the operation: before it, a new disk does not exist. */
static const char *get_disk_value(const Hook *hook, guint index, const char *what)
{
	g_autofree char *after = g_strdup_printf("POST_INSTANCE_DISK%u_%s", index, what);
	g_autofree char *before = g_strdup_printf("INSTANCE_DISK%u_%s", index, what);
	const char *value = hook_get(hook, after);

	return value ? value : hook_get(hook, before);
}

/* NULL when Ganeti does not tell: the instance is new, or the hook is run by hand. */
static GStrv list_volumes(const Hook *hook)
{
	const char *after = hook_get(hook, "POST_INSTANCE_DISK_COUNT");
	const char *count = after ? after : hook_get(hook, "INSTANCE_DISK_COUNT");
	g_autoptr(GStrvBuilder) volumes = g_strv_builder_new();

	if (!count)
		return NULL;
	for (guint i = 0; i < (guint)atoi(count); i++) {
		const char *type = get_disk_value(hook, i, "DEV_TYPE");
		const char *group = get_disk_value(hook, i, "DATA_VG");
		const char *volume = get_disk_value(hook, i, "DATA_ID");
		if (type && strcmp(type, "drbd") != 0)
			continue;
		if (!group || !volume)
			return NULL;
		g_autofree char *name = g_strconcat(group, "/", volume, NULL);
		g_strv_builder_add(volumes, name);
	}
	return g_strv_builder_end(volumes);
}

gboolean hook_apply_devices(Hook *hook, const TunePolicy *policy, GError **error)
{
	g_auto(GStrv) volumes = list_volumes(hook);
	g_autoptr(TunePlan) plan = tune_plan_new_devices(hook_get_root(hook), policy,
							 (const char *const *)volumes, error);

	return plan && hook_apply(hook, policy, plan, error);
}
