/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/stream-format.h"
#include "os-scripts/stream.h"
#include "os-scripts/target.h"

#include "tests/unit/check.h"

#define KIB 1024
#define MIB (1024 * 1024)
#define GARBAGE 0xa5

static const Packing packings[] = { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

/* ---- files in memory ---- */

static int make_file(const void *data, gsize size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || (size > 0 && pwrite(fd, data, size, 0) != (ssize_t)size))
		g_error("no file in memory");
	return fd;
}

static int make_garbage(gsize size)
{
	g_autofree guint8 *data = g_malloc(size);

	memset(data, GARBAGE, size);
	return make_file(data, size);
}

static GByteArray *read_file(int fd)
{
	struct stat status;

	fstat(fd, &status);
	GByteArray *bytes = g_byte_array_sized_new((guint)status.st_size);
	g_byte_array_set_size(bytes, (guint)status.st_size);
	if (pread(fd, bytes->data, bytes->len, 0) != (ssize_t)bytes->len)
		g_error("cannot read a file in memory");
	return bytes;
}

/* ---- disks ---- */

/* Runs of data: random, of one byte, or zeros that are allocated all the same. */
typedef struct {
	guint64 offset;
	gsize length;
	char kind;
} Run;

typedef struct {
	const char *name;
	gsize size;
	Run runs[6];
} Disk;

/* clang-format off */
static const Disk disks[] = {
	{ "nothing",           64 * KIB, { { 0 } } },
	{ "one sector",        512,      { { 0, 512, 'r' } } },
	{ "a few sectors",     5 * 512,  { { 512, 2048, 'r' } } },
	{ "no whole blocks",   9 * 4096 + 512, { { 0, 100, 'r' }, { 36000, 1376, 'x' } } },
	{ "zeros as data",     256 * KIB, { { 0, 128 * KIB, '0' }, { 128 * KIB, 4096, 'r' }, { 132 * KIB, 4096, '0' } } },
	{ "first and last",    8 * MIB,  { { 0, 1, 'x' }, { 8 * MIB - 1, 1, 'x' } } },
	{ "over the ends",     6 * MIB,  { { 1 * MIB - 5000, 10000, 'r' }, { 3 * MIB, 100, 'r' }, { 5 * MIB - 5000, 10000, 'r' } } },
	{ "all of it",         5 * MIB + 4096, { { 0, 5 * MIB + 4096, 'r' } } },
	{ "1 MiB and a block", 1 * MIB + 4096, { { 0, 1 * MIB + 4096, 'r' } } },
	/* With what is said of it not quite what zstd packs at once, and more than it can give at once. */
	{ "128 KiB of zstd",   131030,   { { 0, 131030, 'r' } } },
	{ "2 MiB",             2 * MIB,  { { 0, 2 * MIB, 'x' } } },
};
/* clang-format on */

static void write_run(int fd, const Run *run)
{
	g_autofree guint8 *data = g_malloc0(run->length);
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)run->offset + 1);

	for (gsize i = 0; i < run->length && run->kind != '0'; i++)
		data[i] = run->kind == 'r' ? (guint8)g_rand_int(random) : (guint8)run->kind;
	if (pwrite(fd, data, run->length, (off_t)run->offset) != (ssize_t)run->length)
		g_error("cannot write a run");
}

static int make_disk(const Disk *disk)
{
	int fd = make_file(NULL, 0);

	if (ftruncate(fd, (off_t)disk->size) < 0)
		g_error("cannot size a file");
	for (guint i = 0; i < G_N_ELEMENTS(disk->runs) && disk->runs[i].length; i++)
		write_run(fd, &disk->runs[i]);
	return fd;
}

static GByteArray *export(int disk, Packing packing)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int out = make_file(NULL, 0);

	stream_export(disk, "disk", packing, out, &figures, &error);
	CHECK_NO_ERROR(error);
	GByteArray *stream = read_file(out);
	CU_ASSERT_EQUAL(figures.stream_size, stream->len);
	close(out);
	return stream;
}

