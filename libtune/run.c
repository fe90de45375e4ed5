/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands of the host, one or many at once: each has two pipes and a pidfd, and one poll(2) waits for all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtune/error.h>
#include <libtune/root.h>

#define LARGEST_ANSWER (16 * 1024 * 1024)
/* With three descriptors each, far from the 1024 that a process may have, and more than a cluster has nodes. */
#define N_AT_ONCE 250

/** Where a command's complaints go. */
typedef enum {
	ERRORS_DROPPED,
	ERRORS_IN_ANSWER,
	ERRORS_KEPT,
} Errors;

enum { OUT, ERR, EXIT, N_FDS };

/**
 * A command at work.
 *
 * @fds: its two outputs and its end, to be polled; -1 once that is over
 * @texts: what the outputs have said
 * @log: gets a copy of that, or -1
 */
typedef struct {
	const char *name;
	GPid pid;
	int fds[N_FDS];
	GString *texts[EXIT];
	int log;
	gint64 deadline;
	int status;
	GError *error;
} Job;

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
char *tune_root_find_real_path(TuneRoot *root, const char *path, GError **error)
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

/* The program may be many, and tell by the name it is called by which of them is meant. */
static GPtrArray *make_words(const char *program, const char *const *argv)
{
	GPtrArray *words = g_ptr_array_new();

	g_ptr_array_add(words, (gpointer)program);
	for (const char *const *word = argv; *word; word++)
		g_ptr_array_add(words, (gpointer)*word);
	g_ptr_array_add(words, NULL);
	return words;
}

static gboolean spawn(const TuneCommand *command, const char *program, const char *directory,
		      Errors errors, Job *job, GError **error)
{
	g_autoptr(GPtrArray) words = make_words(program, command->argv);
	g_autoptr(GError) local = NULL;
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO |
			    (errors == ERRORS_DROPPED ? G_SPAWN_STDERR_TO_DEV_NULL : 0);
	GSpawnChildSetupFunc setup = errors == ERRORS_IN_ANSWER ? become_frank_leader
								: become_leader;

	if (!g_spawn_async_with_pipes_and_fds(
		    directory, (const char *const *)words->pdata,
		    command->envp ? command->envp : environment, flags, setup, NULL, command->input,
		    command->output, -1, NULL, NULL, 0, &job->pid, NULL,
		    command->output < 0 ? &job->fds[OUT] : NULL,
		    errors == ERRORS_KEPT ? &job->fds[ERR] : NULL, &local))
		return fail_start(command->argv[0], local, error);
	job->fds[EXIT] = pidfd_open(job->pid, 0);
	return job->fds[EXIT] >= 0 || tune_fail_errno(error, command->argv[0]);
}

static gboolean start(TuneRoot *root, const TuneCommand *command, Errors errors, Job *job,
		      GError **error)
{
	g_autofree char *program = tune_root_find_real_path(root, command->argv[0], error);
	g_autofree char *directory = NULL;

	if (!program)
		return FALSE;
	if (command->directory)
		directory = tune_root_find_real_path(root, command->directory, error);
	else
		directory = g_strdup("/");
	return directory && spawn(command, program, directory, errors, job, error);
}

static int left_ms(gint64 deadline)
{
	return (int)CLAMP((deadline - g_get_monotonic_time() + 999) / 1000, 0, G_MAXINT);
}

static void job_close(Job *job, guint which)
{
	filedesc_close(job->fds[which]);
	job->fds[which] = -1;
}

static void job_init(Job *job, const TuneCommand *command)
{
	*job = (Job){ .name = command->argv[0],
		      .fds = { -1, -1, -1 },
		      .log = command->log,
		      .deadline = g_get_monotonic_time() + (gint64)command->timeout_ms * 1000,
		      .status = -1 };
	for (guint i = 0; i < EXIT; i++)
		job->texts[i] = g_string_new(NULL);
}

