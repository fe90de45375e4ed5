/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file of an image is, by its first bytes; and how a tree of files becomes a guest. */
#ifndef OS_IMAGE_H
#define OS_IMAGE_H

#include "os-scripts/os.h"

#define OS_IMAGE_HEAD 512

/** @format: "raw", "qcow2" or "tar"; @size: of the disk it is an image of, in bytes; 0 for a tar */
typedef struct {
	const char *format;
	guint64 size;
} OsImage;

/**
 * @head: the first @n bytes; @size: of the file
 * @wanted: its format, or "auto"
 *
 * TUNE_ERROR_INVALID when it cannot be of the wanted format; TUNE_ERROR_REFUSED for a qcow2 that is only a part of
 * one: another file that it names would be read with root's rights.
 */
gboolean os_image_recognise(const guchar *head, gsize n, guint64 size, const char *wanted,
			    OsImage *ret_image, GError **error);

/**
 * Make a file system on disk 0, unpack a tar into it, tune it, and make it boot.
 *
 * @fd: of the tar, compressed or not; read from its beginning, wherever it stands; @name: for messages
 */
gboolean os_image_unpack(const Os *os, int fd, const char *name, GError **error);

#endif