static gboolean import(const void *stream, gsize size, int disk, StreamFigures *figures,
		       GError **error)
{
	int in = make_file(stream, size);
	gboolean good = stream_import(in, disk, "disk", figures, error);

	close(in);
	return good;
}

static gboolean is_filled(const guint8 *data, gsize size, guint8 byte)
{
	for (gsize i = 0; i < size; i++)
		if (data[i] != byte)
			return FALSE;
	return TRUE;
}

static void check_bytes(const GByteArray *found, const guint8 *wanted, gsize size, const char *name)
{
	if (found->len < size || memcmp(found->data, wanted, size) != 0 ||
	    !is_filled(found->data + size, found->len - size, 0))
		CHECK_TEXT(name, "the same bytes, and zeros after them");
}

/* The first MiB says so and holds nothing else; the last holds nothing. */
static gboolean is_unusable(int disk)
{
	g_autoptr(GByteArray) bytes = read_file(disk);
	gsize head = MIN(bytes->len, TARGET_HELD);
	gsize tail = MAX(head, bytes->len - head);

	return memmem(bytes->data, 440, "not complete", 12) && bytes->data[0] == 0xfa &&
	       bytes->data[510] == 0x55 && bytes->data[511] == 0xaa &&
	       is_filled(bytes->data + 440, 70, 0) && is_filled(bytes->data + 512, head - 512, 0) &&
	       is_filled(bytes->data + tail, bytes->len - tail, 0);
}

/* ---- there and back ---- */

static void check_round(const Disk *disk, Packing packing, gsize more)
{
	int from = make_disk(disk);
	int to = make_garbage(disk->size + more);
	g_autoptr(GByteArray) wanted = read_file(from);
	g_autoptr(GByteArray) stream = export(from, packing);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };

	import(stream->data, stream->len, to, &figures, &error);
	CHECK_NO_ERROR(error);
	g_autoptr(GByteArray) found = read_file(to);
	check_bytes(found, wanted->data, wanted->len, disk->name);
	CU_ASSERT_EQUAL(figures.disk_size, disk->size);
	CU_ASSERT_EQUAL(figures.stream_size, stream->len);
	CU_ASSERT_FALSE(figures.is_raw);
	close(from);
	close(to);
}

static void test_round(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(disks); i++)
		for (guint p = 0; p < G_N_ELEMENTS(packings); p++)
			check_round(&disks[i], packings[p], 0);
}

static void test_larger_disk(void)
{
	static const gsize more[] = { 512, 4096, MIB, 3 * MIB };

	for (guint i = 0; i < G_N_ELEMENTS(disks); i++)
		check_round(&disks[i], PACKING_ZSTD, more[i % G_N_ELEMENTS(more)]);
}

static void test_holes(void)
{
	static const Disk sparse = { "sparse", 64 * MIB, { { 20 * MIB, 4096, 'r' } } };
	int from = make_disk(&sparse);
	int to = make_garbage(64 * MIB);
	g_autoptr(GByteArray) stream = export(from, PACKING_NONE);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	guint64 estimate = 0;
	struct stat status;

	CU_ASSERT(stream_estimate(from, "disk", &estimate, &error));
	CU_ASSERT_EQUAL(estimate, 4096);
	CU_ASSERT_EQUAL(stream->len, 40 + 16 + 4096 + 16 + 32);
	CU_ASSERT(import(stream->data, stream->len, to, &figures, &error));
	CU_ASSERT_EQUAL(figures.data_size, 4096);
	fstat(to, &status);
	CU_ASSERT(status.st_blocks * 512 < 3 * MIB);
	close(from);
	close(to);
}

static gpointer dribble(gpointer data)
{
	const GByteArray *stream = ((gpointer *)data)[0];
	int fd = GPOINTER_TO_INT(((gpointer *)data)[1]);

	for (guint i = 0; i < stream->len; i++)
		if (write(fd, stream->data + i, 1) != 1)
			g_error("cannot write to a pipe");
	close(fd);
	return NULL;
}

