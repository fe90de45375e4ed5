/* SPDX-License-Identifier: BSD-2-Clause */
#include "gnt-tune/cluster.h"
#include "gnt-tune/steps.h"

Cluster *cluster_load(const Options *options, GError **error)
{
	g_autoptr(Cluster) cluster = g_new0(Cluster, 1);

	if (!steps_load(options, &cluster->root, &cluster->policy, error) ||
	    !tune_cluster_check_master(cluster->root, error))
		return NULL;
	cluster->nodes = tune_cluster_list_nodes(cluster->root, error);
	if (!cluster->nodes)
		return NULL;
	cluster->instances = tune_cluster_list_instances(cluster->root, FALSE, error);
	return cluster->instances ? g_steal_pointer(&cluster) : NULL;
}

void cluster_free(Cluster *cluster)
{
	if (!cluster)
		return;
	g_clear_pointer(&cluster->nodes, g_ptr_array_unref);
	g_clear_pointer(&cluster->instances, g_ptr_array_unref);
	tune_policy_free(cluster->policy);
	tune_root_free(cluster->root);
	g_free(cluster);
}
