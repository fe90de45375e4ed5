/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions for the files that read sections of a policy. */
#ifndef TUNE_POLICY_PARSE_H
#define TUNE_POLICY_PARSE_H

#include <libtune/tuning/policy.h>
#include <libtune/base/yaml.h>

TunePolicy *tune_policy_new(const char *file);
TuneRule *tune_rule_new(void);

/** tune_policy_parse_setting: add a setting of @section to @settings, an array of TuneSetting; one for each value. */
gboolean tune_policy_parse_setting(TuneYaml *yaml, const TuneSection *section,
				   const yaml_node_t *key_node, const yaml_node_t *value_node,
				   GPtrArray *settings, GError **error);

/**
 * The objects of the rules in a section.
 *
 * @noun: for messages: "a disk"
 * @get_class: the class that a word of match names, or 0; @get_nearest: the word that is probably meant, or NULL
 * @get_section: the section of the table that has a key of such a rule
 */
typedef struct {
	const char *noun;
	guint (*get_class)(const char *word);
	const char *(*get_nearest)(const char *word);
	const TuneSection *(*get_section)(const char *key);
} TuneRuleKind;

/** tune_policy_parse_rules: read a list of rules, and add them to @rules. */
gboolean tune_policy_parse_rules(TuneYaml *yaml, const yaml_node_t *node, const TuneRuleKind *kind,
				 GPtrArray *rules, GError **error);

typedef gboolean TuneParse(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			   GError **error);

/**
 * A key of a mapping.
 *
 * @parse: reads the value; NULL: the value is a mapping of settings of @section
 */
typedef struct {
	const char *key;
	TuneParse *parse;
	const TuneSection *section;
} TunePolicyKey;

/**
 * The keys that a mapping can have.
 *
 * @keys: a key without a name ends them
 * @section: all other keys are settings of this section, and are added to @settings; NULL: other keys are errors
 */
typedef struct {
	const TunePolicyKey *keys;
	const TuneSection *section;
	GPtrArray *settings;
} TunePolicyMapping;

gboolean tune_policy_parse_mapping(TuneYaml *yaml, const yaml_node_t *node,
				   const TunePolicyMapping *mapping, TunePolicy *policy,
				   GError **error);

/** tune_policy_parse_either: read one of two words; @ret_is_first: whether it is @first */
gboolean tune_policy_parse_either(TuneYaml *yaml, const yaml_node_t *node, const char *first,
				  const char *second, gboolean *ret_is_first, GError **error);

/** The sections that have a file of their own. */
TuneParse tune_policy_parse_cpu, tune_policy_parse_drbd, tune_policy_parse_guests,
	tune_policy_parse_links, tune_policy_parse_links_deadline;

/** tune_policy_fail_unknown: the error that @key is unknown, and that @nearest (or NULL) may be meant; always FALSE. */
gboolean tune_policy_fail_unknown(TuneYaml *yaml, const yaml_node_t *node, const char *key,
				  const char *nearest, GError **error);

#endif