/* A pipe gives what it has. */
static void test_byte_by_byte(void)
{
	int from = make_disk(&disks[3]);
	int to = make_garbage(disks[3].size);
	g_autoptr(GByteArray) wanted = read_file(from);
	g_autoptr(GByteArray) stream = export(from, PACKING_ZSTD);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int ends[2];

	if (pipe(ends) < 0)
		g_error("no pipe");
	gpointer task[] = { stream, GINT_TO_POINTER(ends[1]) };
	GThread *writer = g_thread_new("writer", dribble, task);
	stream_import(ends[0], to, "disk", &figures, &error);
	g_thread_join(writer);
	CHECK_NO_ERROR(error);
	g_autoptr(GByteArray) found = read_file(to);
	check_bytes(found, wanted->data, wanted->len, "byte by byte");
	close(ends[0]);
	close(from);
	close(to);
}

/* ---- faults ---- */

/* Refused, with these words in the reason, and nobody can boot the disk; FALSE when any of it is not so. */
static gboolean is_refused(const void *stream, gsize size, gsize disk_size, const char *words)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = make_garbage(disk_size);
	gboolean good = import(stream, size, disk, &figures, &error);
	gboolean is_right = !good && error && is_unusable(disk) &&
			    strstr(error->message, "disk is left unusable: ") &&
			    strstr(error->message, words);

	if (!is_right)
		CHECK_TEXT(error ? error->message : "accepted", words);
	close(disk);
	return is_right;
}

static const Disk small = { "small", 16 * KIB, { { 0, 600, 'x' }, { 8192, 100, 'r' } } };

