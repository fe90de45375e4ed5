/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>

#define LARGEST_FILE (16 * 1024 * 1024)

struct TuneRoot {
	int fd;
	char *directory;
	gboolean is_running;
	gint64 deadline; /* 0: none */
};

/* When standard output was closed, a file of ours could get its number, and output would be written into that. */
static int avoid_stdio_fds(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return higher;
}

static gboolean is_running_host(int fd)
{
	struct stat own, running;

	return fstat(fd, &own) == 0 && stat("/", &running) == 0 && own.st_dev == running.st_dev &&
	       own.st_ino == running.st_ino;
}

TuneRoot *tune_root_open(const char *directory, GError **error)
{
	g_auto(filedesc) fd = avoid_stdio_fds(open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC));

	if (fd < 0) {
		tune_fail_errno(error, directory);
		return NULL;
	}
	TuneRoot *root = g_new0(TuneRoot, 1);
	root->fd = fd;
	root->directory = g_strdup(directory);
	root->is_running = is_running_host(fd);
	fd = -1;
	return root;
}

void tune_root_free(TuneRoot *root)
{
	if (!root)
		return;
	close(root->fd);
	g_free(root->directory);
	g_free(root);
}

void tune_root_set_deadline(TuneRoot *root, gint64 deadline)
{
	root->deadline = deadline;
}

gint64 tune_root_limit_deadline(const TuneRoot *root, gint64 deadline)
{
	return root->deadline ? MIN(root->deadline, deadline) : deadline;
}

const char *tune_root_get_directory(const TuneRoot *root)
{
	return root->directory;
}

gboolean tune_root_is_running(const TuneRoot *root)
{
	return root->is_running;
}

/* glibc 2.36 has no wrapper.  EAGAIN: a rename somewhere above raced with "..", openat2(2) says try again. */
static int open_below(const TuneRoot *root, const char *path, int flags, mode_t mode)
{
	/* openat2(2) takes nothing along with O_PATH that would have no effect. */
	int always = O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
	struct open_how how = {
		.flags = (guint64)(flags | always),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	while (*path == '/')
		path++;
	do {
		fd = (int)syscall(SYS_openat2, root->fd, *path ? path : ".", &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return avoid_stdio_fds(fd);
}

char *tune_root_format_path(const TuneRoot *root, const char *path)
{
	return g_strconcat(root && root->is_running && *path != '/' ? "/" : "", path, NULL);
}

gboolean tune_root_fail_errno(const TuneRoot *root, const char *path, GError **error)
{
	int number = errno;
	g_autofree char *name = tune_root_format_path(root, path);

	errno = number;
	return tune_fail_errno(error, name);
}

/* The same for a reason of ours. */
static gboolean G_GNUC_PRINTF(5, 6) fail_at(const TuneRoot *root, const char *path, GError **error,
					    TuneErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *reason = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *name = tune_root_format_path(root, path);
	return tune_fail(error, code, "%s: %s", name, reason);
}

int tune_root_open_file(TuneRoot *root, const char *path, int flags, mode_t mode, GError **error)
{
	int fd = open_below(root, path, flags, mode);

	if (fd < 0)
		tune_root_fail_errno(root, path, error);
	return fd;
}

/* A FIFO, a socket or a device in a file's place can be waited for for ever, or has no end. */
static gboolean check_regular(const TuneRoot *root, int fd, const char *path, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return tune_root_fail_errno(root, path, error);
	return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ||
	       fail_at(root, path, error, TUNE_ERROR_INVALID, "is not a regular file");
}

int tune_root_open_regular(TuneRoot *root, const char *path, int flags, mode_t mode, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, flags | O_NONBLOCK, mode, error);

	if (fd < 0 || !check_regular(root, fd, path, error))
		return -1;
	return filedesc_steal(&fd);
}

/* The running kernel's own attributes are what they are: asking of what kind would double the cost of each. */
static int open_attribute(TuneRoot *root, const char *path, int flags, GError **error)
{
	return root->is_running ? tune_root_open_file(root, path, flags, 0, error)
				: tune_root_open_regular(root, path, flags, 0, error);
}

static gboolean read_at_most(const TuneRoot *root, int fd, const char *path, gsize limit,
			     GString *text, GError **error)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tune_root_fail_errno(root, path, error);
		g_string_append_len(text, piece, n);
		if (text->len > limit)
			return fail_at(root, path, error, TUNE_ERROR_INVALID, "more than %zu KiB",
				       limit / 1024);
	}
	return TRUE;
}

