/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged and truncated streams, other files, and disk images. */
#include <string.h>
#include <unistd.h>

#include "os-scripts/stream-format.h"

#include "tests/unit/check.h"
#include "tests/unit/memory.h"

/* ---- faults ---- */

/* Whether the stream is refused with @words in the reason, and the disk cannot be booted. */
static gboolean is_refused(const void *stream, gsize size, gsize disk_size, const char *words)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = memory_garbage(disk_size);
	gboolean good = memory_import(stream, size, disk, &figures, &error);
	gboolean is_right = !good && error && memory_is_unusable(disk) &&
			    strstr(error->message, "disk is left unusable: ") &&
			    strstr(error->message, words);

	if (!is_right)
		CHECK_TEXT(error ? error->message : "accepted", words);
	close(disk);
	return is_right;
}

static const MemoryDisk small = { "small", 16 * KIB, { { 0, 600, 'x' }, { 8192, 100, 'r' } } };

static void test_every_byte_flipped(void)
{
	int disk = memory_disk(&small);

	for (guint p = 0; p < G_N_ELEMENTS(memory_packings); p++) {
		g_autoptr(GByteArray) stream = memory_export(disk, memory_packings[p]);
		for (guint i = 0; i < stream->len; i++) {
			for (guint bit = 0; bit < 8; bit += 7) {
				stream->data[i] ^= (guint8)(1u << bit);
				if (!is_refused(stream->data, stream->len, small.size, ""))
					return;
				stream->data[i] ^= (guint8)(1u << bit);
			}
		}
	}
	close(disk);
}

static void test_every_length(void)
{
	int disk = memory_disk(&small);

	for (guint p = 0; p < G_N_ELEMENTS(memory_packings); p++) {
		g_autoptr(GByteArray) stream = memory_export(disk, memory_packings[p]);
		for (guint length = 0; length < stream->len; length++)
			if (!is_refused(stream->data, length, small.size, ""))
				return;
		g_byte_array_append(stream, (const guint8 *)"", 1);
		is_refused(stream->data, stream->len, small.size, "goes on after");
	}
	close(disk);
}

static void test_smaller_disk(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(memory_disks); i++) {
		check_row(memory_disks[i].name);
		if (memory_disks[i].size <= 512)
			continue;
		int disk = memory_disk(&memory_disks[i]);
		g_autoptr(GByteArray) stream = memory_export(disk, PACKING_ZSTD);
		is_refused(stream->data, stream->len, memory_disks[i].size - 512,
			   "too large for this one");
		close(disk);
	}
}

/* A stream of a disk of 16 KiB with a good checksum and an impossible header or extents. */
typedef struct {
	const char *name;
	const char *words;
	guint32 format, packing;
	guint64 disk_size;
	guint32 block_size, zero;
	StreamExtent extents[4];
} Forgery;

#define GOOD_HEADER 1, PACKING_NONE, 16 * KIB, 4096, 0
#define END                                                                                        \
	{                                                                                          \
		16 * KIB, 0                                                                        \
	}
/* clang-format off */
static const Forgery forgeries[] = {
	{ "a newer format",
	  "stream format 2",     2, PACKING_NONE, 16 * KIB, 4096, 0, { END } },
	{ "format 0",
	  "stream format 0",     0, PACKING_NONE, 16 * KIB, 4096, 0, { END } },
	{ "unknown packing",
	  "header is invalid",  1, 3, 16 * KIB, 4096, 0, { END } },
	{ "block size 0",
	  "header is invalid",  1, PACKING_NONE, 16 * KIB, 0, 0, { END } },
	{ "reserved bytes not 0",
	  "header is invalid",  1, PACKING_NONE, 16 * KIB, 4096, 1, { END } },
	{ "disk of no size",
	  "header is invalid",  1, PACKING_NONE, 0, 4096, 0, { { 0, 0 } } },
	{ "size not of whole sectors",
	  "too large",          1, PACKING_NONE, 16 * KIB + 1, 4096, 0, { END } },
	{ "largest size",
	  "too large",          1, PACKING_NONE, G_MAXUINT64, 4096, 0, { END } },
	{ "extent behind the end",
	  "an invalid extent",  GOOD_HEADER, { { 16 * KIB, 4096 }, END } },
	{ "extent across the end",
	  "an invalid extent",  GOOD_HEADER, { { 12 * KIB, 8192 }, END } },
	{ "extents in the wrong order",
	  "an invalid extent",  GOOD_HEADER, { { 8 * KIB, 4096 }, { 4 * KIB, 4096 }, END } },
	{ "extents that overlap",
	  "an invalid extent",  GOOD_HEADER, { { 4 * KIB, 8192 }, { 8 * KIB, 4096 }, END } },
	{ "start not of whole blocks",
	  "an invalid extent",  GOOD_HEADER, { { 512, 4096 }, END } },
	{ "length not of whole blocks",
	  "an invalid extent",  GOOD_HEADER, { { 4096, 512 }, END } },
	{ "empty extent",
	  "an invalid extent",  GOOD_HEADER, { { 4096, 0 }, END } },
	{ "longest extent",
	  "an invalid extent",  GOOD_HEADER, { { 0, G_MAXUINT64 - 4095 }, END } },
	{ "start near the largest number",
	  "an invalid extent",  GOOD_HEADER, { { G_MAXUINT64 - 4095, 4096 }, END } },
	{ "no end",
	  "an invalid extent",  GOOD_HEADER, { { 0, 16 * KIB } } },
	{ "extent too long",
	  "an invalid extent",  1, PACKING_NONE, 4 * MIB, 4096, 0,
	  { { 0, STREAM_LARGEST_EXTENT + 4096 }, { 4 * MIB, 0 } } },
};
/* clang-format on */

