/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest that is on a disk: where its root file system is, and tuning it. */
#ifndef OS_GUEST_H
#define OS_GUEST_H

#include "os-scripts/volume.h"

/** @volume: its root file system, mounted; @uuid: of it, or NULL; @where: for messages */
typedef struct {
	OsVolume *volume;
	char *uuid;
	char *where;
} OsGuest;

/** The guest on disk 0; *@ret_guest is NULL when there is no root file system that can be mounted here. */
gboolean os_guest_open(const Os *os, OsGuest **ret_guest, GError **error);
void os_guest_free(OsGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsGuest, os_guest_free)

/** Write all of it; frees @guest. */
gboolean os_guest_close(OsGuest *guest, GError **error);

/** For a tree on a file system that was made here, unless it has an fstab. */
gboolean os_guest_write_fstab(const Os *os, TuneRoot *tree, const char *uuid, GError **error);

/** Do what the OS parameter tuning says to the tree below @directory. */
gboolean os_guest_tune(const Os *os, const char *directory, const char *uuid, GError **error);

/** Open, tune, close.  A disk without a guest is an error only when tuning was asked for by name. */
gboolean os_guest_tune_disk(const Os *os, GError **error);

#endif
