/* SPDX-License-Identifier: BSD-2-Clause */
/* What libblkid finds on a disk, by a process that can do nothing else. */
#ifndef OS_PEEK_H
#define OS_PEEK_H

#include "os-scripts/os.h"

/**
 * Finds out what the disk behind @fd holds; the disk is only read.  *@ret_found: a text to free, or NULL for nothing.
 *
 * Whoever has written that disk may know a fault of libblkid, so a child reads it, without capabilities, other files and
 * much memory, and with a deadline.  Its answer is taken for a text and cleaned.  An error means that nobody knows what
 * the disk holds.
 */
gboolean os_peek(int fd, const char *path, char **ret_found, GError **error);

/** In the same way, which partition ends last, and where, in bytes; 0 and 0 where there is none. */
gboolean os_peek_end(int fd, const char *path, guint *ret_number, guint64 *ret_end, GError **error);

#endif
