/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One end of a pipe that a stream goes through: all bytes in order, none twice, with the SHA-256 of those
 * that have passed.  Knows bytes, not what they are.
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

/** Wait until @wanted bytes, WIRE_BUFFER at most, can be looked at, or all that there are. */
gboolean wire_fill(Wire *wire, gsize wanted, GError **error);

/** What has come and was not taken; none after wire_fill(): the stream has ended. */
const guint8 *wire_look(const Wire *wire, gsize *n_bytes);

/** The first @n_bytes of these have been used. */
void wire_take(Wire *wire, gsize n_bytes);

/** How many bytes have been written or taken. */
guint64 wire_count(const Wire *wire);

/** Their SHA-256. */
void wire_digest(Wire *wire, guint8 digest[WIRE_DIGEST]);

#endif
