/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os-scripts/disk.h"
#include "os-scripts/parameters.h"

#define QEMU_SECTOR 512
/* Partition tables, superblocks and labels lie in the first and the last MiB. */
#define END_SIZE (1024 * 1024)

const OsDisk *os_disk_get_first(const Os *os, GError **error)
{
	if (os->environment->disks->len)
		return os->environment->disks->pdata[0];
	os_fail(error, TUNE_ERROR_INVALID, "the instance has no disk");
	return NULL;
}

gboolean os_disk_read_topology(const Os *os, const OsDisk *disk, TuneTopology *ret_topology,
			       GError **error)
{
	if (!tune_topology_read(disk->path, ret_topology, error))
		return FALSE;
	if (g_strcmp0(os_environment_get(os->environment, "HYPERVISOR"), "kvm") == 0)
		ret_topology->sector = QEMU_SECTOR;
	return TRUE;
}

OsMachine *os_disk_start_machine(const Os *os, const OsDisk *disk, guint extra_s, GError **error)
{
	TuneTopology topology;

	if (!os_disk_read_topology(os, disk, &topology, error))
		return NULL;
	return os_machine_start(os, disk, &topology, extra_s, error);
}

/* Reads nothing: a node must not parse what a guest has written. */
gboolean os_disk_wipe(const OsDisk *disk, GError **error)
{
	g_autofree char *zeros = g_malloc0(END_SIZE);
	int fd = open(disk->path, O_WRONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	size_t size = (size_t)MIN(END_SIZE, MAX(end, 0));

	gboolean good = end >= 0 && pwrite(fd, zeros, size, 0) == (ssize_t)size &&
			pwrite(fd, zeros, size, end - (off_t)size) == (ssize_t)size &&
			fsync(fd) == 0;
	if (!good)
		os_fail_errno(error, disk->path);
	if (fd >= 0)
		close(fd);
	return good;
}

void os_disk_report_misfit(const Os *os, const OsDisk *disk, OsMachine *machine)
{
	struct guestfs_partition_list *parts = guestfs_part_list(machine->guestfs, OS_MACHINE_DISK);
	const TuneTopology *topology = &machine->topology;

	if (!parts)
		return;
	for (guint i = 0; i < parts->len; i++)
		if (tune_topology_align(topology, parts->val[i].part_start) !=
		    parts->val[i].part_start)
			os_say(os,
			       "disk %u: partition %d of the image does not start at a multiple of %" G_GUINT64_FORMAT
			       " bytes",
			       disk->index, parts->val[i].part_num,
			       tune_topology_get_grain(topology));
	guestfs_free_partition_list(parts);
}

/* ---- a partition table ---- */

static gboolean check_table(const char *table, const TuneTopology *topology, GError **error)
{
	if (topology->size <= tune_topology_get_start(topology))
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is too small for a partition: partition=none");
	/* The numbers of sectors in an MBR have 32 bits. */
	if (strcmp(table, "mbr") == 0 && topology->size / topology->sector > G_MAXUINT32)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is too large for an MBR: partition=gpt");
	return TRUE;
}

/* A GPT ends with its second table and header: UEFI specification, "GPT disk layout". */
#define GPT_TABLE (16 * 1024)

static gint64 find_last_sector(const TuneTopology *topology, gboolean is_gpt)
{
	gint64 n = (gint64)(topology->size / topology->sector);

	return is_gpt ? n - GPT_TABLE / (gint64)topology->sector - 2 : n - 1;
}

/* UEFI specification, "Attributes": bit 2 is for the boot code of a BIOS. */
#define LEGACY_BOOTABLE (1 << 2)

static gboolean write_table(OsMachine *machine, gboolean is_gpt, const TuneTopology *topology,
			    GError **error)
{
	guestfs_h *guestfs = machine->guestfs;
	gint64 first = (gint64)(tune_topology_get_start(topology) / topology->sector);

	return (guestfs_part_init(guestfs, OS_MACHINE_DISK, is_gpt ? "gpt" : "mbr") == 0 &&
		guestfs_part_add(guestfs, OS_MACHINE_DISK, "p", first,
				 find_last_sector(topology, is_gpt)) == 0 &&
		(is_gpt ? guestfs_part_set_gpt_attributes(guestfs, OS_MACHINE_DISK, 1,
							  LEGACY_BOOTABLE)
			: guestfs_part_set_bootable(guestfs, OS_MACHINE_DISK, 1, 1)) == 0) ||
	       os_machine_fail(machine, "partition table", error);
}

static const char *make_partition(const Os *os, OsMachine *machine, const TuneTopology *topology,
				  GError **error)
{
	const char *table = os_parameter_get(os->environment, "partition");

	if (strcmp(table, "none") == 0)
		return OS_MACHINE_DISK;
	return check_table(table, topology, error) &&
			       write_table(machine, strcmp(table, "gpt") == 0, topology, error)
		       ? OS_MACHINE_DISK "1"
		       : NULL;
}

/* ---- a file system ---- */

#define BLOCK 4096

/* Whether mkfs.xfs(8) takes a smaller disk depends on the stripes, and its reason is lost above a page of usage. */
#define SMALLEST_XFS (640ull * 1024 * 1024)

static gboolean make_ext4(OsMachine *machine, const char *device, const TuneTopology *topology)
{
	guint64 piece, stripe;

	tune_topology_get_stripe(topology, BLOCK, &piece, &stripe);
	if (!stripe)
		return guestfs_mke2fs(machine->guestfs, device, GUESTFS_MKE2FS_FSTYPE, "ext4",
				      GUESTFS_MKE2FS_BLOCKSIZE, BLOCK, -1) == 0;
	return guestfs_mke2fs(machine->guestfs, device, GUESTFS_MKE2FS_FSTYPE, "ext4",
			      GUESTFS_MKE2FS_BLOCKSIZE, BLOCK, GUESTFS_MKE2FS_STRIDESIZE,
			      (gint64)(piece / BLOCK), GUESTFS_MKE2FS_STRIPEWIDTH,
			      (gint64)(stripe / BLOCK), -1) == 0;
}

static gboolean make_file_system(const Os *os, OsMachine *machine, const char *device,
				 const TuneTopology *topology, GError **error)
{
	gboolean is_xfs = strcmp(os_parameter_get(os->environment, "filesystem"), "xfs") == 0;

	if (is_xfs && topology->size < SMALLEST_XFS)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is smaller than the 640 MiB of filesystem=xfs");
	/* mkfs.xfs(8) reads the topology of the machine's disk, which os_machine_start() has set. */
	return (is_xfs ? guestfs_mkfs(machine->guestfs, "xfs", device) == 0
		       : make_ext4(machine, device, topology)) ||
	       os_machine_fail(machine, "making the file system", error);
}

static gboolean mount_file_system(OsMachine *machine, const char *device, char **ret_uuid,
				  GError **error)
{
	char *uuid = guestfs_vfs_uuid(machine->guestfs, device);

	if (!uuid || guestfs_mount(machine->guestfs, device, "/") < 0) {
		free(uuid);
		return os_machine_fail(machine, "the file system that was made", error);
	}
	*ret_uuid = g_strdup(uuid);
	free(uuid);
	return TRUE;
}

gboolean os_disk_format(const Os *os, const OsDisk *disk, OsMachine *machine, char **ret_uuid,
			GError **error)
{
	const char *device = make_partition(os, machine, &machine->topology, error);

	if (!device || !make_file_system(os, machine, device, &machine->topology, error) ||
	    !mount_file_system(machine, device, ret_uuid, error))
		return FALSE;
	os_say(os, "disk %u: %s at multiples of %" G_GUINT64_FORMAT " bytes, UUID %s", disk->index,
	       os_parameter_get(os->environment, "filesystem"),
	       tune_topology_get_grain(&machine->topology), *ret_uuid);
	return TRUE;
}
