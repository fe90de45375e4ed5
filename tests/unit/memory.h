/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks in memory, which are exported as streams and imported again. */
#ifndef TUNE_TEST_MEMORY_H
#define TUNE_TEST_MEMORY_H

#include "os-scripts/stream.h"

#define KIB 1024
#define MIB (1024 * 1024)

/** Runs of data: random, of one byte, or zeros that are allocated all the same. */
typedef struct {
	guint64 offset;
	gsize length;
	char kind;
} MemoryRun;

typedef struct {
	const char *name;
	gsize size;
	MemoryRun runs[6];
} MemoryDisk;

/** Of all shapes. */
extern const MemoryDisk memory_disks[11];
extern const Packing memory_packings[3];

/** File descriptors; close them. */
int memory_file(const void *data, gsize size);
int memory_disk(const MemoryDisk *disk);

/** One that is filled with what no test wants. */
int memory_garbage(gsize size);

GByteArray *memory_read(int fd);

/** Fails the test when that fails. */
GByteArray *memory_export(int disk, Packing packing);

gboolean memory_import(const void *stream, gsize size, int disk, StreamFigures *figures,
		       GError **error);

gboolean memory_is_filled(const guint8 *data, gsize size, guint8 byte);

/** @name is for the message. */
void memory_check_bytes(const GByteArray *found, const guint8 *wanted, gsize size,
			const char *name);

/** The first MiB says so and holds nothing else; the last holds nothing. */
gboolean memory_is_unusable(int disk);

#endif
