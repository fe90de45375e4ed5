/* SPDX-License-Identifier: BSD-2-Clause */
/* Other nodes, reached from the master over the ssh that Ganeti has set up.  Knows no command. */
#ifndef TUNE_REMOTE_H
#define TUNE_REMOTE_H

#include <libtune/tune.h>

/**
 * A command for the shell of a node, and what became of it.
 *
 * @largest: bytes that the answer may have; 0 is the limit of all commands
 * @answer: what it wrote to standard output, also when it failed
 * @reason: NULL when it went well; else why not and the way out, one line that does not name the node
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
 * @input: what each of the commands can read; NULL is nothing
 *
 * Fails when nothing could be begun: on what is no node of a cluster.  Clear each of @remotes after it.
 */
gboolean tune_remote_run(TuneRoot *root, TuneRemote *remotes, guint n_remotes, const char *input,
			 guint timeout_ms, GError **error);
void tune_remote_clear(TuneRemote *remote);

#endif
