/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU that a guest sees, asked of its QEMU.  compare.h has the rule that judges it.
 *
 * All vCPUs of a guest are alike, so the first one is asked.  One property holds all CPUID words ("feature-words" of
 * QEMU's x86 CPU, target/i386/cpu.c); for MSRs there is no such list, and each bit is a boolean property of its own.
 */
#ifndef TUNE_CPU_QEMU_H
#define TUNE_CPU_QEMU_H

#include <libtune/cpu/cpu.h>
#include <libtune/qemu/qmp.h>

/**
 * tune_cpu_ask_qemu: the CPU that the guest of the QEMU behind @qmp sees; free it.
 *
 * @host: the CPU that KVM gives on its node: a guest has its XSAVE layout and its counters from there; NULL: both are
 *   unknown
 * @target: the CPU that the guest's will be compared with: questions that cannot change that verdict are left out; NULL
 *   asks all
 * @ret_is_kvm: whether QEMU uses KVM; without KVM, bits of MSRs are not asked
 *
 * The features that the guest has switched on are asked last, and only when they decide whether it may move to @target:
 * that question stops all vCPUs for a moment.  Without an answer they are unknown.
 *
 * Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID for an answer that QEMU cannot mean: no CPU, or none of x86.
 */
TuneCpu *tune_cpu_ask_qemu(TuneQmp *qmp, const TuneCpu *host, const TuneCpu *target,
			   gboolean *ret_is_kvm, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_ask_feature: whether the guest of the QEMU behind @qmp has the feature @name, as QEMU calls it.
 *
 * Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID when an answer makes no sense.
 */
gboolean tune_cpu_ask_feature(TuneQmp *qmp, const char *name, gboolean *ret_is_on, GError **error);

/**
 * tune_cpu_ask_machine: the machine type of the guest of the QEMU behind @qmp, aliases resolved: "pc-i440fx-7.2".
 *
 * @ret_machine: free it; NULL where QEMU does not tell.  Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID.
 */
gboolean tune_cpu_ask_machine(TuneQmp *qmp, char **ret_machine, GError **error);

#endif
