/* SPDX-License-Identifier: BSD-2-Clause */
/* What a migration has changed of the CPU that its guest sees; see tune-migration.h. */
#ifndef TUNE_PROOF_H
#define TUNE_PROOF_H

#include <libtune/tune-migration.h>

/**
 * tune_proof_compare: whether a guest that saw @before has lost nothing in @after; both are of running guests.
 *
 * By the rule of the gate: what it lets pass is no loss.  What one of the two does not tell is not compared.
 *
 * @waivers: set of (1 << TuneCpuClass)
 * @ret_note: what it has lost, or else how much it has gained; NULL for neither; free it
 */
TuneLedgerVerdict tune_proof_compare(const TuneCpu *before, const TuneCpu *after, guint waivers,
				     char **ret_note);

#endif
