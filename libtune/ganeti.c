/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/error.h>
#include <libtune/root.h>
#include <libtune/tune.h>

#define NODE_LIST "var/lib/ganeti/ssconf_node_list"
#define HOST_NAME "proc/sys/kernel/hostname"

static gboolean is_short_for(const char *host, const char *node)
{
	size_t length = strlen(host);

	return strncmp(host, node, length) == 0 && node[length] == '.';
}

/* Two nodes with one short name (node1.a, node1.b) cannot be told apart by it. */
static char *find_node(const char *host, const char *list)
{
	g_auto(GStrv) nodes = g_strsplit(list, "\n", -1);
	const char *found = NULL;

	for (char **node = nodes; *node; node++) {
		if (strcmp(host, *node) == 0)
			return g_strdup(host);
		if (!is_short_for(host, *node))
			continue;
		if (found)
			return g_strdup(host);
		found = *node;
	}
	return g_strdup(found ? found : host);
}

char *tune_ganeti_node_name(TuneRoot *root, GError **error)
{
	g_autofree char *host = tune_root_read(root, HOST_NAME, error);

	if (!host)
		return NULL;
	g_autofree char *list = tune_root_read(root, NODE_LIST, NULL);
	return list ? find_node(host, list) : g_steal_pointer(&host);
}
