/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of a policy on network interfaces. */
#include <libtune/host/links.h>
#include <libtune/tuning/policy-read.h>

#define LONGEST_DEADLINE_S 600

static const TuneSection *get_section(const char *key)
{
	return g_str_has_prefix(key, "feature/") || g_str_has_prefix(key, "ring/")
		       ? &tune_section_ethtool
		       : &tune_section_links;
}

gboolean tune_policy_parse_links(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				 GError **error)
{
	static const TuneRuleKind kind = { "an interface", tune_link_class_from_word,
					   tune_link_class_nearest, get_section };

	return tune_policy_parse_rules(yaml, node, &kind, policy->link_rules, error);
}

gboolean tune_policy_parse_links_deadline(TuneYaml *yaml, const yaml_node_t *node,
					  TunePolicy *policy, GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, node, error);
	guint64 seconds;

	if (!word)
		return FALSE;
	if (!g_ascii_string_to_unsigned(word, 10, 2, LONGEST_DEADLINE_S, &seconds, NULL))
		return tune_yaml_fail(yaml, node, error, "links-deadline: '%s' is not in 2..%d",
				      word, LONGEST_DEADLINE_S);
	policy->guard_s = (guint)seconds;
	return TRUE;
}
