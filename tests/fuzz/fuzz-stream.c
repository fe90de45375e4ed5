/* SPDX-License-Identifier: BSD-2-Clause */
/* The input as a stream: what it makes of a disk, or that it is refused.  An accepted one goes there and back. */
#include <sys/mman.h>
#include <unistd.h>

#include "os-scripts/stream.h"

#include "tests/fuzz/fuzz.h"

#define DISK_SIZE (64 * 1024)
#define LARGEST_INPUT (1024 * 1024)

static int make_file(const guint8 *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
		g_error("no file in memory");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void export(int disk)
{
	g_autoptr(GError) error = NULL;
	StreamFigures figures;
	int out = make_file(NULL, 0);

	if (!stream_export(disk, "disk", PACKING_NONE, out, &figures, &error))
		g_error("%s", error->message);
	lseek(out, 0, SEEK_SET);
	if (!stream_import(out, disk, "disk", &figures, &error))
		g_error("%s", error->message);
	close(out);
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
	StreamFigures figures;

	if (size > LARGEST_INPUT)
		return 0;
	int in = make_file(data, size);
	int disk = make_file(NULL, 0);
	if (ftruncate(disk, DISK_SIZE) < 0)
		g_error("no disk in memory");
	if (stream_import(in, disk, "disk", &figures, NULL))
		export(disk);
	close(in);
	close(disk);
	return 0;
}
