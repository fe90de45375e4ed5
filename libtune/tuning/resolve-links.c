/* SPDX-License-Identifier: BSD-2-Clause */
/* From rules for interfaces to steps: which of them are meant, and which may be touched. */
#include <libtune/base/error.h>
#include <libtune/host/links.h>
#include <libtune/tuning/resolve.h>

#define REPLICATION "replication"

static gboolean fits_link(gconstpointer link, const char *const *words)
{
	return tune_link_matches(link, words);
}

/* An administrator who has written the name, or "primary", knows what he is about to touch. */
static gboolean is_outspoken(const TunePolicy *policy, const TuneSetting *setting,
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

/* Why it must not be touched, or NULL.  Where the primary IP is not found, it may be on any of them. */
static const char *find_reserve(const GPtrArray *links, const TuneLink *link,
				const TuneSetting *setting, gboolean outspoken)
{
	if (tune_param_is_mtu(setting->param) && link->classes & TUNE_LINK_TAP)
		return "a running tap keeps its MTU; a new one gets that of its bridge";
	if (tune_param_is_mtu(setting->param) && link->classes & TUNE_LINK_GUESTS)
		return "guests are on it, and running taps keep their MTU";
	if (outspoken)
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
	g_autoptr(GPtrArray) chosen = tune_rules_choose(policy->link_rules, link, fits_link);

	for (guint i = 0; i < chosen->len; i++) {
		const TuneSetting *setting = chosen->pdata[i];
		if (tune_param_is_mtu(setting->param) != of_mtu)
			continue;
		gboolean outspoken = is_outspoken(policy, setting, link);
		Step *step = tune_plan_add_setting(plan, setting, setting->key, link->name);
		step->hands_off = g_strdup(find_reserve(links, link, setting, outspoken));
	}
}

/* A rule for what is not there must not pass for one that is fulfilled. */
static void add_unknown(TunePlan *plan, const TuneRule *rule)
{
	for (guint i = 0; i < rule->settings->len; i++) {
		const TuneSetting *setting = rule->settings->pdata[i];
		tune_step_bar(tune_plan_add_setting(plan, setting, setting->key, REPLICATION),
			      TUNE_VERDICT_UNKNOWN,
			      g_strdup("no interface has this node's secondary IP"));
	}
}

static void add_all(TunePlan *plan, const TunePolicy *policy, const GPtrArray *links)
{
	for (guint i = 0; i < links->len; i++)
		add_steps(plan, policy, links, links->pdata[i], TRUE);
	for (guint i = 0; i < links->len; i++)
		add_steps(plan, policy, links, links->pdata[i], FALSE);
	for (guint i = 0; i < policy->link_rules->len; i++) {
		const TuneRule *rule = policy->link_rules->pdata[i];
		if (!has_class(links, TUNE_LINK_REPLICATION) &&
		    g_strv_contains((const char *const *)rule->match->pdata, REPLICATION))
			add_unknown(plan, rule);
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
	if (links)
		add_all(plan, policy, links);
	if (!links && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return TRUE;
}

void tune_plan_ask_links(TunePlan *plan, const TuneParam *param, const char *key, GError **error)
{
	const GPtrArray *links = tune_facts_get_links(plan->facts, error);

	for (guint i = 0; links && i < links->len; i++) {
		const TuneLink *link = links->pdata[i];
		tune_plan_add(plan, tune_step_new(param, key, link->name, NULL, NULL));
	}
}