static void append_digest(GByteArray *stream)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[WIRE_DIGEST];
	gsize length = sizeof(digest);

	g_checksum_update(sum, stream->data, stream->len);
	g_checksum_get_digest(sum, digest, &length);
	g_byte_array_append(stream, digest, sizeof(digest));
}

static void append_extents(GByteArray *stream, const Forgery *forgery)
{
	g_autofree guint8 *data = g_malloc0(2 * STREAM_LARGEST_EXTENT);

	for (guint i = 0; i < G_N_ELEMENTS(forgery->extents); i++) {
		const StreamExtent *extent = &forgery->extents[i];
		if (i > 0 && extent->offset == 0 && extent->length == 0)
			return;
		g_byte_array_append(stream, (const guint8 *)extent, sizeof(*extent));
		if (extent->length <= 2 * STREAM_LARGEST_EXTENT)
			g_byte_array_append(stream, data, (guint)extent->length);
	}
}

static GByteArray *forge(const Forgery *forgery)
{
	StreamHeader header = { .format = forgery->format,
				.packing = forgery->packing,
				.disk_size = forgery->disk_size,
				.block_size = forgery->block_size,
				.zero = forgery->zero };
	GByteArray *stream = g_byte_array_new();

	memcpy(header.magic, STREAM_MAGIC, STREAM_MAGIC_SIZE);
	g_byte_array_append(stream, (const guint8 *)&header, sizeof(header));
	append_extents(stream, forgery);
	append_digest(stream);
	return stream;
}

static void test_forgeries(void)
{
	static const Forgery good = {
		"good", "", GOOD_HEADER, { { 0, 4096 }, { 8 * KIB, 8192 }, END }
	};
	g_autoptr(GByteArray) sound = forge(&good);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = memory_garbage(16 * KIB);

	CU_ASSERT(memory_import(sound->data, sound->len, disk, &figures, &error));
	close(disk);
	for (guint i = 0; i < G_N_ELEMENTS(forgeries); i++) {
		check_row(forgeries[i].name);
		g_autoptr(GByteArray) stream = forge(&forgeries[i]);
		gsize size = forgeries[i].disk_size == 4 * MIB ? 4 * MIB : 16 * KIB;
		is_refused(stream->data, stream->len, size, forgeries[i].words);
	}
}

static GByteArray *pack_gzip(const guint8 *data, gsize size)
{
	g_autoptr(GError) error = NULL;
	int out = memory_file(NULL, 0);
	g_autoptr(Wire) wire = wire_new(out);
	g_autoptr(Packer) packer = packer_new(PACKING_GZIP, wire);

	CU_ASSERT(packer_write(packer, data, size, &error) && packer_end(packer, &error));
	GByteArray *packed = memory_read(out);
	close(out);
	return packed;
}

/* The packed data must end with the last extent. */
static void test_packed_rest(void)
{
	static const Forgery none = { "none", "", 1, PACKING_GZIP, 16 * KIB, 4096, 0, { { 0 } } };
	static const struct {
		StreamExtent end;
		guint8 rest[8];
	} packed = { END, { 1 } };
	g_autoptr(GByteArray) stream = forge(&none);
	g_autoptr(GByteArray) good = pack_gzip((const guint8 *)&packed, sizeof(packed.end));
	g_autoptr(GByteArray) bad = pack_gzip((const guint8 *)&packed, sizeof(packed));
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = memory_garbage(16 * KIB);

	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, good->data, good->len);
	append_digest(stream);
	CU_ASSERT(memory_import(stream->data, stream->len, disk, &figures, &error));
	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, bad->data, bad->len);
	append_digest(stream);
	is_refused(stream->data, stream->len, 16 * KIB, "it goes on after its end");
	close(disk);
}

/* A frame of zstd that wants 128 MiB to be unpacked. */
static void test_large_window(void)
{
	static const Forgery zstd = { "zstd", "", 1, PACKING_ZSTD, 16 * KIB, 4096, 0, { { 0 } } };
	static const guint8 frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00 };
	g_autoptr(GByteArray) stream = forge(&zstd);

	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, frame, sizeof(frame));
	is_refused(stream->data, stream->len, 16 * KIB, "too much memory");
}

