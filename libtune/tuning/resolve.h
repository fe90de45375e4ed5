/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes steps from a policy: finds the objects that are meant, and the values for each. */
#ifndef TUNE_RESOLVE_H
#define TUNE_RESOLVE_H

#include <libtune/tuning/rules.h>

/** tune_plan_resolve_host: add the steps for values that the host has once. */
void tune_plan_resolve_host(TunePlan *plan, const TunePolicy *policy);

/** tune_plan_resolve_disks: add the steps of the rules for disks.  FALSE when the disks cannot be found. */
gboolean tune_plan_resolve_disks(TunePlan *plan, const TunePolicy *policy, GError **error);

/** tune_plan_resolve_links: add the steps of the rules for interfaces.  FALSE when these cannot be found. */
gboolean tune_plan_resolve_links(TunePlan *plan, const TunePolicy *policy, GError **error);

/** tune_plan_resolve_drbd: add the steps for DRBD's minors.  @volumes: as tune_plan_new_devices() */
void tune_plan_resolve_drbd(TunePlan *plan, const TunePolicy *policy, const char *const *volumes);

/** Add a step for each object that only reads the current value of @key; @error: the objects could not be found. */
void tune_plan_add_reading_disks(TunePlan *plan, const TuneParam *param, const char *key,
				 GError **error);
void tune_plan_add_reading_links(TunePlan *plan, const TuneParam *param, const char *key,
				 GError **error);
void tune_plan_add_reading_drbd(TunePlan *plan, const TuneParam *param, const char *key,
				GError **error);

#endif
