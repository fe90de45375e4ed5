/* SPDX-License-Identifier: BSD-2-Clause */
/* What --qemu and --kernel mean for the verbs of cpu. */
#ifndef GNT_TUNE_CPU_H
#define GNT_TUNE_CPU_H

#include "gnt-tune/gnt-tune.h"

/** How long a QEMU may take to answer all questions of a verb. */
#define CPU_DEADLINE_US (5 * G_USEC_PER_SEC)

/** The path of the QEMU to be asked, below the root; free it. */
char *cpu_find_binary(const Options *options, TuneRoot *root);

/** Whether --qemu names a program, which must be there then. */
gboolean cpu_names_binary(const Options *options);

/** The kernel and the QEMU that dumps of CPUs are reduced to. */
gboolean cpu_get_profile(const Options *options, TuneCpuProfile *ret_profile, GError **error);

#endif
