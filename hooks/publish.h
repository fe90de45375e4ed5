/* SPDX-License-Identifier: BSD-2-Clause */
/* How hooks on the master publish the CPU records of the cluster, in a process that may outlive the hook. */
#ifndef HOOK_PUBLISH_H
#define HOOK_PUBLISH_H

#include "hooks/hook.h"

/**
 * Collect the records of all nodes, and send them to all nodes.  Only on the master; elsewhere it does nothing.
 *
 * Goes on in the background when it takes longer than the hook can wait.  The error names the nodes that have
 * failed so far, and why.
 */
gboolean hook_publish(Hook *hook, GError **error);

#endif
