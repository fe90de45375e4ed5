/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk as a stream of bytes for a pipe, which gnt-backup stores.  The form:
 *
 *	header   magic (16 bytes), format, packing (32 bits each), size of the disk (64), block size, 0 (32)
 *	extents  packed: offset, length (64 bits), then so many bytes; ascending; all else of the disk is zero
 *	end      packed: an extent of length 0 at the end of the disk
 *	digest   SHA-256 of all bytes before it; nothing comes after it
 *
 * Numbers are little-endian.  Neither end keeps more than a few MiB in memory, and neither seeks in the stream.
 * wire.h has the pipe, packing.h the compression, target.h the disk that an import fills.
 */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include "os-scripts/packing.h"

/** Blocks of this size that are zero are not in the stream. */
#define STREAM_BLOCK 4096
#define STREAM_LARGEST_EXTENT (1024 * 1024)

/**
 * @disk_size: of the disk that was exported
 * @data_size: bytes of it that the stream has
 * @stream_size: bytes of the stream
 * @is_raw: the stream was a plain disk image, which has no checksum, so it was not verified
 */
typedef struct {
	guint64 disk_size;
	guint64 data_size;
	guint64 stream_size;
	gboolean is_raw;
} StreamFigures;

/** The most data that there can be to export; holes of a file do not count. */
gboolean stream_estimate(int disk, const char *name, guint64 *n_bytes, GError **error);

/** Write the @disk, a file or a block device whose @name is for messages, to @out. */
gboolean stream_export(int disk, const char *name, Packing packing, int out, StreamFigures *figures,
		       GError **error);

/**
 * Read a stream from @in to its end, and write it to @disk.  Also takes a disk image, plain or packed with gzip.
 * When it fails, the disk is unusable (see target.h).
 */
gboolean stream_import(int in, int disk, const char *name, StreamFigures *figures, GError **error);

#endif
