/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/order-ksm.h>
#include <libtune/tuning/order-links.h>
#include <libtune/tuning/planner.h>
#include <libtune/tuning/resolve.h>

gboolean tune_plan_resolve(TunePlan *plan, const TunePolicy *policy, GError **error)
{
	tune_plan_resolve_host(plan, policy);
	if (!tune_plan_resolve_disks(plan, policy, error) ||
	    !tune_plan_resolve_links(plan, policy, error))
		return FALSE;
	tune_plan_resolve_drbd(plan, policy, NULL);
	return TRUE;
}

void tune_plan_prepare(TunePlan *plan)
{
	tune_plan_decide(plan);
	tune_ksm_prepare(plan);
	tune_links_prepare(plan);
}

TunePlan *tune_plan_new(TuneRoot *root, const TunePolicy *policy, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);

	if (!tune_plan_resolve(plan, policy, error))
		return NULL;
	tune_plan_prepare(plan);
	return g_steal_pointer(&plan);
}

TunePlan *tune_plan_new_devices(TuneRoot *root, const TunePolicy *policy,
				const char *const *volumes, GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);

	if (!tune_plan_resolve_disks(plan, policy, error))
		return NULL;
	tune_plan_resolve_drbd(plan, policy, volumes);
	tune_plan_prepare(plan);
	return g_steal_pointer(&plan);
}
