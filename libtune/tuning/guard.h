/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change that could cut the node off from its peers: put back by a process of its own, unless the peers
 * are seen to follow in time.  That process outlives ours: kill -9 makes it put back what stood before.
 */
#ifndef TUNE_GUARD_H
#define TUNE_GUARD_H

#include <libtune/tuning/plan.h>

/** How long a change has to prove itself, where the policy does not say. */
#define TUNE_GUARD_S 20

typedef struct TuneGuard TuneGuard;

/**
 * tune_guard_arm: before the first of @steps, MTUs of interfaces, is written.
 *
 * From here on their present values return unless tune_guard_disarm() is called within plan->guard_s.
 * TUNE_ERROR_TIMEOUT when peers are known and none answers: nothing could be verified.
 */
TuneGuard *tune_guard_arm(const TunePlan *plan, const GPtrArray *steps, GError **error);

/**
 * tune_guard_verify: wait until every peer that answered before has taken, and sent, packets of exactly the
 * new size; where it was lowered, also until they send nothing larger.
 *
 * TUNE_ERROR_REFUSED with the names of those that do not.
 */
gboolean tune_guard_verify(TuneGuard *guard, GError **error);

/** The new values stay.  FALSE when it is too late. */
gboolean tune_guard_disarm(TuneGuard *guard, GError **error);

/** Names of peers that did not answer before and so were not asked, or NULL; borrowed. */
const char *tune_guard_get_silent(const TuneGuard *guard);

/** Unless disarmed, the old values are back once this returns. */
void tune_guard_free(TuneGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneGuard, tune_guard_free)

#endif
