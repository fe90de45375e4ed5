/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a node's record was before: var/lib/ganeti-tune/history/NODE/TIME.yaml, each file a record as libtune/cpu writes
 * it, TIME in seconds since the epoch.  Every node has them, as every node has the records.
 */
#ifndef TUNE_HISTORY_H
#define TUNE_HISTORY_H

#include <libtune/tune-migration.h>

/** tune_record_is_same: whether two records differ in nothing but their time. */
gboolean tune_record_is_same(const TuneCpu *old, const TuneCpu *cpu);

/**
 * tune_record_replace: make @cpu the published record of its node.  @old, which it replaces, goes into the history when it
 * is not the same; of the history, the oldest ones are removed: TUNE_HISTORY_MOST stay.
 *
 * @old: NULL when there was none, or none that can be read
 *
 * Fails before the record is replaced when the old one cannot be kept.
 */
gboolean tune_record_replace(TuneRoot *root, const TuneCpu *old, const TuneCpu *cpu,
			     GError **error);

/**
 * tune_record_forget: remove the record of @node, which has left the cluster, and all earlier ones: another machine may get
 * its name.
 */
gboolean tune_record_forget(TuneRoot *root, const char *node, GError **error);

/**
 * tune_record_describe_change: what @cpu has gained and lost, then kernel, microcode and QEMU where they are others; free it.
 *
 * @old: NULL when there was none
 * Returns NULL when there is nothing to say.
 */
char *tune_record_describe_change(const TuneCpu *old, const TuneCpu *cpu);

#endif
