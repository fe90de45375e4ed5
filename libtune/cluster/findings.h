/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of an audit share: what is known of the cluster, and what was found. */
#ifndef TUNE_FINDINGS_H
#define TUNE_FINDINGS_H

#include <libtune/tune-cluster.h>

/**
 * @promises: for each of @nodes its published record, or NULL
 * @reports: in the order of @nodes
 */
typedef struct {
	TuneRoot *root;
	const TunePolicy *policy;
	const GPtrArray *nodes;
	const GPtrArray *reports;
	const GPtrArray *instances;
	guint timeout_ms;
	GPtrArray *promises;
	GPtrArray *findings;
} Audit;

/** An array of TuneFinding that owns them; unref it. */
GPtrArray *tune_findings_new(void);

/** @way_out: NULL where the finding has it in its words */
void tune_audit_find(Audit *audit, const char *node, const char *object, const char *way_out,
		     const char *format, ...) G_GNUC_PRINTF(5, 6);

/** Its place among the nodes; FALSE when it is none. */
gboolean tune_audit_find_node(const Audit *audit, const char *name, guint *ret_index);

/** The guest of @instance, where it runs as the configuration has it, or NULL. */
const TuneRunningGuest *tune_audit_find_guest(const Audit *audit, const TuneInstance *instance);

#endif
