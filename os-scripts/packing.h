/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How what goes through a wire is packed: not at all, as gzip, as zstd.  Knows bytes, not what they are.  Both
 * packers have a checksum of the unpacked bytes of their own, which the unpacker holds them against.
 */
#ifndef OS_PACKING_H
#define OS_PACKING_H

#include "os-scripts/wire.h"

/** The numbers stand in streams. */
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

/** Write what the packer has kept to itself; without it, the stream is not whole. */
gboolean packer_end(Packer *packer, GError **error);

Unpacker *unpacker_new(Packing packing, Wire *wire);
void unpacker_free(Unpacker *unpacker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unpacker, unpacker_free)

/** Unpack @size bytes; fewer only where the packed bytes, or the wire when they are not packed, end. */
gboolean unpacker_read(Unpacker *unpacker, void *data, gsize size, gsize *n_bytes, GError **error);

/** After the end: go on with what the wire has more.  Some programs write gzip in several members. */
void unpacker_restart(Unpacker *unpacker);

#endif
