/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an audit.  Each adds what it finds. */
#ifndef TUNE_AUDIT_H
#define TUNE_AUDIT_H

#include <libtune/cluster/findings.h>

/** Which running guests could go nowhere.  Asks them where records do not tell. */
gboolean tune_audit_moves(Audit *audit, GError **error);

/** What in the cluster's parameters is at odds with something else. */
void tune_audit_parameters(Audit *audit);

#endif
