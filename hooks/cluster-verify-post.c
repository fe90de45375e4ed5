/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/hook.h"

/* A dry run is no different: verifying writes nothing. */
static gboolean run(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	g_autoptr(TunePlan) plan = policy ? tune_plan_new(hook_get_root(hook), policy, error)
					  : NULL;

	if (!plan)
		return FALSE;
	if (tune_plan_is_fulfilled(plan))
		return TRUE;
	g_autofree char *text = hook_describe(plan);
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text);
	return FALSE;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "cluster-verify",
		.phase = "post",
		.summary = "Say in gnt-cluster verify what on this node is not as its policy says.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
