/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole disk of an instance, as its guest will see it. */
#ifndef OS_DISK_H
#define OS_DISK_H

#include "os-scripts/volume.h"

/** Disk 0, or NULL with an error: the instance has none. */
const OsDisk *os_disk_get_first(const Os *os, GError **error);

/**
 * How it likes to be written; its sector is the one that the guest will count in: under KVM 512 bytes on any disk,
 * since Ganeti leaves QEMU's logical_block_size alone.
 */
gboolean os_disk_read_topology(const Os *os, const OsDisk *disk, TuneTopology *ret_topology,
			       GError **error);

/** All of it, with sectors of that size. */
OsVolume *os_disk_open(const Os *os, const OsDisk *disk, GError **error);

/** Array of TunePartition, as the guest will see them. */
GPtrArray *os_disk_read_partitions(const Os *os, const OsDisk *disk, GError **error);

/**
 * Partition table and file system by the OS parameters partition and filesystem, both where the disk's topology
 * wants them.  What was there is lost.  *@ret_uuid: of the file system, to free.
 */
OsVolume *os_disk_format(const Os *os, const OsDisk *disk, char **ret_uuid, GError **error);

/** Make the last partition and its file system as large as the disk allows. */
gboolean os_disk_grow(const Os *os, const OsDisk *disk, GError **error);

/** Remove what others know a disk by, so that nothing old shows through what is new. */
gboolean os_disk_wipe(const Os *os, const OsDisk *disk, GError **error);

#endif
