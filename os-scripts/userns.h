/* SPDX-License-Identifier: BSD-2-Clause */
/* A user namespace: who is root in it is nobody on the node. */
#ifndef OS_USERNS_H
#define OS_USERNS_H

#include <sys/types.h>

#include "os-scripts/os.h"

/**
 * User 0 of the namespace, and 65535 more, are those of the node from here on: the last of the range that systemd leaves to
 * containers (UIDS-GIDS.md), above what useradd(8) gives out.
 */
#define OS_USERNS_FIRST 0x6fff0000u

/** @pid: a process in it that does nothing; @path: of the namespace, for nsenter(1) */
typedef struct {
	pid_t pid;
	char *path;
} OsUserns;

OsUserns *os_userns_new(GError **error);

/** It is gone with the last process in it. */
void os_userns_free(OsUserns *userns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsUserns, os_userns_free)

#endif
