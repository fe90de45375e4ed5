/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies on a disk: partition, multipath, md, LVM, DRBD.  Reads sysfs, each file once. */
#ifndef TUNE_STACK_H
#define TUNE_STACK_H

#include <libtune/tune.h>

typedef struct TuneStack TuneStack;

/**
 * @names: all names in sys/block, borrowed for the stack's life
 * @volume_groups: as in tune_disks_find(); NULL: only multipath is looked for
 */
TuneStack *tune_stack_new(TuneRoot *root, const GPtrArray *names, const char *const *volume_groups);
void tune_stack_free(TuneStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneStack, tune_stack_free)

/** TUNE_DISK_DRBD, TUNE_DISK_DRBD_UNKNOWN and TUNE_DISK_PATH, or-ed, by what lies on @disk. */
guint tune_stack_climb(TuneStack *stack, const char *disk);

/** Whether a climb so far has come upon @name as a multipath device. */
gboolean tune_stack_is_multipath(const TuneStack *stack, const char *name);

#endif
