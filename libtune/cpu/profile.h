/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM makes of a bare CPU beyond its words. */
#ifndef TUNE_CPU_PROFILE_H
#define TUNE_CPU_PROFILE_H

#include <libtune/cpu/cpu.h>

/**
 * Add to @cpu, just read from a bare CPU, what KVM shows its guests whatever the CPU says, take away what it hides, and
 * what the kernel or the QEMU of @profile (NULL: the newest) does not know yet; note the profile in @cpu.  Makes up
 * nothing for a CPU whose maker or model is not known.
 */
void tune_cpu_apply_profile(TuneCpu *cpu, const TuneCpuProfile *profile);

#endif
