/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of a policy's settings count for an object, and in which order. */
#ifndef TUNE_RULES_H
#define TUNE_RULES_H

#include <libtune/tuning/plan.h>

/** Array of @settings in the order of the table; unref it, not its elements. */
GPtrArray *tune_settings_sort(const GPtrArray *settings);

/** Add @settings to those @chosen so far: one takes the place of an earlier one for the same key. */
void tune_settings_overlay(GPtrArray *chosen, const GPtrArray *settings);

/** The settings of those of @rules that fit @object, in the order of the table; unref it, not its elements. */
GPtrArray *tune_rules_choose(const GPtrArray *rules, gconstpointer object,
			     gboolean (*fits)(gconstpointer object, const char *const *words));

/** Add one step for @setting: its row with @key in place of a "*". */
Step *tune_plan_add_setting(TunePlan *plan, const TuneSetting *setting, const char *key,
			    const char *object);

#endif
