/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One node that does not answer makes publishing take longer than a hook may, and the records of the other nodes must
 * not wait for it.  So a child publishes them: it has a session of its own and none of Ganeti's file descriptors, and
 * can go on when the hook has ended.  Mostly it takes a second.  The hook waits for that, since administrators see
 * what a hook reports, but seldom look into syslog.
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

/* The last byte that the child writes.  When it is missing, the child has died, and the result is unknown. */
#define END_MARK "\n"

/* ---- the child ---- */

/* Returns the nodes that failed and why, or NULL. */
static char *publish_and_log(const Hook *hook)
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
		if (result->verdict != TUNE_PUBLISH_UNCHANGED)
			hook_log(hook, "CPU record of %s: %s%s%s", result->node,
				 tune_publish_verdict_name(result->verdict),
				 result->note ? ": " : "", result->note ? result->note : "");
		if (result->verdict == TUNE_PUBLISH_FAILED)
			g_string_append_printf(failed, "%s%s %s", failed->len ? "; " : "",
					       result->node, result->note);
	}
	return failed->len ? g_strdup(failed->str) : NULL;
}

/* The hook's deadline ends here: timers are not inherited, and the host gets none. */
static void run_child(const Hook *hook, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	tune_root_set_deadline(hook_get_root(hook), 0);
	g_autofree char *failed = publish_and_log(hook);
	g_autofree char *words = g_strconcat(failed ? failed : "", END_MARK, NULL);
	/* It does not matter whether the hook still reads this: all of it is in syslog. */
	if (write(out, words, strlen(words)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

/* ---- the hook ---- */

/* Appends to @failures what the child writes until it ends.  FALSE when it is still running at the end of the wait. */
static gboolean read_failures(const Hook *hook, int in, GString *failures)
{
	gint64 end = MIN(g_get_monotonic_time() + WAIT_MS * 1000, hook_get_deadline(hook));
	char piece[1024];
	ssize_t n;

	do {
		struct pollfd ready = { in, POLLIN, 0 };
		gint64 left_ms = (end - g_get_monotonic_time()) / 1000;
		if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
			return FALSE;
		n = read(in, piece, sizeof(piece));
		if (n > 0)
			g_string_append_len(failures, piece, n);
	} while (n > 0);
	if (g_str_has_suffix(failures->str, END_MARK))
		g_string_truncate(failures, failures->len - strlen(END_MARK));
	else
		g_string_append_printf(failures, "%spublishing ended before it was done",
				       failures->len ? "; " : "");
	return TRUE;
}

static gboolean start_child(Hook *hook, int pipe_fds[2], GString *failures)
{
	pid_t child = fork();

	if (child == 0)
		run_child(hook, pipe_fds[1]);
	close(pipe_fds[1]);
	if (child > 0 && !read_failures(hook, pipe_fds[0], failures))
		hook_log(
			hook,
			"still publishing CPU records in the background; the result goes to syslog");
	close(pipe_fds[0]);
	return child > 0;
}

gboolean hook_publish(Hook *hook, GError **error)
{
	g_autoptr(GString) failures = g_string_new(NULL);
	int pipe_fds[2];

	if (!hook_is_master(hook))
		return TRUE;
	g_autofree char *machine = tune_cpu_find_foreign_machine(hook_get_root(hook));
	if (machine) {
		hook_log(hook, "no CPU records: this node is %s", machine);
		return TRUE;
	}
	if (hook_is_dry_run(hook)) {
		hook_log(hook, "would publish the CPU records of all nodes");
		return TRUE;
	}
	if (pipe(pipe_fds) < 0 || !start_child(hook, pipe_fds, failures)) {
		g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_IO,
				    "CPU records are not published: no process can be started");
		return FALSE;
	}
	if (!failures->len)
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_IO,
		    "CPU records: %s; then run gnt-tune cpu publish", failures->str);
	return FALSE;
}
