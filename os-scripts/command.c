/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of the node that the OS definition runs, by their name; libtune runs them. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os-scripts/os.h"

#define SECOND 1000

/* Where Debian puts programs, merged or not; as in the PATH that Ganeti sets. */
static const char *const directories[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

/* A file in memory: no pipe that could fill up. */
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

static gboolean run_in(const Os *os, const char *directory, const TuneCommand *command,
		       GError **error)
{
	g_autofree char *program = g_build_filename(directory, command->argv[0], NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	TuneCommand found = *command;

	g_ptr_array_add(words, program);
	for (const char *const *word = command->argv + 1; *word; word++)
		g_ptr_array_add(words, (gpointer)*word);
	g_ptr_array_add(words, NULL);
	found.argv = (const char *const *)words->pdata;
	found.log = STDERR_FILENO;
	return tune_command_run(os->root, &found, error);
}

gboolean os_command_run(const Os *os, const TuneCommand *command, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autoptr(GError) local = NULL;
		if (run_in(os, directories[i], command, &local))
			return TRUE;
		if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
	}
	return os_fail(error, TUNE_ERROR_ABSENT, "%s is not installed on this node",
		       command->argv[0]);
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
