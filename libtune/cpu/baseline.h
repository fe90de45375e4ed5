/* SPDX-License-Identifier: BSD-2-Clause */
/* The largest CPU that all nodes of a group can give.  What only the library needs of it. */
#ifndef TUNE_CPU_BASELINE_H
#define TUNE_CPU_BASELINE_H

#include <libtune/cpu/cpu.h>

/**
 * Make of a node's reduced image what a guest of cpu_type @type sees there: "host", then features to
 * leave out ("-rtm", "rtm=off") and host-phys-bits-limit.  Other options are kept and change nothing.
 *
 * Fails on another model than host and on a feature that no row names, with @cpu untouched or in part
 * restricted.
 */
gboolean tune_cpu_restrict(TuneCpu *cpu, const char *type, GError **error);

#endif
