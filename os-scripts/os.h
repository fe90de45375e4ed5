/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every verb of the OS definition gets, and how it speaks.
 *
 * All that is said goes to standard error: Ganeti keeps it in a log of the operation, and shows the last 20
 * lines of it when a verb fails.  Standard output belongs to the stream of an export.  The last line of a
 * verb that fails is the reason, and main() writes it.
 */
#ifndef OS_H
#define OS_H

#include "os-scripts/environment.h"

typedef struct {
	TuneRoot *root;   /* the node */
	const char *verb; /* what was called for, by its name */
	OsEnvironment *environment;
} Os;

/**
 * Writes a line to the log: "tune: INSTANCE: text".  The text may come from a guest or another program, so all but
 * printable ASCII becomes a question mark.
 */
void os_say(const Os *os, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * Replaces all in @text but printable ASCII by question marks: names of a guest's files and labels of its file systems
 * could make lines of their own, or set the title of a terminal.
 */
void os_clean(char *text);

/** The last line of a verb that fails, which names the node, with its newline; free it. */
char *os_describe_failure(const Os *os, const char *reason);

/** Sets @error; always FALSE. */
gboolean os_fail(GError **error, TuneErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** The same from errno, as "WHAT: text". */
gboolean os_fail_errno(GError **error, const char *what);

/**
 * Runs a program of the node, found in one of PATH's directories; its output goes to the log, too.
 *
 * @input: text for its standard input, or NULL
 * @timeout_s: seconds after which it is killed; large for programs that copy disks
 */
gboolean os_command(const Os *os, const char *const *argv, const char *input, guint timeout_s,
		    GError **error);

/**
 * The same for a command that has files, limits or an environment of its own.
 *
 * @command: its argv[0] is the name of a program; its log is ours
 */
gboolean os_command_run(const Os *os, const TuneCommand *command, GError **error);

/* The verbs; what each of them needs is in the table of main.c. */
gboolean os_create(Os *os, GError **error);
gboolean os_export(Os *os, GError **error);
gboolean os_import(Os *os, GError **error);
gboolean os_prepare(Os *os, GError **error);
gboolean os_rename(Os *os, GError **error);
gboolean os_verify(Os *os, GError **error);

#endif
