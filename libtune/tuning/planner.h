/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a plan: finds its steps, compares them with the host, and puts them in the order of writes. */
#ifndef TUNE_PLANNER_H
#define TUNE_PLANNER_H

#include <libtune/tuning/plan.h>

/** tune_plan_resolve: add the steps that @policy asks of this host.  FALSE when the objects cannot be found. */
gboolean tune_plan_resolve(TunePlan *plan, const TunePolicy *policy, GError **error);

/** tune_plan_prepare: read all steps, set their verdicts, and put them in an order that the kernel accepts. */
void tune_plan_prepare(TunePlan *plan);

#endif
