/* SPDX-License-Identifier: BSD-2-Clause */
/* Before gnt-instance migrate: hand Ganeti's variables to the gate (libtune/migration/gate.c), which decides. */
#include "hooks/migration.h"

/* For the post hook.  A migration that will not be proven is no worse for that, so a failure is only logged. */
static void prepare_proof(const Hook *hook, const TunePolicy *policy,
			  const TuneMigration *migration, const TuneGateAnswer *answer)
{
	g_autoptr(GError) error = NULL;

	if (!hook_is_dry_run(hook) &&
	    !tune_proof_prepare(hook_get_root(hook), policy, migration, answer, &error))
		hook_log(hook, "%s to %s will not be proven: %s", migration->instance,
			 migration->target, error->message);
}

static gboolean check_migration(Hook *hook, GError **error)
{
	const char *configured = hook_get(hook, "INSTANCE_HV_kvm_path");
	g_autofree char *binary = configured && *configured
					  ? g_strdup(configured)
					  : tune_cpu_find_qemu(hook_get_root(hook));
	TuneMigration migration;

	if (!hook_read_migration(hook, &migration))
		return TRUE;
	migration.binary = binary;
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	if (!policy)
		return FALSE;
	g_autoptr(TuneGateAnswer) answer = tune_gate_ask(hook_get_root(hook), policy, &migration,
							 hook_get_deadline(hook));
	for (guint i = 0; i < answer->log->len; i++)
		hook_log(hook, "%s", (const char *)answer->log->pdata[i]);
	prepare_proof(hook, policy, &migration, answer);
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
		.failure = "refused",
		.message_id = "eb6cb06fcf124e79b089ddc063520b6b",
		.run = check_migration,
	};

	return hook_main(&kind, argc, argv);
}
