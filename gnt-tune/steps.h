/* SPDX-License-Identifier: BSD-2-Clause */
/* What plan, apply, verify and revert share: a plan as rows and as an exit code. */
#ifndef GNT_TUNE_STEPS_H
#define GNT_TUNE_STEPS_H

#include <stdio.h>

#include "gnt-tune/table.h"

/** Whether a step deserves a row when not all of them were asked for; tune_step_is_fault() is one. */
typedef gboolean StepFilter(const TuneStep *step);
StepFilter step_is_not_same;

/** The host and its policy, as the options name them; FALSE with an error. */
gboolean steps_load(const Options *options, TuneRoot **ret_root, TunePolicy **ret_policy,
		    GError **error);

/** Rows to standard output, reasons to standard error, and for people the count of all settings to @count. */
gboolean steps_print(const TunePlan *plan, const Options *options, StepFilter *filter, FILE *count,
		     GError **error);

/** What contradicts what among DRBD's options, for people to standard error, and how much there is of it. */
gboolean findings_print(TuneFacts *facts, const TunePolicy *policy, guint *ret_n, GError **error);

#endif
