/* SPDX-License-Identifier: BSD-2-Clause */
/* One mechanism to read and write one value.  Knows no policy and no parameter. */
#ifndef TUNE_BACKEND_H
#define TUNE_BACKEND_H

#include <libtune/host/facts.h>

/**
 * @read: what is shown at @path, newly allocated
 * @write: one value; what became of it is found by reading again
 * @check: FALSE with an error when a write is known to be in vain, without trying; NULL: only a write tells
 * @list: paths of what @pattern stands for; NULL: they are files
 * @get_delay: when a value that reads back well will be in force; NULL: it is (static text)
 */
typedef struct TuneBackend {
	char *(*read)(TuneFacts *facts, const char *path, GError **error);
	gboolean (*write)(TuneFacts *facts, const char *path, const char *value, GError **error);
	gboolean (*check)(TuneFacts *facts, const char *path, GError **error);
	GPtrArray *(*list)(TuneFacts *facts, const char *pattern);
	const char *(*get_delay)(TuneFacts *facts, const char *path);
} TuneBackend;

/** The @read of what is a file. */
char *tune_backend_read_file(TuneFacts *facts, const char *path, GError **error);

/** sysfs, procfs, sysctl and module parameters: all are a file. */
extern const TuneBackend tune_backend_file;

/** MTU and length of the queue of an interface. */
extern const TuneBackend tune_backend_link;

/** Offload features and rings of an interface. */
extern const TuneBackend tune_backend_ethtool;

/** Whether @key ("feature/tso") stands for several features of the kernel, or for one that it calls otherwise. */
gboolean tune_feature_is_group(const char *key);

/** Options of DRBD's minors and connections, through drbdsetup(8). */
extern const TuneBackend tune_backend_drbd;

#endif
