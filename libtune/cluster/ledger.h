/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledgers of all nodes as one.  A ledger itself: libtune/migration. */
#ifndef TUNE_CLUSTER_LEDGER_H
#define TUNE_CLUSTER_LEDGER_H

#include <libtune/tune-cluster.h>

/** What a node is asked for its ledger. */
#define TUNE_LEDGER_COMMAND "gnt-tune cpu ledger"

/** tune_ledger_since: lines that are older do not count: of 90 days ago, seconds since the epoch. */
gint64 tune_ledger_since(void);

/**
 * tune_ledger_merge: sort @lines, of TuneLedgerLine, by their times, and drop from several nodes' refusals of the same
 * migration all but the first.
 */
void tune_ledger_merge(GPtrArray *lines);

#endif
