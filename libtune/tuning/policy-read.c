/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the parts of which sections of a policy consist: keys, mappings, rules. */
#include <string.h>

#include <libtune/base/text.h>
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

/* NULL for an unknown key; @ret_nearest: then the one that is probably meant, or NULL */
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

	rule->origin = tune_yaml_format_place(yaml, node);
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
