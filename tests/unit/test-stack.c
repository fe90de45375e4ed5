/* SPDX-License-Identifier: BSD-2-Clause */
/* What is on a disk, and how many files are opened to find it out. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/disk-host.h"

/* clang-format off */
#define PART(disk, name) \
	"sys/class/block/" name " -> ../../devices/" disk "/" name "\n" \
	"sys/devices/" disk "/" name "/partition = 1\n"
#define DM(name, uuid, dm_name) \
	DEVICE(name) \
	"sys/devices/" name "/dm/uuid = " uuid "\n" \
	"sys/devices/" name "/dm/name = " dm_name "\n"
#define HOLDS(path, holder) "sys/devices/" path "/holders/" holder "/ /\n"
#define BELOW(name, slave) "sys/devices/" name "/slaves/" slave "/ /\n"
#define GROUP_A "LVM-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define GROUP_B "LVM-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
/* clang-format on */

static const struct {
	const char *name;
	const char *host;
	const char *const *groups;
	const char *disks;
} stacks[] = {
	/* DRBD without LVM: on a partition, on a whole disk, on encryption. */
	{ "DRBD on a partition",
	  DISK("sda") PART("sda", "sda1") PART("sda", "sda2") HOLDS("sda/sda2", "drbd0")
		  DEVICE("drbd0") BELOW("drbd0", "sda2"),
	  disk_xenvg, "sda=rotational+drbd" },
	{ "DRBD on a disk", DISK("sda") HOLDS("sda", "drbd0") DEVICE("drbd0"), disk_xenvg,
	  "sda=rotational+drbd" },
	{ "DRBD on encryption",
	  DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", "CRYPT-PLAIN-x", "x") HOLDS("dm-0", "drbd0")
		  DEVICE("drbd0") BELOW("drbd0", "dm-0"),
	  disk_xenvg, "sda=rotational+drbd" },
	{ "DRBD on encryption of a volume",
	  DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", GROUP_A "1", "vg-lv") HOLDS("dm-0", "dm-1")
		  DM("dm-1", "CRYPT-LUKS2-x", "x") BELOW("dm-1", "dm-0") DEVICE("drbd0")
			  BELOW("drbd0", "dm-1"),
	  disk_no_group, "sda=rotational+drbd" },
	{ "the system's group beside Ganeti's",
	  DISK("sda") PART("sda", "sda1") PART("sda", "sda2") HOLDS("sda/sda1", "dm-0")
		  HOLDS("sda/sda2", "dm-1") DM("dm-0", GROUP_A "1", "my--vg-root")
			  DM("dm-1", GROUP_B "1", "xenvg-disk0"),
	  disk_xenvg, "sda=rotational+drbd" },
	{ "the system's group, with dashes in its name",
	  DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", GROUP_A "1", "xenvg--2-root"), disk_xenvg,
	  "sda=rotational" },
	/* All volumes of a group are read as one. */
	{ "the second volume of a group is not asked for",
	  DISK("sda") DISK("sdb") HOLDS("sda", "dm-0") HOLDS("sdb", "dm-1")
		  DM("dm-0", GROUP_A "1", "xenvg-a") DM("dm-1", GROUP_A "2", "?"),
	  disk_xenvg, "sda=rotational+drbd sdb=rotational+drbd" },
	{ "devices of which nothing is known",
	  DEVICE("sda") DEVICE("xvda") DEVICE("xvdb") DEVICE("vdc") DEVICE("sr0") DEVICE("fd0")
		  DEVICE("zram0"),
	  disk_xenvg, "sda vdc=virtio xvda=xen xvdb=xen" },
	{ "hidden paths of NVMe",
	  DEVICE("nvme0c0n1") DEVICE("nvme0n1") DEVICE("nvme10c33n2") DEVICE("nvme10n2"),
	  disk_xenvg, "nvme0c0n1=nvme+path nvme0n1=nvme nvme10c33n2=nvme+path nvme10n2=nvme" },
	{ "a circle of holders",
	  DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", "x", "x") HOLDS("dm-0", "dm-1") HOLDS(
		  "dm-0", "dm-0") DM("dm-1", "x", "x") HOLDS("dm-1", "dm-0") HOLDS("dm-1", "dm-1"),
	  disk_xenvg, "sda=rotational" },
	{ "a circle of what DRBD stands on",
	  DISK("sda") DEVICE("drbd0") BELOW("drbd0", "dm-0") DM("dm-0", "x", "x")
		  BELOW("dm-0", "dm-0") BELOW("dm-0", "drbd0"),
	  disk_xenvg, "sda=rotational" },
	{ "a path with partitions",
	  DISK("sda") PART("sda", "sda1") HOLDS("sda", "dm-0")
		  DM("dm-0", "mpath-3600508", "mpatha") "sys/devices/dm-0/queue/rotational = 0\n",
	  disk_xenvg, "dm-0=ssd sda=rotational+path" },
};

