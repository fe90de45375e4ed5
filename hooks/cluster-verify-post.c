/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks/hook.h"

/* NULL when there is nothing to say, or an error. */
static char *describe_drbd(Hook *hook, const TunePolicy *policy, GError **error)
{
	g_autoptr(GPtrArray)
		findings = tune_policy_has_drbd(policy)
				   ? tune_drbd_check(hook_get_root(hook), policy, error)
				   : NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; findings && i < findings->len; i++) {
		g_autofree char *line = tune_drbd_finding_format(findings->pdata[i]);
		g_string_append_printf(text, "%s; ", line);
	}
	return text->len ? g_strconcat(text->str, "see gnt-tune drbd", NULL) : NULL;
}

/* A dry run is no different: verifying writes nothing. */
static gboolean run(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	g_autoptr(TunePlan) plan = policy ? tune_plan_new(hook_get_root(hook), policy, error)
					  : NULL;
	g_autoptr(GError) local = NULL;

	if (!plan)
		return FALSE;
	g_autofree char *drifted = tune_plan_is_fulfilled(plan) ? NULL : hook_describe(plan);
	g_autofree char *drbd = describe_drbd(hook, policy, &local);
	const char *found = local ? local->message : drbd;
	if (!drifted && !found)
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_REFUSED, "%s%s%s", drifted ? drifted : "",
		    drifted && found ? "; " : "", found ? found : "");
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
