/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical volumes without logical ones, and the names of groups. */
#include <glib/gstdio.h>

#include <libtune/host/lvm.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/disk-host.h"

/* clang-format off */
#define PV(number) "run/udev/data/b" number " = E:ID_FS_TYPE=LVM2_member\n"

/* The groups of sda and sdb depend on what pvs says; sdc holds no volume. */
#define THREE_DISKS \
	DISK("sda") "sys/devices/sda/dev = 8:0\n" PV("8:0") \
	DISK("sdb") "sys/devices/sdb/dev = 8:16\n" PV("8:16") \
	DISK("sdc") "sys/devices/sdc/dev = 8:32\n" "run/udev/data/b8:32 = E:ID_FS_TYPE=\n"
/* clang-format on */

static void test_pvs(void)
{
	static const struct {
		const char *name;
		const char *pvs;
		const char *disks;
	} rows[] = {
		{ "two groups", "sbin/pvs ! printf '  /dev/sda xenvg\\n  /dev/sdb other\\n'\n",
		  "sda=rotational+drbd sdb=rotational sdc=rotational" },
		/* No group yet; a volume that is missing. */
		{ "no group, and a missing device",
		  "sbin/pvs ! printf '  /dev/sda \\n  [unknown] xenvg\\n  /dev/sdb "
		  "xenvg\\n'\n",
		  "sda=rotational sdb=rotational+drbd sdc=rotational" },
		{ "a disk that is not in the list", "sbin/pvs ! printf '  /dev/sdb xenvg\\n'\n",
		  "sda=rotational+unknown sdb=rotational+drbd sdc=rotational" },
		{ "the command fails", "sbin/pvs ! printf '  /dev/sda xenvg\\n'; exit 5\n",
		  "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		{ "the list is empty", "sbin/pvs ! :\n",
		  "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		{ "the command is missing", "",
		  "sda=rotational+unknown sdb=rotational+unknown sdc=rotational" },
		{ "names that are not the kernel's",
		  "dev/mapper/crypt -> ../sda\n"
		  "dev/disk/by-id/wwn-0x5000 -> ../../sdb\n"
		  "sbin/pvs ! printf '  /dev/mapper/crypt xenvg\\n  /dev/disk/by-id/wwn-0x5000 "
		  "other\\n'\n",
		  "sda=rotational+drbd sdb=rotational sdc=rotational" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *text = g_strconcat(THREE_DISKS, rows[i].pvs, NULL);
		g_autofree char *host = check_unroll_text(text);
		disk_check(host, disk_xenvg, rows[i].disks);
	}
}

/* pvs runs once, and only where a physical volume without logical ones was found. */
static void test_pvs_is_asked_once(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *asked;
	} rows[] = {
		{ "disks with volumes", THREE_DISKS, "x\n" },
		{ "disks without volumes", DISK("sda") DISK("sdb"), NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *file = g_build_filename(check_directory(), "asked", NULL);
		g_autofree char *text = g_strdup_printf("%ssbin/pvs ! echo x >> %s; echo nothing\n",
							rows[i].host, file);
		g_autofree char *host = check_unroll_text(text);
		g_autoptr(TuneRoot) root = tune_root_open(host, NULL);
		g_autoptr(GPtrArray)
			disks = tune_disks_find(root, DISK_EVERYTHING, disk_xenvg, NULL);
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
		{ "sdb1", TRUE }, /* by udev */
		{ "sdc", TRUE },  /* by its label, udev has nothing about it */
		{ "sde1", FALSE }, { "sde", FALSE }, { "none", FALSE },
	};
	g_autofree char *host = check_unroll("fresh");
	g_autoptr(TuneRoot) root = tune_root_open(host, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		CU_ASSERT_EQUAL(tune_lvm_is_physical_volume(root, rows[i].name), rows[i].is_one);
	}
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
		check_row(rows[i].dm_name);
		g_autofree char *group = tune_lvm_group_from_dm_name(rows[i].dm_name);
		CHECK_TEXT(group, rows[i].group);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "the list of pvs", test_pvs },
		{ "pvs is asked once", test_pvs_is_asked_once },
		{ "physical volumes", test_is_physical_volume },
		{ "names of groups", test_group_names },
		{ NULL, NULL },
	};

	return check_main("lvm", checks);
}
