/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes whole files and links: under another name first, and then renamed, so that no reader sees half of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>

static gboolean write_all(int fd, const char *path, const char *text, GError **error)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t n = write(fd, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tune_fail_errno(error, path);
		text += n;
		length -= (size_t)n;
	}
	return fsync(fd) == 0 || tune_fail_errno(error, path);
}

/* SELinux labels, ACLs and other extended attributes; not all file systems have them. */
static gboolean copy_attributes(int from, int to, const char *path, GError **error)
{
	/* An O_PATH descriptor can be read from by its link alone. */
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", from);
	char names[4096], value[65536];
	ssize_t length = listxattr(link, names, sizeof(names));

	if (length < 0)
		return errno == ENOTSUP || tune_fail_errno(error, path);
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t n = getxattr(link, names + at, value, sizeof(value));
		if (n < 0 || fsetxattr(to, names + at, value, (size_t)n, 0) < 0)
			return tune_fail_errno(error, path);
	}
	return TRUE;
}

/* The new file gets owner, mode and attributes of the old one. */
static gboolean keep_attributes(TuneRoot *root, const char *path, int fd, GError **error)
{
	g_auto(filedesc) old = tune_root_open_file(root, path, O_PATH | O_NOFOLLOW, 0, NULL);
	struct stat status;

	if (old < 0 || fstat(old, &status) < 0 || !S_ISREG(status.st_mode))
		return fchmod(fd, 0644) == 0 || tune_fail_errno(error, path);
	if (fchown(fd, status.st_uid, status.st_gid) < 0 || fchmod(fd, status.st_mode & 07777) < 0)
		return tune_fail_errno(error, path);
	return copy_attributes(old, fd, path, error);
}

static gboolean write_new(TuneRoot *root, const char *path, const char *new_path, const char *text,
			  GError **error)
{
	/* What stands in its place, a FIFO or a device among them, is removed and not opened. */
	tune_root_remove(root, new_path, NULL);
	g_auto(filedesc) fd = tune_root_open_file(
		root, new_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, error);

	return fd >= 0 && keep_attributes(root, path, fd, error) &&
	       write_all(fd, new_path, text, error);
}

/* Of @directory, in which the new one has just been made. */
static gboolean put_in_place(TuneRoot *root, const char *directory, const char *new_name,
			     const char *name, GError **error)
{
	g_auto(filedesc)
		fd = tune_root_open_file(root, directory, O_RDONLY | O_DIRECTORY, 0, error);

	if (fd < 0)
		return FALSE;
	if (renameat(fd, new_name, fd, name) < 0)
		return tune_fail_errno(error, name);
	return fsync(fd) == 0 || tune_root_fail_errno(root, directory, error);
}

gboolean tune_root_save(TuneRoot *root, const char *path, const char *text, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *new_name = g_strconcat(name, ".new", NULL);
	g_autofree char *new_path = g_build_filename(directory, new_name, NULL);

	if (!tune_root_make_directory(root, directory, error))
		return FALSE;
	if (write_new(root, path, new_path, text, error) &&
	    put_in_place(root, directory, new_name, name, error))
		return TRUE;
	tune_root_remove(root, new_path, NULL);
	return FALSE;
}

gboolean tune_root_link(TuneRoot *root, const char *target, const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *new_name = g_strconcat(name, ".new", NULL);

	if (!tune_root_make_directory(root, directory, error))
		return FALSE;
	g_auto(filedesc) fd = tune_root_open_file(root, directory, O_PATH | O_DIRECTORY, 0, error);
	if (fd < 0)
		return FALSE;
	unlinkat(fd, new_name, 0);
	if (symlinkat(target, fd, new_name) < 0)
		return tune_fail_errno(error, path);
	return put_in_place(root, directory, new_name, name, error);
}
