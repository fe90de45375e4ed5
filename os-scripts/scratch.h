/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory on the node for what a verb makes on its way. */
#ifndef OS_SCRATCH_H
#define OS_SCRATCH_H

#include "os-scripts/os.h"

/** @path: the directory, below /var/lib/ganeti-tune; other users can pass through it, and list nothing */
typedef struct {
	const Os *os;
	char *path;
	int lock;
} OsScratch;

/** Makes a new one, and removes those of processes that were killed. */
OsScratch *os_scratch_new(const Os *os, GError **error);

/** Makes a directory in it for user and group @owner, with @mode.  Returns its path, to free. */
char *os_scratch_make_directory(const OsScratch *scratch, const char *name, guint owner, guint mode,
				GError **error);

/** Makes a file without a name.  Returns a descriptor, to close, or -1. */
int os_scratch_make_file(const OsScratch *scratch, GError **error);

/** Removes it, with all that is in it. */
void os_scratch_free(OsScratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsScratch, os_scratch_free)

#endif
