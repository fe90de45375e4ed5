/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guests of other nodes see; the declarations for those of this node are in tune.h. */
#ifndef TUNE_CPU_GUEST_H
#define TUNE_CPU_GUEST_H

#include <libtune/base/root.h>
#include <libtune/cpu/cpu.h>

/**
 * tune_cpu_load_guest_on: what the running guest of @instance sees, asked of its node @source over Ganeti's
 * ssh.  Only on the master.
 *
 * Any error means that its CPU is unknown, and so does a guest that does not run, or not under KVM.
 */
TuneCpu *tune_cpu_load_guest_on(TuneRoot *root, const char *source, const char *instance,
				gint64 deadline, GError **error);

#endif
