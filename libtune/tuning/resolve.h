/* SPDX-License-Identifier: BSD-2-Clause */
/* From a policy to steps: which objects are meant, and what each is to be set to. */
#ifndef TUNE_RESOLVE_H
#define TUNE_RESOLVE_H

#include <libtune/tuning/rules.h>

/** Add the steps for what the host has once. */
void tune_plan_resolve_host(TunePlan *plan, const TunePolicy *policy);

/** Those that the rules for disks ask for.  FALSE when it cannot be found out what they are. */
gboolean tune_plan_resolve_disks(TunePlan *plan, const TunePolicy *policy, GError **error);

/** Those that the rules for interfaces ask for.  FALSE when it cannot be found out what they are. */
gboolean tune_plan_resolve_links(TunePlan *plan, const TunePolicy *policy, GError **error);

/** Those for DRBD's minors; see tune_plan_new_devices() for @volumes, NULL: all. */
void tune_plan_resolve_drbd(TunePlan *plan, const TunePolicy *policy, const char *const *volumes);

/** Add a step that only asks how @key of @param stands, for each object; @error: they could not be found. */
void tune_plan_ask_disks(TunePlan *plan, const TuneParam *param, const char *key, GError **error);
void tune_plan_ask_links(TunePlan *plan, const TuneParam *param, const char *key, GError **error);
void tune_plan_ask_drbd(TunePlan *plan, const TuneParam *param, const char *key, GError **error);

#endif
