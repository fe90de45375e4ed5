/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/falloc.h>
#include <linux/fs.h>

#include "os-scripts/os.h"
#include "os-scripts/target.h"

#define SECTOR 512
/* Write-back starts after so many bytes, so that the last fsync(2) does not slow down the node's guests. */
#define WRITE_BACK (8 * 1024 * 1024)

struct Target {
	int fd;
	const char *name;
	guint64 size;
	guint64 next; /* all before it is written, or held */
	guint64 head; /* [0, head) and [tail, size) are held */
	guint64 tail;
	guint8 *held_head, *held_tail;
	guint zeroing;       /* the first way to make zeros that the disk has not refused */
	guint64 n_unwritten; /* bytes since write-back was started last */
};

/* cli, cld; each byte of the text to the screen (int 0x10) and the serial line (int 0x14); hlt for ever. */
static const guint8 boot_code[] = {
	0xfa, 0xfc, 0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x22, 0x7c, 0xac, 0x84, 0xc0,
	0x74, 0x11, 0x50, 0xb4, 0x0e, 0xbb, 0x07, 0x00, 0xcd, 0x10, 0x58, 0xb4,
	0x01, 0x31, 0xd2, 0xcd, 0x14, 0xeb, 0xea, 0xf4, 0xeb, 0xfd,
};
static const char boot_text[] = "\r\nThis disk is not complete: its import has failed.\r\n"
				"The reason is in Ganeti's os/import log on the node.\r\n";
G_STATIC_ASSERT(sizeof(boot_code) == 0x22); /* where the code looks for the text */
G_STATIC_ASSERT(sizeof(boot_code) + sizeof(boot_text) <= 440);

/* ---- bytes ---- */

gboolean target_is_zero(const guint8 *data, gsize size)
{
	return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

static gboolean write_at(Target *target, guint64 offset, const guint8 *data, gsize size,
			 GError **error)
{
	for (gsize done = 0; done < size;) {
		ssize_t n = pwrite(target->fd, data + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return os_fail_errno(error, target->name);
		done += (gsize)n;
	}
	target->n_unwritten += size;
	if (target->n_unwritten >= WRITE_BACK) {
		sync_file_range(target->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		target->n_unwritten = 0;
	}
	return TRUE;
}

static gboolean flush_disk(Target *target, GError **error)
{
	return fsync(target->fd) == 0 || os_fail_errno(error, target->name);
}

static gboolean write_zeros(Target *target, guint64 offset, guint64 size, GError **error)
{
	static const guint8 zeros[64 * 1024];

	while (size > 0) {
		gsize n = MIN(size, sizeof(zeros));
		if (!write_at(target, offset, zeros, n, error))
			return FALSE;
		offset += n;
		size -= n;
	}
	return TRUE;
}

/* A new volume may have the data of a removed one, so zeros have to be written; many disks can do that quickly. */
static gboolean make_zeros(Target *target, guint64 offset, guint64 size, GError **error)
{
	static const int ways[] = { FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE };

	for (; target->zeroing < G_N_ELEMENTS(ways); target->zeroing++)
		if (fallocate(target->fd, ways[target->zeroing], (off_t)offset, (off_t)size) == 0)
			return TRUE;
	return write_zeros(target, offset, size, error);
}

/* ---- beginning ---- */

gboolean target_measure(int fd, const char *name, guint64 *size, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return os_fail_errno(error, name);
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return os_fail(error, TUNE_ERROR_INVALID, "%s: neither a block device nor a file",
			       name);
	guint64 found = (guint64)status.st_size;
	if (S_ISBLK(status.st_mode) && ioctl(fd, BLKGETSIZE64, &found) < 0)
		return os_fail_errno(error, name);
	if (found < SECTOR)
		return os_fail(error, TUNE_ERROR_INVALID, "%s: is empty", name);
	*size = found;
	return TRUE;
}

static gboolean make_unusable(Target *target, GError **error)
{
	guint8 sector[SECTOR] = { 0 };

	memcpy(sector, boot_code, sizeof(boot_code));
	memcpy(sector + sizeof(boot_code), boot_text, sizeof(boot_text));
	sector[SECTOR - 2] = 0x55;
	sector[SECTOR - 1] = 0xaa;
	return write_at(target, 0, sector, SECTOR, error) &&
	       write_zeros(target, SECTOR, target->head - SECTOR, error) &&
	       write_zeros(target, target->tail, target->size - target->tail, error) &&
	       flush_disk(target, error);
}

Target *target_new(int fd, const char *name, GError **error)
{
	g_autoptr(Target) target = g_new0(Target, 1);

	target->fd = fd;
	target->name = name;
	if (!target_measure(fd, name, &target->size, error))
		return NULL;
	target->head = MIN(target->size, TARGET_HELD);
	target->tail = MAX(target->head, target->size - target->head);
	target->held_head = g_malloc0(target->head);
	target->held_tail = g_malloc0(target->size - target->tail);
	return make_unusable(target, error) ? g_steal_pointer(&target) : NULL;
}

void target_free(Target *target)
{
	if (!target)
		return;
	g_free(target->held_head);
	g_free(target->held_tail);
	g_free(target);
}

guint64 target_get_size(const Target *target)
{
	return target->size;
}

/* ---- filling ---- */

static gboolean clear_until(Target *target, guint64 end, GError **error)
{
	guint64 from = CLAMP(target->next, target->head, target->tail);
	guint64 to = CLAMP(end, target->head, target->tail);

	return from >= to || make_zeros(target, from, to - from, error);
}

/* The part of the data that lies in [@from, @to); FALSE when there is none. */
static gboolean intersect_range(guint64 offset, gsize size, guint64 from, guint64 to, gsize *skip,
				gsize *length)
{
	guint64 start = MAX(offset, from);
	guint64 end = MIN(offset + size, to);

	if (start >= end)
		return FALSE;
	*skip = (gsize)(start - offset);
	*length = (gsize)(end - start);
	return TRUE;
}

gboolean target_put(Target *target, guint64 offset, const guint8 *data, gsize size, GError **error)
{
	gsize skip, length;

	g_assert(offset >= target->next && size <= target->size && offset <= target->size - size);
	if (!clear_until(target, offset, error))
		return FALSE;
	if (intersect_range(offset, size, 0, target->head, &skip, &length))
		memcpy(target->held_head + offset + skip, data + skip, length);
	if (intersect_range(offset, size, target->tail, target->size, &skip, &length))
		memcpy(target->held_tail + (offset + skip - target->tail), data + skip, length);
	target->next = offset + size;
	return !intersect_range(offset, size, target->head, target->tail, &skip, &length) ||
	       write_at(target, offset + skip, data + skip, length, error);
}

/* The first MiB is written last, after fsync(2) has put all else on the disk. */
static gboolean write_held(Target *target, GError **error)
{
	return write_at(target, target->tail, target->held_tail, target->size - target->tail,
			error) &&
	       flush_disk(target, error) &&
	       write_at(target, 0, target->held_head, target->head, error) &&
	       flush_disk(target, error);
}

gboolean target_finish(Target *target, GError **error)
{
	if (clear_until(target, target->size, error) && write_held(target, error))
		return TRUE;
	/* Some writes may be lost, and nothing shows which. */
	make_unusable(target, NULL);
	return FALSE;
}
