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
			     const TuneRuleObjects *kind)
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();

	for (guint i = 0; i < rules->len; i++) {
		const TuneRule *rule = rules->pdata[i];
		if (kind->fits(object, (const char *const *)rule->match->pdata))
			tune_settings_overlay(chosen, rule->settings);
	}
	return tune_settings_sort(chosen);
}

/* ---- rules without an object ---- */

/* A word that is neither a class nor the opposite of something, or NULL */
static const char *get_name(const TuneRule *rule, const TuneRuleObjects *kind)
{
	for (guint i = 0; i < rule->match->len; i++) {
		const char *word = rule->match->pdata[i];
		if (*word != '!' && !kind->get_class(word))
			return word;
	}
	return NULL;
}

static gboolean fits_any(const TuneRule *rule, const GPtrArray *objects,
			 const TuneRuleObjects *kind)
{
	for (guint i = 0; i < objects->len; i++)
		if (kind->fits(objects->pdata[i], (const char *const *)rule->match->pdata))
			return TRUE;
	return FALSE;
}

void tune_plan_find_idle_rules(TunePlan *plan, const GPtrArray *rules, const GPtrArray *objects,
			       const TuneRuleObjects *kind)
{
	for (guint i = 0; i < rules->len; i++) {
		const TuneRule *rule = rules->pdata[i];
		const char *name = get_name(rule, kind);
		if (!name || fits_any(rule, objects, kind))
			continue;
		const char *hint = strpbrk(name, "[]{}") ? "; patterns know only * and ?" : "";
		g_ptr_array_add(plan->findings,
				g_strdup_printf("%s: match '%s' fits no %s here%s", rule->origin,
						name, kind->noun, hint));
	}
}