static void test_every_byte_flipped(void)
{
	int disk = make_disk(&small);

	for (guint p = 0; p < G_N_ELEMENTS(packings); p++) {
		g_autoptr(GByteArray) stream = export(disk, packings[p]);
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
	int disk = make_disk(&small);

	for (guint p = 0; p < G_N_ELEMENTS(packings); p++) {
		g_autoptr(GByteArray) stream = export(disk, packings[p]);
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
	for (guint i = 0; i < G_N_ELEMENTS(disks); i++) {
		if (disks[i].size <= 512)
			continue;
		int disk = make_disk(&disks[i]);
		g_autoptr(GByteArray) stream = export(disk, PACKING_ZSTD);
		is_refused(stream->data, stream->len, disks[i].size - 512,
			   "too large for this one");
		close(disk);
	}
}

/* A stream whose checksum is right and whose content cannot be: header, then extents, of a disk of 16 KiB. */
typedef struct {
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
	{ "has format 2",       2, PACKING_NONE, 16 * KIB, 4096, 0, { END } },
	{ "has format 0",       0, PACKING_NONE, 16 * KIB, 4096, 0, { END } },
	{ "makes no sense",     1, 3, 16 * KIB, 4096, 0, { END } },
	{ "makes no sense",     1, PACKING_NONE, 16 * KIB, 0, 0, { END } },
	{ "makes no sense",     1, PACKING_NONE, 16 * KIB, 4096, 1, { END } },
	{ "makes no sense",     1, PACKING_NONE, 0, 4096, 0, { { 0, 0 } } },
	{ "too large",          1, PACKING_NONE, 16 * KIB + 1, 4096, 0, { END } },
	{ "too large",          1, PACKING_NONE, G_MAXUINT64, 4096, 0, { END } },
	{ "cannot be",          GOOD_HEADER, { { 16 * KIB, 4096 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 12 * KIB, 8192 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 8 * KIB, 4096 }, { 4 * KIB, 4096 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 4 * KIB, 8192 }, { 8 * KIB, 4096 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 512, 4096 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 4096, 512 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 4096, 0 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 0, G_MAXUINT64 - 4095 }, END } },
	{ "cannot be",          GOOD_HEADER, { { G_MAXUINT64 - 4095, 4096 }, END } },
	{ "cannot be",          GOOD_HEADER, { { 0, 16 * KIB } } },
	{ "cannot be",          1, PACKING_NONE, 4 * MIB, 4096, 0,
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
	static const Forgery good = { "", GOOD_HEADER, { { 0, 4096 }, { 8 * KIB, 8192 }, END } };
	g_autoptr(GByteArray) sound = forge(&good);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = make_garbage(16 * KIB);

	CU_ASSERT(import(sound->data, sound->len, disk, &figures, &error));
	close(disk);
	for (guint i = 0; i < G_N_ELEMENTS(forgeries); i++) {
		g_autoptr(GByteArray) stream = forge(&forgeries[i]);
		gsize size = forgeries[i].disk_size == 4 * MIB ? 4 * MIB : 16 * KIB;
		is_refused(stream->data, stream->len, size, forgeries[i].words);
	}
}

static GByteArray *pack_gzip(const guint8 *data, gsize size)
{
	g_autoptr(GError) error = NULL;
	int out = make_file(NULL, 0);
	g_autoptr(Wire) wire = wire_new(out);
	g_autoptr(Packer) packer = packer_new(PACKING_GZIP, wire);

	CU_ASSERT(packer_write(packer, data, size, &error) && packer_end(packer, &error));
	GByteArray *packed = read_file(out);
	close(out);
	return packed;
}

/* What was packed must end where the extents say so, not only look good up to there. */
static void test_packed_rest(void)
{
	static const Forgery none = { "", 1, PACKING_GZIP, 16 * KIB, 4096, 0, { { 0 } } };
	static const struct {
		StreamExtent end;
		guint8 rest[8];
	} packed = { END, { 1 } };
	g_autoptr(GByteArray) stream = forge(&none);
	g_autoptr(GByteArray) good = pack_gzip((const guint8 *)&packed, sizeof(packed.end));
	g_autoptr(GByteArray) bad = pack_gzip((const guint8 *)&packed, sizeof(packed));
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int disk = make_garbage(16 * KIB);

	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, good->data, good->len);
	append_digest(stream);
	CU_ASSERT(import(stream->data, stream->len, disk, &figures, &error));
	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, bad->data, bad->len);
	append_digest(stream);
	is_refused(stream->data, stream->len, 16 * KIB, "it goes on after its end");
	close(disk);
}

/* A frame of zstd that wants 128 MiB to be unpacked. */
static void test_large_window(void)
{
	static const Forgery zstd = { "", 1, PACKING_ZSTD, 16 * KIB, 4096, 0, { { 0 } } };
	static const guint8 frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00 };
	g_autoptr(GByteArray) stream = forge(&zstd);

	g_byte_array_set_size(stream, sizeof(StreamHeader));
	g_byte_array_append(stream, frame, sizeof(frame));
	is_refused(stream->data, stream->len, 16 * KIB, "too much memory");
}

/* Three bits of its name, and it still is no image. */
static void test_damaged_name(void)
{
	int disk = make_disk(&small);
	g_autoptr(GByteArray) stream = export(disk, PACKING_NONE);

	memset(stream->data + 5, 0, 3);
	is_refused(stream->data, stream->len, small.size, "its name is not as it should be");
	close(disk);
}

/* ---- the streams of old ---- */

static void check_image(const GByteArray *stream, const GByteArray *wanted, const char *name)
{
	int disk = make_garbage(wanted->len + MIB);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };

	import(stream->data, stream->len, disk, &figures, &error);
	CHECK_NO_ERROR(error);
	g_autoptr(GByteArray) found = read_file(disk);
	check_bytes(found, wanted->data, wanted->len, name);
	CU_ASSERT(figures.is_raw);
	CU_ASSERT_EQUAL(figures.disk_size, wanted->len);
	close(disk);
}

static void test_images(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(disks); i++) {
		if (disks[i].size % 512 != 0)
			continue;
		int disk = make_disk(&disks[i]);
		g_autoptr(GByteArray) image = read_file(disk);
		g_autoptr(GByteArray) packed = pack_gzip(image->data, image->len);
		check_image(image, image, disks[i].name);
		check_image(packed, image, disks[i].name);
		close(disk);
	}
}

