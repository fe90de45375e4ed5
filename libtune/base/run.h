/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands of the host that are run to their end, one or many at once.  What their output means, the callers know.  A command
 * with a log, a directory or a limit: tune_command_run().
 */
#ifndef TUNE_RUN_H
#define TUNE_RUN_H

#include <libtune/tune-base.h>

/**
 * tune_command_read: run a command of the host and return its standard output; free it.  @argv[0] is as in TuneCommand.  It gets a clean
 * environment; after @timeout_ms it and its children are killed.
 */
char *tune_command_read(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error);

/**
 * tune_command_call: the same for a command whose output is not needed; when it fails, the error has the last line that it wrote.
 */
gboolean tune_command_call(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error);

/**
 * One of many commands, and its result.
 *
 * @argv: as above
 * @largest: bytes that the answer may have, or 0 for 16 MiB; a longer one is TUNE_ERROR_INVALID, and ends the command
 * @answer: its standard output, also when it failed
 * @complaint: the last line of its standard error, cleaned for a message
 * @status: its exit status; -1 when it was killed, or could not be started
 * @error: NULL when it succeeded
 */
typedef struct {
	const char *const *argv;
	gsize largest;
	char *answer;
	char *complaint;
	int status;
	GError *error;
} TuneCommandResult;

/**
 * tune_command_run_all: run all of @runs at once, each as above and with its own @timeout_ms.
 *
 * @input: the standard input of each, or NULL
 *
 * Fails only when nothing could be started.  Clear each of @runs after it.
 */
gboolean tune_command_run_all(TuneRoot *root, TuneCommandResult *runs, guint n_runs,
			      const char *input, guint timeout_ms, GError **error);
void tune_command_result_clear(TuneCommandResult *run);

#endif
