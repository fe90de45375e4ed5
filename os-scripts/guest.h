/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest that is on disk 0: where its root file system is, and tuning it. */
#ifndef OS_GUEST_H
#define OS_GUEST_H

#include "os-scripts/machine.h"

/** @tree: its files; @uuid: that of its root file system, or NULL; @where: names its place in messages */
typedef struct {
	OsTree *tree;
	char *uuid;
	char *where;
} OsGuest;

/**
 * Finds the root file system on the disk of @machine, and mounts it in the machine.
 *
 * Returns NULL when there is none that can be mounted; the log says what was tried.
 */
OsGuest *os_guest_find(const Os *os, OsMachine *machine);

/** The guest whose root file system was made and mounted here. */
OsGuest *os_guest_new(OsMachine *machine, const char *uuid);
void os_guest_free(OsGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsGuest, os_guest_free)

/**
 * Writes an fstab for a file system that was made here, unless there is one.  Where something other than a regular
 * file is in its place, that is left, with a line in the log.
 */
gboolean os_guest_write_fstab(const Os *os, const OsGuest *guest, GError **error);

/**
 * Tunes the guest as the OS parameter tuning says.  The log names each file that had to be left as it is; such a file
 * is an error only when tuning was asked for by name.
 */
gboolean os_guest_tune(const Os *os, const OsGuest *guest, GError **error);

/** Applies the drop-in identity alone, to a guest that is a copy of another.  The log names files that had to be left. */
void os_guest_renew_identity(const Os *os, const OsGuest *guest);

/** Finds and tunes the guest.  A disk without one is an error only when tuning was asked for by name. */
gboolean os_guest_tune_disk(const Os *os, OsMachine *machine, GError **error);

/** Whether the OS parameter tuning lets us look into a guest's file systems at all: it is not "none". */
gboolean os_guest_may_open(const Os *os);

#endif