gboolean tune_read_all(int fd, const char *path, GString *text, GError **error)
{
	return read_at_most(NULL, fd, path, LARGEST_FILE, text, error);
}

char *tune_root_read(TuneRoot *root, const char *path, GError **error)
{
	return tune_root_read_at_most(root, path, LARGEST_FILE, error);
}

char *tune_root_read_at_most(TuneRoot *root, const char *path, gsize limit, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_regular(root, path, O_RDONLY, 0, error);

	if (fd < 0)
		return NULL;
	GString *text = g_string_sized_new(64);
	if (!read_at_most(root, fd, path, limit, text, error)) {
		g_string_free(text, TRUE);
		return NULL;
	}
	return g_strchomp(g_string_free(text, FALSE));
}

/* The first read(2) returns all of an attribute, unless it fills the buffer. */
char *tune_root_read_attribute(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = open_attribute(root, path, O_RDONLY, error);
	char page[4096];
	ssize_t n;

	if (fd < 0)
		return NULL;
	do {
		n = read(fd, page, sizeof(page));
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		tune_root_fail_errno(root, path, error);
		return NULL;
	}
	GString *text = g_string_new_len(page, n);
	if (n == sizeof(page) && !read_at_most(root, fd, path, LARGEST_FILE, text, error)) {
		g_string_free(text, TRUE);
		return NULL;
	}
	return g_strchomp(g_string_free(text, FALSE));
}

gboolean tune_root_read_number(TuneRoot *root, const char *path, gint64 *ret_number, GError **error)
{
	g_autofree char *text = tune_root_read_attribute(root, path, error);

	if (!text)
		return FALSE;
	gint64 number;
	if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
		return fail_at(root, path, error, TUNE_ERROR_INVALID, "'%s' is not a number", text);
	*ret_number = number;
	return TRUE;
}

gboolean tune_root_check_write(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, NULL);
	struct statvfs status;

	if (fd < 0 || fstatvfs(fd, &status) < 0 || !(status.f_flag & ST_RDONLY))
		return TRUE;
	errno = EROFS;
	return tune_root_fail_errno(root, path, error);
}

gboolean tune_root_write(TuneRoot *root, const char *path, const char *value, GError **error)
{
	/* O_TRUNC means nothing to the kernel's attributes, and everything to a tree of plain files. */
	g_auto(filedesc) fd = open_attribute(root, path, O_WRONLY | O_TRUNC, error);

	if (fd < 0)
		return FALSE;
	g_autofree char *line = g_strconcat(value, "\n", NULL);
	size_t size = strlen(line);
	ssize_t n;
	do {
		n = write(fd, line, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return tune_root_fail_errno(root, path, error);
	/* A second write would be a second value: a vector sysctl would take the rest for its first field. */
	if ((size_t)n != size)
		return fail_at(root, path, error, TUNE_ERROR_IO,
			       "only %zd of %zu bytes were written", n, size);
	return TRUE;
}

char *tune_root_read_link(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH | O_NOFOLLOW, 0, error);

	if (fd < 0)
		return NULL;
	char target[4096];
	ssize_t n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0) {
		tune_root_fail_errno(root, path, error);
		return NULL;
	}
	return g_strndup(target, (gsize)n);
}

/* execve(2) knows no root to stay below, so it is given what the path below the root has led to. */
char *tune_root_find_real_path(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, error);

	if (fd < 0)
		return NULL;
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autoptr(GError) local = NULL;
	char *program = g_file_read_link(link, &local);
	if (!program)
		fail_at(root, path, error, TUNE_ERROR_IO, "%s", local->message);
	return program;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

/* getdents64(2) itself: readdir(3) asks for the state of each directory first, and sysfs has thousands. */
static gboolean list_all(const TuneRoot *root, int fd, const char *path, GPtrArray *names,
			 GError **error)
{
	char piece[16384] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = getdents64(fd, piece, sizeof(piece))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(piece + at);
			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				g_ptr_array_add(names, g_strdup(entry->d_name));
			at += entry->d_reclen;
		}
	}
	return n == 0 || tune_root_fail_errno(root, path, error);
}

GPtrArray *tune_root_list(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_RDONLY | O_DIRECTORY, 0, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	if (fd < 0 || !list_all(root, fd, path, names, error))
		return NULL;
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}

static gboolean is_pattern(const char *component)
{
	return strpbrk(component, "*?") != NULL;
}

