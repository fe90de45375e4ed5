/* SPDX-License-Identifier: BSD-2-Clause */
/* What libblkid finds on a disk, by a process that can do nothing else. */
#ifndef OS_PEEK_H
#define OS_PEEK_H

#include "os-scripts/os.h"

/**
 * What is on the disk behind @fd, which is only read; *@ret_found is NULL where there is nothing, else to free.
 *
 * Whoever has written that disk may know a fault of libblkid's, so it is read by a child without capabilities, other files
 * and much memory, which has a deadline.  What it says is taken for a text and cleaned.  An error means that it is not known
 * what the disk holds.
 */
gboolean os_peek(int fd, const char *path, char **ret_found, GError **error);

/** In the same way, which partition ends last, and where, in bytes; 0 and 0 where there is none. */
gboolean os_peek_end(int fd, const char *path, guint *ret_number, guint64 *ret_end, GError **error);

#endif
