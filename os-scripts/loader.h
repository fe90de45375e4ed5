/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot loader of a guest that was made of a tree of files. */
#ifndef OS_LOADER_H
#define OS_LOADER_H

#include "os-scripts/guest.h"

/** Names of Debian packages with commas between that a guest needs to boot; "" when the node boots its kernel. */
const char *os_loader_get_packages(const Os *os);

/**
 * Make the guest boot by itself: extlinux of the machine, which runs nothing of the guest's.
 *
 * Nothing is done, and the log says so, where the guest has no kernel at /vmlinuz.
 */
gboolean os_loader_install(const Os *os, OsMachine *machine, const OsGuest *guest, GError **error);

#endif
