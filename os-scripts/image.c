/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/guest.h"
#include "os-scripts/image.h"
#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"
#include "os-scripts/variants.h"

/* As long as Ganeti waits for the whole of it. */
#define TIMEOUT_S (24 * 60 * 60)
#define PIECE (1024 * 1024)
#define MIB (1024 * 1024)

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

static gboolean copy(const Os *os, const OsDisk *disk, const char *path, const OsImage *image,
		     GError **error)
{
	const char *const argv[] = { "qemu-img", "convert", "-n", "-f",       image->format,
				     "-O",       "raw",     path, disk->path, NULL };

	if (!check_size(os, disk, path, image->size, error) || !os_disk_wipe(os, disk, error) ||
	    !os_command(os, argv, NULL, TIMEOUT_S, error))
		return FALSE;
	warn_of_misfit(os, disk);
	return (!os_parameter_is_yes(os->environment, "grow") || os_disk_grow(os, disk, error)) &&
	       os_guest_tune_disk(os, error);
}

/* ---- a tree of files ---- */

static gboolean extract(const Os *os, const char *path, const char *directory, GError **error)
{
	const char *const argv[] = { "tar",
				     "--extract",
				     "--numeric-owner",
				     "--xattrs",
				     "--xattrs-include=*",
				     "--acls",
				     "--file",
				     path,
				     "--directory",
				     directory,
				     NULL };

	return os_command(os, argv, NULL, TIMEOUT_S, error);
}

static gboolean complete(const Os *os, const OsVolume *volume, const char *uuid, GError **error)
{
	g_autoptr(TuneRoot) tree = tune_root_open(volume->directory, error);

	return tree && os_guest_write_fstab(os, tree, uuid, error);
}

static gboolean unpack(const Os *os, const OsDisk *disk, const char *path,
		       const OsImage *image G_GNUC_UNUSED, GError **error)
{
	g_autofree char *uuid = NULL;
	g_autoptr(OsVolume) volume = os_disk_format(os, disk, &uuid, error);

	if (!volume ||
	    !os_volume_mount(volume, os_parameter_get(os->environment, "filesystem"), 0, error))
		return FALSE;
	return extract(os, path, volume->directory, error) && complete(os, volume, uuid, error) &&
	       os_loader_install(os, disk, volume, uuid, error) &&
	       os_guest_tune(os, volume->directory, uuid, error) &&
	       os_volume_close(g_steal_pointer(&volume), error);
}

/* ---- which of them ---- */

static gboolean look_at(const Os *os, const char *path, OsImage *image, GError **error)
{
	guchar head[OS_IMAGE_HEAD];
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;

	gboolean good = n >= 0 && fstat(fd, &status) == 0;
	if (!good)
		os_fail_errno(error, path);
	good = good &&
	       os_image_recognise(head, (gsize)n, (guint64)status.st_size,
				  os_parameter_get(os->environment, "image-format"), image,
				  error) &&
	       check_sum(os, fd, path, error);
	if (fd >= 0)
		close(fd);
	return good;
}

gboolean os_image(Os *os, GError **error)
{
	const char *path = os_parameter_get(os->environment, "image");
	const OsDisk *disk = os_disk_get_first(os, error);
	OsImage image;

	if (!disk)
		return FALSE;
	if (!*path)
		return os_fail(error, TUNE_ERROR_INVALID,
			       "the OS parameter image says which file to install");
	if (!look_at(os, path, &image, error)) {
		g_prefix_error(error, "image: ");
		return FALSE;
	}
	return strcmp(image.format, "tar") == 0 ? unpack(os, disk, path, &image, error)
						: copy(os, disk, path, &image, error);
}
