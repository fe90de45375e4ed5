/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that is being filled, and that nobody can boot or mount until all of it is right.
 *
 * Ganeti only warns when an import fails, and then starts what is there.  So the disk is made unusable first, and
 * its first and last MiB are written last: killed at any moment, it says what it is and does nothing.
 */
#ifndef OS_TARGET_H
#define OS_TARGET_H

#include <libtune/tune.h>

/** What is written last, at each end of the disk. */
#define TARGET_HELD (1024 * 1024)

typedef struct Target Target;

/** How large the disk is: a block device or a file of at least one sector, whose @name is for messages. */
gboolean target_measure(int fd, const char *name, guint64 *size, GError **error);

/** Make the disk unusable, durably, and begin; @fd stays the caller's. */
Target *target_new(int fd, const char *name, GError **error);
void target_free(Target *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Target, target_free)

guint64 target_get_size(const Target *target);

/** @data stands at @offset, and zeros before it down to what was put last; in ascending order and within the disk. */
gboolean target_put(Target *target, guint64 offset, const guint8 *data, gsize size, GError **error);

/** The rest are zeros, and all is right: the disk can be used when this returns TRUE. */
gboolean target_finish(Target *target, GError **error);

/** Whether these bytes are all zero. */
gboolean target_is_zero(const guint8 *data, gsize size);

#endif
