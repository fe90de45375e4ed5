/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How to reach the host: every path is resolved below one directory.  Knows paths, not parameters.
 * Paths are relative ("sys/kernel/mm/ksm/run"); a leading slash means the same.
 */
#ifndef TUNE_ROOT_H
#define TUNE_ROOT_H

#include <sys/types.h>
#include <unistd.h>

#include <libtune/tune.h>

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

/**
 * Remember @data of the host under @name until it is replaced, or the root freed; NULL forgets.  For what one
 * question answers for many values.
 */
void tune_root_set_data(TuneRoot *root, const char *name, gpointer data, GDestroyNotify destroy);
gpointer tune_root_get_data(TuneRoot *root, const char *name);

/** Where the host was opened, for messages and for commands. */
const char *tune_root_get_directory(const TuneRoot *root);

/** Whether it is the running host, whose kernel can also be asked by other means than files. */
gboolean tune_root_is_running(const TuneRoot *root);

/** @deadline, or that of tune_root_set_deadline() when it is earlier; g_get_monotonic_time(), microseconds. */
gint64 tune_root_limit_deadline(const TuneRoot *root, gint64 deadline);

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

/** The same of one attribute below sys/ or proc/sys/, with a system call less. */
char *tune_root_read_attribute(TuneRoot *root, const char *path, GError **error);

/** The number that an attribute holds, alone. */
gboolean tune_root_read_number(TuneRoot *root, const char *path, gint64 *ret_number,
			       GError **error);

/** @value and a newline in one write(2), as the kernel's attributes want it.  Does not create files. */
gboolean tune_root_write(TuneRoot *root, const char *path, const char *value, GError **error);

/** FALSE when it lies on what is mounted read-only, as in a container; whoever asks. */
gboolean tune_root_check_write(TuneRoot *root, const char *path, GError **error);

/** What a symbolic link says. */
char *tune_root_read_link(TuneRoot *root, const char *path, GError **error);

/** Names in a directory without "." and "..", in version order (sda2 before sda10). */
GPtrArray *tune_root_list(TuneRoot *root, const char *path, GError **error);

/** As tune_root_read(), of a file that has no more than @limit bytes: TUNE_ERROR_INVALID says that it has more. */
char *tune_root_read_at_most(TuneRoot *root, const char *path, gsize limit, GError **error);

/** Paths that match a pattern whose components may hold "*" and "?".  Nothing found: empty. */
GPtrArray *tune_root_glob(TuneRoot *root, const char *pattern);

/** A symbolic link that says @target, in the place of what is there.  Directories are made. */
gboolean tune_root_link(TuneRoot *root, const char *target, const char *path, GError **error);

/** Make a directory and those above it. */
gboolean tune_root_make_directory(TuneRoot *root, const char *path, GError **error);

gboolean tune_root_remove(TuneRoot *root, const char *path, GError **error);

/** A symbolic link that says @target; nothing may be in its place. */
gboolean tune_root_make_link(TuneRoot *root, const char *path, const char *target, GError **error);

/** Where the running host has what @path below the root leads to, for those who know no root: execve(2); free it. */
char *tune_root_find_real_path(TuneRoot *root, const char *path, GError **error);

/**
 * A lock on the file at @path, which is made, until the descriptor is closed; -1 when it is not had in
 * @wait_ms.  @holder is who has it then, for the message.
 */
int tune_root_lock(TuneRoot *root, const char *path, guint wait_ms, const char *holder,
		   GError **error);

/**
 * Run a command of the host, @argv[0] being its path below the root, and return what it wrote to its
 * standard output.  It gets a clean environment and at most @timeout_ms; then it and its children die.
 */
char *tune_root_run(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error);

/**
 * Run a command for what it does.  As above; when it fails, the last line it wrote, to standard output or
 * error, is in the error.
 */
gboolean tune_root_command(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error);

/**
 * One of many commands, and what became of it.
 *
 * @argv: as above
 * @largest: bytes that the answer may have, or 0 for 16 MiB; more is TUNE_ERROR_INVALID, and ends the command
 * @answer: what it wrote to its standard output, also when it failed
 * @complaint: the last line that it wrote to its standard error, fit for a message
 * @status: it ended with; -1 when it did not end by itself, or could not be started
 * @error: NULL when it ended well
 */
typedef struct {
	const char *const *argv;
	gsize largest;
	char *answer;
	char *complaint;
	int status;
	GError *error;
} TuneRun;

/**
 * Run all of @runs at once, each as above and with its own @timeout_ms.
 *
 * @input: what each of them can read; NULL is nothing
 *
 * Fails only when it could not begin.  Clear each of @runs after it.
 */
gboolean tune_root_run_many(TuneRoot *root, TuneRun *runs, guint n_runs, const char *input,
			    guint timeout_ms, GError **error);
void tune_run_clear(TuneRun *run);

#endif
