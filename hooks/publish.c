/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node that does not answer holds publishing up for longer than a hook may take, and the other nodes'
 * records must not wait for it.  So it is done by a child in a session of its own, with nothing of Ganeti's
 * open, which nobody stops when the hook has ended.  In most cases it is done in a second: the hook waits for
 * that, because what it says then stands where the administrator looks, and syslog is where he does not.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hooks/publish.h"

/* Leaves time for what else a hook does in its 10 s. */
#define WAIT_MS 5000
#define NODE_TIMEOUT_MS 15000

/* The last letter of a child that has come to its end; without it, nobody knows what it has done. */
#define END_MARK "\n"

/* ---- the child ---- */

static void log_result(const Hook *hook, const TunePublishResult *result)
{
	if (result->verdict != TUNE_PUBLISH_UNCHANGED)
		hook_log(hook, "CPU record of %s: %s%s%s", result->node,
			 tune_publish_verdict_name(result->verdict), result->note ? ": " : "",
			 result->note ? result->note : "");
}

/* The nodes that failed; NULL when none has. */
static char *publish(const Hook *hook)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray)
		results = tune_cpu_publish(hook_get_root(hook), NODE_TIMEOUT_MS, &error);
	g_autoptr(GString) failed = g_string_new(NULL);

	if (!results) {
		hook_log(hook, "CPU records are not published: %s", error->message);
		return g_strdup(error->message);
	}
	for (guint i = 0; i < results->len; i++) {
		const TunePublishResult *result = results->pdata[i];
		log_result(hook, result);
		if (result->verdict == TUNE_PUBLISH_FAILED)
			g_string_append_printf(failed, "%s%s %s", failed->len ? "; " : "",
					       result->node, result->note);
	}
	return failed->len ? g_strdup(failed->str) : NULL;
}

static void detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

static void be_child(const Hook *hook, int out)
{
	detach();
	g_autofree char *failed = publish(hook);
	g_autofree char *words = g_strconcat(failed ? failed : "", END_MARK, NULL);
	/* Whether the hook still listens does not matter. */
	if (write(out, words, strlen(words)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

/* ---- the hook ---- */

/* What it ended with, or that it did not. */
static void take_end(GString *said)
{
	if (g_str_has_suffix(said->str, END_MARK))
		g_string_truncate(said, said->len - strlen(END_MARK));
	else
		g_string_append_printf(said, "%spublishing ended before it was done",
				       said->len ? "; " : "");
}

/* FALSE: it has not come to its end yet. */
static gboolean listen_to(int in, GString *said)
{
	gint64 end = g_get_monotonic_time() + WAIT_MS * 1000;
	char piece[1024];

	for (;;) {
		struct pollfd ready = { in, POLLIN, 0 };
		gint64 left_ms = (end - g_get_monotonic_time()) / 1000;
		if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
			return FALSE;
		ssize_t n = read(in, piece, sizeof(piece));
		if (n <= 0) {
			take_end(said);
			return TRUE;
		}
		g_string_append_len(said, piece, n);
	}
}

static gboolean run_child(Hook *hook, int pipe_fds[2], GString *said)
{
	pid_t child = fork();

	if (child == 0)
		be_child(hook, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child > 0 && !listen_to(pipe_fds[0], said))
		hook_log(hook, "publishing CPU records goes on: what becomes of it stands here");
	close(pipe_fds[0]);
	return child > 0;
}

gboolean hook_publish(Hook *hook, GError **error)
{
	g_autoptr(GString) said = g_string_new(NULL);
	int pipe_fds[2];

	if (!hook_is_master(hook))
		return TRUE;
	if (hook_is_dry_run(hook)) {
		hook_log(hook, "would publish the CPU records of all nodes");
		return TRUE;
	}
	if (pipe(pipe_fds) < 0 || !run_child(hook, pipe_fds, said)) {
		g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_IO,
				    "CPU records are not published: no process can be started");
		return FALSE;
	}
	if (!said->len)
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_IO,
		    "CPU records: %s; then run gnt-tune cpu publish", said->str);
	return FALSE;
}
