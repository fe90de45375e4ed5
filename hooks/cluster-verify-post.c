/* SPDX-License-Identifier: BSD-2-Clause */
/* What gnt-cluster verify tells of a node: settings, DRBD options and CPU record.  Writes nothing. */
#include "hooks/hook.h"

static void verify_settings(const Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(hook_get_root(hook), policy, error);

	if (!plan)
		return;
	const GPtrArray *findings = tune_plan_get_findings(plan);
	g_autofree char *text = tune_plan_is_fulfilled(plan) ? NULL : hook_describe(plan);
	if (text)
		g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text);
	else if (findings->len)
		g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, findings->pdata[0]);
}

static void verify_drbd(const Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(TuneFacts) facts = tune_facts_new(hook_get_root(hook));
	g_autoptr(GPtrArray) findings = tune_policy_has_drbd(policy)
						? tune_drbd_check(facts, policy, error)
						: NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; findings && i < findings->len; i++) {
		g_autofree char *line = tune_drbd_finding_format(findings->pdata[i]);
		g_string_append_printf(text, "%s%s", i ? "; " : "", line);
	}
	if (text->len)
		g_set_error(error, TUNE_ERROR, TUNE_ERROR_REFUSED, "%s; see gnt-tune drbd",
			    text->str);
}

/*
 * A node without a record is no fault here, since not every node runs guests under KVM; `gnt-tune cluster verify`
 * knows which ones need it.
 */
static void verify_record(const Hook *hook, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(TuneCpu) record = tune_cpu_load_node_record(hook_get_root(hook),
							      hook_get_node(hook), &local);
	g_autofree char *qemu = tune_cpu_find_qemu(hook_get_root(hook));

	if (!record && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		g_propagate_error(error, g_steal_pointer(&local));
	else if (record && !tune_cpu_is_current(record, hook_get_root(hook), qemu))
		g_set_error(error, TUNE_ERROR, TUNE_ERROR_REFUSED,
			    "its CPU record is stale: run gnt-tune cpu publish on the master");
}

/* A dry run is no different: verifying writes nothing. */
static gboolean verify_node(Hook *hook, GError **error)
{
	GError *errors[3] = { NULL };
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, &errors[0]);

	if (policy) {
		verify_settings(hook, policy, &errors[0]);
		verify_drbd(hook, policy, &errors[1]);
	}
	verify_record(hook, &errors[2]);
	return hook_join_errors(errors, G_N_ELEMENTS(errors), error);
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "cluster-verify",
		.phase = "post",
		.summary =
			"Report to gnt-cluster verify what on this node is not as its policy says.",
		.failure = "drifted",
		.message_id = "55013525764d45108a9ffb7ba8105c0a",
		.run = verify_node,
	};

	return hook_main(&kind, argc, argv);
}
