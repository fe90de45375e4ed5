/* SPDX-License-Identifier: BSD-2-Clause */
/* After gnt-instance add: the guest's CPU type, which the master sets, and its devices on its nodes. */
#include "hooks/apply.h"
#include "hooks/cpu-type.h"

/* The job comes first, since it has to wait in Ganeti's queue.  One part that fails does not stop the other. */
static gboolean tune_new_instance(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	GError *errors[2] = { NULL };

	if (!policy)
		return FALSE;
	hook_set_new_cpu_type(hook, policy, &errors[0]);
	hook_apply_devices(hook, policy, &errors[1]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "instance-add",
		.phase = "post",
		.summary =
			"Give a new guest the CPU type that the policy wants, and tune its disks.",
		.run = tune_new_instance,
	};

	return hook_main(&kind, argc, argv);
}
