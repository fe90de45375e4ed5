/* SPDX-License-Identifier: BSD-2-Clause */
/* The classes of disks, and which disks a rule matches. */
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/disk-host.h"

static const char *const backup[] = { "backup", NULL };

static void test_hosts(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *const *groups;
		const char *disks;
	} rows[] = {
		{ "drbd-sata", "drbd-sata", disk_xenvg,
		  "sda=ssd sdb=ssd+drbd sdc=rotational+drbd" },
		/* DRBD itself says which group it uses. */
		{ "drbd-sata, no group: DRBD itself says which it uses", "drbd-sata", disk_no_group,
		  "sda=ssd sdb=ssd+drbd sdc=rotational+drbd" },
		{ "drbd-sata, group not known", "drbd-sata", NULL,
		  "sda=ssd sdb=ssd sdc=rotational" },
		{ "fresh", "fresh", disk_xenvg,
		  "sdb=ssd+drbd sdc=rotational+drbd sdd=rotational sde=rotational" },
		{ "fresh, another group", "fresh", backup,
		  "sdb=ssd sdc=rotational sdd=rotational+drbd sde=rotational" },
		{ "fresh, no group", "fresh", disk_no_group,
		  "sdb=ssd sdc=rotational sdd=rotational sde=rotational" },
		{ "fresh, group not known", "fresh", NULL,
		  "sdb=ssd sdc=rotational sdd=rotational sde=rotational" },
		{ "md", "md", disk_xenvg,
		  "sda=rotational+drbd sdb=rotational+drbd sdc=rotational" },
		{ "md, no group", "md", disk_no_group,
		  "sda=rotational+drbd sdb=rotational+drbd sdc=rotational" },
		{ "multipath", "multipath", disk_xenvg,
		  "dm-0=rotational+drbd sda=rotational+path sdb=rotational+path" },
		{ "multipath, group not known", "multipath", NULL,
		  "dm-0=rotational sda=rotational+path sdb=rotational+path" },
		{ "nvme", "nvme", disk_xenvg,
		  "nvme0n1=nvme+drbd nvme1c1n1=nvme+path nvme1n1=nvme+drbd" },
		/* The cache, nvme2n1, carries what is on bcache0. */
		{ "queues", "many-queues", disk_no_group,
		  "nvme0c0n1=nvme+path nvme0c1n1=nvme+path nvme0n1=nvme+drbd "
		  "nvme2n1=nvme+drbd+multiqueue sda=ssd+drbd+multiqueue sdb=rotational+drbd" },
		{ "linux-5.10", "linux-5.10", disk_xenvg, "sda=rotational+drbd" },
		{ "linux-6.18", "linux-6.18", disk_xenvg, "sda=ssd+drbd" },
		{ "no-ksm", "no-ksm", disk_xenvg, "vda=virtio" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *host = check_unroll(rows[i].host);
		disk_check(host, rows[i].groups, rows[i].disks);
	}
}

/* A missing sys/block is an error, an empty one is not. */
static void test_no_disks(void)
{
	g_autofree char *path = check_unroll("minimal");
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open(path, NULL);

	CU_ASSERT_PTR_NULL(tune_disks_find(root, DISK_EVERYTHING, disk_xenvg, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

static void test_stacked_are_listed(void)
{
	g_autofree char *path = check_unroll("md");
	g_autoptr(TuneRoot) root = tune_root_open(path, NULL);
	g_autoptr(GPtrArray) disks = tune_disks_find(root, DISK_EVERYTHING, disk_xenvg, NULL);
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < disks->len; i++)
		g_string_append_printf(names, "%s ", ((const TuneDisk *)disks->pdata[i])->name);
	CHECK_TEXT(names->str, "dm-0 dm-1 dm-2 drbd0 md0 md1 sda sdb sdc ");
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
	/* Where it is unknown whether a disk has Ganeti's volumes, "drbd" does not match. */
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
		check_row_format("%s, classes %#x: '%s'", matches[i].name, matches[i].classes,
				 matches[i].words);
		g_autofree char *name = g_strdup(matches[i].name);
		g_auto(GStrv) words = g_strsplit(matches[i].words, " ", -1);
		TuneDisk disk = { name, matches[i].classes, NULL };
		gboolean is_meant = tune_disk_matches(&disk, (const char *const *)words);
		g_autofree char *text = g_strdup_printf(
			"%s %s by '%s'", name, is_meant ? "meant" : "left", matches[i].words);
		if (is_meant != matches[i].is_meant)
			CHECK_TEXT(text, "the opposite");
	}
}

/* Only a pattern that cannot mean the disk means its paths. */
static void test_nvme_path(void)
{
	static const struct {
		const char *word;
		gboolean is_meant;
	} rows[] = {
		{ "nvme0c1n1", TRUE }, { "nvme0c*", TRUE },  { "nvme*c*n*", TRUE },
		{ "nvme", FALSE },     { "nvme0*", FALSE },  { "nvme*", FALSE },
		{ "*", FALSE },        { "nvme0n1", FALSE },
	};
	char name[] = "nvme0c1n1", head[] = "nvme0n1";
	TuneDisk path = { name, TUNE_DISK_NVME | TUNE_DISK_PATH, head };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *words[] = { rows[i].word, NULL };
		check_row(rows[i].word);
		CU_ASSERT_EQUAL(tune_disk_matches(&path, words), rows[i].is_meant);
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
		/* These are names of disks, or may be. */
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
		check_row(rows[i].word);
		CU_ASSERT_EQUAL(tune_disk_class_from_word(rows[i].word), rows[i].class);
		if (!rows[i].class)
			CHECK_TEXT(tune_disk_class_nearest(rows[i].word), rows[i].nearest);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "hosts", test_hosts },
		{ "no disks", test_no_disks },
		{ "stacked ones are listed", test_stacked_are_listed },
		{ "which disks a rule means", test_matches },
		{ "paths of an NVMe disk", test_nvme_path },
		{ "words", test_words },
		{ NULL, NULL },
	};

	return check_main("disks", checks);
}
