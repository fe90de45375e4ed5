/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a policy to what is wanted, section by section. */
#include <string.h>

#include <libtune/base/text.h>
#include <libtune/host/disks.h>
#include <libtune/tuning/policy-read.h>

/* ---- keys ---- */

gboolean tune_policy_parse_either(TuneYaml *yaml, const yaml_node_t *node, const char *first,
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

/* NULL, and what was probably meant, or NULL as well. */
static const TunePolicyKey *find_key(const TunePolicyKey *keys, const char *word,
				     const char **ret_nearest)
{
	guint best = 3;

	*ret_nearest = NULL;
	for (; keys->key; keys++) {
		guint distance = tune_edit_distance(keys->key, word);
		if (!distance)
			return keys;
		if (distance < best) {
			best = distance;
			*ret_nearest = keys->key;
		}
	}
	return NULL;
}

static gboolean parse_settings(TuneYaml *yaml, const yaml_node_t *node, const TuneSection *section,
			       TunePolicy *policy, GError **error)
{
	static const TunePolicyKey none = { NULL, NULL, NULL };
	const TunePolicyMapping mapping = { &none, section, policy->settings };

	return tune_policy_parse_mapping(yaml, node, &mapping, policy, error);
}

static gboolean parse_key(TuneYaml *yaml, const yaml_node_t *key_node, const yaml_node_t *value,
			  const TunePolicyMapping *mapping, TunePolicy *policy, GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, key_node, error), *nearest;

	if (!word)
		return FALSE;
	const TunePolicyKey *key = find_key(mapping->keys, word, &nearest);
	if (key)
		return key->parse ? key->parse(yaml, value, policy, error)
				  : parse_settings(yaml, value, key->section, policy, error);
	if (nearest || !mapping->section)
		return tune_policy_fail_unknown(yaml, key_node, word, nearest, error);
	return tune_policy_parse_setting(yaml, mapping->section, key_node, value, mapping->settings,
					 error);
}

