/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/apply.h"

/*
 * All after which an instance's disks may be new to a node, or its DRBD devices were made anew: Ganeti takes
 * them down and up, and gives them what it knows of.  One program under the name of each of these hooks.
 */
static const char *const paths[] = {
	"instance-start",    "instance-reboot", "instance-modify", "instance-migrate",
	"instance-failover", "mirrors-replace", "disk-grow",       NULL,
};

static gboolean run(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);

	return policy && hook_apply_devices(hook, policy, error);
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
