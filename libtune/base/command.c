/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtune/base/error.h>
#include <libtune/base/command.h>
#include <libtune/base/root.h>

#define LARGEST_ANSWER (16 * 1024 * 1024)
/* Of a text that goes to a log, as much is kept, for its last line. */
#define LONGEST_TAIL (64 * 1024)
#define PIECE 4096
/* pipe(7), "Pipe capacity". */
#define PIPE_PIECES (64 * 1024 / PIECE)
/* After the command has ended, its background processes may write for so long. */
#define AFTERMATH_MS 1000

static const char *const environment[] = {
	"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
	"LC_ALL=C",
	NULL,
};

/* What happens between fork(2) and execve(2). */
typedef struct {
	const TuneCommand *command;
	const TuneCommandJob *job;
	TuneErrors errors;
	pid_t parent;
} Setup;

static void set_limit(int resource, rlim_t most)
{
	const struct rlimit both = { most, most };

	setrlimit(resource, &both);
}

/* The command gets a process group, so that the deadline kills its children, too. */
static void set_up_child(gpointer data)
{
	const Setup *setup = data;

	setpgid(0, 0);
	if (setup->command->memory)
		set_limit(RLIMIT_AS, setup->command->memory);
	if (setup->command->cpu_s)
		set_limit(RLIMIT_CPU, setup->command->cpu_s);
	if (setup->job->is_without_core)
		set_limit(RLIMIT_CORE, 0);
	if (setup->errors == TUNE_ERRORS_IN_ANSWER)
		dup2(STDOUT_FILENO, STDERR_FILENO);
	if (!setup->job->is_bound)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* When it has died before that call, no signal will come. */
	if (getppid() != setup->parent)
		_exit(127);
}

/* Where programs are, own ones first, as in root's PATH on Debian; on the systems before the merge of /usr, too. */
static const char *const directories[] = { "usr/local/sbin", "usr/local/bin", "usr/sbin",
					   "usr/bin",        "sbin",          "bin" };

char *tune_command_find(TuneRoot *root, const char *name, GError **error)
{
	if (strchr(name, '/'))
		return tune_root_find_real_path(root, name, error);
	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = g_build_filename(directories[i], name, NULL);
		g_autoptr(GError) local = NULL;
		char *program = tune_root_find_real_path(root, path, &local);
		if (program)
			return program;
		if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
	}
	return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s is not installed on this node", name);
}

/* The name stays as the caller gave it: one program may be several, by the name by which it is started (busybox). */
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
		      TuneErrors errors, TuneCommandJob *job, GError **error)
{
	g_autoptr(GPtrArray) words = make_words(program, command->argv);
	g_autoptr(GError) local = NULL;
	GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_FILE_AND_ARGV_ZERO |
			    (errors == TUNE_ERRORS_DROPPED ? G_SPAWN_STDERR_TO_DEV_NULL : 0);
	Setup setup = { command, job, errors, getpid() };

	if (!g_spawn_async_with_pipes_and_fds(
		    directory, (const char *const *)words->pdata,
		    command->envp ? command->envp : environment, flags, set_up_child, &setup,
		    command->input, command->output,
		    errors == TUNE_ERRORS_IN_FILE ? job->errors : -1, NULL, NULL, 0, &job->pid,
		    NULL, command->output < 0 ? &job->fds[TUNE_JOB_OUT] : NULL,
		    errors == TUNE_ERRORS_KEPT ? &job->fds[TUNE_JOB_ERR] : NULL, &local))
		return tune_fail(error,
				 g_error_matches(local, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES)
					 ? TUNE_ERROR_DENIED
					 : TUNE_ERROR_IO,
				 "%s: %s", command->argv[0], local->message);
	job->fds[TUNE_JOB_EXIT] = pidfd_open(job->pid, 0);
	return job->fds[TUNE_JOB_EXIT] >= 0 || tune_fail_errno(error, command->argv[0]);
}

gboolean tune_command_job_start(TuneCommandJob *job, TuneRoot *root, const TuneCommand *command,
				TuneErrors errors)
{
	g_autofree char *program = tune_command_find(root, command->argv[0], &job->error);
	g_autofree char *directory = NULL;

	job->deadline = tune_root_limit_deadline(root, job->deadline);
	if (!program)
		return FALSE;
	if (command->directory)
		directory = tune_root_find_real_path(root, command->directory, &job->error);
	else
		directory = g_strdup("/");
	return directory && spawn(command, program, directory, errors, job, &job->error);
}

static int left_ms(gint64 deadline)
{
	return (int)CLAMP((deadline - g_get_monotonic_time() + 999) / 1000, 0, G_MAXINT);
}

static void close_end(TuneCommandJob *job, guint which)
{
	filedesc_close(job->fds[which]);
	job->fds[which] = -1;
}

void tune_command_job_init(TuneCommandJob *job, const TuneCommand *command)
{
	*job = (TuneCommandJob){
		.name = command->argv[0],
		.fds = { -1, -1, -1 },
		.largest = LARGEST_ANSWER,
		.log = command->log,
		.errors = -1,
		/* Commands with a log work for long, on a disk: they must not outlive this process. */
		.is_bound = command->log >= 0,
		.deadline = g_get_monotonic_time() + (gint64)command->timeout_ms * 1000,
		.status = -1
	};
	for (guint i = 0; i < TUNE_JOB_EXIT; i++)
		job->texts[i] = g_string_new(NULL);
}

static gboolean is_logged(const TuneCommandJob *job)
{
	return job->log >= 0;
}

