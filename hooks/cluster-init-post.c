/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/cpu-type.h"

static gboolean run(Hook *hook, GError **error)
{
	if (!hook_is_master(hook))
		return TRUE;
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	return policy && hook_set_cluster_default(hook, policy, error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "cluster-init",
		.phase = "post",
		.summary = "Give a new cluster the default CPU type that its policy asks for.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
