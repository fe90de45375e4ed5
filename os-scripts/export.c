/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb export: a disk as a stream; stream-export.c knows its format. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "os-scripts/os.h"
#include "os-scripts/parameters.h"
#include "os-scripts/stream.h"

/* Only the stream may go to standard output: whatever else is printed goes to standard error. */
static int claim_output(GError **error)
{
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		os_fail_errno(error, "standard output");
	else if (isatty(out))
		os_fail(error, TUNE_ERROR_INVALID, "standard output is a terminal, not a stream");
	else
		return out;
	return -1;
}

/* Ganeti forecasts the end of the export from this upper bound, where it asks for it. */
static gboolean announce_size(const OsEnvironment *environment, int disk, GError **error)
{
	guint64 n_bytes;

	if (environment->size_fd < 0)
		return TRUE;
	if (!stream_estimate(disk, environment->stream.path, &n_bytes, error))
		return FALSE;
	dprintf(environment->size_fd, "%" G_GUINT64_FORMAT "\n", n_bytes);
	return TRUE;
}

static gboolean export_disk(Os *os, int disk, int out, GError **error)
{
	const char *path = os->environment->stream.path;
	Packing packing = PACKING_NONE;
	StreamFigures figures;

	packing_find(os_parameter_get(os->environment, "export-compress"), &packing);
	if (!announce_size(os->environment, disk, error) ||
	    !stream_export(disk, path, packing, out, &figures, error))
		return FALSE;
	if (close(out) < 0)
		return os_fail_errno(error, "stream");
	os_say(os,
	       "disk %u exported: %" G_GUINT64_FORMAT " bytes, of which %" G_GUINT64_FORMAT
	       " data, as a stream of %" G_GUINT64_FORMAT,
	       os->environment->stream.index, figures.disk_size, figures.data_size,
	       figures.stream_size);
	return TRUE;
}

gboolean os_export(Os *os, GError **error)
{
	const char *path = os->environment->stream.path;

	/* A reader that has ended shall make write(2) fail, so that the error is reported. */
	signal(SIGPIPE, SIG_IGN);
	int out = claim_output(error);
	if (out < 0 || !os_parameters_check(os->environment, error))
		return FALSE;
	int disk = open(path, O_RDONLY | O_CLOEXEC);
	if (disk < 0)
		return os_fail_errno(error, path);
	gboolean good = export_disk(os, disk, out, error);
	close(disk);
	return good;
}
