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
static char *find_real_path(TuneRoot *root, const char *path, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_PATH, 0, error);

	if (fd < 0)
		return NULL;
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autoptr(GError) local = NULL;
	char *real_path = g_file_read_link(link, &local);
	if (!real_path)
		tune_fail(error, TUNE_ERROR_IO, "%s: %s", path, local->message);
	return real_path;
}

static gboolean fail_start(const char *name, const GError *reason, GError **error)
{
	gboolean is_denied = g_error_matches(reason, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES);

	return tune_fail(error, is_denied ? TUNE_ERROR_DENIED : TUNE_ERROR_IO, "%s: %s", name,
			 reason->message);
}

/* The program may be many, and tell by the name it is called by which of them is meant. */
static GPtrArray *make_words(char *program, const char *const *argv)
{
	GPtrArray *words = g_ptr_array_new();

	g_ptr_array_add(words, program);
	for (const char *const *word = argv; *word; word++)
		g_ptr_array_add(words, (gpointer)*word);
	g_ptr_array_add(words, NULL);
	return words;
}

/* @ret_talk: what is to be collected of it: all that it says, or its answer alone, or its complaints alone. */
static gboolean start(TuneRoot *root, const TuneCommand *command, GSpawnChildSetupFunc setup,
		      GPid *pid, int *ret_talk, GError **error)
{
	const char *const *argv = command->argv;
	g_autofree char *program = find_real_path(root, argv[0], error);
	g_autofree char *directory = NULL;
	g_autoptr(GError) local = NULL;

	if (!program)
		return FALSE;
	if (command->directory && !(directory = find_real_path(root, command->directory, error)))
		return FALSE;
	g_autoptr(GPtrArray) words = make_words(program, argv);
	const char *const *envp = command->envp ? command->envp : environment;
	gboolean has_output = command->output >= 0;
	GSpawnFlags quiet = has_output ? 0 : G_SPAWN_STDERR_TO_DEV_NULL;
	if (g_spawn_async_with_pipes_and_fds(
		    directory ? directory : "/", (const char *const *)words->pdata, envp,
		    G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO | quiet, setup, NULL,
		    command->input, command->output, -1, NULL, NULL, 0, pid, NULL,
		    has_output ? NULL : ret_talk, has_output ? ret_talk : NULL, &local))
		return TRUE;
	return fail_start(argv[0], local, error);
}

static int left_ms(gint64 deadline)
{
	return (int)CLAMP((deadline - g_get_monotonic_time() + 999) / 1000, 0, G_MAXINT);
}

/* Whoever reads the log is not worth an error. */
static void copy_to_log(int log, const char *piece, size_t length)
{
	if (log >= 0 && write(log, piece, length) < 0)
		return;
}

static gboolean collect(int fd, const TuneCommand *command, gint64 deadline, GString *answer,
			GError **error)
{
	const char *name = command->argv[0];
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
		copy_to_log(command->log, piece, (size_t)n);
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

static gboolean run(TuneRoot *root, const TuneCommand *command, GSpawnChildSetupFunc setup,
		    GString *answer, GError **error)
{
	const char *name = command->argv[0];
	gint64 deadline = g_get_monotonic_time() + (gint64)command->timeout_ms * 1000;
	g_auto(filedesc) talk = -1;
	GPid pid;

	if (!start(root, command, setup, &pid, &talk, error))
		return FALSE;
	gboolean good = collect(talk, command, deadline, answer, error);
	if (!good)
		kill(-pid, SIGKILL);
	/* The first reason is the one to report. */
	return reap(pid, name, deadline, good ? error : NULL) && good;
}

char *tune_root_run(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);
	GString *answer = g_string_new(NULL);
	gboolean good = run(root, &command, become_leader, answer, error);

	return g_string_free(answer, !good);
}

/* What it ended on is what it ended for. */
static char *find_last_line(GString *answer)
{
	const char *text = g_strchomp(answer->str);
	const char *newline = strrchr(text, '\n');

	return tune_error_clean(newline ? newline + 1 : text);
}

gboolean tune_command_run(TuneRoot *root, const TuneCommand *command, GError **error)
{
	gboolean has_output = command->output >= 0;
	g_autoptr(GError) local = NULL;
	GString *answer = g_string_new(NULL);

	if (!run(root, command, has_output ? become_leader : become_frank_leader, answer, &local)) {
		g_autofree char *line = find_last_line(answer);
		tune_fail(error, (TuneErrorCode)local->code, "%s%s%s", local->message,
			  *line ? ": " : "", line);
	}
	g_string_free(answer, TRUE);
	return local == NULL;
}

gboolean tune_root_command(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);

	return tune_command_run(root, &command, error);
}
