/* SPDX-License-Identifier: BSD-2-Clause */
/** Errors, the host below a directory, its files and commands.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_BASE_H
#define TUNE_PUBLIC_BASE_H

#include <glib.h>

G_BEGIN_DECLS

/* ---- errors ---- */

/**
 * What can go wrong, as far as a caller would act on the difference.
 *
 * @TUNE_ERROR_INVALID: a name or a value that cannot be meant, wherever it came from
 * @TUNE_ERROR_SYNTAX: a file, such as a policy or a record, is not acceptable; the message starts with FILE:LINE:COLUMN
 * @TUNE_ERROR_ABSENT: this host has no such thing (ENOENT, ENODEV, ...)
 * @TUNE_ERROR_DENIED: not permitted here (EACCES, EPERM, EROFS)
 * @TUNE_ERROR_REFUSED: the kernel does not take the value now (EINVAL, EBUSY, ...)
 * @TUNE_ERROR_IO: anything else a system call said
 * @TUNE_ERROR_TIMEOUT: a deadline passed
 */
typedef enum {
	TUNE_ERROR_INVALID,
	TUNE_ERROR_SYNTAX,
	TUNE_ERROR_ABSENT,
	TUNE_ERROR_DENIED,
	TUNE_ERROR_REFUSED,
	TUNE_ERROR_IO,
	TUNE_ERROR_TIMEOUT,
} TuneErrorCode;

#define TUNE_ERROR (tune_error_quark())
GQuark tune_error_quark(void);

/* ---- the host ---- */

typedef struct TuneRoot TuneRoot;

/**
 * tune_root_open: the host, seen from @directory.
 *
 * "/" is the running host; any other directory is treated as if it were one: no path and no symbolic
 * link below it leads out of it (openat2(2), RESOLVE_IN_ROOT; Linux 5.6).
 */
TuneRoot *tune_root_open(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_root_free(TuneRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneRoot, tune_root_free)

/* Files of the host: @path is below the root; a leading slash means the same. */

/** tune_root_exists: whether there is something. */
gboolean tune_root_exists(TuneRoot *root, const char *path);

/**
 * tune_root_read: the whole text without the newline at its end; free it.  Files of more than 16 MiB are
 * refused.
 */
char *tune_root_read(TuneRoot *root, const char *path, GError **error);

/**
 * tune_root_open_listed: open a file that somebody else has named, for reading.
 *
 * @directories: absolute paths, NULL-terminated; the first of them that @path begins with counts
 * @path: absolute
 *
 * A descriptor to be closed, of a regular file; -1 with TUNE_ERROR_REFUSED where @path is below none of @directories,
 * leads out of its directory (by "..", or a link, which may be there otherwise), or is something else than a file.
 */
int tune_root_open_listed(TuneRoot *root, const char *const *directories, const char *path,
			  GError **error);

/**
 * tune_root_save: a file with @text in the place of what is there; a reader sees the old one or the new one.
 *
 * Owner and permissions stay; a new file is 0644.  Directories are made.
 */
gboolean tune_root_save(TuneRoot *root, const char *path, const char *text, GError **error);

/* ---- programs ---- */

/**
 * tune_standard_open: what a program does first, so that no file of its own becomes standard input, output or error.
 *
 * Each of them that is not open becomes /dev/null, for which the other direction is open: who uses it gets the error
 * (EBADF) that the caller would have got without it.
 */
void tune_standard_open(void);

/* ---- commands of the host ---- */

/**
 * @argv: [0] is the program: a name, see tune_command_find(), or a path below the root
 * @timeout_ms: then it and its children are killed, and TUNE_ERROR_TIMEOUT
 * @envp: as environ(7); NULL is PATH and LC_ALL=C
 * @directory: where it is started, below the root; NULL is the running host's /
 * @input: what it reads, or -1 for nothing
 * @output: where its answer goes, or -1 where that is a part of what it says
 * @log: gets a copy of what it says, or -1.  With a log there is no limit to that; the command dies with its caller, its
 *   end is that of the process, and what it leaves behind in its process group has a second before it is killed
 * @memory: bytes of address space that each of its processes may have (RLIMIT_AS), or 0
 * @cpu_s: seconds that each may compute (RLIMIT_CPU), or 0
 */
typedef struct {
	const char *const *argv;
	guint timeout_ms;
	const char *const *envp;
	const char *directory;
	int input;
	int output;
	int log;
	guint64 memory;
	guint cpu_s;
} TuneCommand;

/* clang-format off */
/** An ordinary command; for the initialiser of a TuneCommand. */
#define TUNE_COMMAND(words, timeout) \
	{ .argv = (words), .timeout_ms = (timeout), .input = -1, .output = -1, .log = -1 }
/* clang-format on */

/**
 * tune_command_find: the real path of the program @name on the host below @root; free it.
 *
 * A name without a slash is looked for in usr/local/sbin, usr/local/bin, usr/sbin, usr/bin, sbin and bin, and in no PATH of
 * an environment.  TUNE_ERROR_ABSENT where it is not installed.
 */
char *tune_command_find(TuneRoot *root, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_command_run: run it and wait.
 *
 * When it fails, the last line of what it said, to standard output or error, is in the error.  It has no
 * other file descriptors than these three, and a process group of its own.
 */
gboolean tune_command_run(TuneRoot *root, const TuneCommand *command, GError **error);

/**
 * tune_root_set_deadline: from now on, nothing that is asked of this host is waited for beyond @deadline.
 *
 * Commands, ssh, QEMU, locks and the proof of a new MTU have limits of their own; the earlier one holds.
 * @deadline: g_get_monotonic_time(), microseconds; 0 takes it away
 */
void tune_root_set_deadline(TuneRoot *root, gint64 deadline);

/** tune_edit_distance: how many letters to add, drop, change or swap to make one word the other. */
guint tune_edit_distance(const char *a, const char *b);

G_END_DECLS

#endif