/* A stream with three bits of its magic changed is not taken for an image. */
static void test_damaged_name(void)
{
	int disk = memory_disk(&small);
	g_autoptr(GByteArray) stream = memory_export(disk, PACKING_NONE);

	memset(stream->data + 5, 0, 3);
	is_refused(stream->data, stream->len, small.size, "its magic number is wrong");
	close(disk);
}

/* ---- disk images, which other exports are ---- */

static void check_image(const GByteArray *stream, const GByteArray *wanted, const char *name)
{
	int disk = memory_garbage(wanted->len + MIB);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };

	memory_import(stream->data, stream->len, disk, &figures, &error);
	CHECK_NO_ERROR(error);
	g_autoptr(GByteArray) found = memory_read(disk);
	memory_check_bytes(found, wanted->data, wanted->len, name);
	CU_ASSERT(figures.is_raw);
	CU_ASSERT_EQUAL(figures.disk_size, wanted->len);
	close(disk);
}

static void test_images(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(memory_disks); i++) {
		check_row(memory_disks[i].name);
		if (memory_disks[i].size % 512 != 0)
			continue;
		int disk = memory_disk(&memory_disks[i]);
		g_autoptr(GByteArray) image = memory_read(disk);
		g_autoptr(GByteArray) packed = pack_gzip(image->data, image->len);
		check_image(image, image, memory_disks[i].name);
		check_image(packed, image, memory_disks[i].name);
		close(disk);
	}
}

static void test_gzip_members(void)
{
	int disk = memory_disk(&memory_disks[6]);
	g_autoptr(GByteArray) image = memory_read(disk);
	gsize half = image->len / 2 + 100;
	g_autoptr(GByteArray) packed = pack_gzip(image->data, half);
	g_autoptr(GByteArray) rest = pack_gzip(image->data + half, image->len - half);

	g_byte_array_append(packed, rest->data, rest->len);
	check_image(packed, image, "two members");
	close(disk);
}

/* Long enough to be recognised, and of whole sectors. */
#define PADDED(name, offset, bytes)                                                                \
	{                                                                                          \
		name, offset, bytes, sizeof(bytes) - 1, 1024                                       \
	}
/* clang-format off */
static const struct {
	const char *words;
	gsize offset;
	const char *bytes;
	gsize n_bytes, size;
} others[] = {
	{ "is empty",               0, "", 0, 0 },
	{ "not whole sectors",      0, "", 0, 511 },
	{ "not whole sectors",      0, "", 0, 1025 },
	{ "too large",              0, "", 0, 16 * KIB + 512 },
	PADDED("is an archive of dump(8)", 24, "\x6c\xea\x00\x00"),
	PADDED("is a tar archive",  257, "ustar"),
	PADDED("is a qcow2 image",  0, "QFI\xfb"),
	PADDED("is a VMDK image",   0, "KDMV"),
	PADDED("is packed with zstd", 0, "\x28\xb5\x2f\xfd"),
	PADDED("is packed with xz", 0, "\xfd" "7zXZ"),
	PADDED("is packed with bzip2", 0, "BZh9"),
	PADDED("gzip: ",            0, "\x1f\x8b"),
};
/* clang-format on */

static void test_no_images(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		check_row_format("%s, %u bytes", others[i].words, (guint)others[i].size);
		g_autofree guint8 *stream = g_malloc0(others[i].size + 1);
		if (others[i].n_bytes > 0)
			memcpy(stream + others[i].offset, others[i].bytes, others[i].n_bytes);
		is_refused(stream, others[i].size, 16 * KIB, others[i].words);
	}
}

static void test_damaged_gzip(void)
{
	int disk = memory_disk(&small);
	g_autoptr(GByteArray) image = memory_read(disk);
	g_autoptr(GByteArray) packed = pack_gzip(image->data, image->len);

	g_autoptr(GByteArray) nothing = pack_gzip(image->data, 0);

	is_refused(nothing->data, nothing->len, small.size, "0 bytes are not whole sectors");
	is_refused(packed->data, packed->len - 1, small.size, "ends too early");
	packed->data[packed->len - 6] ^= 1;
	is_refused(packed->data, packed->len, small.size, "incorrect data check");
	close(disk);
}

int main(void)
{
	static const Check checks[] = {
		{ "each byte flipped is refused, the disk unusable", test_every_byte_flipped },
		{ "each shorter length is refused, the disk unusable", test_every_length },
		{ "a smaller disk is refused, and unusable", test_smaller_disk },
		{ "right checksum, impossible content", test_forgeries },
		{ "packed bytes after the end", test_packed_rest },
		{ "zstd that wants too much memory", test_large_window },
		{ "a damaged name is no disk image", test_damaged_name },
		{ "disk images, as they are and with gzip", test_images },
		{ "gzip in two members", test_gzip_members },
		{ "what is no disk image", test_no_images },
		{ "gzip that is damaged", test_damaged_gzip },
		{ NULL, NULL },
	};

	return check_main("stream-import", checks);
}
