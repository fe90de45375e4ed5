/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the gate others go by.  */
#ifndef TUNE_GATE_H
#define TUNE_GATE_H

#include <libtune/tune-migration.h>

/** Set of (1 << TuneCpuClass) that @policy or an instance's @tags waive. */
guint tune_gate_get_waivers(const TuneCpuPolicy *policy, char *const *tags);

#endif
