/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest's files are tuned with.  Each function leaves alone what is as it should be, so that a second run
 * changes nothing.  Nothing of the guest's is run.
 */
#ifndef OS_DROPINS_H
#define OS_DROPINS_H

#include "os-scripts/tree.h"

/** A change to a guest's files. */
typedef struct {
	const char *name;
	const char *summary;
} OsDropin;

/** A row of the table; NULL after the last. */
const OsDropin *os_dropin_get(guint index);

/**
 * A set of rows: bit N is row N.
 *
 * @names: names of rows separated by commas, or "default" or "none".  TUNE_ERROR_INVALID names an unknown one.
 */
gboolean os_dropins_from_names(const char *names, guint *ret_set, GError **error);

/**
 * What Ganeti and the node know of a guest, and its files do not tell.
 *
 * @serial_speed: bits per second of its serial console; 0 when it has none
 * @has_loader: it boots by its own boot loader
 * @root_uuid: UUID of its root file system, or NULL
 * @is_discarded: blocks that it trims are freed on the node
 */
typedef struct {
	gint64 serial_speed;
	gboolean has_loader;
	const char *root_uuid;
	gboolean is_discarded;
} OsGuestFacts;

/**
 * Makes the changes of @set in @tree, the files of a guest.  A second call changes nothing.
 *
 * A file that cannot be read or written is left as it is, with a line in the log, and the rest goes on.
 * Returns FALSE when there was such a file.
 *
 * @log: array of strings to free; gets a line for each file that was changed or left, and for each change that does
 *       not apply
 */
gboolean os_dropins_apply(OsTree *tree, guint set, const OsGuestFacts *facts, GPtrArray *log);

/* ---- dropin-run.c: the tools of the drop-ins ---- */

/** The files of a guest, what is known of it, and what was done. */
typedef struct {
	OsTree *tree;
	const OsGuestFacts *facts;
	const char *name;    /* of the present drop-in */
	gboolean has_failed; /* a file had to be left as it is */
	GPtrArray *log;
} OsDropinRun;

/** Adds a line to the log: "console: text". */
void os_dropin_log(OsDropinRun *run, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** The text of a file, to free; NULL when there is none, or when it cannot be read, which is logged. */
char *os_dropin_read(OsDropinRun *run, const char *path);

/** Writes @text to @path unless it is there already; FALSE when the file had to be left as it is. */
gboolean os_dropin_put(OsDropinRun *run, const char *path, const char *text);

/** Makes a link unless it is there already; FALSE when a file in its place had to be left. */
gboolean os_dropin_link(OsDropinRun *run, const char *target, const char *path);

/** Removes all files that match @pattern. */
void os_dropin_remove(OsDropinRun *run, const char *pattern);

/** The path of the distribution's file of a systemd unit, as the guest sees it, to free; NULL when there is none. */
char *os_dropin_find_unit(OsDropinRun *run, const char *unit);

/* ---- dropin-boot.c ---- */

void os_dropin_console(OsDropinRun *run);

/** Sets root= on the command lines of the guest's kernels. */
void os_dropin_boot_root(OsDropinRun *run);

/**
 * Returns @line with the words of @add in place of those that start with one of @drop; free it.
 * The first @n_keep words are kept in any case.
 */
char *os_cmdline_edit(const char *line, guint n_keep, const char *const *drop, const char *add);

/* ---- dropin-fstab.c ---- */

void os_dropin_noatime(OsDropinRun *run);
void os_dropin_root(OsDropinRun *run);

/* ---- dropin-identity.c ---- */

void os_dropin_identity(OsDropinRun *run);

/* ---- hostname.c ---- */

/**
 * Changes the name of a guest in its files, @tree.
 *
 * Where hostname, hosts and mailname have @old_name as a word, long or up to its first dot, they get @new_name in
 * the same form; the machine ID is emptied, so that the next boot makes a new one (machine-id(5)).  Files that are
 * not there, say something else, are links or cannot be written are left alone: that is no error, for Ganeti has
 * renamed the instance already.  Nothing at all is done when the names are the same.
 *
 * @log: array of strings to free; gets a line for each file that was changed or left alone
 */
void os_hostname_change(OsTree *tree, const char *old_name, const char *new_name, GPtrArray *log);

#endif
