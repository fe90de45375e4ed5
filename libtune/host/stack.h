/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices that use a disk: partitions, multipath, md, LVM, DRBD.  Climbs from disks to the devices on them by
 * "holders", and down from DRBD by "slaves".  Reads sysfs, each file once; which disks to tune, disks.h decides.
 */
#ifndef TUNE_STACK_H
#define TUNE_STACK_H

#include <libtune/tune-host.h>

typedef struct TuneStack TuneStack;

/** @volume_groups: as in tune_disks_find(); NULL to look for multipath only */
TuneStack *tune_stack_new(TuneRoot *root, const char *const *volume_groups);
void tune_stack_free(TuneStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneStack, tune_stack_free)

/** Find all devices on @disk.  Do that for all disks first: they tell the groups of the volumes below DRBD. */
void tune_stack_climb(TuneStack *stack, const char *disk);

/** Mark the groups of all volumes below DRBD device @drbd as used by Ganeti. */
void tune_stack_descend(TuneStack *stack, const char *drbd);

/** TUNE_DISK_DRBD, TUNE_DISK_DRBD_UNKNOWN and TUNE_DISK_PATH, or-ed, by the devices on @disk. */
guint tune_stack_classify(TuneStack *stack, const char *disk);

/** Whether a climb has found @name, and it is a multipath device. */
gboolean tune_stack_is_multipath(const TuneStack *stack, const char *name);

#endif