gboolean tune_root_exists(TuneRoot *root, const char *path)
{
	g_auto(filedesc) fd = open_below(root, path, O_PATH, 0);

	return fd >= 0;
}

/* Adds to @found what @components name below @path, depth first. */
static void glob_below(TuneRoot *root, const char *path, char **components, GPtrArray *found)
{
	if (!*components) {
		if (tune_root_exists(root, path))
			g_ptr_array_add(found, g_strdup(path));
		return;
	}
	if (!is_pattern(*components)) {
		g_autofree char *next = g_build_filename(path, *components, NULL);
		glob_below(root, next, components + 1, found);
		return;
	}
	g_autoptr(GPtrArray) names = tune_root_list(root, path, NULL);
	for (guint i = 0; names && i < names->len; i++) {
		if (!g_pattern_match_simple(*components, names->pdata[i]))
			continue;
		g_autofree char *next = g_build_filename(path, names->pdata[i], NULL);
		glob_below(root, next, components + 1, found);
	}
}

GPtrArray *tune_root_glob(TuneRoot *root, const char *pattern)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) components = g_strsplit(pattern, "/", -1);

	glob_below(root, "", components, found);
	return found;
}

static int open_directory(TuneRoot *root, const char *path, GError **error)
{
	return tune_root_open_file(root, path, O_PATH | O_DIRECTORY, 0, error);
}

/* RESOLVE_IN_ROOT is openat2's alone, so each level is made in the directory that it leads to. */
static gboolean make_one(TuneRoot *root, const char *parent, const char *name, GError **error)
{
	g_auto(filedesc) fd = open_directory(root, parent, error);

	if (fd < 0)
		return FALSE;
	if (mkdirat(fd, name, 0755) == 0 || errno == EEXIST)
		return TRUE;
	int number = errno;
	g_autofree char *path = g_build_filename(parent, name, NULL);
	errno = number;
	return tune_root_fail_errno(root, path, error);
}

gboolean tune_root_make_directory(TuneRoot *root, const char *path, GError **error)
{
	g_autoptr(GString) parent = g_string_new("");
	g_auto(GStrv) components = g_strsplit(path, "/", -1);

	for (char **name = components; *name; name++) {
		if (!**name)
			continue;
		if (!make_one(root, parent->str, *name, error))
			return FALSE;
		g_string_append_printf(parent, "%s%s", parent->len ? "/" : "", *name);
	}
	/* When something was there already, it may be no directory. */
	g_auto(filedesc) fd = open_directory(root, parent->str, error);
	return fd >= 0;
}

static gboolean remove_entry(TuneRoot *root, const char *path, int flags, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_auto(filedesc) fd = open_directory(root, parent, error);

	if (fd < 0)
		return FALSE;
	if (unlinkat(fd, name, flags) < 0)
		return tune_root_fail_errno(root, path, error);
	return TRUE;
}

gboolean tune_root_remove(TuneRoot *root, const char *path, GError **error)
{
	return remove_entry(root, path, 0, error);
}

gboolean tune_root_remove_directory(TuneRoot *root, const char *path, GError **error)
{
	return remove_entry(root, path, AT_REMOVEDIR, error);
}

gboolean tune_root_make_link(TuneRoot *root, const char *path, const char *target, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_auto(filedesc) fd = open_directory(root, parent, error);

	if (fd < 0)
		return FALSE;
	if (symlinkat(target, fd, name) < 0)
		return tune_root_fail_errno(root, path, error);
	return TRUE;
}

/* flock(2) has no timeout, so try again and again. */
static gboolean wait_for_lock(const TuneRoot *root, int fd, const char *path, gint64 deadline,
			      const char *holder, GError **error)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return tune_root_fail_errno(root, path, error);
		if (g_get_monotonic_time() >= deadline)
			return fail_at(root, path, error, TUNE_ERROR_TIMEOUT, "locked by %s",
				       holder);
		g_usleep(10000);
	}
	return TRUE;
}

int tune_root_lock(TuneRoot *root, const char *path, guint wait_ms, const char *holder,
		   GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	gint64 deadline = g_get_monotonic_time() + (gint64)wait_ms * 1000;

	if (!tune_root_make_directory(root, directory, error))
		return -1;
	g_auto(filedesc) fd = tune_root_open_regular(root, path, O_RDWR | O_CREAT, 0600, error);
	if (fd < 0 ||
	    !wait_for_lock(root, fd, path, tune_root_limit_deadline(root, deadline), holder, error))
		return -1;
	return filedesc_steal(&fd);
}
