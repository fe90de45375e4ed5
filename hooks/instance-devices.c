/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/apply.h"
#include "hooks/migration.h"
#include "hooks/secondary.h"

#define MIGRATE "instance-migrate"

/*
 * After an operation that may have brought disks to a node, or in which Ganeti has taken down DRBD devices and made
 * them again with its own settings only.  One program serves the hooks of all these operations.
 */
static const char *const paths[] = {
	"instance-start",    "instance-reboot", "instance-modify", MIGRATE,
	"instance-failover", "mirrors-replace", "disk-grow",       NULL,
};

static void prove_migration(const Hook *hook, const TunePolicy *policy, GError **error)
{
	TuneMigration migration;

	if (g_strcmp0(hook_get(hook, "HOOKS_PATH"), MIGRATE) == 0 && !hook_is_dry_run(hook) &&
	    hook_read_migration(hook, &migration))
		tune_proof_finish(hook_get_root(hook), policy, &migration, hook_get_deadline(hook),
				  error);
}

/* A failure on this node does not keep the secondary from being tuned. */
static gboolean tune_devices(Hook *hook, GError **error)
{
	GError *errors[3] = { NULL };
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[0]);

	if (policy) {
		hook_apply_devices(hook, policy, &errors[0]);
		prove_migration(hook, policy, &errors[2]);
	}
	hook_run_on_secondary(hook, &errors[1]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "instance-devices",
		.paths = paths,
		.phase = "post",
		.summary = "Tune the disks and DRBD devices of an instance as the policy says.",
		.run = tune_devices,
	};

	return hook_main(&kind, argc, argv);
}