/* Without an error it has ended by itself; with one, all of it that is still there dies now. */
static void job_end(Job *job)
{
	int status = 0;

	if (job->pid && job->error)
		kill(-job->pid, SIGKILL);
	if (job->pid && waitpid(job->pid, &status, 0) == job->pid && !job->error &&
	    WIFEXITED(status))
		job->status = WEXITSTATUS(status);
	job->pid = 0;
	for (guint i = 0; i < N_FDS; i++)
		job_close(job, i);
}

static void job_clear(Job *job)
{
	job_end(job);
	for (guint i = 0; i < EXIT; i++)
		g_string_free(job->texts[i], TRUE);
	g_clear_error(&job->error);
}

/* Whoever was started on the side may keep its complaints open; the answer must come to its end. */
static gboolean job_is_over(const Job *job)
{
	return job->error || (job->fds[OUT] < 0 && job->fds[EXIT] < 0);
}

/* Whoever reads the log is not worth an error. */
static void copy_to_log(int log, const char *piece, size_t length)
{
	if (log >= 0 && write(log, piece, length) < 0)
		return;
}

static gboolean job_read(Job *job, guint which)
{
	GString *text = job->texts[which];
	char piece[4096];
	ssize_t n = read(job->fds[which], piece, sizeof(piece));

	if (n < 0 && errno == EINTR)
		return TRUE;
	if (n < 0)
		return tune_fail_errno(&job->error, job->name);
	copy_to_log(job->log, piece, (size_t)n);
	g_string_append_len(text, piece, n);
	if (text->len > LARGEST_ANSWER)
		return tune_fail(&job->error, TUNE_ERROR_INVALID, "%s: answer has no end",
				 job->name);
	if (n == 0)
		job_close(job, which);
	return TRUE;
}

/* It has ended, and may have said more than was read yet. */
static void job_drain(Job *job)
{
	struct pollfd ready = { job->fds[ERR], POLLIN, 0 };

	while (job->fds[ERR] >= 0 && poll(&ready, 1, 0) > 0 && job_read(job, ERR))
		continue;
}

static void job_check_deadline(Job *job)
{
	if (left_ms(job->deadline) > 0 || job_is_over(job))
		return;
	/* Its output ended, so it should have been gone in a moment. */
	tune_fail(&job->error, TUNE_ERROR_TIMEOUT, "%s: %s", job->name,
		  job->fds[OUT] < 0 ? "did not end in time" : "no answer in time");
}

static void job_finish(Job *job)
{
	if (!job->error)
		job_drain(job);
	job_end(job);
	if (!job->error && job->status != 0)
		tune_fail(&job->error, TUNE_ERROR_IO, "%s: failed with status %d", job->name,
			  job->status);
}

static void job_serve(Job *job, const struct pollfd *ready)
{
	if (job_is_over(job))
		return;
	gboolean is_good = TRUE;
	for (guint i = 0; i < EXIT && is_good; i++)
		if (ready[i].revents)
			is_good = job_read(job, i);
	if (ready[EXIT].revents)
		job_close(job, EXIT);
	job_check_deadline(job);
	if (job_is_over(job))
		job_finish(job);
}

/* One turn: wait until one of them has something to say, or the next deadline. */
static gboolean serve_all(Job *jobs, guint n_jobs, struct pollfd *fds)
{
	gint64 deadline = G_MAXINT64;
	gboolean is_any = FALSE;

	for (guint i = 0; i < n_jobs; i++) {
		for (guint k = 0; k < N_FDS; k++)
			fds[i * N_FDS + k] = (struct pollfd){ jobs[i].fds[k], POLLIN, 0 };
		if (job_is_over(&jobs[i]))
			continue;
		is_any = TRUE;
		deadline = MIN(deadline, jobs[i].deadline);
	}
	if (!is_any)
		return FALSE;
	if (poll(fds, (nfds_t)n_jobs * N_FDS, left_ms(deadline)) >= 0)
		for (guint i = 0; i < n_jobs; i++)
			job_serve(&jobs[i], fds + i * N_FDS);
	return TRUE;
}

/* ---- one ---- */

