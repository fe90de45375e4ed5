/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/image.h"
#include "os-scripts/os.h"

/* clang-format off */
/* A compressed file is taken for a tar, since images of disks are kept as qcow2. */
static const struct {
	const char *format;
	gsize offset;
	gsize length;
	const char *magic;
} magics[] = {
	{ "qcow2", 0,   4, "QFI\xfb" },
	{ "tar",   257, 5, "ustar" },
	{ "tar",   0,   2, "\x1f\x8b" },                 /* gzip */
	{ "tar",   0,   6, "\xfd" "7zXZ" },              /* xz, with its zero */
	{ "tar",   0,   4, "\x28\xb5\x2f\xfd" },         /* zstd */
	{ "tar",   0,   3, "BZh" },                      /* bzip2 */
};
/* clang-format on */

/* Fields of qcow2: docs/interop/qcow2.txt of QEMU, "Header"; big-endian. */
#define BACKING_FILE 8
#define VIRTUAL_SIZE 24
#define INCOMPATIBLE 72
#define EXTERNAL_DATA (1u << 2)
#define HEADER_SIZE 80

static const char *find_format(const guchar *head, gsize n)
{
	for (guint i = 0; i < G_N_ELEMENTS(magics); i++)
		if (n >= magics[i].offset + magics[i].length &&
		    memcmp(head + magics[i].offset, magics[i].magic, magics[i].length) == 0)
			return magics[i].format;
	return "raw";
}

static guint64 get_number(const guchar *head, gsize offset)
{
	guint64 number;

	memcpy(&number, head + offset, sizeof(number));
	return GUINT64_FROM_BE(number);
}

/* Version 2 has no features, so the bytes in their place mean something else. */
static gboolean check_qcow2(const guchar *head, gsize n, GError **error)
{
	if (n < HEADER_SIZE)
		return os_fail(error, TUNE_ERROR_INVALID, "its header is cut short");
	if (get_number(head, BACKING_FILE))
		return os_fail(error, TUNE_ERROR_REFUSED,
			       "it has a backing file: qemu-img convert makes it whole");
	if (head[7] >= 3 && get_number(head, INCOMPATIBLE) & EXTERNAL_DATA)
		return os_fail(error, TUNE_ERROR_REFUSED,
			       "its data is in another file: qemu-img convert makes it whole");
	return TRUE;
}

gboolean os_image_recognise(const guchar *head, gsize n, guint64 size, const char *wanted,
			    OsImage *ret_image, GError **error)
{
	const char *found = find_format(head, n);
	gboolean is_any = strcmp(wanted, "auto") == 0;

	if (!n)
		return os_fail(error, TUNE_ERROR_INVALID, "the file is empty");
	/* Any file can be a raw image. */
	if (!is_any && strcmp(wanted, "raw") == 0)
		found = "raw";
	else if (!is_any && strcmp(wanted, found) != 0)
		return os_fail(error, TUNE_ERROR_INVALID, "the file is %s, not %s", found, wanted);
	gboolean is_qcow2 = strcmp(found, "qcow2") == 0;
	if (is_qcow2 && !check_qcow2(head, n, error))
		return FALSE;
	ret_image->format = found;
	ret_image->size = is_qcow2                    ? get_number(head, VIRTUAL_SIZE)
			  : strcmp(found, "tar") == 0 ? 0
						      : size;
	return TRUE;
}
