/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of cluster: a function for each, and the fields of its output. */
#ifndef GNT_TUNE_CMD_CLUSTER_H
#define GNT_TUNE_CMD_CLUSTER_H

#include "gnt-tune/table.h"

extern const Column cluster_admit_columns[];
extern const Column cluster_check_columns[];
extern const Column cluster_ledger_columns[];
extern const Column cluster_pending_columns[];
extern const Column cluster_upgrade_columns[];
extern const Column cluster_verify_columns[];

Run run_cluster_admit;
Run run_cluster_check;
Run run_cluster_ledger;
Run run_cluster_pending;
Run run_cluster_status;
Run run_cluster_upgrade;
Run run_cluster_verify;

#endif
