/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/tuning/rules.h>

static gint compare_rows(gconstpointer a, gconstpointer b)
{
	const TuneSetting *first = *(const TuneSetting *const *)a;
	const TuneSetting *second = *(const TuneSetting *const *)b;

	return first->param < second->param ? -1 : first->param > second->param;
}

GPtrArray *tune_settings_sort(const GPtrArray *settings)
{
	GPtrArray *sorted = g_ptr_array_new();

	for (guint i = 0; i < settings->len; i++)
		g_ptr_array_add(sorted, settings->pdata[i]);
	g_ptr_array_sort(sorted, compare_rows);
	return sorted;
}

Step *tune_plan_add_setting(TunePlan *plan, const TuneSetting *setting, const char *key,
			    const char *object)
{
	return tune_plan_add(
		plan, tune_step_new(setting->param, key, object, setting->want, setting->origin));
}

/* A setting of a later rule replaces one of an earlier rule for the same key. */
void tune_settings_overlay(GPtrArray *chosen, const GPtrArray *settings)
{
	for (guint i = 0; i < settings->len; i++) {
		TuneSetting *setting = settings->pdata[i];
		guint j = 0;
		while (j < chosen->len &&
		       strcmp(((TuneSetting *)chosen->pdata[j])->key, setting->key) != 0)
			j++;
		if (j < chosen->len)
			chosen->pdata[j] = setting;
		else
			g_ptr_array_add(chosen, setting);
	}
}

GPtrArray *tune_rules_choose(const GPtrArray *rules, gconstpointer object,
			     gboolean (*fits)(gconstpointer object, const char *const *words))
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();

	for (guint i = 0; i < rules->len; i++) {
		const TuneRule *rule = rules->pdata[i];
		if (fits(object, (const char *const *)rule->match->pdata))
			tune_settings_overlay(chosen, rule->settings);
	}
	return tune_settings_sort(chosen);
}
