/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <glib/gstdio.h>

#include <libtune/disks.h>
#include <libtune/lvm.h>
#include <libtune/root.h>

#include "tests/unit/check.h"

#define EVERYTHING (TUNE_DISK_ROTATIONAL | TUNE_DISK_SSD | TUNE_DISK_DRBD)

/* ---- what is opened, and how often ---- */

static GHashTable *opened;

/* The linker puts these in the place of syscall(2), which the library needs for openat2 alone. */
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
	/* A rename anywhere on the machine can make the kernel ask for another try. */
	gboolean is_answer = result >= 0 || errno != EAGAIN;
	if (opened && is_answer && !(how->flags & O_PATH)) {
		int before = errno;
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(opened, path));
		g_hash_table_insert(opened, g_strdup(path), GUINT_TO_POINTER(n + 1));
		errno = before;
	}
	return result;
}

/* ---- which disks are what ---- */

static const struct {
	guint class;
	const char *word;
} class_words[] = {
	{ TUNE_DISK_ROTATIONAL, "rotational" },
	{ TUNE_DISK_SSD, "ssd" },
	{ TUNE_DISK_NVME, "nvme" },
	{ TUNE_DISK_VIRTIO, "virtio" },
	{ TUNE_DISK_XEN, "xen" },
	{ TUNE_DISK_DRBD, "drbd" },
	{ TUNE_DISK_DRBD_UNKNOWN, "unknown" },
	{ TUNE_DISK_STACKED, "stacked" },
	{ TUNE_DISK_PATH, "path" },
};

/* "sda=ssd+drbd" for each disk, in order; the many that are only stacked are left out. */
static char *print(const GPtrArray *disks)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		char separator = '=';
		if (disk->classes == TUNE_DISK_STACKED)
			continue;
		g_string_append(text, disk->name);
		for (size_t j = 0; j < G_N_ELEMENTS(class_words); j++)
			if (disk->classes & class_words[j].class) {
				g_string_append_c(text, separator);
				g_string_append(text, class_words[j].word);
				separator = '+';
			}
		g_string_append_c(text, ' ');
	}
	return g_strchomp(g_string_free(text, FALSE));
}

static const char *const xenvg[] = { "xenvg", NULL };
static const char *const backup[] = { "backup", NULL };
static const char *const no_group[] = { NULL };

static void check_disks(const char *host, const char *const *groups, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open(host, &error);

	CHECK_NO_ERROR(error);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, EVERYTHING, groups, &error);
	CHECK_NO_ERROR(error);
	g_autofree char *found = print(disks);
	CHECK_TEXT(found, wanted);
}

