/* SPDX-License-Identifier: BSD-2-Clause */
/* What hooks on the master do about cpu_type. */
#ifndef HOOK_CPU_TYPE_H
#define HOOK_CPU_TYPE_H

#include "hooks/hook.h"

/**
 * Whether an instance has its cpu_type from the cluster, as far as can be told.
 *
 * Ganeti tells the value an instance has, and not where it is from.  So a choice that is the same as the
 * cluster's default is taken for the default, and so is qemu64 where that is what QEMU gives by itself.
 * What an OS definition's own defaults say is taken for a choice when it is not the cluster's.
 */
gboolean hook_is_default_cpu_type(const char *type, const char *of_cluster);

/**
 * Submit the change of @instance's cpu_type, or of the cluster's when that is NULL, from @have to @want, and
 * log it; when dry, say it only.  Nothing to do when they are equal.
 */
gboolean hook_set_cpu_type(Hook *hook, const char *instance, const char *have, const char *want,
			   GError **error);

/** On the master: give the new instance that the hook is about what @policy wants, unless it has a type of its own. */
gboolean hook_set_new_cpu_type(Hook *hook, const TunePolicy *policy, GError **error);

/** On the master, when @policy says so: make what it wants new guests to have the cluster's default. */
gboolean hook_set_cluster_default(Hook *hook, const TunePolicy *policy, GError **error);

#endif
