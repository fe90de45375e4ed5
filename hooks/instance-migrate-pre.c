/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/hook.h"

/* Within the hook's own deadline, so that an answer is given and not a silence. */
#define DEADLINE_US (4 * G_USEC_PER_SEC)

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* A clean-up after a migration that broke must never be held up: the guest runs where it runs. */
static gboolean is_to_be_checked(const Hook *hook)
{
	return g_strcmp0(hook_get(hook, "INSTANCE_HYPERVISOR"), "kvm") == 0 &&
	       g_strcmp0(hook_get(hook, "MIGRATE_CLEANUP"), "True") != 0;
}

static gboolean run(Hook *hook, GError **error)
{
	const char *binary = hook_get(hook, "INSTANCE_HV_kvm_path");
	const TuneMigration migration = {
		.instance = or_empty(hook_get(hook, "INSTANCE_NAME")),
		.node = hook_get_node(hook),
		.source = or_empty(hook_get(hook, "OLD_PRIMARY")),
		.target = or_empty(hook_get(hook, "NEW_PRIMARY")),
		.master = or_empty(hook_get(hook, "MASTER")),
		.cpu_type = hook_get(hook, "INSTANCE_HV_cpu_type"),
		.tags = hook_get(hook, "INSTANCE_TAGS"),
		.binary = binary && *binary ? binary : TUNE_CPU_QEMU_BINARY,
		.is_down = g_strcmp0(hook_get(hook, "INSTANCE_STATUS"), "down") == 0,
	};

	if (!is_to_be_checked(hook))
		return TRUE;
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	if (!policy)
		return FALSE;
	g_autoptr(TuneGateAnswer) answer = tune_gate_ask(hook_get_root(hook), policy, &migration,
							 g_get_monotonic_time() + DEADLINE_US);
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
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
