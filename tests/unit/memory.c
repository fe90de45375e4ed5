/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/target.h"

#include "tests/unit/check.h"
#include "tests/unit/memory.h"

#define GARBAGE 0xa5

const Packing memory_packings[] = { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

/* clang-format off */
const MemoryDisk memory_disks[] = {
	{ "nothing",           64 * KIB, { { 0 } } },
	{ "one sector",        512,      { { 0, 512, 'r' } } },
	{ "a few sectors",     5 * 512,  { { 512, 2048, 'r' } } },
	{ "no whole blocks",   9 * 4096 + 512, { { 0, 100, 'r' }, { 36000, 1376, 'x' } } },
	{ "zeros as data",     256 * KIB, { { 0, 128 * KIB, '0' }, { 128 * KIB, 4096, 'r' }, { 132 * KIB, 4096, '0' } } },
	{ "first and last",    8 * MIB,  { { 0, 1, 'x' }, { 8 * MIB - 1, 1, 'x' } } },
	{ "over the ends",     6 * MIB,  { { 1 * MIB - 5000, 10000, 'r' }, { 3 * MIB, 100, 'r' }, { 5 * MIB - 5000, 10000, 'r' } } },
	{ "all of it",         5 * MIB + 4096, { { 0, 5 * MIB + 4096, 'r' } } },
	{ "1 MiB and a block", 1 * MIB + 4096, { { 0, 1 * MIB + 4096, 'r' } } },
	/* Together with its header this is not a multiple of what zstd packs at once, and more than it can return at once. */
	{ "128 KiB of zstd",   131030,   { { 0, 131030, 'r' } } },
	{ "2 MiB",             2 * MIB,  { { 0, 2 * MIB, 'x' } } },
};
/* clang-format on */

int memory_file(const void *data, gsize size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || (size > 0 && pwrite(fd, data, size, 0) != (ssize_t)size))
		g_error("no file in memory");
	return fd;
}

int memory_garbage(gsize size)
{
	g_autofree guint8 *data = g_malloc(size);

	memset(data, GARBAGE, size);
	return memory_file(data, size);
}

GByteArray *memory_read(int fd)
{
	struct stat status;

	fstat(fd, &status);
	GByteArray *bytes = g_byte_array_sized_new((guint)status.st_size);
	g_byte_array_set_size(bytes, (guint)status.st_size);
	if (pread(fd, bytes->data, bytes->len, 0) != (ssize_t)bytes->len)
		g_error("cannot read a file in memory");
	return bytes;
}

static void write_run(int fd, const MemoryRun *run)
{
	g_autofree guint8 *data = g_malloc0(run->length);
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)run->offset + 1);

	for (gsize i = 0; i < run->length && run->kind != '0'; i++)
		data[i] = run->kind == 'r' ? (guint8)g_rand_int(random) : (guint8)run->kind;
	if (pwrite(fd, data, run->length, (off_t)run->offset) != (ssize_t)run->length)
		g_error("cannot write a run");
}

int memory_disk(const MemoryDisk *disk)
{
	int fd = memory_file(NULL, 0);

	if (ftruncate(fd, (off_t)disk->size) < 0)
		g_error("cannot size a file");
	for (guint i = 0; i < G_N_ELEMENTS(disk->runs) && disk->runs[i].length; i++)
		write_run(fd, &disk->runs[i]);
	return fd;
}

GByteArray *memory_export(int disk, Packing packing)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int out = memory_file(NULL, 0);

	stream_export(disk, "disk", packing, out, &figures, &error);
	CHECK_NO_ERROR(error);
	GByteArray *stream = memory_read(out);
	CU_ASSERT_EQUAL(figures.stream_size, stream->len);
	close(out);
	return stream;
}

gboolean memory_import(const void *stream, gsize size, int disk, StreamFigures *figures,
		       GError **error)
{
	int in = memory_file(stream, size);
	gboolean good = stream_import(in, disk, "disk", figures, error);

	close(in);
	return good;
}

gboolean memory_is_filled(const guint8 *data, gsize size, guint8 byte)
{
	for (gsize i = 0; i < size; i++)
		if (data[i] != byte)
			return FALSE;
	return TRUE;
}

void memory_check_bytes(const GByteArray *found, const guint8 *wanted, gsize size, const char *name)
{
	if (found->len < size || memcmp(found->data, wanted, size) != 0 ||
	    !memory_is_filled(found->data + size, found->len - size, 0))
		CHECK_TEXT(name, "the same bytes, and zeros after them");
}

gboolean memory_is_unusable(int disk)
{
	g_autoptr(GByteArray) bytes = memory_read(disk);
	gsize head = MIN(bytes->len, TARGET_HELD);
	gsize tail = MAX(head, bytes->len - head);

	return memmem(bytes->data, 440, "not complete", 12) && bytes->data[0] == 0xfa &&
	       bytes->data[510] == 0x55 && bytes->data[511] == 0xaa &&
	       memory_is_filled(bytes->data + 440, 70, 0) &&
	       memory_is_filled(bytes->data + 512, head - 512, 0) &&
	       memory_is_filled(bytes->data + tail, bytes->len - tail, 0);
}
