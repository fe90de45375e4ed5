/* SPDX-License-Identifier: BSD-2-Clause */
/* After gnt-cluster init: the first record, and the cluster's default CPU type.  Only the master does anything. */
#include "hooks/cpu-type.h"
#include "hooks/publish.h"

static gboolean set_up_cluster(Hook *hook, GError **error)
{
	GError *errors[2] = { NULL };

	if (!hook_is_master(hook))
		return TRUE;
	hook_publish(hook, &errors[0]);
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[1]);
	if (policy)
		hook_set_cluster_default(hook, policy, &errors[1]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "cluster-init",
		.phase = "post",
		.summary =
			"Publish the master's CPU record, and set the new cluster's CPU type as the policy says.",
		.run = set_up_cluster,
	};

	return hook_main(&kind, argc, argv);
}
