/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ledger of a node: var/lib/ganeti-tune/ledger, a line for each migration that it has judged, fields with tabs
 * between: seconds since the epoch, verdict, instance, source, target, note.  How a migration is judged, proof.c knows.
 */
#ifndef TUNE_LEDGER_H
#define TUNE_LEDGER_H

#include <libtune/tune-migration.h>

/** tune_ledger_new: an array of TuneLedgerLine that owns them; unref it. */
GPtrArray *tune_ledger_new(void);

/** tune_ledger_add: append a line.  Of the oldest lines, half are dropped when there are too many. */
gboolean tune_ledger_add(TuneRoot *root, const TuneLedgerLine *line, GError **error);

#endif
