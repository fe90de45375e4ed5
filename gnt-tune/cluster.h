/* SPDX-License-Identifier: BSD-2-Clause */
/* What the verbs of cluster need: the policy, the nodes and the instances, as the master knows them. */
#ifndef GNT_TUNE_CLUSTER_H
#define GNT_TUNE_CLUSTER_H

#include "gnt-tune/gnt-tune.h"

/** How long a node may take to answer: ten seconds for ssh to connect, as in Ganeti, and the rest for the answer. */
#define CLUSTER_TIMEOUT_MS 20000

/** Arrays as tune_cluster_list_nodes() and tune_cluster_list_instances() return them. */
typedef struct {
	TuneRoot *root;
	TunePolicy *policy;
	GPtrArray *nodes;
	GPtrArray *instances;
} Cluster;

/** Fails on any node but the master. */
Cluster *cluster_load(const Options *options, GError **error);
void cluster_free(Cluster *cluster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cluster, cluster_free)

#endif
