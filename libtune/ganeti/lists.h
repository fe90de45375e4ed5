/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes and instances, from Ganeti's commands; tune-ganeti.h has the public part.
 * Nothing here takes one of Ganeti's locks or waits for a job.
 * Sources: Ganeti, gnt-node(8) and gnt-instance(8) "list".
 */
#ifndef TUNE_CLUSTER_H
#define TUNE_CLUSTER_H

#include <libtune/tune-ganeti.h>

/**
 * tune_cluster_list_parameters: the hypervisor parameters @names (a NULL ends them) of all instances, asked of
 * gnt-instance; array of GStrv, the name of the instance and then a value for each, "-" where it has none; unref it.
 *
 * Only the last of them may have values with "|".
 */
GPtrArray *tune_cluster_list_parameters(TuneRoot *root, const char *const *names, GError **error);

/** Whether Ganeti can migrate @instance at all, by its hypervisor and disk template. */
gboolean tune_cluster_can_migrate(const TuneInstance *instance);

/** Why Ganeti itself would not migrate @instance to @target: static text that continues "TARGET ...".  NULL: it would. */
const char *tune_cluster_why_not(const TuneInstance *instance, const TuneNode *target);

/** Whether Ganeti would choose @target itself: with DRBD the secondary, else a node in the group of @source. */
gboolean tune_cluster_is_target(const TuneInstance *instance, const TuneNode *source,
				const TuneNode *target);

#endif
