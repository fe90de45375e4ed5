/* SPDX-License-Identifier: BSD-2-Clause */
/* Standard input, output and error that are closed at the start. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtune/tune.h>

#include "tests/unit/check.h"

static gboolean is_null(int fd)
{
	struct stat status, null;

	return fstat(fd, &status) == 0 && stat("/dev/null", &null) == 0 &&
	       S_ISCHR(status.st_mode) && status.st_rdev == null.st_rdev;
}

/* @closed: set of descriptors.  Those have become /dev/null and cannot be used, the others are what they were. */
static gboolean opens(guint closed)
{
	struct stat before[3], after;
	char byte = 0;

	for (int fd = 0; fd < 3; fd++)
		if (fstat(fd, &before[fd]) < 0 || (closed >> fd & 1 && close(fd) < 0))
			return FALSE;
	tune_standard_open();
	for (int fd = 0; fd < 3; fd++) {
		if (fstat(fd, &after) < 0)
			return FALSE;
		if (!(closed >> fd & 1) && after.st_ino != before[fd].st_ino)
			return FALSE;
		if (closed >> fd & 1 && !is_null(fd))
			return FALSE;
	}
	return (!(closed & 1) || (read(0, &byte, 1) < 0 && errno == EBADF)) &&
	       (!(closed & 2) || (write(1, &byte, 1) < 0 && errno == EBADF)) &&
	       (!(closed & 4) || (write(2, &byte, 1) < 0 && errno == EBADF));
}

static void test_open(void)
{
	for (guint closed = 0; closed < 8; closed++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0)
			_exit(opens(closed) ? EXIT_SUCCESS : EXIT_FAILURE);
		CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
		CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "standard files", test_open },
		{ NULL, NULL },
	};

	return check_main("standard", checks);
}
