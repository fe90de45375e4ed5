/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster: its verbs, for the master. */
#include "gnt-tune/cluster.h"
#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

/* clang-format off */
static const Verb verbs[] = {
	{ "verify",        run_cluster_verify, "",                   cluster_verify_columns,
	  OPTIONS_NODE | OPTIONS_TABLE,
	  "Say what is not as it should be, on which node" },
	{ "status",        run_cluster_status, "",                   table_fact_columns,
	  OPTIONS_NODE | OPTIONS_TABLE,
	  "Show all nodes on one screen" },
	{ "check-migrate", run_cluster_check,  "INSTANCE [NODE...]", cluster_check_columns,
	  OPTIONS_NODE | OPTIONS_TABLE,
	  "Say whether a guest could be migrated, and do not" },
};
/* clang-format on */

const Verbs cluster_verbs = { "cluster", verbs, G_N_ELEMENTS(verbs), NULL };

int cluster_fail_usage(const char *verb, GError **error)
{
	return verbs_fail_usage(&cluster_verbs, verb, error);
}

int run_cluster(const Options *options, char **arguments, GError **error)
{
	return verbs_run(&cluster_verbs, options, arguments, error);
}

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
