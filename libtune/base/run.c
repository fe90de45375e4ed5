/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs commands of the host, one or many at once, each with a deadline.  What their output means, the callers know. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/base/command.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

/* With three descriptors each, far from the 1024 that a process may have, and more than a cluster has nodes. */
#define N_AT_ONCE 250

/* ---- one ---- */

/* @ret_text: its standard output; its standard error when the output goes to a descriptor. */
static gboolean run_command(TuneRoot *root, const TuneCommand *command, TuneErrors errors,
			    char **ret_text, GError **error)
{
	struct pollfd fds[TUNE_JOB_N_FDS];
	TuneCommandJob job;

	tune_command_job_init(&job, command);
	if (tune_command_job_start(&job, root, command, errors))
		while (tune_command_jobs_serve(&job, 1, fds))
			continue;
	gboolean is_good = !job.error;
	if (!is_good)
		g_propagate_error(error, g_steal_pointer(&job.error));
	const GString *text = job.texts[command->output < 0 ? TUNE_JOB_OUT : TUNE_JOB_ERR];
	*ret_text = g_strndup(text->str, text->len);
	tune_command_job_clear(&job);
	return is_good;
}

char *tune_command_read(TuneRoot *root, const char *const *argv, guint timeout_ms, GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);
	g_autofree char *answer = NULL;

	return run_command(root, &command, TUNE_ERRORS_DROPPED, &answer, error)
		       ? g_steal_pointer(&answer)
		       : NULL;
}

/* The last line is reported as the reason. */
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

	if (run_command(root, command,
			command->output < 0 ? TUNE_ERRORS_IN_ANSWER : TUNE_ERRORS_KEPT, &text,
			&local))
		return TRUE;
	g_autofree char *line = find_last_line(text);
	return tune_fail(error, (TuneErrorCode)local->code, "%s%s%s", local->message,
			 *line ? ": " : "", line);
}

gboolean tune_command_call(TuneRoot *root, const char *const *argv, guint timeout_ms,
			   GError **error)
{
	const TuneCommand command = TUNE_COMMAND(argv, timeout_ms);

	return tune_command_run(root, &command, error);
}

/* ---- many ---- */

void tune_command_result_clear(TuneCommandResult *run)
{
	g_clear_pointer(&run->answer, g_free);
	g_clear_pointer(&run->complaint, g_free);
	g_clear_error(&run->error);
}

/* A file in memory: while a pipe is being filled, a command that does not read would block us. */
static int make_input(const char *text, GError **error)
{
	g_auto(filedesc) fd = memfd_create("input", MFD_CLOEXEC);
	size_t length = strlen(text);

	if (fd < 0) {
		tune_fail_errno(error, "input of a command");
		return -1;
	}
	for (size_t sent = 0; sent < length;) {
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

/* The input is opened again for each command, so that each reads it from the beginning. */
static void start_run(TuneRoot *root, const TuneCommandResult *run, int input, guint timeout_ms,
		      TuneCommandJob *job)
{
	TuneCommand command = TUNE_COMMAND(run->argv, timeout_ms);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", input);
	g_auto(filedesc) in = input < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	tune_command_job_init(job, &command);
	if (run->largest)
		job->largest = run->largest;
	command.input = in;
	if (input >= 0 && in < 0)
		tune_fail_errno(&job->error, path);
	else
		tune_command_job_start(job, root, &command, TUNE_ERRORS_KEPT);
}

static void finish_run(TuneCommandResult *run, TuneCommandJob *job)
{
	run->answer = g_strndup(job->texts[TUNE_JOB_OUT]->str, job->texts[TUNE_JOB_OUT]->len);
	run->complaint = find_last_line(job->texts[TUNE_JOB_ERR]->str);
	run->status = job->status;
	run->error = g_steal_pointer(&job->error);
	tune_command_job_clear(job);
}

static void run_some(TuneRoot *root, TuneCommandResult *runs, guint n_runs, int input,
		     guint timeout_ms)
{
	g_autofree TuneCommandJob *jobs = g_new(TuneCommandJob, n_runs);
	g_autofree struct pollfd *fds = g_new(struct pollfd, (gsize)n_runs * TUNE_JOB_N_FDS);

	for (guint i = 0; i < n_runs; i++)
		start_run(root, &runs[i], input, timeout_ms, &jobs[i]);
	while (tune_command_jobs_serve(jobs, n_runs, fds))
		continue;
	for (guint i = 0; i < n_runs; i++)
		finish_run(&runs[i], &jobs[i]);
}

gboolean tune_command_run_all(TuneRoot *root, TuneCommandResult *runs, guint n_runs,
			      const char *input, guint timeout_ms, GError **error)
{
	g_auto(filedesc) fd = input ? make_input(input, error) : -1;

	if (input && fd < 0)
		return FALSE;
	for (guint i = 0; i < n_runs; i += N_AT_ONCE)
		run_some(root, runs + i, MIN(n_runs - i, N_AT_ONCE), fd, timeout_ms);
	return TRUE;
}
