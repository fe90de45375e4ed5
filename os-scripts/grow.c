/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/disk.h"

#define MIB (1024 * 1024)

static gboolean grow_ext(OsMachine *machine, const char *device)
{
	return guestfs_e2fsck(machine->guestfs, device, GUESTFS_E2FSCK_CORRECT, 1, -1) == 0 &&
	       guestfs_resize2fs(machine->guestfs, device) == 0;
}

static gboolean grow_xfs(OsMachine *machine, const char *device)
{
	return guestfs_mount(machine->guestfs, device, "/") == 0 &&
	       guestfs_xfs_growfs(machine->guestfs, "/", GUESTFS_XFS_GROWFS_DATASEC, 1, -1) == 0 &&
	       guestfs_umount_all(machine->guestfs) == 0;
}

static const struct {
	const char *type;
	gboolean (*grow)(OsMachine *machine, const char *device);
} growers[] = {
	{ "ext2", grow_ext },
	{ "ext3", grow_ext },
	{ "ext4", grow_ext },
	{ "xfs", grow_xfs },
};

static gboolean grow_file_system(const Os *os, const OsDisk *disk, OsMachine *machine,
				 const char *device, GError **error)
{
	char *found = guestfs_vfs_type(machine->guestfs, device);
	g_autofree char *type = g_strdup(found && *found ? found : "not known here");

	free(found);
	for (guint i = 0; i < G_N_ELEMENTS(growers); i++)
		if (strcmp(growers[i].type, type) == 0)
			return growers[i].grow(machine, device) ||
			       os_machine_fail(machine, "growing the file system", error);
	os_say(os, "disk %u: not grown: its last part is %s", disk->index, type);
	return TRUE;
}

/* Grows it to the end of the disk, where a GPT keeps its second header. */
static gboolean grow_partition(OsMachine *machine, int number, gint64 sector)
{
	guestfs_h *guestfs = machine->guestfs;
	char *table = guestfs_part_get_parttype(guestfs, OS_MACHINE_DISK);
	gboolean is_gpt = g_strcmp0(table, "gpt") == 0;
	gint64 size = guestfs_blockdev_getsize64(guestfs, OS_MACHINE_DISK);
	gint64 grain = MIB / sector;
	gint64 last = size / sector - 1;

	free(table);
	/* sgdisk(8), which moves the second header, leaves less than a MiB before it unused. */
	if (is_gpt)
		last = (size / sector / grain - 1) * grain - 1;
	return size > 0 && (!is_gpt || guestfs_part_expand_gpt(guestfs, OS_MACHINE_DISK) == 0) &&
	       guestfs_part_resize(guestfs, OS_MACHINE_DISK, number, last) == 0;
}

/* The number of the partition that ends last, as only behind it is room; 0 when there is none. */
static int find_last_number(OsMachine *machine)
{
	struct guestfs_partition_list *parts = guestfs_part_list(machine->guestfs, OS_MACHINE_DISK);
	guint64 end = 0;
	int number = 0;

	for (guint i = 0; parts && i < parts->len; i++)
		if (parts->val[i].part_end > end) {
			end = parts->val[i].part_end;
			number = parts->val[i].part_num;
		}
	if (parts)
		guestfs_free_partition_list(parts);
	return number;
}

gboolean os_disk_grow(const Os *os, const OsDisk *disk, OsMachine *machine, GError **error)
{
	int number = find_last_number(machine);
	g_autofree char *device = number ? g_strdup_printf(OS_MACHINE_DISK "%d", number)
					 : g_strdup(OS_MACHINE_DISK);

	if (number && !grow_partition(machine, number, (gint64)machine->topology.sector)) {
		g_autoptr(GError) local = NULL;
		os_machine_fail(machine, "its last partition", &local);
		os_say(os, "disk %u: not grown: %s", disk->index, local->message);
		return TRUE;
	}
	return grow_file_system(os, disk, machine, device, error);
}
