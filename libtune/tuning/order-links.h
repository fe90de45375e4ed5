/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plan has to know of network interfaces: which of them may be touched, and in which order. */
#ifndef TUNE_LINKS_PLAN_H
#define TUNE_LINKS_PLAN_H

#include <libtune/tuning/plan.h>

/** Add the steps that the rules for interfaces ask for. */
gboolean tune_links_resolve(TunePlan *plan, const TunePolicy *policy, GError **error);

/** Add the question how @key of @param stands on every interface; @error: they could not be found. */
void tune_links_add_questions(TunePlan *plan, const TuneParam *param, const char *key,
			      GError **error);

/** Once all steps are decided: put MTUs in order, and take out what cannot be or is done by others. */
void tune_links_prepare(TunePlan *plan);

#endif
