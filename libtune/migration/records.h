/* SPDX-License-Identifier: BSD-2-Clause */
/* All published records, as one thing that can be sent to a node, and told from another such.  */
#ifndef TUNE_PROMISES_H
#define TUNE_PROMISES_H

#include <libtune/tune-migration.h>

/** One publishing at a time on the master, one storing on any node. */
#define TUNE_PROMISES_LOCK "run/ganeti-tune/records.lock"

/** Path of the record of @node below the root; free it. */
char *tune_promise_get_path(const char *node);

/**
 * tune_promises_pack: the text that tune_cpu_store_promises() takes; free it.  Records that cannot be read are
 * not in it.
 */
char *tune_promises_pack(TuneRoot *root);

/** tune_promises_digest: of such a text; two nodes with the same one hold the same records.  Free it. */
char *tune_promises_digest(const char *pack);

#endif
