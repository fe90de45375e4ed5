/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/apply.h"
#include "hooks/cpu-type.h"

static gboolean apply(Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(hook_get_root(hook), policy, error);

	return plan && hook_apply(hook, policy, plan, error);
}

/* It runs on every node of the cluster: only the new one is to be tuned, and the master knows the cluster. */
static gboolean run(Hook *hook, GError **error)
{
	gboolean is_new = hook_is_this_node(hook, hook_get(hook, "NODE_NAME"),
					    hook_get(hook, "NODE_PIP"));
	g_autoptr(GError) local = NULL;

	if (!is_new && !hook_is_master(hook))
		return TRUE;
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	if (!policy)
		return FALSE;
	gboolean is_tuned = !is_new || apply(hook, policy, error);
	gboolean has_default = hook_set_cluster_default(hook, policy, is_tuned ? error : &local);
	if (local)
		g_prefix_error(error, "%s; ", local->message);
	return is_tuned && has_default;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "node-add",
		.phase = "post",
		.summary = "Tune a node that joins the cluster as its policy says.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
