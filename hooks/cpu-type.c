/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "hooks/cpu-type.h"

#define TAG_KEEP "tune:cpu-type:keep"

static const char *or_none(const char *type)
{
	return *type ? type : "none";
}

gboolean hook_set_cpu_type(Hook *hook, const char *instance, const char *have, const char *want,
			   GError **error)
{
	const char *whose = instance ? instance : "the cluster";

	if (strcmp(have, want) == 0)
		return TRUE;
	if (!hook_is_dry_run(hook) &&
	    !tune_ganeti_set_cpu_type(hook_get_root(hook), instance, want, error)) {
		g_prefix_error(error, "cpu_type of %s stays %s: ", whose, or_none(have));
		return FALSE;
	}
	hook_log(
		hook,
		hook_is_dry_run(hook)
			? "cpu_type of %s: %s, was %s: would be submitted, for the next start of guests"
			: "cpu_type of %s: %s, was %s: submitted, for the next start of guests",
		whose, want, or_none(have));
	return TRUE;
}

/* Only the master changes it; a tag keeps an instance as it is. */
static gboolean may_change(const Hook *hook)
{
	const char *tags = hook_get(hook, "INSTANCE_TAGS");
	g_auto(GStrv) words = g_strsplit(tags ? tags : "", " ", -1);

	return hook_is_master(hook) && hook_get(hook, "INSTANCE_NAME") &&
	       g_strcmp0(hook_get(hook, "INSTANCE_HYPERVISOR"), "kvm") == 0 &&
	       !g_strv_contains((const char *const *)words, TAG_KEEP);
}

/* A type that an administrator has chosen stays, so look for that before the policy's type is worked out and may fail. */
static gboolean change_unless_chosen(Hook *hook, const TunePolicy *policy, GError **error)
{
	const char *name = hook_get(hook, "INSTANCE_NAME");
	const char *type = hook_get(hook, "INSTANCE_HV_cpu_type");
	const char *have = type ? type : "";
	g_autofree char *of_cluster = tune_ganeti_get_cpu_type(hook_get_root(hook), error);

	if (!of_cluster)
		return FALSE;
	/*
	 * Ganeti tells the type that an instance has, but not who has set it.  A chosen type that is the same as the
	 * cluster's default is taken for the default; one that comes from the defaults of an OS definition and differs
	 * from the cluster's is taken for a chosen one.
	 */
	if (!tune_cpu_type_is_same(have, of_cluster)) {
		hook_log(hook, "%s keeps the cpu_type it was given: %s", name, have);
		return TRUE;
	}
	g_autofree char *want = tune_cpu_type_of_policy(hook_get_root(hook), policy, have, error);
	return want && hook_set_cpu_type(hook, name, have, want, error);
}

gboolean hook_set_new_cpu_type(Hook *hook, const TunePolicy *policy, GError **error)
{
	return !may_change(hook) ||
	       strcmp(tune_policy_get_cpu(policy)->type, TUNE_CPU_TYPE_KEEP) == 0 ||
	       change_unless_chosen(hook, policy, error);
}

gboolean hook_set_cluster_default(Hook *hook, const TunePolicy *policy, GError **error)
{
	const TuneCpuPolicy *cpu = tune_policy_get_cpu(policy);
	TuneRoot *root = hook_get_root(hook);

	if (!hook_is_master(hook) || !cpu->sets_cluster_default ||
	    strcmp(cpu->type, TUNE_CPU_TYPE_KEEP) == 0)
		return TRUE;
	g_autofree char *have = tune_ganeti_get_cpu_type(root, error);
	g_autofree char *want = have ? tune_cpu_type_of_policy(root, policy, have, error) : NULL;
	return want && hook_set_cpu_type(hook, NULL, have, want, error);
}
