/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <unistd.h>

#include "os-scripts/os.h"
#include "os-scripts/parameters.h"
#include "os-scripts/stream.h"

static void tell(const Os *os, const StreamFigures *figures)
{
	guint index = os->environment->stream.index;

	if (figures->is_raw)
		os_say(os,
		       "disk %u: the stream was a disk image without a checksum: whether it is "
		       "whole "
		       "cannot be told",
		       index);
	os_say(os,
	       "disk %u imported: %" G_GUINT64_FORMAT " bytes, of which %" G_GUINT64_FORMAT
	       " data, from a stream of %" G_GUINT64_FORMAT,
	       index, figures->disk_size, figures->data_size, figures->stream_size);
}

/*
 * What the disk holds is not asked: Ganeti has just made it, since it imports into no disk that was there before
 * (adoption is refused), and a new volume often shows what a removed one held.  A disk that is mounted or part of
 * another is no new one: O_EXCL keeps off it.
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
	gboolean good = stream_import(STDIN_FILENO, disk, path, &figures, error);
	close(disk);
	if (good)
		tell(os, &figures);
	else
		/* Ganeti only warns, and keeps the instance. */
		os_say(os, "the instance cannot be used: remove it, and import a good backup");
	return good;
}