static void test_stacks(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(stacks); i++) {
		check_row(stacks[i].name);
		g_autofree char *host = check_unroll_text(stacks[i].host);
		disk_check(host, stacks[i].groups, stacks[i].disks);
	}
}

/* ---- which files are opened, and how often ---- */

static GHashTable *opened;

/* The linker replaces syscall(2) by these; the library calls it for openat2 alone. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
	va_list args;

	g_assert(number == SYS_openat2);
	va_start(args, number);
	int fd = va_arg(args, int);
	const char *path = va_arg(args, const char *);
	struct open_how *how = va_arg(args, struct open_how *);
	size_t size = va_arg(args, size_t);
	va_end(args);
	long result = __real_syscall(number, fd, path, how, size);
	/* A rename elsewhere on the machine can make openat2 fail with EAGAIN, and it is tried again. */
	gboolean is_answer = result >= 0 || errno != EAGAIN;
	if (opened && is_answer && !(how->flags & O_PATH)) {
		int before = errno;
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(opened, path));
		g_hash_table_insert(opened, g_strdup(path), GUINT_TO_POINTER(n + 1));
		errno = before;
	}
	return result;
}

/* The number of files that a walk opens; fails when it opens one twice. */
static guint count_opens(const char *host)
{
	g_autoptr(TuneRoot) root = tune_root_open(host, NULL);
	GHashTableIter iter;
	gpointer path, n;

	opened = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, DISK_EVERYTHING, disk_xenvg, NULL);
	CU_ASSERT_PTR_NOT_NULL(disks);
	g_hash_table_iter_init(&iter, opened);
	while (g_hash_table_iter_next(&iter, &path, &n))
		if (GPOINTER_TO_UINT(n) != 1)
			CHECK_TEXT(path, "opened once");
	guint n_opens = g_hash_table_size(opened);
	g_clear_pointer(&opened, g_hash_table_unref);
	return n_opens;
}

static void test_each_file_once(void)
{
	static const char *const hosts[] = { "drbd-sata", "fresh",      "md",         "multipath",
					     "nvme",      "linux-5.10", "linux-6.18", "no-ksm" };

	for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
		check_row(hosts[i]);
		g_autofree char *host = check_unroll(hosts[i]);
		CU_ASSERT(count_opens(host) > 3);
	}
}

/* A host of @n_disks disks, each with a volume that DRBD replicates. */
static guint count_opens_of(guint n_disks)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < n_disks; i++)
		g_string_append_printf(text,
				       "sys/block/sd%u/queue/rotational = 1\n"
				       "sys/class/block/sd%u/holders/dm-%u/ /\n"
				       "sys/block/dm-%u/ /\n"
				       "sys/class/block/dm-%u/dm/uuid = " GROUP_A "%u\n"
				       "sys/class/block/dm-%u/dm/name = xenvg-%u\n"
				       "sys/block/drbd%u/ /\n"
				       "sys/class/block/drbd%u/slaves/dm-%u/ /\n",
				       i, i, i, i, i, i, i, i, i, i, i);
	g_autofree char *host = check_unroll_text(text->str);
	return count_opens(host);
}

static void test_grows_with_disks(void)
{
	guint few = count_opens_of(32), many = count_opens_of(64);

	/* The lists of disks and partitions and the name of the group are read once for all. */
	CU_ASSERT_EQUAL((many - 3), (few - 3) * 2);
	/* Of each disk: rotational and holders; of its volume: the name; of its DRBD device: the slaves. */
	CU_ASSERT(many <= 64 * 4 + 3);
}

/* All volumes on a disk are of one group, so only the first one's name is read. */
static guint count_opens_below(guint n_volumes)
{
	g_autoptr(GString) text = g_string_new("sys/block/sda/queue/rotational = 1\n");

	for (guint i = 0; i < n_volumes; i++)
		g_string_append_printf(text,
				       "sys/class/block/sda/holders/dm-%u/ /\n"
				       "sys/block/dm-%u/ /\n"
				       "sys/class/block/dm-%u/dm/uuid = " GROUP_A "%u\n"
				       "sys/class/block/dm-%u/dm/name = other-%u\n",
				       i, i, i, i, i, i);
	g_autofree char *host = check_unroll_text(text->str);
	return count_opens(host);
}

static void test_grows_not_with_volumes(void)
{
	CU_ASSERT_EQUAL(count_opens_below(20), count_opens_below(2));
}

int main(void)
{
	static const Check checks[] = {
		{ "stacks", test_stacks },
		{ "each file is opened once", test_each_file_once },
		{ "opens grow with the disks", test_grows_with_disks },
		{ "opens do not grow with the volumes", test_grows_not_with_volumes },
		{ NULL, NULL },
	};

	return check_main("stack", checks);
}
