/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/mount.h>

#include "os-scripts/disk.h"
#include "os-scripts/guest.h"
#include "os-scripts/parameters.h"

static const char *const mountable[] = { "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", NULL };

/* Any of them is in the root of all distributions, and in no other part of a disk. */
static const char *const of_root[] = { "etc/os-release", "etc/fstab", "usr/lib/os-release" };

void os_guest_free(OsGuest *guest)
{
	if (!guest)
		return;
	os_volume_free(guest->volume);
	g_free(guest->uuid);
	g_free(guest->where);
	g_free(guest);
}

gboolean os_guest_close(OsGuest *guest, GError **error)
{
	gboolean good = os_volume_close(g_steal_pointer(&guest->volume), error);

	if (!good)
		g_prefix_error(error, "%s: ", guest->where);
	os_guest_free(guest);
	return good;
}

static gboolean is_root(const char *directory)
{
	for (guint i = 0; i < G_N_ELEMENTS(of_root); i++) {
		g_autofree char *path = g_build_filename(directory, of_root[i], NULL);
		if (g_file_test(path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
			return TRUE;
	}
	return FALSE;
}

/* What cannot be mounted has no root here; the log says so. */
static OsGuest *try_part(const Os *os, const OsDisk *disk, const TunePartition *part,
			 guint64 sector)
{
	g_autoptr(TuneSignature) signature = NULL;
	g_autoptr(GError) local = NULL;

	if (!tune_signature_read(disk->path, part->start, part->size, &signature, &local) ||
	    !signature || !g_strv_contains(mountable, signature->type))
		return NULL;
	g_autoptr(OsGuest) guest = g_new0(OsGuest, 1);
	guest->uuid = g_strdup(signature->uuid);
	guest->where = part->number
			       ? g_strdup_printf("disk %u partition %u", disk->index, part->number)
			       : g_strdup_printf("disk %u", disk->index);
	guest->volume = os_volume_open(disk->path, part->start, part->size, sector, &local);
	if (guest->volume &&
	    os_volume_mount(guest->volume, signature->type, MS_NODEV | MS_NOSUID, &local))
		return is_root(guest->volume->directory) ? g_steal_pointer(&guest) : NULL;
	os_say(os, "%s: %s", guest->where, local->message);
	return NULL;
}

gboolean os_guest_open(const Os *os, OsGuest **ret_guest, GError **error)
{
	const TunePartition whole = { 0 };
	TuneTopology topology;

	*ret_guest = NULL;
	if (!os->environment->disks->len)
		return TRUE;
	const OsDisk *disk = os->environment->disks->pdata[0];
	g_autoptr(GPtrArray) parts = os_disk_read_partitions(os, disk, error);
	if (!parts || !os_disk_read_topology(os, disk, &topology, error))
		return FALSE;
	if (!parts->len)
		*ret_guest = try_part(os, disk, &whole, topology.sector);
	for (guint i = 0; i < parts->len && !*ret_guest; i++)
		*ret_guest = try_part(os, disk, parts->pdata[i], topology.sector);
	return TRUE;
}

gboolean os_guest_write_fstab(const Os *os, TuneRoot *tree, const char *uuid, GError **error)
{
	g_autofree char *text = g_strdup_printf("UUID=%s\t/\t%s\tdefaults\t0\t1\n", uuid,
						os_parameter_get(os->environment, "filesystem"));

	g_autofree char *have = tune_root_read(tree, "etc/fstab", NULL);

	/* What debootstrap(8) leaves says that it is none. */
	return (have && !g_str_has_prefix(have, "# UNCONFIGURED FSTAB")) ||
	       tune_root_save(tree, "etc/fstab", text, error);
}

/* ---- tuning ---- */

gboolean os_guest_tune(const Os *os, const char *directory, const char *uuid, GError **error)
{
	const OsEnvironment *environment = os->environment;
	const TuneGuestFacts facts = {
		.serial_speed = environment->serial_speed,
		.has_loader = environment->kernel_path == NULL,
		.root_uuid = uuid,
		.is_discarded = environment->is_discarded,
	};
	g_autoptr(TuneRoot) tree = tune_root_open(directory, error);
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);
	guint set;

	if (!tree || !tune_dropins_from_names(os_parameter_get(environment, "tuning"), &set, error))
		return FALSE;
	gboolean good = tune_dropins_apply(tree, set, &facts, log, error);
	for (guint i = 0; i < log->len; i++)
		os_say(os, "tuning %s", (char *)log->pdata[i]);
	return good;
}

static gboolean complain(const Os *os, const char *tuning, GError **error)
{
	if (strcmp(tuning, "default") != 0)
		return os_fail(error, TUNE_ERROR_ABSENT,
			       "disk 0 has no root file system to tune: tuning=none, or another "
			       "way to install it");
	os_say(os, "nothing is tuned: disk 0 has no root file system that can be mounted here");
	return TRUE;
}

gboolean os_guest_tune_disk(const Os *os, GError **error)
{
	const char *tuning = os_parameter_get(os->environment, "tuning");
	g_autoptr(OsGuest) guest = NULL;

	if (strcmp(tuning, "none") == 0)
		return TRUE;
	if (!os_guest_open(os, &guest, error))
		return FALSE;
	if (!guest)
		return complain(os, tuning, error);
	if (!os_guest_tune(os, guest->volume->directory, guest->uuid, error)) {
		g_prefix_error(error, "%s: ", guest->where);
		return FALSE;
	}
	return os_guest_close(g_steal_pointer(&guest), error);
}
