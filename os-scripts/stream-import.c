/* SPDX-License-Identifier: BSD-2-Clause */
/* From a stream to a disk: our own streams, checked to the last byte, and plain disk images, which cannot be checked. */
#include "os-scripts/os.h"
#include "os-scripts/stream-format.h"
#include "os-scripts/stream.h"
#include "os-scripts/target.h"

#define SECTOR 512
/* So many bytes of a stream show what it is. */
#define FIRST_LOOK 512

typedef struct {
	Wire *wire;
	Target *target;
	Unpacker *unpacker;
	guint8 *buffer; /* STREAM_LARGEST_EXTENT */
	guint64 n_data;
	guint64 disk_size;
	guint32 block_size;
} Import;

/* Formats of files that are no disk images, and that other OS definitions export; written to a disk they boot nothing. */
typedef struct {
	gsize offset;
	const char *bytes;
	gsize size;
	const char *name;
} KnownFormat;

#define FORMAT(offset, bytes, name)                                                                \
	{                                                                                          \
		offset, bytes, sizeof(bytes) - 1, name                                             \
	}
static const KnownFormat known_formats[] = {
	FORMAT(24, "\x6c\xea\x00\x00",
	       "an archive of dump(8), as the definition debootstrap makes"),
	FORMAT(257, "ustar", "a tar archive, as the definition image makes"),
	FORMAT(0, "QFI\xfb", "a qcow2 image"),
	FORMAT(0, "KDMV", "a VMDK image"),
	FORMAT(0, "\x28\xb5\x2f\xfd", "packed with zstd"),
	FORMAT(0,
	       "\xfd"
	       "7zXZ",
	       "packed with xz"),
	FORMAT(0, "BZh", "packed with bzip2"),
};

/* ---- our own streams ---- */

static gboolean fail_damaged(Import *import, const char *what, GError **error)
{
	return os_fail(error, TUNE_ERROR_INVALID,
		       "stream is damaged near byte %" G_GUINT64_FORMAT ": %s",
		       wire_count(import->wire), what);
}

static gboolean check_size(Import *import, guint64 size, GError **error)
{
	guint64 have = target_get_size(import->target);

	if (size <= have)
		return TRUE;
	return os_fail(error, TUNE_ERROR_INVALID,
		       "stream has a disk of %" G_GUINT64_FORMAT
		       " bytes, too large for this one of %" G_GUINT64_FORMAT,
		       size, have);
}

static gboolean read_header(Import *import, Packing *packing, GError **error)
{
	StreamHeader header;
	gsize n_bytes;

	if (!wire_fill(import->wire, sizeof(header), error))
		return FALSE;
	const guint8 *bytes = wire_look(import->wire, &n_bytes);
	if (n_bytes < sizeof(header))
		return fail_damaged(import, "it ends in its header", error);
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.magic, STREAM_MAGIC, STREAM_MAGIC_SIZE) != 0)
		return fail_damaged(import, "its magic number is wrong", error);
	if (GUINT32_FROM_LE(header.format) != STREAM_FORMAT)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "unknown stream format %u (this version reads %d)",
			       GUINT32_FROM_LE(header.format), STREAM_FORMAT);
	import->disk_size = GUINT64_FROM_LE(header.disk_size);
	import->block_size = GUINT32_FROM_LE(header.block_size);
	*packing = (Packing)GUINT32_FROM_LE(header.packing);
	if (!packing_is_known(*packing) || import->block_size == 0 || import->disk_size == 0 ||
	    header.zero != 0)
		return fail_damaged(import, "its header is invalid", error);
	wire_take(import->wire, sizeof(header));
	return check_size(import, import->disk_size, error);
}

static gboolean read_exactly(Import *import, gpointer data, gsize size, GError **error)
{
	gsize n_bytes;

	if (!unpacker_read(import->unpacker, data, size, &n_bytes, error))
		return FALSE;
	return n_bytes == size || fail_damaged(import, "it ends too early", error);
}

/* Whole blocks, except at the end of the disk; behind all earlier extents; within buffer and disk. */
static gboolean is_valid_extent(const Import *import, guint64 offset, guint64 length, guint64 next)
{
	return length <= STREAM_LARGEST_EXTENT && offset >= next && offset <= import->disk_size &&
	       length <= import->disk_size - offset && offset % import->block_size == 0 &&
	       (length % import->block_size == 0 || offset + length == import->disk_size);
}

static gboolean read_extents(Import *import, GError **error)
{
	StreamExtent extent;

	for (guint64 next = 0;;) {
		if (!read_exactly(import, &extent, sizeof(extent), error))
			return FALSE;
		guint64 offset = GUINT64_FROM_LE(extent.offset);
		guint64 length = GUINT64_FROM_LE(extent.length);
		if (length == 0 && offset == import->disk_size)
			return TRUE;
		if (length == 0 || !is_valid_extent(import, offset, length, next))
			return fail_damaged(import, "an invalid extent", error);
		if (!read_exactly(import, import->buffer, (gsize)length, error) ||
		    !target_put(import->target, offset, import->buffer, (gsize)length, error))
			return FALSE;
		import->n_data += length;
		next = offset + length;
	}
}

/* Packed data must end with the extents.  Reading its end also makes the unpacker check its own checksum. */
static gboolean check_unpacked_end(Import *import, Packing packing, GError **error)
{
	guint8 more;
	gsize n_bytes = 0;

	if (packing != PACKING_NONE &&
	    !unpacker_read(import->unpacker, &more, sizeof(more), &n_bytes, error))
		return FALSE;
	return n_bytes == 0 || fail_damaged(import, "it goes on after its end", error);
}

