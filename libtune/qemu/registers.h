/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control registers of a running guest, from the text of QEMU's monitor: QMP has no command for them.
 * Source: hmp_info_registers(), x86_cpu_dump_state() of QEMU 7.2 and 10.0.  The text has no XCR0.
 */
#ifndef TUNE_REGISTERS_H
#define TUNE_REGISTERS_H

#include <glib.h>

/** Bits that any vCPU of the guest has set. */
typedef struct {
	guint64 cr4;
	guint64 efer;
} TuneRegisters;

/**
 * tune_registers_parse: read the answer to "info registers -a".
 *
 * FALSE unless the text has @n_cpus vCPUs, no more and no fewer, each with each register once.
 */
gboolean tune_registers_parse(const char *text, guint n_cpus, TuneRegisters *ret_registers);

#endif
