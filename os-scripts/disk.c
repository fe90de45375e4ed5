/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/disk.h"
#include "os-scripts/parameters.h"

#define QEMU_SECTOR 512
#define SHORT_S 120

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

OsVolume *os_disk_open(const Os *os, const OsDisk *disk, GError **error)
{
	TuneTopology topology;

	if (!os_disk_read_topology(os, disk, &topology, error))
		return NULL;
	return os_volume_open(disk->path, 0, 0, topology.sector, error);
}

GPtrArray *os_disk_read_partitions(const Os *os, const OsDisk *disk, GError **error)
{
	g_autoptr(OsVolume) whole = os_disk_open(os, disk, error);

	return whole ? tune_partitions_read(whole->device, error) : NULL;
}

gboolean os_disk_wipe(const Os *os, const OsDisk *disk, GError **error)
{
	g_autoptr(OsVolume) whole = os_disk_open(os, disk, error);

	if (!whole)
		return FALSE;
	const char *const argv[] = { "wipefs", "--all", "--quiet", whole->device, NULL };
	return os_command(os, argv, NULL, SHORT_S, error) &&
	       os_volume_close(g_steal_pointer(&whole), error);
}

/* ---- a partition table ---- */

static char *make_script(const char *table, const TuneTopology *topology)
{
	gboolean is_gpt = strcmp(table, "gpt") == 0;

	return g_strdup_printf(
		"label: %s\nunit: sectors\nstart=%" G_GUINT64_FORMAT ", type=linux%s\n",
		is_gpt ? "gpt" : "dos", tune_topology_get_start(topology) / topology->sector,
		is_gpt ? ", attrs=LegacyBIOSBootable" : ", bootable");
}

static gboolean check_table(const char *table, const TuneTopology *topology, GError **error)
{
	if (topology->size <= tune_topology_get_start(topology))
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is too small for a partition: partition=none");
	/* Its numbers have 32 bits. */
	if (strcmp(table, "mbr") == 0 && topology->size / topology->sector > G_MAXUINT32)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is too large for an MBR: partition=gpt");
	return TRUE;
}

static gboolean write_table(const Os *os, const OsDisk *disk, const char *table,
			    const TuneTopology *topology, GError **error)
{
	g_autofree char *script = make_script(table, topology);
	g_autoptr(OsVolume) whole = os_disk_open(os, disk, error);

	if (!whole)
		return FALSE;
	const char *const argv[] = { "sfdisk",           "--quiet",     "--no-reread",
				     "--no-tell-kernel", whole->device, NULL };
	return os_command(os, argv, script, SHORT_S, error) &&
	       os_volume_close(g_steal_pointer(&whole), error);
}

static OsVolume *open_part(const Os *os, const OsDisk *disk, const TuneTopology *topology,
			   GError **error)
{
	const char *table = os_parameter_get(os->environment, "partition");

	if (strcmp(table, "none") == 0)
		return os_volume_open(disk->path, 0, 0, topology->sector, error);
	if (!check_table(table, topology, error) || !write_table(os, disk, table, topology, error))
		return NULL;
	g_autoptr(GPtrArray) parts = os_disk_read_partitions(os, disk, error);
	if (!parts)
		return NULL;
	if (parts->len != 1) {
		os_fail(error, TUNE_ERROR_IO, "disk 0 has %u partitions, 1 was made", parts->len);
		return NULL;
	}
	const TunePartition *part = parts->pdata[0];
	return os_volume_open(disk->path, part->start, part->size, topology->sector, error);
}

/* ---- a file system ---- */

#define BLOCK 4096
#define MKFS_S (60 * 60)

static gboolean make_ext4(const Os *os, const char *device, guint64 piece, guint64 stripe,
			  GError **error)
{
	g_autofree char *hints = stripe ? g_strdup_printf("stride=%" G_GUINT64_FORMAT
							  ",stripe_width=%" G_GUINT64_FORMAT,
							  piece / BLOCK, stripe / BLOCK)
					: g_strdup("discard");
	const char *const argv[] = { "mkfs.ext4", "-q",  "-F",   "-b", G_STRINGIFY(BLOCK),
				     "-E",        hints, device, NULL };

	return os_command(os, argv, NULL, MKFS_S, error);
}

/* mkfs.xfs(8) of smaller ones depends on their stripes, and its reason is lost above a page of usage. */
#define SMALLEST_XFS (640ull * 1024 * 1024)

static gboolean make_xfs(const Os *os, const char *device, guint64 piece, guint64 stripe,
			 GError **error)
{
	g_autofree char *hints = stripe ? g_strdup_printf("su=%" G_GUINT64_FORMAT
							  ",sw=%" G_GUINT64_FORMAT,
							  piece, stripe / piece)
					: g_strdup("noalign");
	const char *const argv[] = { "mkfs.xfs", "-q", "-f", "-d", hints, device, NULL };

	return os_command(os, argv, NULL, MKFS_S, error);
}

/* The loop device between knows nothing of the disk's stripes, so they have to be told. */
static gboolean make_file_system(const Os *os, const OsVolume *volume, const TuneTopology *topology,
				 GError **error)
{
	const char *type = os_parameter_get(os->environment, "filesystem");
	gboolean is_xfs = strcmp(type, "xfs") == 0;
	guint64 piece, stripe;

	if (is_xfs && topology->size < SMALLEST_XFS)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "disk 0 is smaller than the 640 MiB of filesystem=xfs");
	tune_topology_get_stripe(topology, BLOCK, &piece, &stripe);
	return is_xfs ? make_xfs(os, volume->device, piece, stripe, error)
		      : make_ext4(os, volume->device, piece, stripe, error);
}

static gboolean read_uuid(const OsVolume *volume, char **ret_uuid, GError **error)
{
	g_autoptr(TuneSignature) signature = NULL;

	if (!tune_signature_read(volume->device, 0, 0, &signature, error))
		return FALSE;
	if (!signature || !signature->uuid)
		return os_fail(error, TUNE_ERROR_IO, "the file system that was made is not there");
	*ret_uuid = g_strdup(signature->uuid);
	return TRUE;
}

OsVolume *os_disk_format(const Os *os, const OsDisk *disk, char **ret_uuid, GError **error)
{
	TuneTopology topology;

	if (!os_disk_read_topology(os, disk, &topology, error) || !os_disk_wipe(os, disk, error))
		return NULL;
	g_autoptr(OsVolume) volume = open_part(os, disk, &topology, error);
	if (!volume || !make_file_system(os, volume, &topology, error) ||
	    !read_uuid(volume, ret_uuid, error))
		return NULL;
	os_say(os, "disk %u: %s at multiples of %" G_GUINT64_FORMAT " bytes, UUID %s", disk->index,
	       os_parameter_get(os->environment, "filesystem"), tune_topology_get_grain(&topology),
	       *ret_uuid);
	return g_steal_pointer(&volume);
}
