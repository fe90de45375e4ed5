/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <libtune/error.h>
#include <libtune/root.h>

#define LARGEST_ANSWER (16 * 1024 * 1024)

static const char *const environment[] = {
	"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
	"LC_ALL=C",
	NULL,
};

/* A group of its own, so that the deadline reaches what the command started, too. */
static void become_leader(gpointer unused G_GNUC_UNUSED)
{
	setpgid(0, 0);
}

static gboolean start(TuneRoot *root, const char *const *argv, GPid *pid, int *out, GError **error)
{
	g_autofree char *program = g_build_filename(tune_root_get_directory(root), argv[0], NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autoptr(GError) local = NULL;

	g_ptr_array_add(words, program);
	for (const char *const *word = argv + 1; *word; word++)
		g_ptr_array_add(words, (gpointer)*word);
	g_ptr_array_add(words, NULL);
	if (g_spawn_async_with_pipes("/", (char **)words->pdata, (char **)environment,
				     G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
				     become_leader, NULL, pid, NULL, out, NULL, &local))
		return TRUE;
	return tune_fail(error,
			 g_error_matches(local, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT)
				 ? TUNE_ERROR_ABSENT
				 : TUNE_ERROR_IO,
			 "%s: %s", argv[0], local->message);
}

static int left_ms(gint64 deadline)
{
	return (int)MAX(0, (deadline - g_get_monotonic_time()) / 1000);
}

static gboolean collect(int fd, const char *name, gint64 deadline, GString *answer, GError **error)
{
	char piece[4096];

	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int n_ready = poll(&ready, 1, left_ms(deadline));
		if (n_ready < 0 && errno == EINTR)
			continue;
		if (n_ready == 0)
			return tune_fail(error, TUNE_ERROR_TIMEOUT, "%s: no answer in time", name);
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tune_fail_errno(error, name);
		if (n == 0)
			return TRUE;
		g_string_append_len(answer, piece, n);
		if (answer->len > LARGEST_ANSWER)
			return tune_fail(error, TUNE_ERROR_INVALID, "%s: answer has no end", name);
	}
}

/* Its output ended, so it should be gone in a moment; a command that lingers is killed all the same. */
static gboolean reap(GPid pid, const char *name, gint64 deadline, GError **error)
{
	int status;
	pid_t done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0 && left_ms(deadline) > 0)
		g_usleep(500);
	if (done == 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		return tune_fail(error, TUNE_ERROR_TIMEOUT, "%s: did not end in time", name);
	}
	if (done < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return tune_fail(error, TUNE_ERROR_IO, "%s: failed with status %d", name,
				 WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return TRUE;
}

char *tune_root_run(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	g_auto(filedesc) out = -1;
	GPid pid;

	if (!start(root, argv, &pid, &out, error))
		return NULL;
	GString *answer = g_string_new(NULL);
	gboolean good = collect(out, argv[0], deadline, answer, error);
	if (!good)
		kill(-pid, SIGKILL);
	/* The first reason is the one to report. */
	good = reap(pid, argv[0], deadline, good ? error : NULL) && good;
	return g_string_free(answer, !good);
}
