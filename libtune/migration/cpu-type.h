/* SPDX-License-Identifier: BSD-2-Clause */
/* The cpu_type that a policy wants, and jobs that tell Ganeti.  The rest of it is in tune.h. */
#ifndef TUNE_CPU_TYPE_H
#define TUNE_CPU_TYPE_H

#include <libtune/tune-migration.h>

/**
 * Submit a job: @words are a program of Ganeti, its command and its arguments, e.g. "gnt-instance", "modify", "-H", ...
 * "--submit" is added after the command: a hook that waits for a job deadlocks, since the job waits for the hook's
 * operation.  The caller makes sure that no value starts with "-".
 */
gboolean tune_ganeti_submit(TuneRoot *root, const char *const *words, GError **error);

#endif
