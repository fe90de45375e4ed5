/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens files whose names come from a user, but only those below directories that an administrator has listed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>

/* The part of @path below @directory, or NULL. */
static const char *find_rest(const char *directory, const char *path)
{
	size_t length = strlen(directory);

	if (strncmp(path, directory, length) != 0 || path[length] != '/')
		return NULL;
	/* Further slashes are skipped, since one at the beginning would lead out of the directory. */
	return path + length + strspn(path + length, "/");
}

/* O_PATH, because opening for reading makes some devices act, and waits for the other end of a FIFO. */
static int find_below(int directory, const char *rest)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do {
		fd = (int)syscall(SYS_openat2, directory, *rest ? rest : ".", &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd;
}

static int open_found(int found, const char *path, GError **error)
{
	struct stat status;

	if (fstat(found, &status) < 0) {
		tune_fail_errno(error, path);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		tune_fail(error, TUNE_ERROR_REFUSED, "%s: is not a regular file", path);
		return -1;
	}
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", found);
	int fd = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		tune_fail_errno(error, path);
	return fd;
}

static int open_below(TuneRoot *root, const char *directory, const char *rest, const char *path,
		      GError **error)
{
	g_auto(filedesc)
		below = tune_root_open_file(root, directory, O_PATH | O_DIRECTORY, 0, error);

	if (below < 0)
		return -1;
	g_auto(filedesc) found = find_below(below, rest);
	if (found >= 0)
		return open_found(found, path, error);
	if (errno == EXDEV)
		tune_fail(error, TUNE_ERROR_REFUSED, "%s: leads out of %s", path, directory);
	else
		tune_fail_errno(error, path);
	return -1;
}

int tune_root_open_listed(TuneRoot *root, const char *const *directories, const char *path,
			  GError **error)
{
	for (const char *const *directory = directories; *directory; directory++) {
		const char *rest = find_rest(*directory, path);
		if (rest)
			return open_below(root, *directory, rest, path, error);
	}
	g_autofree char *list = g_strjoinv(", ", (char **)directories);
	tune_fail(error, TUNE_ERROR_REFUSED, "%s: is in no directory that may be used (%s)", path,
		  *list ? list : "none is listed");
	return -1;
}
