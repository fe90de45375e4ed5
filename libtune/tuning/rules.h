/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings of a policy that count for an object, in the order of the table. */
#ifndef TUNE_RULES_H
#define TUNE_RULES_H

#include <libtune/tuning/plan.h>

/** tune_settings_sort: array of @settings in the order of the table; unref it, not its elements. */
GPtrArray *tune_settings_sort(const GPtrArray *settings);

/** tune_settings_overlay: add @settings to @chosen; one replaces an earlier one for the same key. */
void tune_settings_overlay(GPtrArray *chosen, const GPtrArray *settings);

/** tune_rules_choose: the settings of those of @rules that fit @object, in the order of the table; unref the array. */
GPtrArray *tune_rules_choose(const GPtrArray *rules, gconstpointer object,
			     gboolean (*fits)(gconstpointer object, const char *const *words));

/** tune_plan_add_setting: add a step for @setting; @key takes the place of a "*" in its row. */
Step *tune_plan_add_setting(TunePlan *plan, const TuneSetting *setting, const char *key,
			    const char *object);

#endif
