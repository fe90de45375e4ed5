/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os-scripts/isolate.h"
#include "os-scripts/os.h"

static int wait_for_child(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILURE;
	if (WIFSIGNALED(status))
		/* A killed child could not say why. */
		g_printerr("tune: %s: killed by signal %d\n", g_get_host_name(), WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

/* The signal does not come when the parent has ended before prctl(2); then its pidfd is readable. */
static void die_with_parent(int parent)
{
	struct pollfd end = { .fd = parent, .events = POLLIN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&end, 1, 0) != 0)
		_exit(EXIT_FAILURE);
	close(parent);
}

/* When the first process of a PID namespace ends, the kernel kills all others in it. */
gboolean os_isolate(GError **error)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (self < 0 || unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
		return os_fail_errno(error, "namespaces of its own");
	/* What the node unmounts meanwhile must not stay mounted here. */
	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return os_fail_errno(error, "mounts of its own");
	pid_t child = fork();
	if (child < 0)
		return os_fail_errno(error, "fork");
	if (child > 0)
		_exit(wait_for_child(child));
	die_with_parent(self);
	/* libguestfs finds processes and files by /proc, which has to be that of this namespace. */
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ||
	       os_fail_errno(error, "/proc of its own");
}
