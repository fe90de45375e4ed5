/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hooks on the master do with the CPU records of the cluster. */
#ifndef HOOK_PUBLISH_H
#define HOOK_PUBLISH_H

#include "hooks/hook.h"

/**
 * Collect the records of all nodes, and send them to all.  Only on the master; elsewhere nothing is done.
 *
 * Goes on in the background when it takes longer than a hook may.  FALSE with an error that names the nodes
 * which failed so far, and why.
 */
gboolean hook_publish(Hook *hook, GError **error);

#endif
