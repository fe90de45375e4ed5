/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPUs that guests of other nodes see; tune-cpu.h has the functions for guests of this node. */
#ifndef TUNE_CPU_GUEST_H
#define TUNE_CPU_GUEST_H

#include <libtune/base/root.h>
#include <libtune/cpu/cpu.h>

/**
 * tune_cpu_load_guest_on: the CPU that the running guest of @instance sees, asked of its node @source over Ganeti's
 * ssh.  Only on the master.  Free it.
 *
 * Any error means that the CPU is unknown; it is an error, too, when the guest does not run, or not under KVM.
 */
TuneCpu *tune_cpu_load_guest_on(TuneRoot *root, const char *source, const char *instance,
				gint64 deadline, GError **error);

#endif
