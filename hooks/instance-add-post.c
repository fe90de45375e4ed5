/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "hooks/apply.h"
#include "hooks/cpu-type.h"

#define TAG_KEEP "tune:cpu-type:keep"

/* The master changes it; a guest that is to keep its type says so by a tag. */
static gboolean is_to_be_changed(const Hook *hook)
{
	const char *tags = hook_get(hook, "INSTANCE_TAGS");
	g_auto(GStrv) words = g_strsplit(tags ? tags : "", " ", -1);

	return hook_is_master(hook) && hook_get(hook, "INSTANCE_NAME") &&
	       g_strcmp0(hook_get(hook, "INSTANCE_HYPERVISOR"), "kvm") == 0 &&
	       !g_strv_contains((const char *const *)words, TAG_KEEP);
}

/* What an administrator has chosen for this guest stands, whatever else may be wrong. */
static gboolean change(Hook *hook, const TunePolicy *policy, GError **error)
{
	const char *name = hook_get(hook, "INSTANCE_NAME");
	const char *type = hook_get(hook, "INSTANCE_HV_cpu_type");
	const char *have = type ? type : "";
	g_autofree char *of_cluster = tune_ganeti_get_cpu_type(hook_get_root(hook), error);

	if (!of_cluster)
		return FALSE;
	if (!hook_is_default_cpu_type(have, of_cluster)) {
		hook_log(hook, "%s keeps the cpu_type it was given: %s", name, have);
		return TRUE;
	}
	g_autofree char *want = tune_cpu_type_of_policy(hook_get_root(hook), policy, error);
	return want && hook_set_cpu_type(hook, name, have, want, error);
}

/* First the job, which takes its turn behind others; then the devices, on each node that has some. */
static gboolean run(Hook *hook, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(hook_get_root(hook), NULL, error);
	g_autoptr(GError) local = NULL;

	if (!policy)
		return FALSE;
	gboolean is_kept = !is_to_be_changed(hook) ||
			   strcmp(tune_policy_get_cpu(policy)->type, TUNE_CPU_TYPE_KEEP) == 0;
	gboolean has_type = is_kept || change(hook, policy, error);
	gboolean is_tuned = hook_apply_devices(hook, policy, has_type ? error : &local);
	if (local)
		g_prefix_error(error, "%s; ", local->message);
	return has_type && is_tuned;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "instance-add",
		.phase = "post",
		.summary = "Give a new guest the CPU type that the policy asks for, and tune "
			   "its disks.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
