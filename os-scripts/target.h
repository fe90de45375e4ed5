/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that is being filled, and that cannot be booted or mounted until all of it is written.
 *
 * Ganeti only warns when an import fails, and starts the instance all the same.  So the disk is made unusable first,
 * and its first and last MiB are written last.  When the import is killed, the disk boots into a message and halts.
 */
#ifndef OS_TARGET_H
#define OS_TARGET_H

#include <libtune/tune.h>

/** So many bytes at each end of the disk are held back, and written last. */
#define TARGET_HELD (1024 * 1024)

typedef struct Target Target;

/** The size of the disk, a block device or a file of at least one sector; @name is for messages. */
gboolean target_measure(int fd, const char *name, guint64 *size, GError **error);

/** Make the disk unusable, and wait until that is on the disk; @fd stays the caller's. */
Target *target_new(int fd, const char *name, GError **error);
void target_free(Target *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Target, target_free)

guint64 target_get_size(const Target *target);

/** Write @data at @offset, and zeros between it and what was put before.  Offsets ascend, and lie within the disk. */
gboolean target_put(Target *target, guint64 offset, const guint8 *data, gsize size, GError **error);

/** Write zeros to the rest, and then what was held back: the disk can be used when this returns TRUE. */
gboolean target_finish(Target *target, GError **error);

/** Whether these bytes are all zero. */
gboolean target_is_zero(const guint8 *data, gsize size);

#endif
