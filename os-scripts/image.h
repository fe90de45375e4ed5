/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file of an image is, by its first bytes; and how a tree of files becomes a guest. */
#ifndef OS_IMAGE_H
#define OS_IMAGE_H

#include "os-scripts/os.h"

#define OS_IMAGE_HEAD 512

/** @format: "raw", "qcow2" or "tar"; @size: bytes of the disk that it is an image of; 0 for a tar */
typedef struct {
	const char *format;
	guint64 size;
} OsImage;

/**
 * Recognises the format of an image.
 *
 * @head: the first @n bytes of the file; @size: bytes of the file
 * @wanted: its format, or "auto"
 *
 * TUNE_ERROR_INVALID when the file cannot have the wanted format; TUNE_ERROR_REFUSED for a qcow2 that refers to another
 * file, which would be read with root's rights.
 */
gboolean os_image_recognise(const guchar *head, gsize n, guint64 size, const char *wanted,
			    OsImage *ret_image, GError **error);

/**
 * Makes a file system on disk 0, unpacks a tar into it, tunes the guest, and makes it boot.
 *
 * @fd: of the tar, compressed or not; read from its beginning, wherever it stands; @name: for messages
 */
gboolean os_image_unpack(const Os *os, int fd, const char *name, GError **error);

#endif
