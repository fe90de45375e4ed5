/* SPDX-License-Identifier: BSD-2-Clause */
/* The last line of a verb that fails. */
#include "os-scripts/os.h"

char *os_describe_failure(const Os *os, const char *reason)
{
	g_autofree char *node = os->root ? tune_ganeti_node_name(os->root, NULL) : NULL;
	const char *instance = os->environment ? os->environment->instance : NULL;
	g_autofree char *line = g_strdup(reason);

	os_clean(line);
	return g_strdup_printf("tune: %s: %s%s%s failed: %s\n", node ? node : g_get_host_name(),
			       instance ? instance : "", instance ? ": " : "", os->verb, line);
}