static void test_hosts(void)
{
	static const struct {
		const char *host;
		const char *const *groups;
		const char *disks;
	} rows[] = {
		{ "drbd-sata", xenvg, "sda=ssd sdb=ssd+drbd sdc=rotational+drbd" },
		/* DRBD itself says which group it uses. */
		{ "drbd-sata", no_group, "sda=ssd sdb=ssd+drbd sdc=rotational+drbd" },
		{ "drbd-sata", NULL, "sda=ssd sdb=ssd sdc=rotational" },
		{ "fresh", xenvg,
		  "sdb=ssd+drbd sdc=rotational+drbd sdd=rotational sde=rotational" },
		{ "fresh", backup, "sdb=ssd sdc=rotational sdd=rotational+drbd sde=rotational" },
		{ "fresh", no_group, "sdb=ssd sdc=rotational sdd=rotational sde=rotational" },
		{ "fresh", NULL, "sdb=ssd sdc=rotational sdd=rotational sde=rotational" },
		{ "md", xenvg, "sda=rotational+drbd sdb=rotational+drbd sdc=rotational" },
		{ "md", no_group, "sda=rotational+drbd sdb=rotational+drbd sdc=rotational" },
		{ "multipath", xenvg,
		  "dm-0=rotational+drbd sda=rotational+path sdb=rotational+path" },
		{ "multipath", NULL, "dm-0=rotational sda=rotational+path sdb=rotational+path" },
		{ "nvme", xenvg, "nvme0n1=nvme+drbd nvme1n1=nvme+drbd" },
		{ "linux-5.10", xenvg, "sda=rotational+drbd" },
		{ "linux-6.18", xenvg, "sda=ssd+drbd" },
		{ "no-ksm", xenvg, "vda=virtio" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *host = check_unroll(rows[i].host);
		check_disks(host, rows[i].groups, rows[i].disks);
	}
}

/* No sys/block at all is another thing than an empty one. */
static void test_no_disks(void)
{
	g_autofree char *path = check_unroll("minimal");
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open(path, NULL);

	CU_ASSERT_PTR_NULL(tune_disks_find(root, EVERYTHING, xenvg, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

static void test_stacked_are_listed(void)
{
	g_autofree char *path = check_unroll("md");
	g_autoptr(TuneRoot) root = tune_root_open(path, NULL);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, EVERYTHING, xenvg, NULL);
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < disks->len; i++)
		g_string_append_printf(names, "%s ", ((const TuneDisk *)disks->pdata[i])->name);
	CHECK_TEXT(names->str, "dm-0 dm-1 dm-2 drbd0 md0 md1 sda sdb sdc ");
}

/* ---- stacks of other kinds ---- */

/* clang-format off */
/* A block device and the directory that both lists of devices know it by. */
#define DEVICE(name) \
	"sys/block/" name " -> ../devices/" name "\n" \
	"sys/class/block/" name " -> ../../devices/" name "\n"
#define DISK(name) \
	DEVICE(name) \
	"sys/devices/" name "/queue/rotational = 1\n"
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
#define PV(number) "run/udev/data/b" number " = E:ID_FS_TYPE=LVM2_member\n"

/* The groups of sda and sdb depend on what pvs says; sdc holds no volume. */
#define THREE_DISKS \
	DISK("sda") "sys/devices/sda/dev = 8:0\n" PV("8:0") \
	DISK("sdb") "sys/devices/sdb/dev = 8:16\n" PV("8:16") \
	DISK("sdc") "sys/devices/sdc/dev = 8:32\n" "run/udev/data/b8:32 = E:ID_FS_TYPE=\n"
/* clang-format on */

static const struct {
	const char *host;
	const char *const *groups;
	const char *disks;
} stacks[] = {
	/* DRBD without LVM: on a partition, on a whole disk, on encryption. */
	{ DISK("sda") PART("sda", "sda1") PART("sda", "sda2") HOLDS("sda/sda2", "drbd0")
		  DEVICE("drbd0") BELOW("drbd0", "sda2"),
	  xenvg, "sda=rotational+drbd" },
	{ DISK("sda") HOLDS("sda", "drbd0") DEVICE("drbd0"), xenvg, "sda=rotational+drbd" },
	{ DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", "CRYPT-PLAIN-x", "x") HOLDS("dm-0", "drbd0")
		  DEVICE("drbd0") BELOW("drbd0", "dm-0"),
	  xenvg, "sda=rotational+drbd" },
	/* A group that only DRBD names, through encryption above the volume. */
	{ DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", GROUP_A "1", "vg-lv") HOLDS("dm-0", "dm-1")
		  DM("dm-1", "CRYPT-LUKS2-x", "x") BELOW("dm-1", "dm-0") DEVICE("drbd0")
			  BELOW("drbd0", "dm-1"),
	  no_group, "sda=rotational+drbd" },
	/* The system's group next to Ganeti's, both ways round; names with a dash. */
	{ DISK("sda") PART("sda", "sda1") PART("sda", "sda2") HOLDS("sda/sda1", "dm-0")
		  HOLDS("sda/sda2", "dm-1") DM("dm-0", GROUP_A "1", "my--vg-root")
			  DM("dm-1", GROUP_B "1", "xenvg-disk0"),
	  xenvg, "sda=rotational+drbd" },
	{ DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", GROUP_A "1", "xenvg--2-root"), xenvg,
	  "sda=rotational" },
	/* All volumes of a group are read as one: the second name is never asked for. */
	{ DISK("sda") DISK("sdb") HOLDS("sda", "dm-0") HOLDS("sdb", "dm-1")
		  DM("dm-0", GROUP_A "1", "xenvg-a") DM("dm-1", GROUP_A "2", "?"),
	  xenvg, "sda=rotational+drbd sdb=rotational+drbd" },
	/* Nobody knows what these are. */
	{ DEVICE("sda") DEVICE("xvda") DEVICE("xvdb") DEVICE("vdc") DEVICE("sr0") DEVICE("fd0")
		  DEVICE("zram0"),
	  xenvg, "sda vdc=virtio xvda=xen xvdb=xen" },
	/* Hidden paths of NVMe, and what looks like one. */
	{ DEVICE("nvme0c0n1") DEVICE("nvme0n1") DEVICE("nvme10c33n2") DEVICE("nvme10n2"), xenvg,
	  "nvme0n1=nvme nvme10n2=nvme" },
	/* A circle has no end, the walk has. */
	{ DISK("sda") HOLDS("sda", "dm-0") DM("dm-0", "x", "x") HOLDS("dm-0", "dm-1") HOLDS(
		  "dm-0", "dm-0") DM("dm-1", "x", "x") HOLDS("dm-1", "dm-0") HOLDS("dm-1", "dm-1"),
	  xenvg, "sda=rotational" },
	{ DISK("sda") DEVICE("drbd0") BELOW("drbd0", "dm-0") DM("dm-0", "x", "x")
		  BELOW("dm-0", "dm-0") BELOW("dm-0", "drbd0"),
	  xenvg, "sda=rotational" },
	/* Multipath: a disk with partitions of its own below a multipath device is a path. */
	{ DISK("sda") PART("sda", "sda1") HOLDS("sda", "dm-0")
		  DM("dm-0", "mpath-3600508", "mpatha") "sys/devices/dm-0/queue/rotational = 0\n",
	  xenvg, "dm-0=ssd sda=rotational+path" },
};

static void test_stacks(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(stacks); i++) {
		g_autofree char *host = check_unroll_text(stacks[i].host);
		check_disks(host, stacks[i].groups, stacks[i].disks);
	}
}

/* ---- volumes on which nothing lies yet ---- */

static void test_pvs(void)
{
	static const struct {
		const char *pvs;
		const char *disks;
	} rows[] = {
		{ "sbin/pvs ! printf '  /dev/sda xenvg\\n  /dev/sdb other\\n'\n",
		  "sda=rotational+drbd sdb=rotational sdc=rotational" },
		/* No group yet; a volume that is missing. */
		{ "sbin/pvs ! printf '  /dev/sda \\n  [unknown] xenvg\\n  /dev/sdb "
		  "xenvg\\n'\n",
		  "sda=rotational sdb=rotational+drbd sdc=rotational" },
		{ "sbin/pvs ! printf '  /dev/sdb xenvg\\n'\n",
		  "sda=rotational+unknown sdb=rotational+drbd sdc=rotational" },
		{ "sbin/pvs ! printf '  /dev/sda xenvg\\n'; exit 5\n",
		  "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		{ "sbin/pvs ! :\n",
		  "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		{ "", "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		/* By a name that is not the kernel's. */
		{ "dev/mapper/crypt -> ../sda\n"
		  "dev/disk/by-id/wwn-0x5000 -> ../../sdb\n"
		  "sbin/pvs ! printf '  /dev/mapper/crypt xenvg\\n  /dev/disk/by-id/wwn-0x5000 "
		  "other\\n'\n",
		  "sda=rotational+drbd sdb=rotational sdc=rotational" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strconcat(THREE_DISKS, rows[i].pvs, NULL);
		g_autofree char *host = check_unroll_text(text);
		check_disks(host, xenvg, rows[i].disks);
	}
}

/* Starting a program is the last resort, once, and only where a volume was found. */
static void test_pvs_is_asked_once(void)
{
	static const struct {
		const char *host;
		const char *asked;
	} rows[] = {
		{ THREE_DISKS, "x\n" },
		{ DISK("sda") DISK("sdb"), NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *file = g_build_filename(check_directory(), "asked", NULL);
		g_autofree char *text = g_strdup_printf("%ssbin/pvs ! echo x >> %s; echo nothing\n",
							rows[i].host, file);
		g_autofree char *host = check_unroll_text(text);
		g_autoptr(TuneRoot) root = tune_root_open(host, NULL);
		g_autoptr(GPtrArray) disks = tune_disks_find(root, EVERYTHING, xenvg, NULL);
		g_autofree char *asked = NULL;
		CU_ASSERT_PTR_NOT_NULL(disks);
		g_file_get_contents(file, &asked, NULL, NULL);
		CHECK_TEXT(asked, rows[i].asked);
		g_unlink(file);
	}
}

static void test_is_physical_volume(void)
{
	static const struct {
		const char *name;
		gboolean is_one;
	} rows[] = {
		{ "sdb1", TRUE }, /* says udev */
		{ "sdc", TRUE },  /* says its label, udev does not know it */
		{ "sde1", FALSE }, { "sde", FALSE }, { "none", FALSE },
	};
	g_autofree char *host = check_unroll("fresh");
	g_autoptr(TuneRoot) root = tune_root_open(host, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		CU_ASSERT_EQUAL(tune_lvm_is_physical_volume(root, rows[i].name), rows[i].is_one);
}

static void test_group_names(void)
{
	static const struct {
		const char *dm_name;
		const char *group;
	} rows[] = {
		{ "xenvg-disk0", "xenvg" },
		{ "my--vg-root", "my-vg" },
		{ "a----b-c", "a--b" },
		{ "a---b", "a-" },
		{ "vg-lv--x-y", "vg" },
		{ "vg", "vg" },
		{ "", "" },
		{ "vg-", "vg" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *group = tune_lvm_group_from_dm_name(rows[i].dm_name);
		CHECK_TEXT(group, rows[i].group);
	}
}

/* ---- which disks a rule means ---- */

static const struct {
	const char *name;
	guint classes;
	const char *words;
	gboolean is_meant;
} matches[] = {
	{ "sda", TUNE_DISK_SSD, "ssd", TRUE },
	{ "sda", TUNE_DISK_SSD, "rotational", FALSE },
	{ "sda", TUNE_DISK_SSD, "!rotational", TRUE },
	{ "sda", TUNE_DISK_SSD, "!ssd", FALSE },
	{ "sda", TUNE_DISK_SSD, "drbd", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD, "drbd", TRUE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD, "drbd ssd", TRUE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD, "drbd rotational", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD, "drbd !nvme !virtio", TRUE },
	{ "nvme0n1", TUNE_DISK_NVME | TUNE_DISK_DRBD, "drbd !nvme !virtio", FALSE },
	{ "nvme0n1", TUNE_DISK_NVME, "nvme", TRUE },
	{ "vda", TUNE_DISK_VIRTIO, "virtio", TRUE },
	{ "xvda", TUNE_DISK_XEN, "xen", TRUE },
	{ "xvda", TUNE_DISK_XEN, "virtio", FALSE },
	/* What is not known to carry Ganeti's volumes does not. */
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD_UNKNOWN, "drbd", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_DRBD_UNKNOWN, "!drbd", TRUE },
	/* names */
	{ "sda", TUNE_DISK_SSD, "sda", TRUE },
	{ "sda", TUNE_DISK_SSD, "sdb", FALSE },
	{ "sdaa", TUNE_DISK_SSD, "sda", FALSE },
	{ "sda", TUNE_DISK_SSD, "sd*", TRUE },
	{ "sda", TUNE_DISK_SSD, "sd?", TRUE },
	{ "sdaa", TUNE_DISK_SSD, "sd?", FALSE },
	{ "sda", TUNE_DISK_SSD, "*", TRUE },
	{ "sda", TUNE_DISK_SSD, "!sdb", TRUE },
	{ "sda", TUNE_DISK_SSD, "!sd*", FALSE },
	{ "sda", TUNE_DISK_SSD, "sd* ssd !sdb", TRUE },
	{ "cciss!c0d0", TUNE_DISK_ROTATIONAL, "cciss!c0d*", TRUE },
	{ "sda", 0, "*", TRUE },
	/* stacked ones: only by name, or by a pattern of their kind */
	{ "loop0", TUNE_DISK_STACKED, "loop0", TRUE },
	{ "loop0", TUNE_DISK_STACKED, "loop*", TRUE },
	{ "loop0", TUNE_DISK_STACKED, "loop?", TRUE },
	{ "loop0", TUNE_DISK_STACKED, "loo*", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "*loop0", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "*", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "?oop0", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "!sda", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "!ssd", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "!loop1", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "!loop0", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "loop* !loop1", TRUE },
	{ "loop1", TUNE_DISK_STACKED, "loop* !loop1", FALSE },
	{ "loop0", TUNE_DISK_STACKED, "* loop*", TRUE },
	{ "dm-3", TUNE_DISK_STACKED, "dm-*", TRUE },
	{ "dm-3", TUNE_DISK_STACKED, "dm-3", TRUE },
	{ "dm-3", TUNE_DISK_STACKED, "d*", FALSE },
	{ "dm-3", TUNE_DISK_STACKED, "drbd", FALSE },
	{ "drbd0", TUNE_DISK_STACKED, "drbd", FALSE },
	{ "drbd0", TUNE_DISK_STACKED, "drbd*", TRUE },
	{ "md127", TUNE_DISK_STACKED, "md127", TRUE },
	/* a multipath device is a disk, its paths only by their very names */
	{ "dm-0", TUNE_DISK_ROTATIONAL, "*", TRUE },
	{ "dm-0", TUNE_DISK_ROTATIONAL, "rotational", TRUE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "sda", TRUE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "sda ssd", TRUE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "sd*", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "sda*", FALSE },
	{ "nvme0n1", TUNE_DISK_NVME | TUNE_DISK_PATH, "nvme*", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "ssd", FALSE },
	{ "sda", TUNE_DISK_SSD | TUNE_DISK_PATH, "*", FALSE },
};

static void test_matches(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
		g_autofree char *name = g_strdup(matches[i].name);
		g_auto(GStrv) words = g_strsplit(matches[i].words, " ", -1);
		TuneDisk disk = { name, matches[i].classes };
		gboolean is_meant = tune_disk_matches(&disk, (const char *const *)words);
		g_autofree char *text = g_strdup_printf(
			"%s %s by '%s'", name, is_meant ? "meant" : "left", matches[i].words);
		if (is_meant != matches[i].is_meant)
			CHECK_TEXT(text, "the opposite");
	}
}

static void test_words(void)
{
	static const struct {
		const char *word;
		guint class;
		const char *nearest;
	} rows[] = {
		{ "rotational", TUNE_DISK_ROTATIONAL, "rotational" },
		{ "ssd", TUNE_DISK_SSD, NULL },
		{ "nvme", TUNE_DISK_NVME, NULL },
		{ "virtio", TUNE_DISK_VIRTIO, NULL },
		{ "xen", TUNE_DISK_XEN, NULL },
		{ "drbd", TUNE_DISK_DRBD, NULL },
		{ "rotatonal", 0, "rotational" },
		{ "rotatinal", 0, "rotational" },
		{ "nvm", 0, "nvme" },
		{ "vitrio", 0, "virtio" },
		{ "drdb", 0, "drbd" },
		/* These are, or may be, names. */
		{ "sda", 0, NULL },
		{ "sdd", 0, NULL },
		{ "drbd0", 0, NULL },
		{ "nvme0n1", 0, NULL },
		{ "nvme*", 0, NULL },
		{ "xvda", 0, NULL },
		{ "stacked", 0, NULL },
		{ "path", 0, NULL },
		{ "", 0, NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		CU_ASSERT_EQUAL(tune_disk_class_from_word(rows[i].word), rows[i].class);
		if (!rows[i].class)
			CHECK_TEXT(tune_disk_class_nearest(rows[i].word), rows[i].nearest);
	}
}

/* ---- the price ---- */

/* Opens that a walk takes, having seen to it that no two of them are of one path. */
static guint count_opens(const char *host)
{
	g_autoptr(TuneRoot) root = tune_root_open(host, NULL);
	GHashTableIter iter;
	gpointer path, n;

	opened = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, EVERYTHING, xenvg, NULL);
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
		g_autofree char *host = check_unroll(hosts[i]);
		CU_ASSERT(count_opens(host) > 3);
	}
}

/* So many disks, each with a volume of its own that DRBD replicates. */
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

	/* The lists of disks and of partitions and the name of the group come to the same for all. */
	CU_ASSERT_EQUAL((many - 3), (few - 3) * 2);
	/* A disk: whether it spins, its holders; its volume: the identity; its DRBD: the slaves. */
	CU_ASSERT(many <= 64 * 4 + 3);
}

/* All volumes on a disk are of one group: the first has said it for the others. */
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
		{ "hosts", test_hosts },
		{ "no disks", test_no_disks },
		{ "stacked ones are listed", test_stacked_are_listed },
		{ "stacks", test_stacks },
		{ "what pvs says", test_pvs },
		{ "pvs is asked once", test_pvs_is_asked_once },
		{ "physical volumes", test_is_physical_volume },
		{ "names of groups", test_group_names },
		{ "which disks a rule means", test_matches },
		{ "words", test_words },
		{ "each file is opened once", test_each_file_once },
		{ "opens grow with the disks", test_grows_with_disks },
		{ "opens do not grow with the volumes", test_grows_not_with_volumes },
		{ NULL, NULL },
	};

	return check_main("disks", checks);
}
