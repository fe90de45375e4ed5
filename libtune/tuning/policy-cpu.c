/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of a policy on CPUs: the gate for migrations, and the cpu_type of guests. */
#include <string.h>

#include <libtune/tuning/policy-read.h>

static gboolean parse_gate(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			   GError **error)
{
	return tune_policy_parse_either(yaml, node, "on", "off", &policy->cpu.is_gate_on, error);
}

static gboolean parse_unknown(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			      GError **error)
{
	return tune_policy_parse_either(yaml, node, "refuse", "warn",
					&policy->cpu.is_unknown_refused, error);
}

static gboolean parse_cluster_default(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				      GError **error)
{
	return tune_policy_parse_either(yaml, node, "yes", "no", &policy->cpu.sets_cluster_default,
					error);
}

/* Only classes can be waived without which a guest does not crash. */
static gboolean parse_allow(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			    GError **error)
{
	g_autoptr(GPtrArray) words = tune_yaml_get_words(yaml, node, error);

	if (!words)
		return FALSE;
	for (guint i = 0; i < words->len; i++) {
		guint waiver = tune_cpu_waiver_from_name(words->pdata[i]);
		if (!waiver)
			return tune_yaml_fail(
				yaml, node, error,
				"'%s' cannot be allowed; 'security', 'nested' and 'pmu' can",
				(char *)words->pdata[i]);
		policy->cpu.waivers |= waiver;
	}
	return TRUE;
}

/* A value of Ganeti's hypervisor parameter cpu_type, or TUNE_CPU_TYPE_KEEP or TUNE_CPU_TYPE_BASELINE. */
static gboolean parse_type(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			   GError **error)
{
	const char *type = tune_yaml_get_scalar(yaml, node, error);

	if (!type)
		return FALSE;
	if (!*type || *type == '-' || strpbrk(type, " \"'\\"))
		return tune_yaml_fail(yaml, node, error, "'%s' is not a CPU type", type);
	g_free(policy->cpu.type);
	policy->cpu.type = g_strdup(type);
	return TRUE;
}

TuneCpuVerdict tune_cpu_policy_judge(const TuneCpuPolicy *policy, TuneCpuVerdict verdict)
{
	return verdict == TUNE_CPU_VERDICT_UNKNOWN && !policy->is_unknown_refused ? TUNE_CPU_WARN
										  : verdict;
}

gboolean tune_policy_parse_cpu(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			       GError **error)
{
	static const TunePolicyKey keys[] = {
		{ "gate", parse_gate, NULL },
		{ "unknown", parse_unknown, NULL },
		{ "allow", parse_allow, NULL },
		{ "type", parse_type, NULL },
		{ "cluster-default", parse_cluster_default, NULL },
		{ NULL, NULL, NULL },
	};
	const TunePolicyMapping mapping = { keys, NULL, NULL };

	return tune_policy_parse_mapping(yaml, node, &mapping, policy, error);
}
