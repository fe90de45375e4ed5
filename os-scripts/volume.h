/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A part of a disk as a block device, and its file system as a directory.  Only in namespaces of our own: see
 * isolate.h.  No device node of the node's is needed, so nothing has to wait for udev.
 */
#ifndef OS_VOLUME_H
#define OS_VOLUME_H

#include "os-scripts/os.h"

/** @device: a loop device, for commands; @directory: where it is mounted, or NULL */
typedef struct {
	int fd;
	char *device;
	char *directory;
} OsVolume;

/**
 * The part of the device or file @path from @start; @size 0 is all the rest.  @sector is the logical sector of the
 * disk.  It is gone with the last process that has it open or mounted.
 */
OsVolume *os_volume_open(const char *path, guint64 start, guint64 size, guint64 sector,
			 GError **error);

/** @flags: of mount(2) */
gboolean os_volume_mount(OsVolume *volume, const char *type, unsigned long flags, GError **error);

/** Unmount, and write what is not yet written; an error means that it is not there.  Frees @volume. */
gboolean os_volume_close(OsVolume *volume, GError **error);

/** The same when its content does not matter any more. */
void os_volume_free(OsVolume *volume);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsVolume, os_volume_free)

#endif
