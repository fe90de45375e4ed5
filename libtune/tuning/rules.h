/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings of a policy that count for an object, in the order of the table. */
#ifndef TUNE_RULES_H
#define TUNE_RULES_H

#include <libtune/tuning/plan.h>

/** tune_settings_sort: array of @settings in the order of the table; unref it, not its elements. */
GPtrArray *tune_settings_sort(const GPtrArray *settings);

/** tune_settings_overlay: add @settings to @chosen; one replaces an earlier one for the same key. */
void tune_settings_overlay(GPtrArray *chosen, const GPtrArray *settings);

/**
 * How the rules of a section find their objects.
 *
 * @noun: what such an object is, for messages
 * @fits: whether @object is one that @words mean
 * @get_class: the class that a word names, or 0: then it is a name or a pattern
 */
typedef struct {
	const char *noun;
	gboolean (*fits)(gconstpointer object, const char *const *words);
	guint (*get_class)(const char *word);
} TuneRuleObjects;

/** tune_rules_choose: the settings of those of @rules that fit @object, in the order of the table; unref the array. */
GPtrArray *tune_rules_choose(const GPtrArray *rules, gconstpointer object,
			     const TuneRuleObjects *kind);

/**
 * tune_plan_find_idle_rules: add a finding for each of @rules that names an object and fits none of @objects.  A rule of
 * classes alone is silent: that a host has no such disk is no fault of a policy for many hosts.
 */
void tune_plan_find_idle_rules(TunePlan *plan, const GPtrArray *rules, const GPtrArray *objects,
			       const TuneRuleObjects *kind);

/** tune_plan_add_setting: add a step for @setting; @key takes the place of a "*" in its row. */
Step *tune_plan_add_setting(TunePlan *plan, const TuneSetting *setting, const char *key,
			    const char *object);

#endif
