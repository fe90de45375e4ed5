/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control registers of a running guest, in the words of QEMU's monitor: its QMP has no question for them.
 * Source: hmp_info_registers(), x86_cpu_dump_state() of QEMU 7.2 and 10.0.  Neither tells XCR0.
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
 * tune_registers_parse: read what "info registers -a" answers.
 *
 * FALSE unless @n_cpus vCPUs, no more and no fewer, have told each register once.
 */
gboolean tune_registers_parse(const char *text, guint n_cpus, TuneRegisters *ret_registers);

#endif
