/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of an audit share: the data about the cluster that they read, and the findings that they add. */
#ifndef TUNE_FINDINGS_H
#define TUNE_FINDINGS_H

#include <libtune/tune-cluster.h>

/**
 * @records: for each of @nodes its published record, or NULL
 * @reports: in the order of @nodes
 */
typedef struct {
	TuneRoot *root;
	const TunePolicy *policy;
	const GPtrArray *nodes;
	const GPtrArray *reports;
	const GPtrArray *instances;
	guint timeout_ms;
	GPtrArray *records;
	GPtrArray *findings;
} Audit;

/** An array of TuneFinding that owns them; unref it. */
GPtrArray *tune_findings_new(void);

/** Add a finding.  @fix: what to do; NULL when the text tells it already */
void tune_audit_report(Audit *audit, const char *node, const char *object, const char *fix,
		       const char *format, ...) G_GNUC_PRINTF(5, 6);

/** Its place among the nodes; FALSE when it is none. */
gboolean tune_audit_find_node(const Audit *audit, const char *name, guint *ret_index);

/** The guest of @instance, where it runs as the configuration has it, or NULL. */
const TuneRunningGuest *tune_audit_find_guest(const Audit *audit, const TuneInstance *instance);

#endif
