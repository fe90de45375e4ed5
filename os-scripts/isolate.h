/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Namespaces for what mounts: when the process that Ganeti started is gone, however it ended, so is all that it
 * started, and with that its mounts and loop devices.
 */
#ifndef OS_ISOLATE_H
#define OS_ISOLATE_H

#include <libtune/tune.h>

/**
 * Go on in a child with mount and PID namespaces of its own; the process that called does not return, but ends as
 * the child does.  FALSE, in the process that called, when that is not permitted.
 */
gboolean os_isolate(GError **error);

#endif
