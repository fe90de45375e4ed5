/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy says of CPUs: the gate for migrations, and the cpu_type of guests. */
#include <string.h>

#include <libtune/policy-parse.h>

/* Of a key that takes one of two words: whether it is the first. */
static gboolean parse_either(TuneYaml *yaml, const yaml_node_t *node, const char *first,
			     const char *second, gboolean *ret_is_first, GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, node, error);

	if (!word)
		return FALSE;
	if (strcmp(word, first) != 0 && strcmp(word, second) != 0)
		return tune_yaml_fail(yaml, node, error, "'%s' is neither '%s' nor '%s'", word,
				      first, second);
	*ret_is_first = strcmp(word, first) == 0;
	return TRUE;
}

static gboolean parse_gate(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
			   GError **error)
{
	return parse_either(yaml, node, "on", "off", &cpu->is_gate_on, error);
}

static gboolean parse_unknown(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
			      GError **error)
{
	return parse_either(yaml, node, "refuse", "warn", &cpu->is_unknown_refused, error);
}

static gboolean parse_cluster_default(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
				      GError **error)
{
	return parse_either(yaml, node, "yes", "no", &cpu->sets_cluster_default, error);
}

/* Without the feature the guest crashes: only what it can live without may be waived. */
static gboolean parse_allow(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
			    GError **error)
{
	g_autoptr(GPtrArray) words = tune_yaml_get_words(yaml, node, error);

	if (!words)
		return FALSE;
	for (guint i = 0; i < words->len; i++) {
		guint waiver = tune_cpu_waiver_from_name(words->pdata[i]);
		if (!waiver)
			return tune_yaml_fail(yaml, node, error,
					      "'%s' cannot be allowed; 'security' and 'nested' can",
					      (char *)words->pdata[i]);
		cpu->waivers |= waiver;
	}
	return TRUE;
}

/* A value of Ganeti's hypervisor parameter cpu_type, or one of our words. */
static gboolean parse_type(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
			   GError **error)
{
	const char *type = tune_yaml_get_scalar(yaml, node, error);

	if (!type)
		return FALSE;
	if (!*type || *type == '-' || strpbrk(type, " \"'\\"))
		return tune_yaml_fail(yaml, node, error, "'%s' is not a CPU type", type);
	g_free(cpu->type);
	cpu->type = g_strdup(type);
	return TRUE;
}

static const struct {
	const char *key;
	gboolean (*parse)(TuneYaml *yaml, const yaml_node_t *node, TuneCpuPolicy *cpu,
			  GError **error);
} keys[] = {
	{ "gate", parse_gate },
	{ "unknown", parse_unknown },
	{ "allow", parse_allow },
	{ "type", parse_type },
	{ "cluster-default", parse_cluster_default },
};

static gboolean parse_key(TuneYaml *yaml, const yaml_node_t *key_node, const yaml_node_t *value,
			  TuneCpuPolicy *cpu, GError **error)
{
	const char *key = tune_yaml_get_scalar(yaml, key_node, error);
	const char *nearest = NULL;

	if (!key)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].parse(yaml, value, cpu, error);
		if (tune_edit_distance(keys[i].key, key) < 3)
			nearest = keys[i].key;
	}
	return tune_policy_fail_unknown(yaml, key_node, key, nearest, error);
}

TuneCpuVerdict tune_cpu_policy_settle(const TuneCpuPolicy *policy, TuneCpuVerdict verdict)
{
	return verdict == TUNE_CPU_DOUBT && !policy->is_unknown_refused ? TUNE_CPU_WARN : verdict;
}

gboolean tune_policy_parse_cpu(TuneYaml *yaml, const yaml_node_t *node,
			       const TuneSection *section G_GNUC_UNUSED, TunePolicy *policy,
			       GError **error)
{
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	if (!tune_yaml_iter_init(&iter, yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!parse_key(yaml, key, value, &policy->cpu, error))
			return FALSE;
	return TRUE;
}
