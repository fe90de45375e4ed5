/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole disk of an instance, as its guest will see it. */
#ifndef OS_DISK_H
#define OS_DISK_H

#include "os-scripts/machine.h"

/** Disk 0, or NULL with an error: the instance has none. */
const OsDisk *os_disk_get_first(const Os *os, GError **error);

/**
 * The disk's topology.  Its sector is the one that the guest will count in: under KVM 512 bytes on any disk, since
 * Ganeti does not set QEMU's logical_block_size.
 */
gboolean os_disk_read_topology(const Os *os, const OsDisk *disk, TuneTopology *ret_topology,
			       GError **error);

/** os_machine_start() with the topology of @disk. */
OsMachine *os_disk_start_machine(const Os *os, const OsDisk *disk, guint extra_s, GError **error);

/**
 * Makes partition table and file system as the OS parameters partition and filesystem say, aligned to the disk's
 * topology, and mounts the file system in @machine.  What the disk held is lost.
 *
 * *@ret_uuid: of the file system, to free
 */
gboolean os_disk_format(const Os *os, const OsDisk *disk, OsMachine *machine, char **ret_uuid,
			GError **error);

/**
 * Makes the last partition and its file system as large as the disk allows.  A kind that is not known is left as it
 * is, and the log says so.
 */
gboolean os_disk_grow(const Os *os, const OsDisk *disk, OsMachine *machine, GError **error);

/** Logs the partitions that do not start at a multiple of the disk's preferred size. */
void os_disk_report_misfit(const Os *os, const OsDisk *disk, OsMachine *machine);

/** Overwrites the signatures at both ends of the disk, so that no old one stays beside a new one. */
gboolean os_disk_wipe(const OsDisk *disk, GError **error);

#endif
