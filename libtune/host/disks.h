/* SPDX-License-Identifier: BSD-2-Clause */
/* Which disks a host has, of which kind they are, and which carry Ganeti's volumes.  Reads sysfs; stack.h does the rest. */
#ifndef TUNE_DISKS_H
#define TUNE_DISKS_H

#include <libtune/tune-host.h>

/**
 * @TUNE_DISK_ROTATIONAL, @TUNE_DISK_SSD: by the kernel's "rotational"; for disks that are none of the next three
 * @TUNE_DISK_NVME, @TUNE_DISK_VIRTIO, @TUNE_DISK_XEN: by the driver, which the device's name tells
 * @TUNE_DISK_DRBD: carries a volume group that DRBD or Ganeti uses
 * @TUNE_DISK_DRBD_UNKNOWN: carries an LVM physical volume whose volume group is not known
 * @TUNE_DISK_STACKED: dm, md, drbd, loop and the like; tuned only when a rule names it
 * @TUNE_DISK_PATH: a path of a multipath device, which is the disk to tune; also a path of an NVMe namespace
 * @TUNE_DISK_MULTIQUEUE: the driver has several hardware queues; looked for when it is wanted
 */
typedef enum {
	TUNE_DISK_ROTATIONAL = 1 << 0,
	TUNE_DISK_SSD = 1 << 1,
	TUNE_DISK_NVME = 1 << 2,
	TUNE_DISK_VIRTIO = 1 << 3,
	TUNE_DISK_XEN = 1 << 4,
	TUNE_DISK_DRBD = 1 << 5,
	TUNE_DISK_DRBD_UNKNOWN = 1 << 6,
	TUNE_DISK_STACKED = 1 << 7,
	TUNE_DISK_PATH = 1 << 8,
	TUNE_DISK_MULTIQUEUE = 1 << 9,
} TuneDiskClass;

/**
 * @classes: TuneDiskClass, or-ed
 * @head: of a path of an NVMe namespace with native multipath, the name of the disk; otherwise NULL.  What the disk's
 *   queue does not have (the scheduler, nr_requests), those of its paths have
 */
typedef struct {
	char *name;
	guint classes;
	char *head;
} TuneDisk;

/** The one called @name, or NULL. */
const TuneDisk *tune_disks_get(const GPtrArray *disks, const char *name);

/** The class that a policy's word names ("drbd", "ssd", ...), or 0: then it is a name or a pattern. */
guint tune_disk_class_from_word(const char *word);

/** The class word of which @word is probably a misspelling, or NULL. */
const char *tune_disk_class_nearest(const char *word);

/** Whether @disk fits all of @words: class words, names, patterns, each with "!" for the opposite. */
gboolean tune_disk_matches(const TuneDisk *disk, const char *const *words);

/**
 * All disks, in version order of their names; array of TuneDisk, unref it.
 *
 * @wanted: classes that the caller needs, or-ed; the others are not looked for
 * @volume_groups: names of the volume groups that Ganeti uses; they count when DRBD does not run yet, too
 */
GPtrArray *tune_disks_find(TuneRoot *root, guint wanted, const char *const *volume_groups,
			   GError **error);

#endif