static gboolean check_digest(Import *import, GError **error)
{
	guint8 digest[WIRE_DIGEST];
	gsize n_bytes;

	wire_digest(import->wire, digest);
	if (!wire_fill(import->wire, WIRE_DIGEST + 1, error))
		return FALSE;
	const guint8 *bytes = wire_look(import->wire, &n_bytes);
	if (n_bytes < WIRE_DIGEST)
		return fail_damaged(import, "it ends before its checksum does", error);
	if (n_bytes > WIRE_DIGEST)
		return fail_damaged(import, "it goes on after its checksum", error);
	if (memcmp(bytes, digest, WIRE_DIGEST) != 0)
		return fail_damaged(import, "its SHA-256 does not match", error);
	return TRUE;
}

static gboolean import_own(Import *import, GError **error)
{
	Packing packing = PACKING_NONE;

	if (!read_header(import, &packing, error))
		return FALSE;
	import->unpacker = unpacker_new(packing, import->wire);
	return read_extents(import, error) && check_unpacked_end(import, packing, error) &&
	       check_digest(import, error);
}

/* ---- disk images ---- */

static gboolean put_image(Import *import, gsize length, GError **error)
{
	guint64 offset = import->disk_size;

	if (!check_size(import, offset + length, error))
		return FALSE;
	import->disk_size += length;
	for (gsize at = 0; at < length; at += STREAM_BLOCK) {
		gsize size = MIN(STREAM_BLOCK, length - at);
		if (target_is_zero(import->buffer + at, size))
			continue;
		if (!target_put(import->target, offset + at, import->buffer + at, size, error))
			return FALSE;
		import->n_data += size;
	}
	return TRUE;
}

static gboolean has_more(Import *import, gboolean *is_more, GError **error)
{
	gsize n_bytes;

	if (!wire_fill(import->wire, 1, error))
		return FALSE;
	wire_look(import->wire, &n_bytes);
	*is_more = n_bytes > 0;
	return TRUE;
}

/* An image has no checksum.  That its size is no whole number of sectors is the only sign of an early end. */
static gboolean check_image(Import *import, GError **error)
{
	if (import->disk_size > 0 && import->disk_size % SECTOR == 0)
		return TRUE;
	return os_fail(error, TUNE_ERROR_INVALID,
		       "stream is not a disk image: %" G_GUINT64_FORMAT
		       " bytes are not whole sectors",
		       import->disk_size);
}

static gboolean import_image(Import *import, Packing packing, GError **error)
{
	gboolean is_more = TRUE;

	import->unpacker = unpacker_new(packing, import->wire);
	while (is_more) {
		gsize n_bytes;
		if (!unpacker_read(import->unpacker, import->buffer, STREAM_LARGEST_EXTENT,
				   &n_bytes, error) ||
		    !put_image(import, n_bytes, error) || !has_more(import, &is_more, error))
			return FALSE;
		if (n_bytes < STREAM_LARGEST_EXTENT)
			unpacker_restart(import->unpacker);
	}
	return check_image(import, error);
}

/* ---- which of the two ---- */

/* With half of the magic number it is a damaged stream of ours, and not a disk image. */
static gboolean is_own(const guint8 *bytes, gsize n_bytes)
{
	guint n_equal = 0;

	for (gsize i = 0; i < MIN(n_bytes, STREAM_MAGIC_SIZE); i++)
		n_equal += bytes[i] == (guint8)STREAM_MAGIC[i];
	return n_equal >= STREAM_MAGIC_SIZE / 2;
}

static const KnownFormat *find_format(const guint8 *bytes, gsize n_bytes)
{
	for (guint i = 0; i < G_N_ELEMENTS(known_formats); i++) {
		const KnownFormat *format = &known_formats[i];
		if (format->offset + format->size <= n_bytes &&
		    memcmp(bytes + format->offset, format->bytes, format->size) == 0)
			return format;
	}
	return NULL;
}

static gboolean import_any(Import *import, gboolean *is_raw, GError **error)
{
	gsize n_bytes;

	if (!wire_fill(import->wire, FIRST_LOOK, error))
		return FALSE;
	const guint8 *bytes = wire_look(import->wire, &n_bytes);
	if (n_bytes == 0)
		return os_fail(error, TUNE_ERROR_INVALID, "stream is empty");
	*is_raw = !is_own(bytes, n_bytes);
	if (!*is_raw)
		return import_own(import, error);
	const KnownFormat *format = find_format(bytes, n_bytes);
	if (format)
		return os_fail(error, TUNE_ERROR_INVALID, "stream is not a disk image: it is %s",
			       format->name);
	gboolean is_gzip = n_bytes >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
	return import_image(import, is_gzip ? PACKING_GZIP : PACKING_NONE, error);
}

gboolean stream_import(int in, int disk, const char *name, StreamFigures *figures, GError **error)
{
	g_autoptr(Wire) wire = wire_new(in);
	g_autoptr(Target) target = target_new(disk, name, error);
	g_autofree guint8 *buffer = g_malloc(STREAM_LARGEST_EXTENT);
	Import import = { .wire = wire, .target = target, .buffer = buffer };
	gboolean is_raw = FALSE;

	if (!target)
		return FALSE;
	gboolean good = import_any(&import, &is_raw, error) && target_finish(target, error);
	unpacker_free(import.unpacker);
	if (!good) {
		g_prefix_error(error, "%s is left unusable: ", name);
		return FALSE;
	}
	figures->disk_size = import.disk_size;
	figures->data_size = import.n_data;
	figures->stream_size = wire_count(wire) + (is_raw ? 0 : WIRE_DIGEST);
	figures->is_raw = is_raw;
	return TRUE;
}
