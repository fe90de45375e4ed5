/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU that a guest sees, asked of its QEMU.  Judges nothing.
 *
 * The first CPU stands for all.  CPUID words come at once ("feature-words", a property of QEMU's x86 CPU,
 * target/i386/cpu.c); what stands in MSRs has no such list, so each bit is a boolean property of its own.
 */
#ifndef TUNE_CPU_QEMU_H
#define TUNE_CPU_QEMU_H

#include <libtune/cpu/cpu.h>
#include <libtune/qemu/qmp.h>

/**
 * tune_cpu_ask_qemu: what the guest of the QEMU behind @qmp sees.
 *
 * @host: what KVM gives on its node, from where a guest has its XSAVE layout and its counters; NULL when
 * unknown: then they are unknown, too
 * @target: what it will be compared with: what cannot matter then is not asked; NULL asks all
 * What the guest makes use of is asked last, and only when the answer decides whether it may move there.  As it
 * takes all vCPUs to stop for a moment, it is not asked for anything else; no answer means that it is not known.
 *
 * @ret_is_kvm: whether it uses KVM; without it, bits of MSRs are not asked
 *
 * Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID when an answer makes no sense: no CPU, or none
 * of x86.
 */
TuneCpu *tune_cpu_ask_qemu(TuneQmp *qmp, const TuneCpu *host, const TuneCpu *target,
			   gboolean *ret_is_kvm, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_ask_machine: the machine type of the guest of the QEMU behind @qmp, aliases resolved: "pc-i440fx-7.2".
 *
 * @ret_machine: free it; NULL where QEMU does not tell.  Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID.
 */
gboolean tune_cpu_ask_machine(TuneQmp *qmp, char **ret_machine, GError **error);

#endif
