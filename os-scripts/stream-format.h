/* SPDX-License-Identifier: BSD-2-Clause */
/* The header and extents of a stream, for both ends; see stream.h. */
#ifndef OS_STREAM_FORMAT_H
#define OS_STREAM_FORMAT_H

#include <string.h>

#include <libtune/tune.h>

#define STREAM_MAGIC "ganeti-tune disk"
#define STREAM_MAGIC_SIZE 16
#define STREAM_FORMAT 1

typedef struct {
	char magic[STREAM_MAGIC_SIZE];
	guint32 format;
	guint32 packing;
	guint64 disk_size;
	guint32 block_size;
	guint32 zero;
} StreamHeader;
G_STATIC_ASSERT(sizeof(StreamHeader) == 40);

typedef struct {
	guint64 offset;
	guint64 length;
} StreamExtent;
G_STATIC_ASSERT(sizeof(StreamExtent) == 16);

#endif
