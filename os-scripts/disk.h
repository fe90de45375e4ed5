/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole disk of an instance, as its guest will see it. */
#ifndef OS_DISK_H
#define OS_DISK_H

#include "os-scripts/machine.h"

/** Disk 0, or NULL with an error: the instance has none. */
const OsDisk *os_disk_get_first(const Os *os, GError **error);

/**
 * How it likes to be written; its sector is the one that the guest will count in: under KVM 512 bytes on any disk,
 * since Ganeti leaves QEMU's logical_block_size alone.
 */
gboolean os_disk_read_topology(const Os *os, const OsDisk *disk, TuneTopology *ret_topology,
			       GError **error);

/** os_machine_start() with the topology of @disk. */
OsMachine *os_disk_start_machine(const Os *os, const OsDisk *disk, guint extra_s, GError **error);

/**
 * Partition table and file system by the OS parameters partition and filesystem, both where the disk's topology
 * wants them, and mount it in @machine.  What was there is lost.
 *
 * *@ret_uuid: of the file system, to free
 */
gboolean os_disk_format(const Os *os, const OsDisk *disk, OsMachine *machine, char **ret_uuid,
			GError **error);

/**
 * Make the last partition and its file system as large as the disk allows.  What is not known is left as it is, and
 * the log says so.
 */
gboolean os_disk_grow(const Os *os, const OsDisk *disk, OsMachine *machine, GError **error);

/** Partitions that do not start at a multiple of what the disk likes are told in the log. */
void os_disk_report_misfit(const Os *os, const OsDisk *disk, OsMachine *machine);

/** Overwrite what others know a disk by, at both ends, so that nothing old shows beside what is new. */
gboolean os_disk_wipe(const OsDisk *disk, GError **error);

#endif
