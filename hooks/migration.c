/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/migration.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

gboolean hook_read_migration(const Hook *hook, TuneMigration *ret_migration)
{
	*ret_migration = (TuneMigration){
		.instance = or_empty(hook_get(hook, "INSTANCE_NAME")),
		.node = hook_get_node(hook),
		.source = or_empty(hook_get(hook, "OLD_PRIMARY")),
		.target = or_empty(hook_get(hook, "NEW_PRIMARY")),
		.master = or_empty(hook_get(hook, "MASTER")),
		.cpu_type = hook_get(hook, "INSTANCE_HV_cpu_type"),
		.machine_version = hook_get(hook, "INSTANCE_HV_machine_version"),
		.tags = hook_get(hook, "INSTANCE_TAGS"),
		.is_down = g_strcmp0(hook_get(hook, "INSTANCE_STATUS"), "down") == 0,
	};
	return g_strcmp0(hook_get(hook, "INSTANCE_HYPERVISOR"), "kvm") == 0 &&
	       g_strcmp0(hook_get(hook, "MIGRATE_CLEANUP"), "True") != 0;
}
