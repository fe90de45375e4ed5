/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* The same, with its complaints where its answer is. */
static void become_frank_leader(gpointer unused)
{
	become_leader(unused);
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

/* execve(2) knows no root to stay below, so it is given what the path below the root has led to. */
char *tune_root_find_program(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, error);

	if (fd < 0)
		return NULL;
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autoptr(GError) local = NULL;
	char *program = g_file_read_link(link, &local);
	if (!program)
		tune_fail(error, TUNE_ERROR_IO, "%s: %s", path, local->message);
	return program;
}

static gboolean fail_start(const char *name, const GError *reason, GError **error)
{
	gboolean is_denied = g_error_matches(reason, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES);

	return tune_fail(error, is_denied ? TUNE_ERROR_DENIED : TUNE_ERROR_IO, "%s: %s", name,
			 reason->message);
}

static gboolean start(TuneRoot *root, const char *const *argv, GSpawnChildSetupFunc setup,
		      GPid *pid, int *out, GError **error)
{
	g_autofree char *program = tune_root_find_program(root, argv[0], error);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autoptr(GError) local = NULL;

	if (!program)
		return FALSE;
	/* The program may be many, and tell by the name it is called by which of them is meant. */
	g_ptr_array_add(words, program);
	for (const char *const *word = argv; *word; word++)
		g_ptr_array_add(words, (gpointer)*word);
	g_ptr_array_add(words, NULL);
	if (g_spawn_async_with_pipes("/", (char **)words->pdata, (char **)environment,
				     G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL |
					     G_SPAWN_FILE_AND_ARGV_ZERO,
				     setup, NULL, pid, NULL, out, NULL, &local))
		return TRUE;
	return fail_start(argv[0], local, error);
}

static int left_ms(gint64 deadline)
{
	return (int)CLAMP((deadline - g_get_monotonic_time() + 999) / 1000, 0, G_MAXINT);
}

static gboolean collect(int fd, const char *name, gint64 deadline, GString *answer, GError **error)
{
	char piece[4096];

	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int n_ready = poll(&ready, 1, left_ms(deadline));
		if (n_ready < 0 && errno == EINTR)
			continue;
		/* Whoever never stops talking is never waited for. */
		if (n_ready == 0 || left_ms(deadline) == 0)
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
	int status = 0;
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

static gboolean run(TuneRoot *root, const char *const *argv, GSpawnChildSetupFunc setup,
		    guint timeout_ms, GString *answer, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	g_auto(filedesc) out = -1;
	GPid pid;

	if (!start(root, argv, setup, &pid, &out, error))
		return FALSE;
	gboolean good = collect(out, argv[0], deadline, answer, error);
	if (!good)
		kill(-pid, SIGKILL);
	/* The first reason is the one to report. */
	return reap(pid, argv[0], deadline, good ? error : NULL) && good;
}

char *tune_root_run(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error)
{
	GString *answer = g_string_new(NULL);
	gboolean good = run(root, argv, become_leader, timeout_ms, answer, error);

	return g_string_free(answer, !good);
}

/* What it ended on is what it ended for. */
static char *find_last_line(GString *answer)
{
	const char *text = g_strchomp(answer->str);
	const char *newline = strrchr(text, '\n');

	return tune_error_clean(newline ? newline + 1 : text);
}

gboolean tune_root_command(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error)
{
	g_autoptr(GError) local = NULL;
	GString *answer = g_string_new(NULL);

	if (!run(root, argv, become_frank_leader, timeout_ms, answer, &local)) {
		g_autofree char *line = find_last_line(answer);
		tune_fail(error, (TuneErrorCode)local->code, "%s%s%s", local->message,
			  *line ? ": " : "", line);
	}
	g_string_free(answer, TRUE);
	return local == NULL;
}
