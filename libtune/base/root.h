/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files and commands of the host: every path is resolved below one directory.  Knows no parameter and no format.
 * Paths are relative ("sys/kernel/mm/ksm/run"); a leading slash means the same.
 */
#ifndef TUNE_ROOT_H
#define TUNE_ROOT_H

#include <sys/types.h>
#include <unistd.h>

#include <libtune/tune-base.h>

/** A file descriptor that closes itself: `g_auto(filedesc) fd = -1;` (GLib has g_autofd since 2.76). */
typedef int filedesc;

static inline void filedesc_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(filedesc, filedesc_close, -1)

/** The descriptor, which does not close itself any more. */
static inline int filedesc_steal(filedesc *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

/** The directory with which the host was opened, for messages and for commands. */
const char *tune_root_get_directory(const TuneRoot *root);

/** Whether it is the running host, whose kernel also answers netlink and ioctl(2). */
gboolean tune_root_is_running(const TuneRoot *root);

/** @deadline, or that of tune_root_set_deadline() when it is earlier; g_get_monotonic_time(), microseconds. */
gint64 tune_root_limit_deadline(const TuneRoot *root, gint64 deadline);

/** @path as messages name it: with a leading slash on the running host.  Free it. */
char *tune_root_format_path(const TuneRoot *root, const char *path);

/** tune_fail_errno() of a file below @root. */
gboolean tune_root_fail_errno(const TuneRoot *root, const char *path, GError **error);

/** An open file descriptor, or -1; @flags as in open(2), O_CLOEXEC is added. */
int tune_root_open_file(TuneRoot *root, const char *path, int flags, mode_t mode, GError **error);

/**
 * The same of a regular file (or a directory, for a message of its own when it is read).
 *
 * Never waits: a FIFO, a socket or a device in its place is TUNE_ERROR_INVALID, "is not a regular file".
 */
int tune_root_open_regular(TuneRoot *root, const char *path, int flags, mode_t mode,
			   GError **error);

/** Append the rest of @fd to @text; @path is for messages. */
gboolean tune_read_all(int fd, const char *path, GString *text, GError **error);

/** Like tune_root_read(), for an attribute below sys/ or proc/sys/, with one system call less. */
char *tune_root_read_attribute(TuneRoot *root, const char *path, GError **error);

/** The value of an attribute that consists of one number. */
gboolean tune_root_read_number(TuneRoot *root, const char *path, gint64 *ret_number,
			       GError **error);

/** @value and a newline in one write(2), as the kernel's attributes want it.  Does not create files. */
gboolean tune_root_write(TuneRoot *root, const char *path, const char *value, GError **error);

/** FALSE when its file system is mounted read-only, as in a container: then root cannot write either. */
gboolean tune_root_check_write(TuneRoot *root, const char *path, GError **error);

/** The target of a symbolic link. */
char *tune_root_read_link(TuneRoot *root, const char *path, GError **error);

/** Names in a directory without "." and "..", in version order (sda2 before sda10). */
GPtrArray *tune_root_list(TuneRoot *root, const char *path, GError **error);

/** Like tune_root_read(); TUNE_ERROR_INVALID when the file has more than @limit bytes. */
char *tune_root_read_at_most(TuneRoot *root, const char *path, gsize limit, GError **error);

/** Paths that match a pattern whose components may hold "*" and "?".  Nothing found: empty. */
GPtrArray *tune_root_glob(TuneRoot *root, const char *pattern);

/** Make @path a symbolic link to @target; replaces what is there, and makes directories. */
gboolean tune_root_link(TuneRoot *root, const char *target, const char *path, GError **error);

/** Make a directory and those above it. */
gboolean tune_root_make_directory(TuneRoot *root, const char *path, GError **error);

gboolean tune_root_remove(TuneRoot *root, const char *path, GError **error);

/** Remove an empty directory. */
gboolean tune_root_remove_directory(TuneRoot *root, const char *path, GError **error);

/** Make @path a symbolic link to @target; nothing may be there yet. */
gboolean tune_root_make_link(TuneRoot *root, const char *path, const char *target, GError **error);

/** The running host's own path of @path below the root, for execve(2); free it. */
char *tune_root_find_real_path(TuneRoot *root, const char *path, GError **error);

/**
 * Lock the file at @path, which is created, until the returned descriptor is closed; -1 when others hold it for longer
 * than @wait_ms.  @holder names them in the message.
 */
int tune_root_lock(TuneRoot *root, const char *path, guint wait_ms, const char *holder,
		   GError **error);

#endif
