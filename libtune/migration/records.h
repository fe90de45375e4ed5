/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All published records of a cluster as one text, a pack, that a node can be sent and that a digest identifies.
 * One record is read and written by libtune/cpu; who sends packs to whom, publish.c knows.
 */
#ifndef TUNE_RECORDS_H
#define TUNE_RECORDS_H

#include <libtune/tune-migration.h>

/** Taken by publishing on the master, and by storing on any node: one of them at a time. */
#define TUNE_RECORDS_LOCK "run/ganeti-tune/records.lock"

/** Path of the record of @node below the root; free it. */
char *tune_record_get_path(const char *node);

/**
 * tune_records_pack: the text that tune_cpu_store_records() takes; free it.  Records that cannot be read are
 * left out.
 */
char *tune_records_pack(TuneRoot *root);

/** tune_records_digest: a digest of such a text.  Nodes with the same digest have the same records.  Free it. */
char *tune_records_digest(const char *pack);

#endif
