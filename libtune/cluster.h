/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cluster as Ganeti tells it, beyond what tune.h has.  Nothing here takes a lock or waits for a job.
 * Sources: Ganeti, gnt-node(8) and gnt-instance(8) "list"; lib/ssconf.py for the files.
 */
#ifndef TUNE_CLUSTER_H
#define TUNE_CLUSTER_H

#include <libtune/tune.h>

/**
 * tune_cluster_read: one of the files that Ganeti keeps on every node, e.g. "cluster_name"; free it.
 *
 * They follow a change of the configuration within seconds.  TUNE_ERROR_ABSENT on what is no node yet.
 */
char *tune_cluster_read(TuneRoot *root, const char *key, GError **error);

#endif
