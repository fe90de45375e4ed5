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

/** Whether Ganeti can migrate such a guest at all, by its hypervisor and where its disks are. */
gboolean tune_cluster_can_migrate(const TuneInstance *instance);

/** Why Ganeti itself would not migrate @instance to @target, as a predicate; static text.  NULL: it would. */
const char *tune_cluster_why_not(const TuneInstance *instance, const TuneNode *target);

/** Whether it would choose @target by itself: that of DRBD, else one of the group of @source. */
gboolean tune_cluster_is_target(const TuneInstance *instance, const TuneNode *source,
				const TuneNode *target);

#endif
