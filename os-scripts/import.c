/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb import: a stream onto a disk; stream-import.c knows the format of the stream. */
#include <fcntl.h>
#include <unistd.h>

#include "os-scripts/os.h"
#include "os-scripts/parameters.h"
#include "os-scripts/peek.h"
#include "os-scripts/stream.h"
#include "os-scripts/target.h"

static void log_figures(const Os *os, const StreamFigures *figures)
{
	guint index = os->environment->stream.index;

	if (figures->is_raw)
		os_say(os,
		       "disk %u: a disk image without a checksum: it may be damaged, and nobody would know",
		       index);
	os_say(os,
	       "disk %u imported: %" G_GUINT64_FORMAT " bytes, of which %" G_GUINT64_FORMAT
	       " data, from a stream of %" G_GUINT64_FORMAT,
	       index, figures->disk_size, figures->data_size, figures->stream_size);
}

/* A disk image has no checksum, but its partition table may tell that its end is missing. */
static gboolean check_whole(const char *path, guint64 size, GError **error)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	guint64 end;
	guint number;

	if (fd < 0)
		return os_fail_errno(error, path);
	gboolean good = os_peek_end(fd, path, &number, &end, error);
	close(fd);
	if (good && end > size)
		return os_fail(
			error, TUNE_ERROR_INVALID,
			"stream ends too early: partition %u of the disk image goes on after its %" G_GUINT64_FORMAT
			" bytes",
			number, size);
	return good;
}

static gboolean import_disk(int disk, const char *path, StreamFigures *figures, GError **error)
{
	if (!stream_import(STDIN_FILENO, disk, path, figures, error))
		return FALSE;
	if (!figures->is_raw || check_whole(path, figures->disk_size, error))
		return TRUE;
	/* target_new() makes the disk unusable. */
	target_free(target_new(disk, path, NULL));
	g_prefix_error(error, "%s is left unusable: ", path);
	return FALSE;
}

/*
 * Does not ask what the disk holds: Ganeti has just made it, since it imports into no disk that was there before
 * (adoption is refused), and a new volume often shows what a removed one held.  O_EXCL refuses a disk that is mounted or
 * part of another one, which cannot be new.
 */
gboolean os_import(Os *os, GError **error)
{
	const char *path = os->environment->stream.path;
	StreamFigures figures;

	if (!os_parameters_check(os->environment, error))
		return FALSE;
	int disk = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
	if (disk < 0)
		return os_fail_errno(error, path);
	gboolean good = import_disk(disk, path, &figures, error);
	close(disk);
	if (good)
		log_figures(os, &figures);
	else
		/* Ganeti only warns, and keeps the instance. */
		os_say(os, "the instance cannot be used: remove it, and import a good backup");
	return good;
}
