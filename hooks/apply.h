/* SPDX-License-Identifier: BSD-2-Clause */
/* How hooks change a node: carry out a plan within the hook's deadline, log it, and report what is not as wanted. */
#ifndef HOOK_APPLY_H
#define HOOK_APPLY_H

#include "hooks/hook.h"

/**
 * Apply @plan and log what was changed; in a dry run, print what would be changed.  The error names what is then not
 * as @policy wants it.
 */
gboolean hook_apply(Hook *hook, const TunePolicy *policy, TunePlan *plan, GError **error);

/**
 * Apply what @policy wants of disks, and of the DRBD minors of the instance that the hook is about.
 *
 * Ganeti names the volumes below these minors, except for a new instance.  Then all minors of the node are tuned;
 * the result is the same, since only what differs is written.
 */
gboolean hook_apply_devices(Hook *hook, const TunePolicy *policy, GError **error);

#endif
