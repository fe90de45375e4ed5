/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of the node that the OS definition runs, by their name; libtune runs them. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os-scripts/os.h"

#define SECOND 1000

/* A file in memory, as a pipe could fill up. */
static int make_input(const char *text)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
			lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

gboolean os_command_run(const Os *os, const TuneCommand *command, GError **error)
{
	TuneCommand logged = *command;

	logged.log = STDERR_FILENO;
	return tune_command_run(os->root, &logged, error);
}

gboolean os_command(const Os *os, const char *const *argv, const char *input, guint timeout_s,
		    GError **error)
{
	TuneCommand command = TUNE_COMMAND(argv, timeout_s * SECOND);

	command.input = input ? make_input(input) : -1;
	if (input && command.input < 0)
		return os_fail_errno(error, argv[0]);
	gboolean good = os_command_run(os, &command, error);
	if (command.input >= 0)
		close(command.input);
	return good;
}
