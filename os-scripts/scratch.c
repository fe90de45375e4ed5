/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "os-scripts/scratch.h"

/* Not /tmp, where anybody can make files, and which may be in memory. */
#define OURS "/var/lib/ganeti-tune"
#define PREFIX "guest."

#define REMOVE_S 600
#define LOCK_MS (REMOVE_S * 1000)
#define PAUSE_MS 50

static void remove_all(const Os *os, const char *path)
{
	const char *const argv[] = { "rm", "-rf", "--one-file-system", "--", path, NULL };
	g_autoptr(GError) error = NULL;

	if (!os_command(os, argv, NULL, REMOVE_S, &error))
		os_say(os, "%s stays: %s", path, error->message);
}

/* Opens and locks the directory: the lock says that a process works in it.  -1 when another one has it. */
static int try_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int wait_for_lock(const char *path, GError **error)
{
	gint64 end = g_get_monotonic_time() + LOCK_MS * 1000;
	int fd;

	while ((fd = try_lock(path)) < 0) {
		if (g_get_monotonic_time() >= end) {
			os_fail(error, TUNE_ERROR_TIMEOUT, "%s: locked by another process", path);
			return -1;
		}
		g_usleep(PAUSE_MS * 1000);
	}
	return fd;
}

static void remove_abandoned(const Os *os)
{
	g_autoptr(GDir) directory = g_dir_open(OURS, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		if (!g_str_has_prefix(name, PREFIX))
			continue;
		g_autofree char *path = g_build_filename(OURS, name, NULL);
		int fd = try_lock(path);
		if (fd < 0)
			continue;
		remove_all(os, path);
		close(fd);
	}
}

static gboolean make_locked(OsScratch *scratch, GError **error)
{
	g_autofree char *path = g_strdup(OURS "/" PREFIX "XXXXXX");

	if (!g_mkdtemp_full(path, 0711))
		return os_fail_errno(error, OURS);
	scratch->path = g_steal_pointer(&path);
	/* Nobody else has the lock: our own processes wait for the one of OURS, and others cannot open it. */
	scratch->lock = try_lock(scratch->path);
	return scratch->lock >= 0 || os_fail_errno(error, scratch->path);
}

OsScratch *os_scratch_new(const Os *os, GError **error)
{
	g_autoptr(OsScratch) scratch = g_new0(OsScratch, 1);

	scratch->os = os;
	scratch->lock = -1;
	if (g_mkdir_with_parents(OURS, 0755) < 0) {
		os_fail_errno(error, OURS);
		return NULL;
	}
	int all = wait_for_lock(OURS, error);
	if (all < 0)
		return NULL;
	remove_abandoned(os);
	gboolean good = make_locked(scratch, error);
	close(all);
	return good ? g_steal_pointer(&scratch) : NULL;
}

char *os_scratch_make_directory(const OsScratch *scratch, const char *name, guint owner, guint mode,
				GError **error)
{
	g_autofree char *path = g_build_filename(scratch->path, name, NULL);

	if (g_mkdir(path, 0700) == 0 && chown(path, owner, owner) == 0 && chmod(path, mode) == 0)
		return g_steal_pointer(&path);
	os_fail_errno(error, path);
	return NULL;
}

int os_scratch_make_file(const OsScratch *scratch, GError **error)
{
	g_autofree char *path = g_build_filename(scratch->path, "file.XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		os_fail_errno(error, scratch->path);
	else
		unlink(path);
	return fd;
}

void os_scratch_free(OsScratch *scratch)
{
	if (!scratch)
		return;
	if (scratch->path)
		remove_all(scratch->os, scratch->path);
	if (scratch->lock >= 0)
		close(scratch->lock);
	g_free(scratch->path);
	g_free(scratch);
}
