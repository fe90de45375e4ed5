/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/apply.h"
#include "hooks/secondary.h"

/*
 * All after which an instance's disks may be new to a node, or its DRBD devices were made anew: Ganeti takes
 * them down and up, and gives them what it knows of.  One program under the name of each of these hooks.
 */
static const char *const paths[] = {
	"instance-start",    "instance-reboot", "instance-modify", "instance-migrate",
	"instance-failover", "mirrors-replace", "disk-grow",       NULL,
};

/* What is wrong here is no reason to leave out the other. */
static gboolean run(Hook *hook, GError **error)
{
	GError *errors[2] = { NULL };
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[0]);

	if (policy)
		hook_apply_devices(hook, policy, &errors[0]);
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
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
