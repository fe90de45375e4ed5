/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes steps for interfaces: finds those that are meant, and those that may not be changed. */
#include <libtune/base/error.h>
#include <libtune/host/links.h>
#include <libtune/tuning/resolve.h>

#define REPLICATION "replication"

static gboolean fits_link(gconstpointer link, const char *const *words)
{
	return tune_link_matches(link, words);
}

static const TuneRuleObjects objects = { "interface", fits_link, tune_link_class_from_word };

/* A rule that matches by name or by "primary" may change the management link. */
static gboolean names_link_explicitly(const TunePolicy *policy, const TuneSetting *setting,
				      const TuneLink *link)
{
	for (guint i = 0; i < policy->link_rules->len; i++) {
		const TuneRule *rule = policy->link_rules->pdata[i];
		const char *const *words = (const char *const *)rule->match->pdata;
		if (g_ptr_array_find(rule->settings, (gpointer)setting, NULL))
			return g_strv_contains(words, "primary") ||
			       g_strv_contains(words, link->name);
	}
	return FALSE;
}

static gboolean has_class(const GPtrArray *links, guint class)
{
	for (guint i = 0; i < links->len; i++)
		if (((const TuneLink *)links->pdata[i])->classes & class)
			return TRUE;
	return FALSE;
}

/* NULL: the interface may be changed.  When no interface has the primary IP, each may be the management link. */
static const char *get_read_only_reason(const GPtrArray *links, const TuneLink *link,
					const TuneSetting *setting, gboolean is_explicit)
{
	if (tune_param_is_mtu(setting->param) && link->classes & TUNE_LINK_TAP)
		return "a running tap keeps its MTU; a new one gets that of its bridge";
	if (tune_param_is_mtu(setting->param) && link->classes & TUNE_LINK_GUESTS)
		return "guests are on it, and running taps keep their MTU";
	if (is_explicit)
		return NULL;
	if (link->classes & TUNE_LINK_PRIMARY)
		return "carries the node's primary IP: only touched where match says 'primary' or its name";
	if (!has_class(links, TUNE_LINK_PRIMARY))
		return "no interface has the node's primary IP: only touched where match says its name";
	return NULL;
}

static void add_steps(TunePlan *plan, const TunePolicy *policy, const GPtrArray *links,
		      const TuneLink *link, gboolean of_mtu)
{
	g_autoptr(GPtrArray) chosen = tune_rules_choose(policy->link_rules, link, &objects);

	for (guint i = 0; i < chosen->len; i++) {
		const TuneSetting *setting = chosen->pdata[i];
		if (tune_param_is_mtu(setting->param) != of_mtu)
			continue;
		gboolean is_explicit = names_link_explicitly(policy, setting, link);
		Step *step = tune_plan_add_setting(plan, setting, setting->key, link->name);
		step->read_only_reason = g_strdup(
			get_read_only_reason(links, link, setting, is_explicit));
	}
}

/* Without a replication link, its rules are unknown and not fulfilled. */
static void add_unknown_steps(TunePlan *plan, const TuneRule *rule)
{
	for (guint i = 0; i < rule->settings->len; i++) {
		const TuneSetting *setting = rule->settings->pdata[i];
		tune_step_finish(tune_plan_add_setting(plan, setting, setting->key, REPLICATION),
				 TUNE_VERDICT_UNKNOWN,
				 g_strdup("no interface has this node's secondary IP"));
	}
}

static void add_all_steps(TunePlan *plan, const TunePolicy *policy, const GPtrArray *links)
{
	for (guint i = 0; i < links->len; i++)
		add_steps(plan, policy, links, links->pdata[i], TRUE);
	for (guint i = 0; i < links->len; i++)
		add_steps(plan, policy, links, links->pdata[i], FALSE);
	for (guint i = 0; i < policy->link_rules->len; i++) {
		const TuneRule *rule = policy->link_rules->pdata[i];
		if (!has_class(links, TUNE_LINK_REPLICATION) &&
		    g_strv_contains((const char *const *)rule->match->pdata, REPLICATION))
			add_unknown_steps(plan, rule);
	}
}

gboolean tune_plan_resolve_links(TunePlan *plan, const TunePolicy *policy, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (policy->guard_s)
		plan->guard_s = policy->guard_s;
	if (!policy->link_rules->len)
		return TRUE;
	const GPtrArray *links = tune_facts_get_links(plan->facts, &local);
	if (links) {
		add_all_steps(plan, policy, links);
		tune_plan_find_idle_rules(plan, policy->link_rules, links, &objects);
	}
	if (!links && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return TRUE;
}

void tune_plan_add_reading_links(TunePlan *plan, const TuneParam *param, const char *key,
				 GError **error)
{
	const GPtrArray *links = tune_facts_get_links(plan->facts, error);

	for (guint i = 0; links && i < links->len; i++) {
		const TuneLink *link = links->pdata[i];
		tune_plan_add(plan, tune_step_new(param, key, link->name, NULL, NULL));
	}
}