/*
 * After an error, kill the command and its children.  Also kill what a bound command has left in the background: one
 * with a log would go on writing to a disk that others use now.
 */
static void end_processes(TuneCommandJob *job)
{
	int status = 0;

	if (job->pid && (job->error || job->is_bound))
		kill(-job->pid, SIGKILL);
	if (job->pid && waitpid(job->pid, &status, 0) == job->pid && !job->error &&
	    WIFEXITED(status))
		job->status = WEXITSTATUS(status);
	job->pid = 0;
	for (guint i = 0; i < TUNE_JOB_N_FDS; i++)
		close_end(job, i);
}

void tune_command_job_clear(TuneCommandJob *job)
{
	end_processes(job);
	for (guint i = 0; i < TUNE_JOB_EXIT; i++)
		g_string_free(job->texts[i], TRUE);
	g_clear_error(&job->error);
}

/* Standard output has to be closed, since an answer must be whole; a background process may keep standard error open. */
static gboolean is_over(const TuneCommandJob *job)
{
	return job->error || (job->fds[TUNE_JOB_OUT] < 0 && job->fds[TUNE_JOB_EXIT] < 0);
}

/*
 * A command repeats what it meets in a guest's disk, a label among it.  Only lines of printable ASCII go to the log, so
 * that none of it is an order to the terminal that shows it.  A log that cannot be written is no error.
 */
static void copy_to_log(int log, const char *piece, size_t length)
{
	char clean[PIECE];

	if (log < 0)
		return;
	for (size_t i = 0; i < length; i++) {
		gboolean is_kept = g_ascii_isprint(piece[i]) || piece[i] == '\n' ||
				   piece[i] == '\t';
		clean[i] = is_kept ? piece[i] : '?';
	}
	if (write(log, clean, length) < 0)
		return;
}

static gboolean read_some(TuneCommandJob *job, guint which)
{
	GString *text = job->texts[which];
	char piece[PIECE];
	ssize_t n = read(job->fds[which], piece, sizeof(piece));

	if (n < 0 && errno == EINTR)
		return TRUE;
	if (n < 0)
		return tune_fail_errno(&job->error, job->name);
	copy_to_log(job->log, piece, (size_t)n);
	g_string_append_len(text, piece, n);
	if (is_logged(job) && text->len > 2 * LONGEST_TAIL)
		g_string_erase(text, 0, (gssize)(text->len - LONGEST_TAIL));
	if (text->len > job->largest)
		return tune_fail(&job->error, TUNE_ERROR_INVALID,
				 "%s: the answer has more than %zu KiB", job->name,
				 job->largest / 1024);
	if (n == 0)
		close_end(job, which);
	return TRUE;
}

/* After its end, read what is left of its standard error: at most a pipe's content, as others may go on writing. */
static void drain(TuneCommandJob *job)
{
	struct pollfd ready = { job->fds[TUNE_JOB_ERR], POLLIN, 0 };

	for (guint i = 0; i < PIPE_PIECES; i++)
		if (job->fds[TUNE_JOB_ERR] < 0 || poll(&ready, 1, 0) <= 0 ||
		    !read_some(job, TUNE_JOB_ERR))
			return;
}

static void check_deadline(TuneCommandJob *job)
{
	if (left_ms(job->deadline) > 0 || is_over(job))
		return;
	if (is_logged(job) && job->fds[TUNE_JOB_EXIT] < 0) {
		close_end(job, TUNE_JOB_OUT);
		return;
	}
	tune_fail(&job->error, TUNE_ERROR_TIMEOUT, "%s: %s", job->name,
		  job->fds[TUNE_JOB_OUT] < 0 ? "did not end in time" : "no answer in time");
}

static void finish(TuneCommandJob *job)
{
	if (!job->error)
		drain(job);
	end_processes(job);
	if (!job->error && job->status != 0)
		tune_fail(&job->error, TUNE_ERROR_IO, "%s: failed with status %d", job->name,
			  job->status);
}

static void serve(TuneCommandJob *job, const struct pollfd *ready)
{
	if (is_over(job))
		return;
	gboolean is_good = TRUE;
	for (guint i = 0; i < TUNE_JOB_EXIT && is_good; i++)
		if (ready[i].revents)
			is_good = read_some(job, i);
	if (ready[TUNE_JOB_EXIT].revents) {
		close_end(job, TUNE_JOB_EXIT);
		if (is_logged(job))
			job->deadline = g_get_monotonic_time() + AFTERMATH_MS * 1000;
	}
	check_deadline(job);
	if (is_over(job))
		finish(job);
}

gboolean tune_command_jobs_serve(TuneCommandJob *jobs, guint n_jobs, struct pollfd *fds)
{
	gint64 deadline = G_MAXINT64;
	gboolean is_any = FALSE;

	for (guint i = 0; i < n_jobs; i++) {
		for (guint k = 0; k < TUNE_JOB_N_FDS; k++)
			fds[i * TUNE_JOB_N_FDS + k] = (struct pollfd){ jobs[i].fds[k], POLLIN, 0 };
		if (is_over(&jobs[i]))
			continue;
		is_any = TRUE;
		deadline = MIN(deadline, jobs[i].deadline);
	}
	if (!is_any)
		return FALSE;
	if (poll(fds, (nfds_t)n_jobs * TUNE_JOB_N_FDS, left_ms(deadline)) >= 0)
		for (guint i = 0; i < n_jobs; i++)
			serve(&jobs[i], fds + i * TUNE_JOB_N_FDS);
	return TRUE;
}
