/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the gate others go by.  See tune.h. */
#ifndef TUNE_GATE_H
#define TUNE_GATE_H

#include <libtune/tune.h>

/** Set of (1 << TuneCpuClass) that @policy or an instance's @tags waive. */
guint tune_gate_get_waivers(const TuneCpuPolicy *policy, char *const *tags);

#endif
