/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the disks of an instance may be written to. */
#ifndef OS_GUARD_H
#define OS_GUARD_H

#include "os-scripts/os.h"

/**
 * @held: the disks, as os_disks_hold() has opened them
 *
 * TUNE_ERROR_REFUSED names the first disk that holds something, and what; or of which that cannot be found out.
 * A reinstall or the OS parameter overwrite=yes lets all pass.
 */
gboolean os_guard_disks(const Os *os, const GArray *held, GError **error);

#endif