gboolean tune_policy_parse_mapping(TuneYaml *yaml, const yaml_node_t *node,
				   const TunePolicyMapping *mapping, TunePolicy *policy,
				   GError **error)
{
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	if (!tune_yaml_iter_init(&iter, yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!parse_key(yaml, key, value, mapping, policy, error))
			return FALSE;
	return TRUE;
}

/* ---- rules ---- */

static gboolean parse_match(TuneYaml *yaml, const yaml_node_t *node, const TuneRuleKind *kind,
			    TuneRule *rule, GError **error)
{
	g_autoptr(GPtrArray) words = tune_yaml_get_words(yaml, node, error);

	if (!words)
		return FALSE;
	if (!words->len)
		return tune_yaml_fail(yaml, node, error, "match: needs at least one word");
	for (guint i = 0; i < words->len; i++) {
		const char *word = words->pdata[i];
		const char *bare = word + (*word == '!');
		const char *nearest = kind->get_class(bare) ? NULL : kind->get_nearest(bare);
		if (nearest)
			return tune_yaml_fail(yaml, node, error, "match: '%s', did you mean '%s'?",
					      word, nearest);
		if (!*bare || strchr(bare, '/'))
			return tune_yaml_fail(yaml, node, error,
					      "match: '%s' is not the name of %s", word,
					      kind->noun);
		g_ptr_array_add(rule->match, g_strdup(word));
	}
	return TRUE;
}

static gboolean parse_rule(TuneYaml *yaml, const yaml_node_t *node, const TuneRuleKind *kind,
			   TuneRule *rule, GError **error)
{
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	if (!tune_yaml_iter_init(&iter, yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value)) {
		const char *word = tune_yaml_get_scalar(yaml, key, error);
		if (!word)
			return FALSE;
		if (!(strcmp(word, "match") == 0
			      ? parse_match(yaml, value, kind, rule, error)
			      : tune_policy_parse_setting(yaml, kind->get_section(word), key, value,
							  rule->settings, error)))
			return FALSE;
	}
	if (!rule->match->len)
		return tune_yaml_fail(yaml, node, error, "a rule for %s needs 'match'", kind->noun);
	return TRUE;
}

gboolean tune_policy_parse_rules(TuneYaml *yaml, const yaml_node_t *node, const TuneRuleKind *kind,
				 GPtrArray *rules, GError **error)
{
	guint n_rules;

	if (!tune_yaml_get_length(yaml, node, &n_rules, error))
		return FALSE;
	for (guint i = 0; i < n_rules; i++) {
		TuneRule *rule = tune_rule_new();
		g_ptr_array_add(rules, rule);
		if (!parse_rule(yaml, tune_yaml_get_item(yaml, node, i), kind, rule, error))
			return FALSE;
	}
	return TRUE;
}

/* ---- sections ---- */

static const TuneSection *get_disk_section(const char *key G_GNUC_UNUSED)
{
	return &tune_section_disks;
}

static gboolean parse_disks(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			    GError **error)
{
	static const TuneRuleKind kind = { "a disk", tune_disk_class_from_word,
					   tune_disk_class_nearest, get_disk_section };

	return tune_policy_parse_rules(yaml, node, &kind, policy->rules, error);
}

static gboolean parse_version(TuneYaml *yaml, const yaml_node_t *node,
			      TunePolicy *policy G_GNUC_UNUSED, GError **error)
{
	const char *version = tune_yaml_get_scalar(yaml, node, error);

	if (!version)
		return FALSE;
	if (strcmp(version, "1") != 0)
		return tune_yaml_fail(yaml, node, error,
				      "version '%s' is not known, this program reads version 1",
				      version);
	return TRUE;
}

/* As vgcreate(8) would take it. */
static gboolean is_volume_group(const char *name)
{
	return *name && *name != '-' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+_.-")] == '\0';
}

static gboolean parse_volume_groups(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				    GError **error)
{
	g_autoptr(GPtrArray) groups = tune_yaml_get_words(yaml, node, error);

	if (!groups)
		return FALSE;
	for (guint i = 0; i < groups->len; i++)
		if (!is_volume_group(groups->pdata[i]))
			return tune_yaml_fail(yaml, node, error,
					      "volume-groups: '%s' is not the name of a group",
					      (const char *)groups->pdata[i]);
	g_ptr_array_set_size(policy->volume_groups, 0);
	g_ptr_array_extend_and_steal(policy->volume_groups, g_steal_pointer(&groups));
	return TRUE;
}

static const TunePolicyKey sections[] = {
	{ "version", parse_version, NULL },
	{ "volume-groups", parse_volume_groups, NULL },
	{ "sysctl", NULL, &tune_section_sysctl },
	{ "transparent_hugepage", NULL, &tune_section_thp },
	{ "ksm", NULL, &tune_section_ksm },
	{ "disks", parse_disks, NULL },
	{ "links", tune_policy_parse_links, NULL },
	{ "links-deadline", tune_policy_parse_links_deadline, NULL },
	{ "attributes", NULL, &tune_section_attributes },
	{ "cpu", tune_policy_parse_cpu, NULL },
	{ "drbd", tune_policy_parse_drbd, NULL },
	{ "guests", tune_policy_parse_guests, NULL },
	{ NULL, NULL, NULL },
};

TunePolicy *tune_policy_parse(const char *text, gsize length, const char *file, GError **error)
{
	g_autoptr(TuneYaml) yaml = tune_yaml_new(text, length, file, 0, error);

	if (!yaml)
		return NULL;
	g_autoptr(TunePolicy) policy = tune_policy_new(file);
	const TunePolicyMapping mapping = { sections, NULL, NULL };
	const yaml_node_t *top = tune_yaml_get_top(yaml);
	/* A file of comments alone asks for nothing. */
	if (top && !tune_policy_parse_mapping(yaml, top, &mapping, policy, error))
		return NULL;
	return g_steal_pointer(&policy);
}
