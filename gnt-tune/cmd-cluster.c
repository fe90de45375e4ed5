/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster: the table of its verbs. */
#include "gnt-tune/cmd-cluster.h"
#include "gnt-tune/commands.h"

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
	{ "ledger",        run_cluster_ledger, "",                   cluster_ledger_columns,
	  OPTIONS_NODE | OPTIONS_TABLE | OPTION_VERBOSE,
	  "Show which migrations have cost their guests features" },
	{ "pending",       run_cluster_pending, "",                  cluster_pending_columns,
	  OPTIONS_NODE | OPTIONS_TABLE,
	  "Show which guests wait for a restart, and what it would change" },
	{ "upgrade",       run_cluster_upgrade, "",                  cluster_upgrade_columns,
	  OPTIONS_NODE | OPTIONS_TABLE | OPTION_LIKE | OPTION_RECORD,
	  "Plan an upgrade: which nodes first, what becomes of guests" },
	{ "admit",         run_cluster_admit,   "FILE",              cluster_admit_columns,
	  OPTIONS_NODE | OPTIONS_TABLE | OPTIONS_IMAGE,
	  "Say whether guests could move to and from a new machine" },
};
/* clang-format on */

const Verbs cluster_verbs = { "cluster", verbs, G_N_ELEMENTS(verbs), NULL };

int run_cluster(const Options *options, char **arguments, GError **error)
{
	return verbs_run(&cluster_verbs, options, arguments, error);
}
