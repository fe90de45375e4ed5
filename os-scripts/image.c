/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/disk.h"
#include "os-scripts/guest.h"
#include "os-scripts/image.h"
#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"
#include "os-scripts/source.h"
#include "os-scripts/variants.h"

/* As long as Ganeti waits for the whole script. */
#define TIMEOUT_S (24 * 60 * 60)
#define PIECE (1024 * 1024)
#define MIB (1024 * 1024)

/*
 * Limits of qemu-img: anybody may have made the image, and a crafted one should cost no more than a good one, which takes
 * a few seconds for each GiB.
 */
#define QEMU_IMG_MEMORY (1024 * MIB)
#define QEMU_IMG_CPU_S 300
#define QEMU_IMG_MIB_PER_CPU_S 8

/* Bytes of a tar that even a machine without KVM unpacks in a second. */
#define UNPACKED_PER_S (256 * 1024)

/* A command opens its standard input anew, from the beginning; by a path it could get another file. */
#define STANDARD_INPUT "/proc/self/fd/0"

/* ---- the sum ---- */

static char *compute_sum(int fd, const char *path, GError **error)
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
	g_autofree char *sum = compute_sum(fd, path, error);
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

/* With these QEMU opens no backing file, whatever the header says by now. */
#define SOURCE_FILE "\"file\": {\"driver\": \"file\", \"filename\": \"" STANDARD_INPUT "\"}}"
#define SOURCE_QCOW2 "json:{\"driver\": \"qcow2\", \"backing\": null, " SOURCE_FILE
#define SOURCE_RAW "json:{\"driver\": \"raw\", " SOURCE_FILE

static gboolean convert_image(const Os *os, const OsDisk *disk, int fd, const OsImage *image,
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

/* Grows and tunes the copy, in one virtual machine. */
static gboolean adapt_copy(const Os *os, const OsDisk *disk, GError **error)
{
	if (!os_guest_may_open(os)) {
		os_say(os, "disk %u: neither grown nor tuned: tuning=none", disk->index);
		return TRUE;
	}
	g_autoptr(OsMachine) machine = os_disk_start_machine(os, disk, 0, error);
	if (!machine)
		return FALSE;
	os_disk_report_misfit(os, disk, machine);
	return (!os_parameter_is_yes(os->environment, "grow") ||
		os_disk_grow(os, disk, machine, error)) &&
	       os_guest_tune_disk(os, machine, error) &&
	       os_machine_close(g_steal_pointer(&machine), error);
}

static gboolean copy_image(const Os *os, const OsDisk *disk, int fd, const char *path,
			   const OsImage *image, GError **error)
{
	return check_size(os, disk, path, image->size, error) && os_disk_wipe(disk, error) &&
	       convert_image(os, disk, fd, image, error) && adapt_copy(os, disk, error);
}

/* ---- a tree of files ---- */

/* libguestfs's name of the compression; NULL for a tar that is not compressed. */
static const char *find_compression(int fd)
{
	/* clang-format off */
	static const struct {
		const char *name;
		gsize length;
		const char *magic;
	} magics[] = {
		{ "gzip",  2, "\x1f\x8b" },
		{ "xz",    6, "\xfd" "7zXZ" },
		{ "zstd",  4, "\x28\xb5\x2f\xfd" },
		{ "bzip2", 3, "BZh" },
	};
	/* clang-format on */
	char head[6] = { 0 };

	if (pread(fd, head, sizeof(head), 0) < 0)
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(magics); i++)
		if (memcmp(head, magics[i].magic, magics[i].length) == 0)
			return magics[i].name;
	return NULL;
}

/* Unpacks it inside the virtual machine, where its links, device nodes and programs are harmless. */
static gboolean extract_tar(OsMachine *machine, int fd, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	const char *compression = find_compression(fd);
	struct guestfs_tar_in_opts_argv options = {
		.bitmask = GUESTFS_TAR_IN_OPTS_XATTRS_BITMASK | GUESTFS_TAR_IN_OPTS_ACLS_BITMASK |
			   GUESTFS_TAR_IN_OPTS_SELINUX_BITMASK,
		.xattrs = 1,
		.acls = 1,
		.selinux = 1,
		.compress = compression,
	};

	if (compression)
		options.bitmask |= GUESTFS_TAR_IN_OPTS_COMPRESS_BITMASK;
	return guestfs_tar_in_opts_argv(machine->guestfs, path, "/", &options) == 0 ||
	       os_machine_fail(machine, "unpacking it", error);
}

static gboolean fill_file_system(const Os *os, OsMachine *machine, int fd, const char *uuid,
				 GError **error)
{
	g_autoptr(OsGuest) guest = os_guest_new(machine, uuid);

	return extract_tar(machine, fd, error) && os_guest_write_fstab(os, guest, error) &&
	       os_loader_install(os, machine, guest, error) && os_guest_tune(os, guest, error);
}

gboolean os_image_unpack(const Os *os, int fd, const char *name, GError **error)
{
	g_autofree char *uuid = NULL;
	struct stat status;
	const OsDisk *disk = os_disk_get_first(os, error);

	if (!disk || !os_disk_wipe(disk, error))
		return FALSE;
	if (fstat(fd, &status) < 0)
		return os_fail_errno(error, name);
	g_autoptr(OsMachine) machine = os_disk_start_machine(
		os, disk, (guint)(status.st_size / UNPACKED_PER_S), error);
	if (!machine || !os_disk_format(os, disk, machine, &uuid, error))
		return FALSE;
	if (!fill_file_system(os, machine, fd, uuid, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	return os_machine_close(g_steal_pointer(&machine), error);
}

/* ---- the file ---- */

static gboolean check_image(const Os *os, int fd, const char *path, guint64 size, OsImage *image,
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

/* When the file was written to after its checksum was made, something else was installed. */
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

static gboolean install_image(const Os *os, const OsDisk *disk, int fd, GError **error)
{
	const char *path = os_parameter_get(os->environment, "image");
	struct stat status;
	OsImage image;

	if (fstat(fd, &status) < 0)
		return os_fail_errno(error, path);
	if (!check_image(os, fd, path, (guint64)status.st_size, &image, error)) {
		g_prefix_error(error, "image: ");
		return FALSE;
	}
	gboolean good = strcmp(image.format, "tar") == 0
				? os_image_unpack(os, fd, path, error)
				: copy_image(os, disk, fd, path, &image, error);
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
	gboolean good = fd >= 0 && install_image(os, disk, fd, error);
	if (fd >= 0)
		close(fd);
	return good;
}
