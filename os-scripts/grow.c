/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/mount.h>

#include "os-scripts/disk.h"

#define SHORT_S 120
#define RESIZE_S (60 * 60)

/* All of them grow while they are mounted, which also replays what a copied journal still holds. */
/* clang-format off */
static const struct {
	const char *type;
	const char *command[4]; /* "%d" the device, "%m" where it is mounted */
} growers[] = {
	{ "ext3",  { "resize2fs", "%d", NULL } },
	{ "ext4",  { "resize2fs", "%d", NULL } },
	{ "xfs",   { "xfs_growfs", "%m", NULL } },
};
/* clang-format on */

static const char *const *find_command(const char *type)
{
	for (guint i = 0; i < G_N_ELEMENTS(growers); i++)
		if (strcmp(growers[i].type, type) == 0)
			return growers[i].command;
	return NULL;
}

static gboolean run(const Os *os, const OsVolume *volume, const char *const *command,
		    GError **error)
{
	const char *argv[G_N_ELEMENTS(growers[0].command)] = { NULL };

	for (guint i = 0; command[i]; i++)
		argv[i] = strcmp(command[i], "%d") == 0   ? volume->device
			  : strcmp(command[i], "%m") == 0 ? volume->directory
							  : command[i];
	return os_command(os, argv, NULL, RESIZE_S, error);
}

static gboolean grow_file_system(const Os *os, const OsDisk *disk, const TunePartition *part,
				 guint64 sector, GError **error)
{
	g_autoptr(TuneSignature) signature = NULL;
	g_autoptr(OsVolume)
		volume = os_volume_open(disk->path, part->start, part->size, sector, error);

	if (!volume || !tune_signature_read(volume->device, 0, 0, &signature, error))
		return FALSE;
	const char *const *command = signature ? find_command(signature->type) : NULL;
	if (!command) {
		os_say(os, "disk %u: not grown: its last part is %s", disk->index,
		       signature ? signature->type : "not known here");
		return TRUE;
	}
	return os_volume_mount(volume, signature->type, MS_NODEV | MS_NOSUID, error) &&
	       run(os, volume, command, error) && os_volume_close(g_steal_pointer(&volume), error);
}

static gboolean grow_partition(const Os *os, const OsDisk *disk, guint number, GError **error)
{
	g_autofree char *which = g_strdup_printf("%u", number);
	g_autoptr(OsVolume) whole = os_disk_open(os, disk, error);

	if (!whole)
		return FALSE;
	const char *const argv[] = { "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel",
				     "-N",     which,     whole->device, NULL };
	return os_command(os, argv, ", +\n", SHORT_S, error) &&
	       os_volume_close(g_steal_pointer(&whole), error);
}

gboolean os_disk_grow(const Os *os, const OsDisk *disk, GError **error)
{
	TunePartition part = { 0 };
	TuneTopology topology;
	g_autoptr(GPtrArray) parts = os_disk_read_partitions(os, disk, error);

	if (!parts || !os_disk_read_topology(os, disk, &topology, error))
		return FALSE;
	if (parts->len) {
		part = *(const TunePartition *)parts->pdata[parts->len - 1];
		if (!grow_partition(os, disk, part.number, error))
			return FALSE;
		g_autoptr(GPtrArray) grown = os_disk_read_partitions(os, disk, error);
		if (!grown || grown->len != parts->len)
			return grown && os_fail(error, TUNE_ERROR_IO, "partitions were lost");
		part = *(const TunePartition *)grown->pdata[grown->len - 1];
	}
	return grow_file_system(os, disk, &part, topology.sector, error);
}
