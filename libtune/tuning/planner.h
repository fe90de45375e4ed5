/* SPDX-License-Identifier: BSD-2-Clause */
/* Look and decide: the steps of a plan are found, held against the host, and put in the order of writes. */
#ifndef TUNE_PLANNER_H
#define TUNE_PLANNER_H

#include <libtune/tuning/plan.h>

/** Add the steps that @policy asks of this host.  FALSE when it cannot be found out what they are. */
gboolean tune_plan_resolve(TunePlan *plan, const TunePolicy *policy, GError **error);

/** Read what every step is about, decide how it stands, and make of them what the kernel will take. */
void tune_plan_look(TunePlan *plan);

#endif
