/* SPDX-License-Identifier: BSD-2-Clause */
/* What plan, apply, verify and revert share: to load a host and its policy, and to print a plan. */
#ifndef GNT_TUNE_STEPS_H
#define GNT_TUNE_STEPS_H

#include <stdio.h>

#include "gnt-tune/table.h"

/** Whether a step gets a row without --verbose; tune_step_is_fault() is such a filter. */
typedef gboolean StepFilter(const TuneStep *step);
StepFilter step_is_not_same;

/** Opens the host and loads its policy, as the options name them. */
gboolean steps_load(const Options *options, TuneRoot **ret_root, TunePolicy **ret_policy,
		    GError **error);

/**
 * Prints rows to standard output and reasons to standard error; without --json and --separator also how many settings
 * have which verdict, to @count.
 */
gboolean steps_print(const TunePlan *plan, const Options *options, StepFilter *filter, FILE *count,
		     GError **error);

/** Prints to standard error which of DRBD's options contradict each other, and counts them in @ret_n. */
gboolean findings_print(TuneFacts *facts, const TunePolicy *policy, guint *ret_n, GError **error);

#endif
