/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies on a disk: partition, multipath, md, LVM, DRBD.  Reads sysfs, each file once. */
#ifndef TUNE_STACK_H
#define TUNE_STACK_H

#include <libtune/tune.h>

typedef struct TuneStack TuneStack;

/** @volume_groups: as in tune_disks_find(); NULL: only multipath is looked for. */
TuneStack *tune_stack_new(TuneRoot *root, const char *const *volume_groups);
void tune_stack_free(TuneStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneStack, tune_stack_free)

/** Look at all that lies on @disk.  All disks first: they tell what the volumes under DRBD belong to. */
void tune_stack_climb(TuneStack *stack, const char *disk);

/** Take the groups of all volumes under DRBD device @drbd for Ganeti's. */
void tune_stack_descend(TuneStack *stack, const char *drbd);

/** TUNE_DISK_DRBD, TUNE_DISK_DRBD_UNKNOWN and TUNE_DISK_PATH, or-ed, by what lies on @disk. */
guint tune_stack_classify(TuneStack *stack, const char *disk);

/** Whether a climb has come upon @name as a multipath device. */
gboolean tune_stack_is_multipath(const TuneStack *stack, const char *name);

#endif
