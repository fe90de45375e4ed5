/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os-scripts/userns.h"

#define MAP "0 %u 65536\n"

/*
 * Writes its number in /proc to the pipe, as fork(2) may return that of another PID namespace.  It asks to die with its
 * parent only when it is in the user namespace: the kernel forgets that when credentials change.
 */
static G_NORETURN void run_child(int pipe, pid_t parent)
{
	char link[32];

	if (unshare(CLONE_NEWUSER) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    getppid() != parent)
		_exit(1);
	ssize_t n = readlink("/proc/self", link, sizeof(link));
	if (n <= 0 || write(pipe, link, (size_t)n) != n)
		_exit(1);
	syscall(SYS_close_range, 0, ~0U, 0);
	for (;;)
		pause();
}

/* With one write(2), as the kernel demands. */
static gboolean write_map(const char *process, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename("/proc", process, name, NULL);
	g_autofree char *map = g_strdup_printf(MAP, OS_USERNS_FIRST);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	gboolean good = fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map);

	if (!good)
		os_fail_errno(error, path);
	if (fd >= 0)
		close(fd);
	return good;
}

static gboolean set_up_maps(OsUserns *userns, int pipe, GError **error)
{
	char process[32];
	ssize_t n = read(pipe, process, sizeof(process) - 1);

	if (n <= 0)
		return os_fail(
			error, TUNE_ERROR_IO,
			"this kernel has no user namespace for us: see sysctl user.max_user_namespaces");
	process[n] = '\0';
	userns->path = g_build_filename("/proc", process, "ns/user", NULL);
	return write_map(process, "uid_map", error) && write_map(process, "gid_map", error);
}

OsUserns *os_userns_new(GError **error)
{
	g_autoptr(OsUserns) userns = g_new0(OsUserns, 1);
	pid_t parent = getpid();
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0) {
		os_fail_errno(error, "user namespace");
		return NULL;
	}
	userns->pid = fork();
	if (userns->pid == 0)
		run_child(pipe[1], parent);
	close(pipe[1]);
	gboolean good = userns->pid > 0 && set_up_maps(userns, pipe[0], error);
	close(pipe[0]);
	if (userns->pid < 0)
		os_fail_errno(error, "user namespace");
	return good ? g_steal_pointer(&userns) : NULL;
}

void os_userns_free(OsUserns *userns)
{
	if (!userns)
		return;
	if (userns->pid > 0) {
		kill(userns->pid, SIGKILL);
		waitpid(userns->pid, NULL, 0);
	}
	g_free(userns->path);
	g_free(userns);
}
