/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM makes of a bare CPU beyond its words. */
#ifndef TUNE_CPU_PROFILE_H
#define TUNE_CPU_PROFILE_H

#include <libtune/cpu/cpu.h>

/**
 * Add to @cpu, just read from a bare CPU, what KVM of Linux 6.12 shows its guests whatever the CPU says, and take
 * away what it hides.  Does nothing to a CPU whose maker or model is not known.
 */
void tune_cpu_apply_profile(TuneCpu *cpu);

#endif
