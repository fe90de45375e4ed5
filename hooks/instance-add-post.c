/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/apply.h"
#include "hooks/cpu-type.h"

/* First the job, which takes its turn behind others; then the devices, on each node that has some. */
static gboolean run(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	g_autoptr(GError) local = NULL;

	if (!policy)
		return FALSE;
	gboolean has_type = hook_set_new_cpu_type(hook, policy, error);
	gboolean is_tuned = hook_apply_devices(hook, policy, has_type ? error : &local);
	if (local)
		g_prefix_error(error, "%s; ", local->message);
	return has_type && is_tuned;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "instance-add",
		.phase = "post",
		.summary = "Give a new guest the CPU type that the policy asks for, and tune "
			   "its disks.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
