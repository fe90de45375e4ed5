/* SPDX-License-Identifier: BSD-2-Clause */
/* From a disk to a stream: reads what is not a hole, and leaves out blocks of zeros. */
#include <errno.h>
#include <unistd.h>

#include "os-scripts/os.h"
#include "os-scripts/stream-format.h"
#include "os-scripts/stream.h"
#include "os-scripts/target.h"

typedef struct {
	int disk;
	const char *name;
	guint64 size;
	guint64 n_data;
	Wire *wire;
	Packer *packer;
	guint8 *buffer; /* STREAM_LARGEST_EXTENT */
} Export;

/* ---- where the data is ---- */

/*
 * The next part from @from on that is not a hole, in whole blocks; *@start and *@end are @size when none is left.
 * Block devices have no holes, and some file systems do not tell them: then all is data.
 */
static gboolean find_data(int disk, const char *name, guint64 size, guint64 from, guint64 *start,
			  guint64 *end, GError **error)
{
	off_t data = lseek(disk, (off_t)from, SEEK_DATA);

	if (data < 0 && errno != ENXIO && errno != EINVAL)
		return os_fail_errno(error, name);
	/* lseek(2): ENXIO when there is only a hole left, EINVAL when holes cannot be told. */
	if (from >= size || (data < 0 && errno == ENXIO) || (data >= 0 && (guint64)data >= size)) {
		*start = *end = size;
		return TRUE;
	}
	if (data < 0)
		data = (off_t)from;
	off_t hole = lseek(disk, data, SEEK_HOLE);
	guint64 data_end = hole < 0 ? size
				    : ((guint64)hole + STREAM_BLOCK - 1) / STREAM_BLOCK *
					      STREAM_BLOCK;
	*start = MAX((guint64)data / STREAM_BLOCK * STREAM_BLOCK, from);
	*end = CLAMP(data_end, *start, size);
	return TRUE;
}

gboolean stream_estimate(int disk, const char *name, guint64 *n_bytes, GError **error)
{
	guint64 size, start = 0, end = 0, sum = 0;

	if (!target_measure(disk, name, &size, error))
		return FALSE;
	for (guint64 at = 0; at < size; at = end) {
		if (!find_data(disk, name, size, at, &start, &end, error))
			return FALSE;
		sum += end - start;
	}
	*n_bytes = sum;
	return TRUE;
}

/* ---- writing ---- */

static gboolean write_header(Export *export, Packing packing, GError **error)
{
	StreamHeader header = {
		.format = GUINT32_TO_LE(STREAM_FORMAT),
		.packing = GUINT32_TO_LE((guint32)packing),
		.disk_size = GUINT64_TO_LE(export->size),
		.block_size = GUINT32_TO_LE(STREAM_BLOCK),
	};

	memcpy(header.magic, STREAM_MAGIC, STREAM_MAGIC_SIZE);
	return wire_write(export->wire, &header, sizeof(header), error);
}

static gboolean write_extent(Export *export, guint64 offset, const guint8 *data, gsize length,
			     GError **error)
{
	StreamExtent extent = {
		.offset = GUINT64_TO_LE(offset),
		.length = GUINT64_TO_LE(length),
	};

	export->n_data += length;
	return packer_write(export->packer, &extent, sizeof(extent), error) &&
	       packer_write(export->packer, data, length, error);
}

/* The first position from @at on whose block is zero when @is_zero is FALSE, or not zero when it is TRUE. */
static gsize skip_blocks(const guint8 *data, gsize at, gsize length, gboolean is_zero)
{
	while (at < length && target_is_zero(data + at, MIN(STREAM_BLOCK, length - at)) == is_zero)
		at += STREAM_BLOCK;
	return MIN(at, length);
}

static gboolean write_piece(Export *export, guint64 offset, gsize length, GError **error)
{
	gsize end;

	for (gsize at = skip_blocks(export->buffer, 0, length, TRUE); at < length;
	     at = skip_blocks(export->buffer, end, length, TRUE)) {
		end = skip_blocks(export->buffer, at, length, FALSE);
		if (!write_extent(export, offset + at, export->buffer + at, end - at, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_piece(Export *export, guint64 offset, gsize length, GError **error)
{
	for (gsize done = 0; done < length;) {
		ssize_t n = pread(export->disk, export->buffer + done, length - done,
				  (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return os_fail_errno(error, export->name);
		if (n == 0)
			return os_fail(error, TUNE_ERROR_IO, "%s: has become shorter",
				       export->name);
		done += (gsize)n;
	}
	return TRUE;
}

static gboolean write_data(Export *export, guint64 start, guint64 end, GError **error)
{
	while (start < end) {
		gsize length = MIN(end - start, STREAM_LARGEST_EXTENT);
		if (!read_piece(export, start, length, error) ||
		    !write_piece(export, start, length, error))
			return FALSE;
		start += length;
	}
	return TRUE;
}

static gboolean write_disk(Export *export, GError **error)
{
	guint64 start = 0, end = 0;

	for (guint64 at = 0; at < export->size; at = end)
		if (!find_data(export->disk, export->name, export->size, at, &start, &end, error) ||
		    !write_data(export, start, end, error))
			return FALSE;
	return write_extent(export, export->size, NULL, 0, error) &&
	       packer_end(export->packer, error);
}

gboolean stream_export(int disk, const char *name, Packing packing, int out, StreamFigures *figures,
		       GError **error)
{
	g_autoptr(Wire) wire = wire_new(out);
	g_autoptr(Packer) packer = packer_new(packing, wire);
	g_autofree guint8 *buffer = g_malloc(STREAM_LARGEST_EXTENT);
	Export export = {
		.disk = disk, .name = name, .wire = wire, .packer = packer, .buffer = buffer
	};

	guint8 digest[WIRE_DIGEST];

	if (!target_measure(disk, name, &export.size, error) ||
	    !write_header(&export, packing, error) || !write_disk(&export, error))
		return FALSE;
	wire_digest(wire, digest);
	if (!wire_write(wire, digest, sizeof(digest), error))
		return FALSE;
	figures->disk_size = export.size;
	figures->data_size = export.n_data;
	figures->stream_size = wire_count(wire);
	figures->is_raw = FALSE;
	return TRUE;
}
