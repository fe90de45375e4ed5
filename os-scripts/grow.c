/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/mount.h>

#include "os-scripts/disk.h"

#define SHORT_S 120
#define RESIZE_S (60 * 60)

/* e2fsck(8) ends with 1 when it has repaired all that there was. */
#define CHECK_EXT "e2fsck -f -p \"$0\" || [ $? -eq 1 ]"

typedef struct {
	const char *type;
	gboolean is_mounted;        /* while it grows */
	const char *commands[2][5]; /* DEVICE and TREE stand for what they say */
} Grower;

#define DEVICE "%device"
#define TREE "%tree"

/* clang-format off */
static const Grower growers[] = {
	{ "ext2", FALSE, { { "sh", "-c", CHECK_EXT, DEVICE }, { "resize2fs", DEVICE } } },
	{ "ext3", FALSE, { { "sh", "-c", CHECK_EXT, DEVICE }, { "resize2fs", DEVICE } } },
	{ "ext4", FALSE, { { "sh", "-c", CHECK_EXT, DEVICE }, { "resize2fs", DEVICE } } },
	{ "xfs",  TRUE,  { { "xfs_growfs", TREE } } },
};
/* clang-format on */

static const Grower *find_grower(const char *type)
{
	for (guint i = 0; i < G_N_ELEMENTS(growers); i++)
		if (strcmp(growers[i].type, type) == 0)
			return &growers[i];
	return NULL;
}

static gboolean run(const Os *os, const OsVolume *volume, const char *const *words, GError **error)
{
	const char *argv[G_N_ELEMENTS(growers[0].commands[0])] = { NULL };

	if (!words[0])
		return TRUE;
	for (guint i = 0; words[i]; i++)
		argv[i] = strcmp(words[i], DEVICE) == 0 ? volume->device
			  : strcmp(words[i], TREE) == 0 ? volume->directory
							: words[i];
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
	const Grower *grower = signature ? find_grower(signature->type) : NULL;
	if (!grower) {
		os_say(os, "disk %u: not grown: its last part is %s", disk->index,
		       signature ? signature->type : "not known here");
		return TRUE;
	}
	if (grower->is_mounted &&
	    !os_volume_mount(volume, grower->type, MS_NODEV | MS_NOSUID, error))
		return FALSE;
	return run(os, volume, grower->commands[0], error) &&
	       run(os, volume, grower->commands[1], error) &&
	       os_volume_close(g_steal_pointer(&volume), error);
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
