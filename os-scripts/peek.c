/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os-scripts/peek.h"

#define DEADLINE_MS 60000
#define MEMORY (256 * 1024 * 1024)
#define CPU_S 30

/* The kernel's overflow user, who owns no file. */
#define NOBODY 65534

/**
 * @text: what was found, or what went wrong; ends with a zero
 * @number: the partition that ends last; @end: its end, in bytes
 *
 * It is short enough for one write(2) to a pipe (PIPE_BUF).
 */
typedef struct {
	enum { PEEK_EMPTY, PEEK_FOUND, PEEK_FAILED } outcome;
	guint number;
	guint64 end;
	char text[1000];
} Answer;

/* What the child reads from the disk. */
typedef void Read(int fd, const char *path, Answer *answer);
G_STATIC_ASSERT(sizeof(Answer) <= 4096);

/* ---- the child ---- */

static gboolean set_limit(int resource, rlim_t most)
{
	const struct rlimit both = { most, most };

	return setrlimit(resource, &both) == 0;
}

/* Unless all of this succeeds, the disk is not read. */
static gboolean drop_all(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			       setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return FALSE;
	return syscall(SYS_capset, &header, none) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && set_limit(RLIMIT_AS, MEMORY) &&
	       set_limit(RLIMIT_CPU, CPU_S) && set_limit(RLIMIT_CORE, 0);
}

static void set_failure(Answer *answer, const GError *error)
{
	answer->outcome = PEEK_FAILED;
	g_strlcpy(answer->text, error->message, sizeof(answer->text));
}

static void read_signature(int fd, const char *path, Answer *answer)
{
	g_autoptr(TuneSignature) signature = NULL;
	g_autoptr(GError) error = NULL;

	if (!tune_signature_read(fd, path, &signature, &error)) {
		set_failure(answer, error);
		return;
	}
	if (!signature)
		return;
	g_autofree char *found = tune_signature_describe(signature);
	answer->outcome = PEEK_FOUND;
	g_strlcpy(answer->text, found, sizeof(answer->text));
}

static void read_end(int fd, const char *path, Answer *answer)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) parts = tune_partitions_read(fd, path, &error);

	if (!parts)
		set_failure(answer, error);
	for (guint i = 0; parts && i < parts->len; i++) {
		const TunePartition *part = parts->pdata[i];
		if (part->start + part->size <= answer->end)
			continue;
		answer->outcome = PEEK_FOUND;
		answer->number = part->number;
		answer->end = part->start + part->size;
	}
}

/* Closes all but the disk and the pipe for the answer; the child logs nothing. */
static void close_others(int fd, int pipe)
{
	int first = MIN(fd, pipe), second = MAX(fd, pipe);

	syscall(SYS_close_range, 0, first - 1, 0);
	if (second > first + 1)
		syscall(SYS_close_range, first + 1, second - 1, 0);
	syscall(SYS_close_range, second + 1, ~0U, 0);
}

static G_NORETURN void run_child(Read *read_disk, int fd, const char *path, int pipe)
{
	Answer answer = { .outcome = PEEK_EMPTY };

	close_others(fd, pipe);
	if (!drop_all())
		_exit(1);
	read_disk(fd, path, &answer);
	_exit(write(pipe, &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
}

/* ---- the parent ---- */

static gboolean receive_answer(int pipe, Answer *answer)
{
	gint64 end = g_get_monotonic_time() + DEADLINE_MS * 1000;
	struct pollfd ready = { pipe, POLLIN, 0 };
	int n;

	do {
		gint64 left_ms = (end - g_get_monotonic_time()) / 1000;
		n = poll(&ready, 1, (int)MAX(left_ms, 0));
	} while (n < 0 && errno == EINTR);
	return n > 0 && read(pipe, answer, sizeof(*answer)) == sizeof(*answer) &&
	       memchr(answer->text, '\0', sizeof(answer->text)) && answer->outcome <= PEEK_FAILED;
}

/* A child that waits for a disk that does not answer cannot be killed, so it is waited for a second at most. */
static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	for (guint i = 0; i < 100 && waitpid(child, NULL, WNOHANG) == 0; i++)
		g_usleep(10000);
}

static gboolean ask_child(Read *read_disk, int fd, const char *path, Answer *answer, GError **error)
{
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return os_fail_errno(error, path);
	pid_t child = fork();
	if (child == 0)
		run_child(read_disk, fd, path, pipe[1]);
	close(pipe[1]);
	gboolean good = child > 0 && receive_answer(pipe[0], answer);
	close(pipe[0]);
	if (child > 0)
		end_child(child);
	if (!good)
		return os_fail(error, TUNE_ERROR_IO, "%s: reading it failed, or took too long",
			       path);
	os_clean(answer->text);
	return answer->outcome != PEEK_FAILED || os_fail(error, TUNE_ERROR_IO, "%s", answer->text);
}

gboolean os_peek(int fd, const char *path, char **ret_found, GError **error)
{
	Answer answer;

	*ret_found = NULL;
	if (!ask_child(read_signature, fd, path, &answer, error))
		return FALSE;
	if (answer.outcome == PEEK_FOUND)
		*ret_found = g_strdup(answer.text);
	return TRUE;
}

gboolean os_peek_end(int fd, const char *path, guint *ret_number, guint64 *ret_end, GError **error)
{
	Answer answer;

	if (!ask_child(read_end, fd, path, &answer, error))
		return FALSE;
	*ret_number = answer.number;
	*ret_end = answer.end;
	return TRUE;
}
