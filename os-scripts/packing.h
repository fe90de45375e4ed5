/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packs the bytes of a wire: not at all, with gzip or with zstd.  Knows bytes, not their meaning.  gzip and zstd add a
 * checksum of the unpacked bytes, which the unpacker checks.
 */
#ifndef OS_PACKING_H
#define OS_PACKING_H

#include "os-scripts/wire.h"

/** These numbers are in streams, so they never change. */
typedef enum {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_ZSTD,
} Packing;

/** FALSE when there is no packing of that name, or number. */
gboolean packing_find(const char *name, Packing *packing);
gboolean packing_is_known(guint32 number);

typedef struct Packer Packer;
typedef struct Unpacker Unpacker;

Packer *packer_new(Packing packing, Wire *wire);
void packer_free(Packer *packer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Packer, packer_free)

gboolean packer_write(Packer *packer, const void *data, gsize size, GError **error);

/** Write what the packer has kept in memory; without it, the stream is not complete. */
gboolean packer_end(Packer *packer, GError **error);

Unpacker *unpacker_new(Packing packing, Wire *wire);
void unpacker_free(Unpacker *unpacker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unpacker, unpacker_free)

/** Unpack @size bytes; fewer only at the end of the packed data, or at the end of the wire when nothing is packed. */
gboolean unpacker_read(Unpacker *unpacker, void *data, gsize size, gsize *n_bytes, GError **error);

/** Go on behind the end of the packed data: some programs write gzip in several members. */
void unpacker_restart(Unpacker *unpacker);

#endif
