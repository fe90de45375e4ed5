/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an audit, each of which adds its findings.  Findings themselves: findings.h. */
#ifndef TUNE_AUDIT_H
#define TUNE_AUDIT_H

#include <libtune/cluster/findings.h>

/** Report running guests that no node could take.  Asks for the CPUs of those of which the records are not enough. */
gboolean tune_audit_moves(Audit *audit, GError **error);

/** Report guests that have lost features in a migration, and run on without them. */
void tune_audit_ledger(Audit *audit);

/** Report parameters of the cluster that contradict each other, the nodes or the policy. */
void tune_audit_parameters(Audit *audit);

#endif
