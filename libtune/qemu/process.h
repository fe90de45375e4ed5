/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU that is started to be asked and then ended; it runs no instruction of any guest.  It answers for what this
 * node's QEMU and kernel can give.
 */
#ifndef TUNE_QEMU_PROCESS_H
#define TUNE_QEMU_PROCESS_H

#include <libtune/qemu/qmp.h>

/**
 * @binary: QEMU below the root, "usr/bin/kvm"
 * @machine: a machine type, or NULL for QEMU's default
 * @cpu: the value of -cpu, or NULL for QEMU's default
 * @accelerators: "kvm", "tcg", "kvm:tcg"; NULL is "kvm"
 * @is_enforced: fail when KVM does not give all that @cpu names
 */
typedef struct {
	const char *binary;
	const char *machine;
	const char *cpu;
	const char *accelerators;
	gboolean is_enforced;
} TuneQemuSettings;

typedef struct TuneQemuProcess TuneQemuProcess;

/**
 * tune_qemu_process_start: start a QEMU, and wait until it answers.
 *
 * @deadline: of all questions to it; g_get_monotonic_time(), microseconds
 *
 * It gets a clean environment and a process group of its own, and dies with this process (and thread).
 * Fails with TUNE_ERROR_ABSENT (no such program), TUNE_ERROR_REFUSED and the last line of QEMU's standard error when it
 * does not start, and TUNE_ERROR_TIMEOUT.
 */
TuneQemuProcess *tune_qemu_process_start(TuneRoot *root, const TuneQemuSettings *settings,
					 gint64 deadline, GError **error);

/** tune_qemu_process_free: kill it, and wait until it has ended. */
void tune_qemu_process_free(TuneQemuProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQemuProcess, tune_qemu_process_free)

/** tune_qemu_process_get_qmp: the connection for questions; borrowed. */
TuneQmp *tune_qemu_process_get_qmp(TuneQemuProcess *process);

#endif