static void test_gzip_members(void)
{
	int disk = make_disk(&disks[6]);
	g_autoptr(GByteArray) image = read_file(disk);
	gsize half = image->len / 2 + 100;
	g_autoptr(GByteArray) packed = pack_gzip(image->data, half);
	g_autoptr(GByteArray) rest = pack_gzip(image->data + half, image->len - half);

	g_byte_array_append(packed, rest->data, rest->len);
	check_image(packed, image, "two members");
	close(disk);
}

/* Enough text to be looked at, and whole sectors. */
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
		g_autofree guint8 *stream = g_malloc0(others[i].size + 1);
		if (others[i].n_bytes > 0)
			memcpy(stream + others[i].offset, others[i].bytes, others[i].n_bytes);
		is_refused(stream, others[i].size, 16 * KIB, others[i].words);
	}
}

static void test_damaged_gzip(void)
{
	int disk = make_disk(&small);
	g_autoptr(GByteArray) image = read_file(disk);
	g_autoptr(GByteArray) packed = pack_gzip(image->data, image->len);

	g_autoptr(GByteArray) nothing = pack_gzip(image->data, 0);

	is_refused(nothing->data, nothing->len, small.size, "0 bytes are not whole sectors");
	is_refused(packed->data, packed->len - 1, small.size, "ends too early");
	packed->data[packed->len - 6] ^= 1;
	is_refused(packed->data, packed->len, small.size, "incorrect data check");
	close(disk);
}

/* ---- what is no disk ---- */

static void test_no_disks(void)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int nothing = make_file(NULL, 0);
	int device = open("/dev/null", O_RDWR | O_CLOEXEC);

	CU_ASSERT_FALSE(import("", 0, nothing, &figures, &error));
	CHECK_HOLDS(error->message, "disk: is empty");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_FALSE(stream_export(device, "disk", PACKING_NONE, nothing, &figures, &error));
	CHECK_HOLDS(error->message, "disk: neither a block device nor a file");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	close(nothing);
	close(device);
}

/* Killed after whatever was written: until the end, the disk is unusable. */
static void test_unusable_until_the_end(void)
{
	static guint8 data[MIB];
	g_autoptr(GError) error = NULL;
	int disk = make_garbage(4 * MIB);
	g_autoptr(Target) target = target_new(disk, "disk", &error);

	memset(data, 'x', sizeof(data));
	CU_ASSERT(is_unusable(disk));
	for (gsize i = 0; i < 4; i++) {
		CU_ASSERT(target_put(target, i * MIB, data, MIB, &error));
		CU_ASSERT(is_unusable(disk));
	}
	CU_ASSERT(target_finish(target, &error));
	g_autoptr(GByteArray) bytes = read_file(disk);
	CU_ASSERT(is_filled(bytes->data, bytes->len, 'x'));
	close(disk);
}

static void test_packings(void)
{
	Packing packing = PACKING_NONE;

	CU_ASSERT(packing_find("gzip", &packing));
	CU_ASSERT_EQUAL(packing, PACKING_GZIP);
	CU_ASSERT_FALSE(packing_find("lzop", &packing));
	CU_ASSERT(packing_is_known(PACKING_ZSTD));
	CU_ASSERT_FALSE(packing_is_known(PACKING_ZSTD + 1));
}

static const Check checks[] = {
	{ "there and back, each packing", test_round },
	{ "to a larger disk: zeros after it", test_larger_disk },
	{ "holes stay holes", test_holes },
	{ "a pipe that gives single bytes", test_byte_by_byte },
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
	{ "neither disk nor file", test_no_disks },
	{ "unusable until the end", test_unusable_until_the_end },
	{ "names and numbers of packings", test_packings },
	{ NULL, NULL },
};

int main(void)
{
	return check_main("stream", checks);
}
