/* SPDX-License-Identifier: BSD-2-Clause */
/* After gnt-node add: the new node applies its policy; the master publishes records and the default CPU type. */
#include "hooks/apply.h"
#include "hooks/cpu-type.h"
#include "hooks/publish.h"

static gboolean apply_policy(Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(hook_get_root(hook), policy, error);

	return plan && hook_apply(hook, policy, plan, error);
}

/* The records come first: the CPU type that all nodes have in common is made of them. */
static gboolean tune_new_node(Hook *hook, GError **error)
{
	gboolean is_new = hook_is_this_node(hook, hook_get(hook, "NODE_NAME"),
					    hook_get(hook, "NODE_PIP"));
	GError *errors[3] = { NULL };

	/* Ganeti runs this hook on all nodes, but only the new node and the master have something to do. */
	if (!is_new && !hook_is_master(hook))
		return TRUE;
	hook_publish(hook, &errors[0]);
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[1]);
	if (policy && is_new)
		apply_policy(hook, policy, &errors[1]);
	if (policy)
		hook_set_cluster_default(hook, policy, &errors[2]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "node-add",
		.phase = "post",
		.summary = "Tune a node that joins the cluster as its policy says.",
		/* A new MTU is tried for up to links-deadline, by default 20 s, before it is kept or put back. */
		.deadline_s = 30,
		.run = tune_new_node,
	};

	return hook_main(&kind, argc, argv);
}
