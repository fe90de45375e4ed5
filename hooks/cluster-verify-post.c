/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/hook.h"

static void verify_settings(const Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	g_autoptr(TunePlan) plan = policy ? tune_plan_new(hook_get_root(hook), policy, error)
					  : NULL;

	if (!plan || tune_plan_is_fulfilled(plan))
		return;
	g_autofree char *text = hook_describe(plan);
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text);
}

/* Whether there must be one, gnt-tune cluster verify knows: not every node runs guests under KVM. */
static void verify_record(const Hook *hook, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(TuneCpu)
		record = tune_cpu_load_promise(hook_get_root(hook), hook_get_node(hook), &local);

	if (!record && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		g_propagate_error(error, g_steal_pointer(&local));
	else if (record && !tune_cpu_is_current(record, hook_get_root(hook), TUNE_CPU_QEMU_BINARY))
		g_set_error(error, TUNE_ERROR, TUNE_ERROR_REFUSED,
			    "its CPU record is stale; see gnt-tune cpu publish on the master");
}

/* A dry run is no different: verifying writes nothing. */
static gboolean run(Hook *hook, GError **error)
{
	GError *errors[2] = { NULL };

	verify_settings(hook, &errors[0]);
	verify_record(hook, &errors[1]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
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
