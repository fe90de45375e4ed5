/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/guest.h"
#include "os-scripts/image.h"
#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"
#include "os-scripts/source.h"
#include "os-scripts/variants.h"

/* As long as Ganeti waits for the whole of it. */
#define TIMEOUT_S (24 * 60 * 60)
#define PIECE (1024 * 1024)
#define MIB (1024 * 1024)

/*
 * Of qemu-img, which reads what anybody may have made: a crafted image should cost no more than a good one.  What a
 * good one takes is a few seconds for each GiB.
 */
#define QEMU_IMG_MEMORY (1024 * MIB)
#define QEMU_IMG_CPU_S 300
#define QEMU_IMG_MIB_PER_CPU_S 8

/* What a command has for its standard input is opened anew from its beginning, and no other file by that name. */
#define STANDARD_INPUT "/proc/self/fd/0"

/* ---- the sum ---- */

static char *sum_up(int fd, const char *path, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree guchar *piece = g_malloc(PIECE);
	ssize_t n;

	while ((n = read(fd, piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			os_fail_errno(error, path);
			return NULL;
		}
		g_checksum_update(sum, piece, n);
	}
	return g_strdup(g_checksum_get_string(sum));
}

static gboolean check_sum(const Os *os, int fd, const char *path, GError **error)
{
	const char *given = os_parameter_get(os->environment, "image-checksum");
	const char *wanted = g_str_has_prefix(given, "sha256:") ? given + 7 : given;

	if (!*wanted)
		return TRUE;
	g_autofree char *sum = sum_up(fd, path, error);
	if (!sum)
		return FALSE;
	return g_ascii_strcasecmp(sum, wanted) == 0 ||
	       os_fail(error, TUNE_ERROR_REFUSED, "%s has the SHA-256 sum %s, not %s", path, sum,
		       wanted);
}

/* ---- a copy of a disk ---- */

static gboolean check_size(const Os *os, const OsDisk *disk, const char *path, guint64 size,
			   GError **error)
{
	TuneTopology topology;

	if (!os_disk_read_topology(os, disk, &topology, error))
		return FALSE;
	return size <= topology.size ||
	       os_fail(error, TUNE_ERROR_REFUSED,
		       "%s needs %" G_GUINT64_FORMAT " MiB, disk 0 has %" G_GUINT64_FORMAT " MiB",
		       path, (size + MIB - 1) / MIB, topology.size / MIB);
}

static void warn_of_misfit(const Os *os, const OsDisk *disk)
{
	g_autoptr(GPtrArray) parts = os_disk_read_partitions(os, disk, NULL);
	TuneTopology topology;

	if (!parts || !os_disk_read_topology(os, disk, &topology, NULL))
		return;
	for (guint i = 0; i < parts->len; i++) {
		const TunePartition *part = parts->pdata[i];
		if (tune_topology_align(&topology, part->start) != part->start)
			os_say(os,
			       "disk %u: partition %u of the image does not start at a multiple of "
			       "%" G_GUINT64_FORMAT " bytes",
			       disk->index, part->number, tune_topology_get_grain(&topology));
	}
}

/* As QEMU itself is told, so that no backing file is opened, whatever the header says by now. */
#define SOURCE_FILE "\"file\": {\"driver\": \"file\", \"filename\": \"" STANDARD_INPUT "\"}}"
#define SOURCE_QCOW2 "json:{\"driver\": \"qcow2\", \"backing\": null, " SOURCE_FILE
#define SOURCE_RAW "json:{\"driver\": \"raw\", " SOURCE_FILE

static gboolean convert(const Os *os, const OsDisk *disk, int fd, const OsImage *image,
			GError **error)
{
	gboolean is_qcow2 = strcmp(image->format, "qcow2") == 0;
	const char *const argv[] = { "qemu-img", "convert",
				     "-n",       is_qcow2 ? SOURCE_QCOW2 : SOURCE_RAW,
				     "-O",       "raw",
				     disk->path, NULL };
	TuneCommand command = TUNE_COMMAND(argv, TIMEOUT_S * 1000u);

	command.input = fd;
	command.memory = QEMU_IMG_MEMORY;
	command.cpu_s = QEMU_IMG_CPU_S + (guint)(image->size / MIB / QEMU_IMG_MIB_PER_CPU_S);
	return os_command_run(os, &command, error);
}

static gboolean copy(const Os *os, const OsDisk *disk, int fd, const char *path,
		     const OsImage *image, GError **error)
{
	if (!check_size(os, disk, path, image->size, error) || !os_disk_wipe(os, disk, error) ||
	    !convert(os, disk, fd, image, error))
		return FALSE;
	warn_of_misfit(os, disk);
	return (!os_parameter_is_yes(os->environment, "grow") || os_disk_grow(os, disk, error)) &&
	       os_guest_tune_disk(os, error);
}

/* ---- a tree of files ---- */

static gboolean extract(const Os *os, int fd, const char *directory, GError **error)
{
	const char *const argv[] = {
		"tar",    "--extract", "--numeric-owner", "--xattrs",    "--xattrs-include=*",
		"--acls", "--file",    STANDARD_INPUT,    "--directory", directory,
		NULL
	};

	TuneCommand command = TUNE_COMMAND(argv, TIMEOUT_S * 1000u);

	command.input = fd;
	return os_command_run(os, &command, error);
}

static gboolean complete(const Os *os, const OsVolume *volume, const char *uuid, GError **error)
{
	g_autoptr(TuneRoot) tree = tune_root_open(volume->directory, error);

	return tree && os_guest_write_fstab(os, tree, uuid, error);
}

gboolean os_image_unpack(const Os *os, int fd, const char *name, GError **error)
{
	g_autofree char *uuid = NULL;
	const OsDisk *disk = os_disk_get_first(os, error);
	g_autoptr(OsVolume) volume = disk ? os_disk_format(os, disk, &uuid, error) : NULL;

	if (!volume ||
	    !os_volume_mount(volume, os_parameter_get(os->environment, "filesystem"), 0, error))
		return FALSE;
	if (!extract(os, fd, volume->directory, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	return complete(os, volume, uuid, error) &&
	       os_loader_install(os, disk, volume, uuid, error) &&
	       os_guest_tune(os, volume->directory, uuid, error) &&
	       os_volume_close(g_steal_pointer(&volume), error);
}

/* ---- which of them ---- */

static gboolean look_at(const Os *os, int fd, const char *path, guint64 size, OsImage *image,
			GError **error)
{
	guchar head[OS_IMAGE_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return os_fail_errno(error, path);
	return os_image_recognise(head, (gsize)n, size,
				  os_parameter_get(os->environment, "image-format"), image,
				  error) &&
	       check_sum(os, fd, path, error);
}

/* The sum is of what stood there before; whoever writes to the file meanwhile has installed something else. */
static gboolean check_unchanged(int fd, const char *path, const struct stat *before, GError **error)
{
	struct stat after;

	if (fstat(fd, &after) < 0)
		return os_fail_errno(error, path);
	return (before->st_size == after.st_size &&
		before->st_mtim.tv_sec == after.st_mtim.tv_sec &&
		before->st_mtim.tv_nsec == after.st_mtim.tv_nsec) ||
	       os_fail(error, TUNE_ERROR_REFUSED,
		       "image: %s was written to while it was installed: install it again", path);
}

static gboolean install(const Os *os, const OsDisk *disk, int fd, GError **error)
{
	const char *path = os_parameter_get(os->environment, "image");
	struct stat status;
	OsImage image;

	if (fstat(fd, &status) < 0)
		return os_fail_errno(error, path);
	if (!look_at(os, fd, path, (guint64)status.st_size, &image, error)) {
		g_prefix_error(error, "image: ");
		return FALSE;
	}
	gboolean good = strcmp(image.format, "tar") == 0 ? os_image_unpack(os, fd, path, error)
							 : copy(os, disk, fd, path, &image, error);
	return good && check_unchanged(fd, path, &status, error);
}

gboolean os_image(Os *os, GError **error)
{
	const OsDisk *disk = os_disk_get_first(os, error);

	if (!disk)
		return FALSE;
	if (!*os_parameter_get(os->environment, "image"))
		return os_fail(error, TUNE_ERROR_INVALID,
			       "the OS parameter image says which file to install");
	int fd = os_source_open(os, "image", error);
	gboolean good = fd >= 0 && install(os, disk, fd, error);
	if (fd >= 0)
		close(fd);
	return good;
}
