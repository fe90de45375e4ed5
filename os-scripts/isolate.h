/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Namespaces for what mounts: when the process that Ganeti started is gone, however it ended, so is all that it
 * started, and with that its mounts and loop devices.
 */
#ifndef OS_ISOLATE_H
#define OS_ISOLATE_H

#include <libtune/tune.h>

/**
 * Continues in a child with mount and PID namespaces of its own.  The calling process does not return, but ends as
 * the child does; when it may not make namespaces, it gets FALSE and an error.
 */
gboolean os_isolate(GError **error);

#endif
