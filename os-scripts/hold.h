/* SPDX-License-Identifier: BSD-2-Clause */
/* The disks of an instance, held so that nobody else on the node uses them. */
#ifndef OS_HOLD_H
#define OS_HOLD_H

#include "os-scripts/os.h"

/**
 * Open all disks of the instance, for reading.
 *
 * Block devices are opened O_EXCL: what is mounted, or held by device-mapper, md or swap, is refused, and cannot be mounted
 * or held as long as the descriptors are open.  Those who open it without O_EXCL, as QEMU does, are not kept out.  A file
 * is refused that is under a loop device of the node.
 *
 * Returns an array of descriptors (int) in the order of the disks, which closes them when it is freed.  An error names
 * the disk; it is TUNE_ERROR_REFUSED for one that is in use.
 */
GArray *os_disks_hold(const Os *os, GError **error);

#endif
