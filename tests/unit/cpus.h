/* SPDX-License-Identifier: BSD-2-Clause */
/* Small made-up CPUs for the tests. */
#ifndef TUNE_TEST_CPUS_H
#define TUNE_TEST_CPUS_H

#include <libtune/cpu/cpu.h>

/**
 * A KVM node of which everything is known: XSAVE with AVX, AVX-512 and protection keys, MSRs, VMX or SVM.
 * @vendor as CPUID spells it; @changes: "-rtm +hle", features to take away or add.
 */
TuneCpu *make_cpu(TuneCpuSource source, const char *vendor, const char *changes);

/** One that has every field. */
TuneCpu *make_full_cpu(void);

/** As of a node whose QEMU knows all names of our table. */
void set_all_names(TuneCpu *cpu);

/** Saved and loaded it must be the same. */
void check_round_trip(const TuneCpu *cpu);

/** The verdict and all reasons, as "refuse lost:rtm, hint:hle". */
#define CHECK_COMPARE(guest, target, waivers, expected)                                            \
	check_compare((guest), (target), (waivers), (expected), __FILE__, __LINE__)
void check_compare(const TuneCpu *guest, const TuneCpu *target, guint waivers, const char *expected,
		   const char *file, int line);

#endif
