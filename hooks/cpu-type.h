/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How hooks on the master set cpu_type, of a new guest or of the cluster.  Which type the policy means, libtune knows;
 * here is whether an administrator has chosen one, which stays.
 */
#ifndef HOOK_CPU_TYPE_H
#define HOOK_CPU_TYPE_H

#include "hooks/hook.h"

/**
 * Submit a job that changes the cpu_type of @instance, or of the cluster when that is NULL, from @have to @want,
 * and log it; in a dry run, print it only.  Does nothing when they are equal.
 */
gboolean hook_set_cpu_type(Hook *hook, const char *instance, const char *have, const char *want,
			   GError **error);

/** On the master: give the new instance that the hook is about the type of @policy, unless one was chosen for it. */
gboolean hook_set_new_cpu_type(Hook *hook, const TunePolicy *policy, GError **error);

/** On the master, when @policy has cluster-default: make its type for new guests the cluster's default. */
gboolean hook_set_cluster_default(Hook *hook, const TunePolicy *policy, GError **error);

#endif
