/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the nodes of a group can start guests of a cpu_type. */
#ifndef TUNE_QEMU_TRY_H
#define TUNE_QEMU_TRY_H

#include <libtune/tune-cpu.h>

/**
 * tune_cpu_type_check: whether guests with @type behind -cpu can start on the nodes whose records @cpus are: the QEMU of
 * each node knows the names in it, and @binary starts it here.  A dump of a bare CPU, and a node without KVM or QEMU, is
 * left out.
 *
 * TUNE_ERROR_REFUSED with the reason when they cannot start; after any other error it is unknown.
 */
gboolean tune_cpu_type_check(TuneRoot *root, const char *binary, const char *type,
			     const TuneCpu *const *cpus, guint n_cpus, gint64 deadline,
			     GError **error);

#endif
