/* SPDX-License-Identifier: BSD-2-Clause */
/* extlinux(1), by which a guest boots that brings no boot loader of its own. */
#ifndef OS_LOADER_H
#define OS_LOADER_H

#include "os-scripts/disk.h"

/** Packages of Debian that make a guest boot, with commas between; "" when the hypervisor boots its kernel. */
const char *os_loader_get_packages(const Os *os);

/**
 * Make the tree that is mounted as @volume, on @disk, boot by itself.  Runs the guest's own extlinux.  Does nothing
 * when the hypervisor boots its kernel; a tree without extlinux is left as it is, which the log says.
 */
gboolean os_loader_install(const Os *os, const OsDisk *disk, const OsVolume *volume,
			   const char *uuid, GError **error);

#endif
