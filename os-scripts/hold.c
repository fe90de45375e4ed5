/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/hold.h"

/* The kernel releases a disk a moment after it was unmounted. */
#define WAIT_MS 2000
#define PAUSE_MS 50

#define IN_USE "is in use on this node"

static void close_one(gpointer data)
{
	const int *fd = data;

	if (*fd >= 0)
		close(*fd);
}

/* By the path that the kernel shows of a loop device's file; a path that only another mount namespace has is missed. */
static char *find_loop(const struct stat *file)
{
	g_autoptr(GDir) directory = g_dir_open("/sys/block", 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *path = g_build_filename("/sys/block", name, "loop/backing_file",
							 NULL);
		g_autofree char *backing = NULL;
		struct stat status;
		if (g_str_has_prefix(name, "loop") &&
		    g_file_get_contents(path, &backing, NULL, NULL) &&
		    stat(g_strchomp(backing), &status) == 0 && status.st_dev == file->st_dev &&
		    status.st_ino == file->st_ino)
			return g_strdup(name);
	}
	return NULL;
}

static gboolean check_file(const struct stat *status, GError **error)
{
	if (!S_ISREG(status->st_mode))
		return os_fail(error, TUNE_ERROR_INVALID, "is neither a block device nor a file");
	g_autofree char *loop = find_loop(status);
	return !loop || os_fail(error, TUNE_ERROR_REFUSED, IN_USE ": it is under /dev/%s", loop);
}

static gboolean open_once(const char *path, int *ret_fd, GError **error)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return os_fail(error, TUNE_ERROR_IO, "%s", g_strerror(errno));
	gboolean is_block = S_ISBLK(status.st_mode);
	if (!is_block && !check_file(&status, error))
		return FALSE;
	*ret_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (is_block ? O_EXCL : 0));
	if (*ret_fd >= 0)
		return TRUE;
	if (errno == EBUSY)
		return os_fail(error, TUNE_ERROR_REFUSED,
			       IN_USE ": lsblk(8) and fuser(1) say where it is mounted or held");
	return os_fail(error, TUNE_ERROR_IO, "%s", g_strerror(errno));
}

static gboolean open_disk(const OsDisk *disk, int *ret_fd, GError **error)
{
	gint64 end = g_get_monotonic_time() + WAIT_MS * 1000;

	for (;;) {
		g_autoptr(GError) local = NULL;
		if (open_once(disk->path, ret_fd, &local))
			return TRUE;
		if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED) &&
		    g_get_monotonic_time() < end) {
			g_usleep(PAUSE_MS * 1000);
			continue;
		}
		g_propagate_prefixed_error(error, g_steal_pointer(&local),
					   "disk %u (%s): ", disk->index, disk->path);
		return FALSE;
	}
}

GArray *os_disks_hold(const Os *os, GError **error)
{
	g_autoptr(GArray) held = g_array_new(FALSE, FALSE, sizeof(int));

	g_array_set_clear_func(held, close_one);
	for (guint i = 0; i < os->environment->disks->len; i++) {
		int fd = -1;
		if (!open_disk(os->environment->disks->pdata[i], &fd, error))
			return NULL;
		g_array_append_val(held, fd);
	}
	return g_steal_pointer(&held);
}
