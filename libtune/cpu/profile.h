/* SPDX-License-Identifier: BSD-2-Clause */
/* The changes that KVM and QEMU make to a bare CPU. */
#ifndef TUNE_CPU_PROFILE_H
#define TUNE_CPU_PROFILE_H

#include <libtune/cpu/cpu.h>

/**
 * tune_cpu_apply_profile: change @cpu, just read from a dump of a bare CPU, to what guests see: add the features that KVM
 * shows on any CPU (not when vendor or model are unknown), drop those that it hides, and those that the kernel or the
 * QEMU of @profile (NULL: the newest) does not know yet.  Notes the profile in @cpu.
 */
void tune_cpu_apply_profile(TuneCpu *cpu, const TuneCpuProfile *profile);

#endif
