/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of MTUs that could cut the node off from its peers.  A separate process puts the old values back, unless the
 * peers answer packets of the new size in time.  It survives our own process: even after kill -9 it restores them.
 */
#ifndef TUNE_GUARD_H
#define TUNE_GUARD_H

#include <libtune/tuning/plan.h>

/** Seconds until the old values are put back, unless the policy sets links-deadline. */
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
 * tune_guard_verify: wait until every peer that answered before has answered packets of exactly the new size,
 * unfragmented; after the MTU was lowered, also until it fragments larger ones.
 *
 * TUNE_ERROR_REFUSED names the peers that do not.
 */
gboolean tune_guard_verify(TuneGuard *guard, GError **error);

/** Keep the new values.  FALSE when it is too late. */
gboolean tune_guard_disarm(TuneGuard *guard, GError **error);

/** Names of peers that did not answer before the change, and do not count; or NULL; borrowed. */
const char *tune_guard_get_silent(const TuneGuard *guard);

/** Unless disarmed, the old values are back once this returns. */
void tune_guard_free(TuneGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneGuard, tune_guard_free)

#endif