/* @ret_text: what it said: its answer, or its complaints where the answer goes elsewhere. */
static gboolean run(TuneRoot *root, const TuneCommand *command, Errors errors, char **ret_text,
		    GError **error)
{
	struct pollfd fds[N_FDS];
	Job job;

	job_init(&job, command);
	if (start(root, command, errors, &job, &job.error))
		while (serve_all(&job, 1, fds))
			continue;
	gboolean is_good = !job.error;
	if (!is_good)
		g_propagate_error(error, g_steal_pointer(&job.error));
	const GString *text = job.texts[command->output < 0 ? OUT : ERR];
	*ret_text = g_strndup(text->str, text->len);
	job_clear(&job);
	return is_good;
}

char *tune_root_run(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);
	g_autofree char *answer = NULL;

	return run(root, &command, ERRORS_DROPPED, &answer, error) ? g_steal_pointer(&answer)
								   : NULL;
}

/* What it ended on is what it ended for. */
static char *find_last_line(char *text)
{
	g_strchomp(text);
	const char *newline = strrchr(text, '\n');

	return tune_error_clean(newline ? newline + 1 : text);
}

gboolean tune_command_run(TuneRoot *root, const TuneCommand *command, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;

	if (run(root, command, command->output < 0 ? ERRORS_IN_ANSWER : ERRORS_KEPT, &text, &local))
		return TRUE;
	g_autofree char *line = find_last_line(text);
	return tune_fail(error, (TuneErrorCode)local->code, "%s%s%s", local->message,
			 *line ? ": " : "", line);
}

gboolean tune_root_command(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);

	return tune_command_run(root, &command, error);
}

/* ---- many ---- */

void tune_run_clear(TuneRun *run)
{
	g_clear_pointer(&run->answer, g_free);
	g_clear_pointer(&run->complaint, g_free);
	g_clear_error(&run->error);
}

/* A file that nobody else sees: a pipe would have to be fed. */
static int make_input(const char *text, GError **error)
{
	g_auto(filedesc) fd = memfd_create("input", MFD_CLOEXEC);
	size_t length = strlen(text);

	for (size_t sent = 0; fd >= 0 && sent < length;) {
		ssize_t n = write(fd, text + sent, length - sent);
		if (n < 0) {
			tune_fail_errno(error, "input of a command");
			return -1;
		}
		sent += (size_t)n;
	}
	int made = fd;
	fd = -1;
	return made;
}

/* Opened anew: each command reads it from the beginning. */
static void begin(TuneRoot *root, const TuneRun *run, int input, guint timeout_ms, Job *job)
{
	TuneCommand command = TUNE_COMMAND(run->argv, timeout_ms);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", input);
	g_auto(filedesc) in = input < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	job_init(job, &command);
	command.input = in;
	if (input >= 0 && in < 0)
		tune_fail_errno(&job->error, path);
	else
		start(root, &command, ERRORS_KEPT, job, &job->error);
}

static void finish(TuneRun *run, Job *job)
{
	run->answer = g_strndup(job->texts[OUT]->str, job->texts[OUT]->len);
	run->complaint = find_last_line(job->texts[ERR]->str);
	run->status = job->status;
	run->error = g_steal_pointer(&job->error);
	job_clear(job);
}

static void run_some(TuneRoot *root, TuneRun *runs, guint n_runs, int input, guint timeout_ms)
{
	g_autofree Job *jobs = g_new(Job, n_runs);
	g_autofree struct pollfd *fds = g_new(struct pollfd, (gsize)n_runs * N_FDS);

	for (guint i = 0; i < n_runs; i++)
		begin(root, &runs[i], input, timeout_ms, &jobs[i]);
	while (serve_all(jobs, n_runs, fds))
		continue;
	for (guint i = 0; i < n_runs; i++)
		finish(&runs[i], &jobs[i]);
}

gboolean tune_root_run_many(TuneRoot *root, TuneRun *runs, guint n_runs, const char *input,
			    guint timeout_ms, GError **error)
{
	g_auto(filedesc) fd = input ? make_input(input, error) : -1;

	if (input && fd < 0)
		return FALSE;
	for (guint i = 0; i < n_runs; i += N_AT_ONCE)
		run_some(root, runs + i, MIN(n_runs - i, N_AT_ONCE), fd, timeout_ms);
	return TRUE;
}
