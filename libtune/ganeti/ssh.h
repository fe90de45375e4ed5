/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs commands on other nodes from the master, over the ssh that Ganeti has set up.  Which commands, the caller knows. */
#ifndef TUNE_REMOTE_H
#define TUNE_REMOTE_H

#include <libtune/tune-ganeti.h>

/**
 * A command for the shell of a node, and its result.
 *
 * @largest: bytes that the answer may have; 0 is the limit of all commands
 * @answer: its standard output, also when it failed
 * @reason: NULL when it succeeded; else why it failed and what to do, one line that does not name the node
 */
typedef struct {
	const TuneNode *node;
	const char *command;
	gsize largest;
	char *answer;
	char *reason;
} TuneRemote;

/**
 * tune_remote_run: all of @remotes at once, each with its own @timeout_ms.
 *
 * @input: standard input of each command, or NULL
 *
 * Fails when no command could be started, for example on a host that is not a node.  Clear each of @remotes after it.
 */
gboolean tune_remote_run(TuneRoot *root, TuneRemote *remotes, guint n_remotes, const char *input,
			 guint timeout_ms, GError **error);
void tune_remote_clear(TuneRemote *remote);

#endif
