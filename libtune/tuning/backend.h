/* SPDX-License-Identifier: BSD-2-Clause */
/* Mechanisms that read and write values.  They know paths, but neither policies nor parameters. */
#ifndef TUNE_BACKEND_H
#define TUNE_BACKEND_H

#include <libtune/host/facts.h>

/**
 * @read: the text that is shown at @path; free it
 * @write: write one value; the caller reads it back
 * @check: FALSE with an error when a write would fail, found without a write; NULL: only a write tells
 * @list: the paths that match @pattern; NULL: they are files
 * @get_delay: when a value that reads back as wanted comes into force, static text; NULL: it is in force
 */
typedef struct TuneBackend {
	char *(*read)(TuneFacts *facts, const char *path, GError **error);
	gboolean (*write)(TuneFacts *facts, const char *path, const char *value, GError **error);
	gboolean (*check)(TuneFacts *facts, const char *path, GError **error);
	GPtrArray *(*list)(TuneFacts *facts, const char *pattern);
	const char *(*get_delay)(TuneFacts *facts, const char *path);
} TuneBackend;

/** The @read of backends whose values are shown by a file. */
char *tune_backend_read_file(TuneFacts *facts, const char *path, GError **error);

/** Values that are files: sysfs, procfs, sysctl, module parameters. */
extern const TuneBackend tune_backend_file;

/** MTU and length of the queue of an interface. */
extern const TuneBackend tune_backend_link;

/** Offload features and rings of an interface. */
extern const TuneBackend tune_backend_ethtool;

/** Whether @key ("feature/tso") is a name for several features of the kernel, or for one with another name there. */
gboolean tune_feature_is_group(const char *key);

/** Options of DRBD's minors and connections, through drbdsetup(8). */
extern const TuneBackend tune_backend_drbd;

#endif
