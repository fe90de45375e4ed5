/* SPDX-License-Identifier: BSD-2-Clause */
/* What hooks that change a node do. */
#ifndef HOOK_APPLY_H
#define HOOK_APPLY_H

#include "hooks/hook.h"

/** Carry out @plan and log it; when dry, say it only.  Fails with what is not as @policy wants it then. */
gboolean hook_apply(Hook *hook, const TunePolicy *policy, TunePlan *plan, GError **error);

/**
 * Carry out what @policy wants of disks, and of the DRBD minors of the instance that the hook is about.
 *
 * Which these are, Ganeti tells by their volumes, but not when the instance is new: then all minors of the node
 * are meant, which comes to the same, as only what differs is written.
 */
gboolean hook_apply_devices(Hook *hook, const TunePolicy *policy, GError **error);

#endif
