/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel in memory: values that behave as those of the real one.  It puts brackets around
 * a choice, rounds jiffies (HZ=250), clamps, refuses by state, and resets one value when another is written.
 */
#ifndef TUNE_TEST_KERNEL_H
#define TUNE_TEST_KERNEL_H

#include <libtune/tuning/backend.h>

extern const TuneBackend kernel_backend;

/** Forget all, and stand as Linux 6.18 does after booting: KSM, one disk "sda" with BFQ, dirty ratios,
 * a network card "eth1" with a VLAN "eth1.7" in a bridge "br1". */
void kernel_boot(void);

/** What is shown at @path; NULL when it is not there. */
const char *kernel_get(const char *path);

/** As the kernel itself or another program would; NULL removes. */
void kernel_set(const char *path, const char *shown);

/** From now on every write to @path fails with @code. */
void kernel_break_write(const char *path, TuneErrorCode code);

/** From now on every read of @path fails with @code. */
void kernel_break_read(const char *path, TuneErrorCode code);

/** From now on a write to @path also makes somebody write @value to @victim. */
void kernel_meddle(const char *path, const char *victim, const char *value);

/** Paths that were written since boot, in order, one per line. */
const char *kernel_get_log(void);
void kernel_clear_log(void);

/** All values, one per line, for comparing. */
char *kernel_dump(void);

#endif
