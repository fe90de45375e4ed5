/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot loader of a guest that was made of a tree of files. */
#ifndef OS_LOADER_H
#define OS_LOADER_H

#include "os-scripts/guest.h"

/** The Debian packages, separated by commas, that a guest needs to boot; "" when the node boots its kernel. */
const char *os_loader_get_packages(const Os *os);

/**
 * Makes the guest boot by itself, with the extlinux of the virtual machine; nothing of the guest's is run.
 *
 * Nothing is done, and the log says so, where the guest has no kernel at /vmlinuz.
 */
gboolean os_loader_install(const Os *os, OsMachine *machine, const OsGuest *guest, GError **error);

#endif
