/* SPDX-License-Identifier: BSD-2-Clause */
/* Before gnt-instance migrate: hand Ganeti's variables to the gate (libtune/migration/gate.c), which decides. */
#include "hooks/hook.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static gboolean check_migration(Hook *hook, GError **error)
{
	const char *configured = hook_get(hook, "INSTANCE_HV_kvm_path");
	g_autofree char *binary = configured && *configured
					  ? g_strdup(configured)
					  : tune_cpu_find_qemu(hook_get_root(hook));
	const TuneMigration migration = {
		.instance = or_empty(hook_get(hook, "INSTANCE_NAME")),
		.node = hook_get_node(hook),
		.source = or_empty(hook_get(hook, "OLD_PRIMARY")),
		.target = or_empty(hook_get(hook, "NEW_PRIMARY")),
		.master = or_empty(hook_get(hook, "MASTER")),
		.cpu_type = hook_get(hook, "INSTANCE_HV_cpu_type"),
		.tags = hook_get(hook, "INSTANCE_TAGS"),
		.binary = binary,
		.is_down = g_strcmp0(hook_get(hook, "INSTANCE_STATUS"), "down") == 0,
	};

	/* A clean-up after a failed migration moves no guest, so it must not be held up. */
	if (g_strcmp0(hook_get(hook, "INSTANCE_HYPERVISOR"), "kvm") != 0 ||
	    g_strcmp0(hook_get(hook, "MIGRATE_CLEANUP"), "True") == 0)
		return TRUE;
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	if (!policy)
		return FALSE;
	g_autoptr(TuneGateAnswer) answer = tune_gate_ask(hook_get_root(hook), policy, &migration,
							 hook_get_deadline(hook));
	for (guint i = 0; i < answer->log->len; i++)
		hook_log(hook, "%s", (const char *)answer->log->pdata[i]);
	if (!answer->reason)
		return TRUE;
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, answer->reason);
	return FALSE;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "instance-migrate",
		.phase = "pre",
		.deadline_s = 5,
		.summary = "Refuse a live migration that would take CPU features from the guest.",
		.run = check_migration,
	};

	return hook_main(&kind, argc, argv);
}
