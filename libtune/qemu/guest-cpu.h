/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU images of guests and of nodes: what a QEMU shows, with what it takes from its host. */
#ifndef TUNE_CPU_GUEST_H
#define TUNE_CPU_GUEST_H

#include <libtune/qemu/cpu.h>
#include <libtune/cpu/cpu.h>

/**
 * tune_cpu_ask_qemu: what the guest of the QEMU behind @qmp sees.
 *
 * @host: what KVM gives on its node, NULL when unknown
 * @target: what it will be compared with: what cannot matter then is not asked; NULL asks all
 */
TuneQemuCpu *tune_cpu_ask_qemu(TuneQmp *qmp, const TuneCpu *host, const TuneCpu *target,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_from_qemu: what a guest of that QEMU sees.
 *
 * @host: what KVM gives on the node the QEMU runs on; a guest has layouts and counters from there
 */
TuneCpu *tune_cpu_from_qemu(const TuneQemuCpu *qemu, const TuneCpu *host) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_guest_on: what the running guest of @instance sees, asked of its node @source over Ganeti's
 * ssh.  Only on the master.
 *
 * Any error means that its CPU is unknown, and so does a guest that does not run, or not under KVM.
 */
TuneCpu *tune_cpu_load_guest_on(TuneRoot *root, const char *source, const char *instance,
				gint64 deadline, GError **error);

#endif
