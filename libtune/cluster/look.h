/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks all nodes for their running guests, and each of these guests for what it sees. */
#ifndef TUNE_LOOK_H
#define TUNE_LOOK_H

#include <libtune/tune-cluster.h>

/**
 * What one node has said.
 *
 * @guests: array of TuneRunningGuest; NULL: it has not said
 * @record: its published one, or NULL
 * @images: of TuneCpu, by the names of their instances; @faults: why there is none, texts
 */
typedef struct {
	const TuneNode *node;
	char *reason;
	TuneCpu *record;
	GPtrArray *guests;
	GHashTable *images;
	GHashTable *faults;
} NodeAnswer;

/**
 * tune_look_at_guests: ask all of @nodes at once; array of NodeAnswer in their order, unref it.
 *
 * @nodes, @instances: as tune_cluster_list_nodes() and tune_cluster_list_instances(); @timeout_ms: for each node
 */
GPtrArray *tune_look_at_guests(TuneRoot *root, const GPtrArray *nodes, const GPtrArray *instances,
			       guint timeout_ms, GError **error);

/** The answer of @node, or NULL. */
const NodeAnswer *tune_look_find_answer(const GPtrArray *answers, const char *node);

/** The guest of @instance among those that run there, or NULL; @answer has guests. */
const TuneRunningGuest *tune_look_find_guest(const NodeAnswer *answer, const char *instance);

#endif
