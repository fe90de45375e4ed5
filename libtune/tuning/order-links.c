/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/tuning/order-links.h>
#include <libtune/host/links.h>

#define MTU "mtu"
/* A search goes through at most so many bridges on top of each other. */
#define MOST_BRIDGES 8

static gboolean would_change(const Step *step)
{
	return step->public.verdict == TUNE_VERDICT_WOULD_CHANGE && !step->is_final;
}

static gboolean is_raised(const Step *step)
{
	return atoi(step->public.want) > atoi(step->public.have);
}

/* First the MTUs that are lowered, from the top down; then those that are raised, from the bottom up. */
static gint compare_mtus(gconstpointer a, gconstpointer b)
{
	const Step *first = *(const Step *const *)a, *second = *(const Step *const *)b;

	if (is_raised(first) != is_raised(second))
		return is_raised(first) - is_raised(second);
	int by_depth = (int)first->depth - (int)second->depth;
	return is_raised(first) ? by_depth : -by_depth;
}

/* The sorted MTUs take the places in the plan that MTUs had before. */
static void sort_mtus(TunePlan *plan, GPtrArray *mtus)
{
	guint next = 0;

	g_ptr_array_sort(mtus, compare_mtus);
	for (guint i = 0; i < plan->steps->len; i++) {
		const Step *step = plan->steps->pdata[i];
		if (tune_param_is_mtu(step->public.param) && would_change(step))
			plan->steps->pdata[i] = mtus->pdata[next++];
	}
}

/* The MTU of @name after the steps before have been written. */
static guint64 expect_mtu(const TunePlan *plan, const GPtrArray *mtus, const char *name)
{
	for (guint i = 0; i < mtus->len; i++) {
		const Step *step = mtus->pdata[i];
		if (strcmp(step->public.object, name) == 0 && would_change(step))
			return g_ascii_strtoull(step->public.want, NULL, 10);
	}
	g_autofree char *path = tune_section_format_path(&tune_section_links, MTU, name);
	g_autofree char *shown = tune_plan_read(plan, &tune_section_links, path, NULL);
	return shown ? g_ascii_strtoull(shown, NULL, 10) : G_MAXUINT64;
}

/* An interface cannot have a larger MTU than one below it, except a bond, which sets its slaves itself. */
static void refuse_if_below_is_smaller(const TunePlan *plan, const GPtrArray *mtus, Step *step,
				       const TuneLink *link)
{
	if (!is_raised(step) || link->classes & TUNE_LINK_BOND)
		return;
	for (guint i = 0; i < link->lowers->len; i++) {
		const char *lower = link->lowers->pdata[i];
		guint64 mtu = expect_mtu(plan, mtus, lower);
		if (mtu >= g_ascii_strtoull(step->public.want, NULL, 10))
			continue;
		tune_step_finish(
			step, TUNE_VERDICT_REFUSED,
			g_strdup_printf("%s below it stays at %" G_GUINT64_FORMAT, lower, mtu));
		return;
	}
}

/*
 * A VLAN above @name whose MTU is larger than @want.  The kernel lowers it along with the interface below it, and never
 * raises it again.  A bridge between them follows its ports, unless its MTU was ever set, which the kernel does not show.
 */
static const TuneLink *find_larger_vlan(const TunePlan *plan, const GPtrArray *links,
					const GPtrArray *mtus, const char *name, guint64 want,
					guint64 *ret_mtu, guint limit)
{
	const TuneLink *found = NULL;

	for (guint i = 0; limit && !found && i < links->len; i++) {
		const TuneLink *above = links->pdata[i];
		if (!(above->classes & (TUNE_LINK_VLAN | TUNE_LINK_BRIDGE)) ||
		    !g_ptr_array_find_with_equal_func(above->lowers, name, g_str_equal, NULL))
			continue;
		*ret_mtu = expect_mtu(plan, mtus, above->name);
		if (*ret_mtu <= want || *ret_mtu == G_MAXUINT64)
			continue;
		found = above->classes & TUNE_LINK_VLAN
				? above
				: find_larger_vlan(plan, links, mtus, above->name, want, ret_mtu,
						   limit - 1);
	}
	return found;
}

static void refuse_if_vlan_is_larger(const TunePlan *plan, const GPtrArray *links,
				     const GPtrArray *mtus, Step *step)
{
	guint64 want = g_ascii_strtoull(step->public.want, NULL, 10), mtu;
	const TuneLink *vlan = is_raised(step)
				       ? NULL
				       : find_larger_vlan(plan, links, mtus, step->public.object,
							  want, &mtu, MOST_BRIDGES);

	if (vlan)
		tune_step_finish(
			step, TUNE_VERDICT_REFUSED,
			g_strdup_printf("%s on it stays at %" G_GUINT64_FORMAT, vlan->name, mtu));
}

static GPtrArray *list_mtus(const TunePlan *plan)
{
	GPtrArray *mtus = g_ptr_array_new();

	for (guint i = 0; i < plan->steps->len; i++) {
		Step *step = plan->steps->pdata[i];
		if (tune_param_is_mtu(step->public.param) && would_change(step))
			g_ptr_array_add(mtus, step);
	}
	return mtus;
}

static void prepare_mtus(TunePlan *plan)
{
	g_autoptr(GPtrArray) mtus = list_mtus(plan);
	const GPtrArray *links = mtus->len ? tune_facts_get_links(plan->facts, NULL) : NULL;

	if (!links)
		return;
	for (guint i = 0; i < mtus->len; i++) {
		Step *step = mtus->pdata[i];
		const TuneLink *link = tune_links_get(links, step->public.object);
		step->depth = link ? link->depth : 0;
		step->is_guarded = link &&
				   link->classes & (TUNE_LINK_REPLICATION | TUNE_LINK_PRIMARY);
	}
	sort_mtus(plan, mtus);
	for (guint i = 0; i < mtus->len; i++) {
		Step *step = mtus->pdata[i];
		const TuneLink *link = tune_links_get(links, step->public.object);
		if (link)
			refuse_if_below_is_smaller(plan, mtus, step, link);
		refuse_if_vlan_is_larger(plan, links, mtus, step);
	}
}

/* A revert puts back each feature as it was, so the group of several features needs no step. */
static void drop_groups(TunePlan *plan)
{
	for (guint i = plan->steps->len; i-- > 0;) {
		const Step *step = plan->steps->pdata[i];
		if (step->is_exact && would_change(step) &&
		    step->public.param->section == &tune_section_ethtool &&
		    tune_feature_is_group(step->key))
			g_ptr_array_remove_index(plan->steps, i);
	}
}

void tune_links_prepare(TunePlan *plan)
{
	prepare_mtus(plan);
	drop_groups(plan);
}
