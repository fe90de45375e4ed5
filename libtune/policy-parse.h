/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that read policies share. */
#ifndef TUNE_POLICY_PARSE_H
#define TUNE_POLICY_PARSE_H

#include <libtune/policy.h>
#include <libtune/yaml.h>

TunePolicy *tune_policy_new(const char *file);
TuneRule *tune_rule_new(void);

/** Add one setting of @section to @settings, an array of TuneSetting, in which nothing may be set twice. */
gboolean tune_policy_parse_setting(TuneYaml *yaml, const TuneSection *section,
				   const yaml_node_t *key_node, const yaml_node_t *value_node,
				   GPtrArray *settings, GError **error);

/**
 * What the rules of a section are about.
 *
 * @noun: of what is matched, for messages
 * @get_class: of a word of match, 0 when it is none; @get_nearest: what it was probably meant to be, or NULL
 * @get_section: where a key of such a rule belongs
 */
typedef struct {
	const char *noun;
	guint (*get_class)(const char *word);
	const char *(*get_nearest)(const char *word);
	const TuneSection *(*get_section)(const char *key);
} TuneRuleKind;

/** A list of rules, added to @rules. */
gboolean tune_policy_parse_rules(TuneYaml *yaml, const yaml_node_t *node, const TuneRuleKind *kind,
				 GPtrArray *rules, GError **error);

/** The sections "links" and "links-deadline". */
gboolean tune_policy_parse_links(TuneYaml *yaml, const yaml_node_t *node,
				 const TuneSection *section, TunePolicy *policy, GError **error);
gboolean tune_policy_parse_links_deadline(TuneYaml *yaml, const yaml_node_t *node,
					  const TuneSection *section, TunePolicy *policy,
					  GError **error);

/** The section "cpu". */
gboolean tune_policy_parse_cpu(TuneYaml *yaml, const yaml_node_t *node, const TuneSection *section,
			       TunePolicy *policy, GError **error);

/** The section "drbd". */
gboolean tune_policy_parse_drbd(TuneYaml *yaml, const yaml_node_t *node, const TuneSection *section,
				TunePolicy *policy, GError **error);

/** Raise that @key is unknown, and that @nearest (or NULL) may be meant; always FALSE. */
gboolean tune_policy_fail_unknown(TuneYaml *yaml, const yaml_node_t *node, const char *key,
				  const char *nearest, GError **error);

#endif
