/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that read policies share. */
#ifndef TUNE_POLICY_PARSE_H
#define TUNE_POLICY_PARSE_H

#include <libtune/tuning/policy.h>
#include <libtune/base/yaml.h>

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

typedef gboolean TuneParse(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			   GError **error);

/**
 * A key of a mapping.
 *
 * @parse: reads its value; NULL: that is a mapping of settings, of @section
 */
typedef struct {
	const char *key;
	TuneParse *parse;
	const TuneSection *section;
} TunePolicyKey;

/**
 * What a mapping can hold.
 *
 * @keys: one without a name ends them
 * @section: all other keys are settings of it, added to @settings; NULL: there are no others
 */
typedef struct {
	const TunePolicyKey *keys;
	const TuneSection *section;
	GPtrArray *settings;
} TunePolicyMapping;

gboolean tune_policy_parse_mapping(TuneYaml *yaml, const yaml_node_t *node,
				   const TunePolicyMapping *mapping, TunePolicy *policy,
				   GError **error);

/** The value of a key that is one of two words: whether it is @first. */
gboolean tune_policy_parse_either(TuneYaml *yaml, const yaml_node_t *node, const char *first,
				  const char *second, gboolean *ret_is_first, GError **error);

/** The sections that have a file of their own. */
TuneParse tune_policy_parse_cpu, tune_policy_parse_drbd, tune_policy_parse_guests,
	tune_policy_parse_links, tune_policy_parse_links_deadline;

/** Raise that @key is unknown, and that @nearest (or NULL) may be meant; always FALSE. */
gboolean tune_policy_fail_unknown(TuneYaml *yaml, const yaml_node_t *node, const char *key,
				  const char *nearest, GError **error);

#endif
