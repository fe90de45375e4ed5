/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of cluster: one function for each, and what they look at. */
#ifndef GNT_TUNE_CLUSTER_H
#define GNT_TUNE_CLUSTER_H

#include "gnt-tune/verbs.h"

extern const Column cluster_check_columns[];
extern const Column cluster_verify_columns[];

Run run_cluster_check;
Run run_cluster_status;
Run run_cluster_verify;

/* Ten seconds are ssh's to connect, as Ganeti has it; the rest is for what a node is asked. */
#define CLUSTER_TIMEOUT_MS 20000

/** Arrays as tune_cluster_list_nodes() and tune_cluster_list_instances() give them. */
typedef struct {
	TuneRoot *root;
	TunePolicy *policy;
	GPtrArray *nodes;
	GPtrArray *instances;
} Cluster;

/** Fails everywhere but on the master. */
Cluster *cluster_load(const Options *options, GError **error);
void cluster_free(Cluster *cluster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cluster, cluster_free)

/** The verb @verb was called wrongly: EXIT_FAILED, with an error that says what it takes. */
int cluster_fail_usage(const char *verb, GError **error);

#endif
