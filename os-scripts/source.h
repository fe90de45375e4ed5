/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the node that an OS parameter names: users who may give parameters must not read any file of the node by them. */
#ifndef OS_SOURCE_H
#define OS_SOURCE_H

#include "os-scripts/os.h"

/**
 * Opens the file that the OS parameter @name names, for reading.
 *
 * Returns a descriptor, to close, of a regular file in one of the directories that the node's policy lists (guests:
 * images), or -1 with an error that names the parameter.  Read all from the descriptor: another file may have the name
 * by then.
 */
int os_source_open(const Os *os, const char *name, GError **error);

/** The whole text of such a file, up to 64 KiB, to free; NULL with an error. */
char *os_source_read(const Os *os, const char *name, GError **error);

#endif
