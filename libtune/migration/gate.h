/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate's waivers and switches, for those who want to know its answer beforehand.  The gate itself is in tune.h. */
#ifndef TUNE_GATE_H
#define TUNE_GATE_H

#include <libtune/tune-migration.h>

/** The classes that @policy or an instance's @tags waive, as a set of (1 << TuneCpuClass). */
guint tune_gate_get_waivers(const TuneCpuPolicy *policy, char *const *tags);

/**
 * tune_gate_predict: what the gate would say to a guest that sees @guest, on its way to a node that gives @target: up to
 * TUNE_CPU_WARN it may go, TUNE_CPU_VERDICT_UNKNOWN and TUNE_CPU_REFUSE refuse.
 *
 * @guest, @target: NULL is unknown
 */
TuneCpuVerdict tune_gate_predict(const TuneCpuPolicy *policy, guint waivers, const TuneCpu *guest,
				 const TuneCpu *target);

/** An instance's tags, of TuneMigration.tags: with blanks between, NULL is none; g_strfreev() it. */
char **tune_gate_split_tags(const char *tags);

/** Whether @policy, or one of an instance's @tags, leaves its migrations unchecked. */
gboolean tune_gate_is_off(const TuneCpuPolicy *policy, char *const *tags);

#endif
