/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One end of the pipe that carries a stream, with the SHA-256 of all bytes that were written or taken.  Knows bytes,
 * not their meaning.
 */
#ifndef OS_WIRE_H
#define OS_WIRE_H

#include <libtune/tune.h>

#define WIRE_BUFFER (128 * 1024)
#define WIRE_DIGEST 32

typedef struct Wire Wire;

/** @fd stays the caller's. */
Wire *wire_new(int fd);
void wire_free(Wire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Wire, wire_free)

/** All of @data, or an error. */
gboolean wire_write(Wire *wire, const void *data, gsize size, GError **error);

/** Wait until @wanted bytes (at most WIRE_BUFFER) are in the buffer, or the stream has ended. */
gboolean wire_fill(Wire *wire, gsize wanted, GError **error);

/** The bytes in the buffer that were not taken yet.  None after wire_fill() means that the stream has ended. */
const guint8 *wire_look(const Wire *wire, gsize *n_bytes);

/** Remove the first @n_bytes of these from the buffer, and count them. */
void wire_take(Wire *wire, gsize n_bytes);

/** How many bytes have been written or taken. */
guint64 wire_count(const Wire *wire);

/** Their SHA-256. */
void wire_digest(Wire *wire, guint8 digest[WIRE_DIGEST]);

#endif
