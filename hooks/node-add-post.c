/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/cpu-type.h"
#include "hooks/publish.h"

/* Another apply may be at work for a moment. */
#define WAIT_MS 8000

static gboolean apply(Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(hook_get_root(hook), policy, error);

	if (!plan)
		return FALSE;
	if (hook_is_dry_run(hook)) {
		g_autofree char *text = hook_describe(plan);
		hook_log(hook, "policy %s: would change %u: %s", tune_policy_get_file(policy),
			 tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE), text);
		return TRUE;
	}
	if (!tune_plan_apply(plan, WAIT_MS, error))
		return FALSE;
	hook_log(hook, "policy %s: %u settings, %u changed", tune_policy_get_file(policy),
		 tune_plan_get_length(plan), tune_plan_count(plan, TUNE_VERDICT_CHANGED));
	if (tune_plan_is_fulfilled(plan))
		return TRUE;
	g_autofree char *text = hook_describe(plan);
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text);
	return FALSE;
}

/* The records come first: what all nodes have in common is made of them. */
static gboolean run(Hook *hook, GError **error)
{
	gboolean is_new = hook_is_this_node(hook, hook_get(hook, "NODE_NAME"),
					    hook_get(hook, "NODE_PIP"));
	GError *errors[3] = { NULL };

	/* It runs on every node of the cluster: only the new one is to be tuned, and the master knows the cluster. */
	if (!is_new && !hook_is_master(hook))
		return TRUE;
	hook_publish(hook, &errors[0]);
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[1]);
	if (policy && is_new)
		apply(hook, policy, &errors[1]);
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
		/* A new MTU has links-deadline, 20 s, to prove itself. */
		.deadline_s = 30,
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
