/* SPDX-License-Identifier: BSD-2-Clause */
/* The cpu_type that guests should have, and how Ganeti is told.. */
#ifndef TUNE_CPU_TYPE_H
#define TUNE_CPU_TYPE_H

#include <libtune/tune-migration.h>

/**
 * Submit a job: @words is a program of Ganeti, its command and what follows, e.g. "gnt-instance", "modify",
 * "-H", ...  "--submit" is put after the command: whoever waited for a job from within a hook would wait for
 * ever.  The caller sees to it that no value starts with "-".
 */
gboolean tune_ganeti_submit(TuneRoot *root, const char *const *words, GError **error);

/** The cluster's own value of a hypervisor parameter of KVM; as tune_ganeti_get_cpu_type(). */
char *tune_ganeti_get_hvparam(TuneRoot *root, const char *name, GError **error);

#endif
