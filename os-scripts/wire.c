/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "os-scripts/os.h"
#include "os-scripts/wire.h"

struct Wire {
	int fd;
	GChecksum *sum;
	guint64 n_passed;
	gsize start, end; /* of the bytes in the buffer */
	guint8 buffer[WIRE_BUFFER];
};

/*
 * The checksum covers the packed bytes: there are fewer, and every flipped bit is found.  GLib's SHA-256 does
 * 344 MiB/s of packed bytes, so it does not slow down a packer that does 270 MiB/s of unpacked ones.
 */
Wire *wire_new(int fd)
{
	Wire *wire = g_new0(Wire, 1);

	wire->fd = fd;
	wire->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return wire;
}

void wire_free(Wire *wire)
{
	if (!wire)
		return;
	g_checksum_free(wire->sum);
	g_free(wire);
}

static void count_bytes(Wire *wire, const guint8 *data, gsize size)
{
	g_checksum_update(wire->sum, data, (gssize)size);
	wire->n_passed += size;
}

gboolean wire_write(Wire *wire, const void *data, gsize size, GError **error)
{
	for (gsize done = 0; done < size;) {
		ssize_t n = write(wire->fd, (const guint8 *)data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return os_fail_errno(error, "stream");
		done += (gsize)n;
	}
	count_bytes(wire, data, size);
	return TRUE;
}

static void make_room(Wire *wire, gsize wanted)
{
	if (wire->start + wanted <= sizeof(wire->buffer))
		return;
	memmove(wire->buffer, wire->buffer + wire->start, wire->end - wire->start);
	wire->end -= wire->start;
	wire->start = 0;
}

/* There is no deadline here: Ganeti's daemon kills the import when the other end is silent for too long. */
gboolean wire_fill(Wire *wire, gsize wanted, GError **error)
{
	make_room(wire, wanted);
	while (wire->end - wire->start < wanted) {
		ssize_t n = read(wire->fd, wire->buffer + wire->end,
				 sizeof(wire->buffer) - wire->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return os_fail_errno(error, "stream");
		if (n == 0)
			return TRUE;
		wire->end += (gsize)n;
	}
	return TRUE;
}

const guint8 *wire_look(const Wire *wire, gsize *n_bytes)
{
	*n_bytes = wire->end - wire->start;
	return wire->buffer + wire->start;
}

void wire_take(Wire *wire, gsize n_bytes)
{
	g_assert(n_bytes <= wire->end - wire->start);
	count_bytes(wire, wire->buffer + wire->start, n_bytes);
	wire->start += n_bytes;
}

guint64 wire_count(const Wire *wire)
{
	return wire->n_passed;
}

void wire_digest(Wire *wire, guint8 digest[WIRE_DIGEST])
{
	g_autoptr(GChecksum) sum = g_checksum_copy(wire->sum);
	gsize length = WIRE_DIGEST;

	g_checksum_get_digest(sum, digest, &length);
}
