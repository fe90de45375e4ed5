/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks exported as streams, and imported again. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/memory.h"

static void check_round(const MemoryDisk *disk, Packing packing, gsize more)
{
	int from = memory_disk(disk);
	int to = memory_garbage(disk->size + more);
	g_autoptr(GByteArray) wanted = memory_read(from);
	g_autoptr(GByteArray) stream = memory_export(from, packing);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };

	memory_import(stream->data, stream->len, to, &figures, &error);
	CHECK_NO_ERROR(error);
	g_autoptr(GByteArray) found = memory_read(to);
	memory_check_bytes(found, wanted->data, wanted->len, disk->name);
	CU_ASSERT_EQUAL(figures.disk_size, disk->size);
	CU_ASSERT_EQUAL(figures.stream_size, stream->len);
	CU_ASSERT_FALSE(figures.is_raw);
	close(from);
	close(to);
}

static void test_round(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(memory_disks); i++) {
		check_row(memory_disks[i].name);
		for (guint p = 0; p < G_N_ELEMENTS(memory_packings); p++)
			check_round(&memory_disks[i], memory_packings[p], 0);
	}
}

static void test_larger_disk(void)
{
	static const gsize more[] = { 512, 4096, MIB, 3 * MIB };

	for (guint i = 0; i < G_N_ELEMENTS(memory_disks); i++) {
		check_row(memory_disks[i].name);
		check_round(&memory_disks[i], PACKING_ZSTD, more[i % G_N_ELEMENTS(more)]);
	}
}

static void test_holes(void)
{
	static const MemoryDisk sparse = { "sparse", 64 * MIB, { { 20 * MIB, 4096, 'r' } } };
	int from = memory_disk(&sparse);
	int to = memory_garbage(64 * MIB);
	g_autoptr(GByteArray) stream = memory_export(from, PACKING_NONE);
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	guint64 estimate = 0;
	struct stat status;

	CU_ASSERT(stream_estimate(from, "disk", &estimate, &error));
	CU_ASSERT_EQUAL(estimate, 4096);
	CU_ASSERT_EQUAL(stream->len, 40 + 16 + 4096 + 16 + 32);
	CU_ASSERT(memory_import(stream->data, stream->len, to, &figures, &error));
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

/* A read of a pipe may return less than was asked for. */
static void test_byte_by_byte(void)
{
	int from = memory_disk(&memory_disks[3]);
	int to = memory_garbage(memory_disks[3].size);
	g_autoptr(GByteArray) wanted = memory_read(from);
	g_autoptr(GByteArray) stream = memory_export(from, PACKING_ZSTD);
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
	g_autoptr(GByteArray) found = memory_read(to);
	memory_check_bytes(found, wanted->data, wanted->len, "byte by byte");
	close(ends[0]);
	close(from);
	close(to);
}

static void test_no_disks(void)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures = { 0 };
	int nothing = memory_file(NULL, 0);
	int device = open("/dev/null", O_RDWR | O_CLOEXEC);

	CU_ASSERT_FALSE(memory_import("", 0, nothing, &figures, &error));
	CHECK_HOLDS(error->message, "disk: is empty");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_FALSE(stream_export(device, "disk", PACKING_NONE, nothing, &figures, &error));
	CHECK_HOLDS(error->message, "disk: neither a block device nor a file");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	close(nothing);
	close(device);
}

int main(void)
{
	static const Check checks[] = {
		{ "there and back, each packing", test_round },
		{ "to a larger disk: zeros after it", test_larger_disk },
		{ "holes stay holes", test_holes },
		{ "a pipe that gives single bytes", test_byte_by_byte },
		{ "neither disk nor file", test_no_disks },
		{ NULL, NULL },
	};

	return check_main("stream", checks);
}
