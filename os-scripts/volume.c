/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "os-scripts/volume.h"

/* Over it lies a file system in memory that nobody else sees: what is made there is gone with us. */
#define OURS "/run/ganeti-tune"

/* Documentation/admin-guide/devices.txt */
#define LOOP_MAJOR 7
#define LOOP_CONTROL makedev(10, 237)

#define MOST_TRIES 100

/* The kernel says EIO, or EROFS once ext4 has given up: neither tells of a sparse file on a full file system. */
#define NOT_WRITTEN "the node could not write all, is its storage full? Writing "

static gboolean make_ours(GError **error)
{
	static gboolean is_made;

	if (is_made)
		return TRUE;
	if (g_mkdir_with_parents(OURS, 0755) < 0 ||
	    mount("tune", OURS, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0700") < 0 ||
	    mknod(OURS "/loop-control", S_IFCHR | 0600, LOOP_CONTROL) < 0)
		return os_fail_errno(error, OURS);
	is_made = TRUE;
	return TRUE;
}

/* ---- loop devices ---- */

/* A free one; another process may be faster, which is for configure() to see. */
static int open_free(int control, char **ret_device)
{
	int number = ioctl(control, LOOP_CTL_GET_FREE);

	if (number < 0)
		return -1;
	g_autofree char *device = g_strdup_printf(OURS "/loop%d", number);
	if (mknod(device, S_IFBLK | 0600, makedev(LOOP_MAJOR, (guint)number)) < 0 &&
	    errno != EEXIST)
		return -1;
	int fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		*ret_device = g_steal_pointer(&device);
	return fd;
}

static gboolean configure(OsVolume *volume, int control, const struct loop_config *config)
{
	for (guint i = 0; i < MOST_TRIES; i++) {
		volume->fd = open_free(control, &volume->device);
		if (volume->fd < 0)
			return FALSE;
		if (ioctl(volume->fd, LOOP_CONFIGURE, config) == 0)
			return TRUE;
		int reason = errno;
		close(volume->fd);
		volume->fd = -1;
		g_clear_pointer(&volume->device, g_free);
		errno = reason;
		if (errno != EBUSY)
			return FALSE;
	}
	return FALSE;
}

static gboolean attach(OsVolume *volume, const char *path, struct loop_config *config,
		       GError **error)
{
	int disk = open(path, O_RDWR | O_CLOEXEC);
	int control = open(OURS "/loop-control", O_RDWR | O_CLOEXEC);

	config->fd = (guint)disk;
	gboolean good = disk >= 0 && control >= 0 && configure(volume, control, config);
	if (!good && disk < 0)
		os_fail_errno(error, path);
	else if (!good)
		os_fail_errno(error, "loop device");
	if (disk >= 0)
		close(disk);
	if (control >= 0)
		close(control);
	return good;
}

OsVolume *os_volume_open(const char *path, guint64 start, guint64 size, guint64 sector,
			 GError **error)
{
	g_autoptr(OsVolume) volume = g_new0(OsVolume, 1);
	struct loop_config config = { .block_size = (guint)sector };

	volume->fd = -1;
	config.info.lo_offset = start;
	config.info.lo_sizelimit = size;
	config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
	if (!make_ours(error) || !attach(volume, path, &config, error))
		return NULL;
	return g_steal_pointer(&volume);
}

/* ---- file systems ---- */

gboolean os_volume_mount(OsVolume *volume, const char *type, unsigned long flags, GError **error)
{
	g_autofree char *directory = g_strdup(OURS "/tree.XXXXXX");
	/* Guests of one image have one UUID, and may be made at the same time. */
	const char *options = strcmp(type, "xfs") == 0 ? "nouuid" : NULL;

	if (!g_mkdtemp_full(directory, 0755))
		return os_fail_errno(error, directory);
	if (mount(volume->device, directory, type, flags, options) < 0) {
		os_fail_errno(error, "mounting it");
		g_prefix_error(error, "file system of type %s: ", type);
		rmdir(directory);
		return FALSE;
	}
	volume->directory = g_steal_pointer(&directory);
	return TRUE;
}

static gboolean sync_tree(const char *directory, GError **error)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean good = fd >= 0 && syncfs(fd) == 0;

	if (!good)
		os_fail_errno(error, NOT_WRITTEN "the file system");
	if (fd >= 0)
		close(fd);
	return good;
}

gboolean os_volume_close(OsVolume *volume, GError **error)
{
	gboolean good = (!volume->directory || sync_tree(volume->directory, error));

	if (good && volume->directory && umount2(volume->directory, 0) < 0)
		good = os_fail_errno(error, "unmounting the file system");
	if (good)
		g_clear_pointer(&volume->directory, g_free);
	if (good && fsync(volume->fd) < 0)
		good = os_fail_errno(error, NOT_WRITTEN "the disk");
	os_volume_free(volume);
	return good;
}

void os_volume_free(OsVolume *volume)
{
	if (!volume)
		return;
	if (volume->directory)
		umount2(volume->directory, MNT_DETACH);
	if (volume->fd >= 0)
		close(volume->fd);
	g_free(volume->directory);
	g_free(volume->device);
	g_free(volume);
}
