/* SPDX-License-Identifier: BSD-2-Clause */
/* What a disk holds, and its partitions: files in memory with the bytes that libblkid looks for. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/check.h"

#define MIB (1024 * 1024)
#define UUID "\x0a\x1b\x2c\x3d\x4e\x5f\x60\x71\x82\x93\xa4\xb5\xc6\xd7\xe8\xf9"
#define UUID_TEXT "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

/* A piece of a disk: @n bytes at @offset.  The last piece of a disk has none. */
typedef struct {
	gsize offset;
	const char *bytes;
	gsize n;
} Piece;

#define PIECE(offset, bytes)                                                                       \
	{                                                                                          \
		(offset), (bytes), sizeof(bytes) - 1                                               \
	}

/* An entry of a master boot record: of @type, @start and @size are the four bytes of a number of sectors. */
#define ENTRY(i, type, start, size) PIECE(446 + 16 * (i), "\0\0\0\0" type "\0\0\0" start size)
#define BOOT_RECORD PIECE(510, "\x55\xaa")

/* A disk of 4 MiB. */
static int make_disk(const Piece *pieces)
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	CU_ASSERT_FATAL(fd >= 0 && ftruncate(fd, 4 * MIB) == 0);
	for (const Piece *piece = pieces; piece->bytes; piece++)
		CU_ASSERT_FATAL(pwrite(fd, piece->bytes, piece->n, (off_t)piece->offset) ==
				(ssize_t)piece->n);
	return fd;
}

/* ---- what it holds ---- */

/* clang-format off */
static const struct {
	const char *name;
	const char *description; /* NULL: nothing */
	Piece pieces[6];
} disks[] = {
	{ "zeros", NULL, { { 0, NULL, 0 } } },
	{ "a file system", "a file system of type ext2, label root, UUID " UUID_TEXT,
	  { PIECE(1024 + 56, "\x53\xef"), PIECE(1024 + 76, "\1"), PIECE(1024 + 104, UUID), PIECE(1024 + 120, "root") } },
	{ "a label with control characters", "a file system of type ext2, label a?[2Jb, UUID " UUID_TEXT,
	  { PIECE(1024 + 56, "\x53\xef"), PIECE(1024 + 76, "\1"), PIECE(1024 + 104, UUID), PIECE(1024 + 120, "a\x1b[2Jb") } },
	{ "an encrypted volume", "an encrypted volume of type crypto_LUKS, UUID " UUID_TEXT,
	  { PIECE(0, "LUKS\xba\xbe\0\1"), PIECE(168, UUID_TEXT) } },
	{ "a physical volume of LVM 1", "a part of a RAID or volume group of type LVM1_member, UUID none",
	  { PIECE(0, "HM\1") } },
	{ "swap", "data of type swap, UUID " UUID_TEXT,
	  { PIECE(1024, "\1"), PIECE(1028, "\xff\3"), PIECE(1036, UUID), PIECE(4086, "SWAPSPACE2") } },
	{ "a partition table", "a partition table of type dos, UUID 12345678",
	  { PIECE(440, "\x78\x56\x34\x12"), ENTRY(0, "\x83", "\0\x08\0\0", "\0\x08\0\0"), BOOT_RECORD } },
};
/* clang-format on */

static void test_signatures(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(disks); i++) {
		check_row(disks[i].name);
		g_autoptr(TuneSignature) signature = NULL;
		g_autoptr(GError) error = NULL;
		int fd = make_disk(disks[i].pieces);
		CU_ASSERT(tune_signature_read(fd, "disk", &signature, &error));
		CHECK_NO_ERROR(error);
		g_autofree char *found = signature ? tune_signature_describe(signature) : NULL;
		CHECK_TEXT(found, disks[i].description);
		close(fd);
	}
}

/* ---- its partitions ---- */

/* By their start, and without the extended one, which only holds others. */
static void test_partitions(void)
{
	static const Piece pieces[] = {
		ENTRY(0, "\x83", "\0\x10\0\0", "\0\x08\0\0"),
		ENTRY(1, "\x83", "\0\x08\0\0", "\0\x04\0\0"),
		ENTRY(2, "\x05", "\0\x18\0\0", "\0\x08\0\0"),
		BOOT_RECORD,
		{ 0, NULL, 0 },
	};
	g_autoptr(GString) found = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	int fd = make_disk(pieces);
	g_autoptr(GPtrArray) partitions = tune_partitions_read(fd, "disk", &error);

	CHECK_NO_ERROR(error);
	for (guint i = 0; i < partitions->len; i++) {
		const TunePartition *partition = partitions->pdata[i];
		g_string_append_printf(found, "%u: %u KiB at %u KiB; ", partition->number,
				       (guint)(partition->size / 1024),
				       (guint)(partition->start / 1024));
	}
	CHECK_TEXT(found->str, "2: 512 KiB at 1024 KiB; 1: 1024 KiB at 2048 KiB; ");
	close(fd);
}

static void test_no_partitions(void)
{
	static const Piece pieces[] = { { 0, NULL, 0 } };
	g_autoptr(GError) error = NULL;
	int fd = make_disk(pieces);
	g_autoptr(GPtrArray) partitions = tune_partitions_read(fd, "disk", &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(partitions->len, 0);
	close(fd);
}

/* ---- what cannot be read ---- */

static void test_no_disk(void)
{
	g_autoptr(TuneSignature) signature = NULL;
	g_autoptr(GError) error = NULL;

	CU_ASSERT_FALSE(tune_signature_read(-1, "disk 0", &signature, &error));
	CHECK_HOLDS(error ? error->message : NULL, "disk 0: ");
	CHECK_ERROR(error, TUNE_ERROR_IO);
	CU_ASSERT_PTR_NULL(tune_partitions_read(-1, "disk 0", &error));
	CHECK_HOLDS(error ? error->message : NULL, "disk 0: ");
	CHECK_ERROR(error, TUNE_ERROR_IO);
}

int main(void)
{
	static const Check checks[] = {
		{ "what it holds", test_signatures },
		{ "its partitions", test_partitions },
		{ "no partitions", test_no_partitions },
		{ "what cannot be read", test_no_disk },
		{ NULL, NULL },
	};

	return check_main("signature", checks);
}
