/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/base/root.h>

#define HOST_NAME "proc/sys/kernel/hostname"
#define LONGEST_NAME 255
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* ---- names ---- */

static gboolean is_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= LONGEST_NAME && name[0] != '.' && !strstr(name, "..") &&
	       strspn(name, NAME_LETTERS) == length;
}

gboolean tune_ganeti_check_name(const char *name, GError **error)
{
	if (is_name(name))
		return TRUE;
	g_autofree char *clean = tune_error_clean(name);
	return tune_fail(error, TUNE_ERROR_INVALID, "'%s' cannot be the name of an instance",
			 clean);
}

/* The full name of @host; but @host when two nodes have that short name (node1.a, node1.b). */
static char *find_node(const char *host, const char *list)
{
	g_auto(GStrv) nodes = g_strsplit(list, "\n", -1);
	size_t length = strlen(host);
	const char *found = NULL;

	for (char **node = nodes; *node; node++) {
		if (strcmp(host, *node) == 0)
			return g_strdup(host);
		if (strncmp(host, *node, length) != 0 || (*node)[length] != '.')
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
	if (!*host)
		return tune_fail_null(error, TUNE_ERROR_INVALID, HOST_NAME ": is empty");
	g_autofree char *list = tune_cluster_read(root, "node_list", NULL);
	return list ? find_node(host, list) : g_steal_pointer(&host);
}

/* ---- addresses ---- */

/* Files have lines "NODE ADDRESS".  While a node joins, only the variable of the hook has its address. */
static const struct {
	const char *file;
	const char *variable;
} networks[] = {
	[TUNE_NETWORK_PRIMARY] = { "node_primary_ips", "GANETI_NODE_PIP" },
	[TUNE_NETWORK_REPLICATION] = { "node_secondary_ips", "GANETI_NODE_SIP" },
};

static gboolean split_line(const char *line, char **ret_node, const char **ret_address)
{
	const char *blank = strchr(line, ' ');

	if (!blank || blank == line || !blank[1])
		return FALSE;
	*ret_node = g_strndup(line, (gsize)(blank - line));
	*ret_address = blank + 1;
	return TRUE;
}

char *tune_ganeti_get_address_of(TuneRoot *root, const char *own, TuneNetwork network)
{
	g_auto(GStrv) lines = tune_cluster_read_lines(root, networks[network].file);

	for (char **line = lines; *line; line++) {
		g_autofree char *node = NULL;
		const char *address;
		if (split_line(*line, &node, &address) && strcmp(node, own) == 0)
			return g_strdup(address);
	}
	if (g_strcmp0(g_getenv("GANETI_NODE_NAME"), own) == 0)
		return g_strdup(g_getenv(networks[network].variable));
	return NULL;
}

char *tune_ganeti_get_address(TuneRoot *root, TuneNetwork network)
{
	g_autofree char *own = tune_ganeti_node_name(root, NULL);

	return own ? tune_ganeti_get_address_of(root, own, network) : NULL;
}

static void peer_free(gpointer data)
{
	TunePeer *peer = data;

	g_free(peer->node);
	g_free(peer->address);
	g_free(peer);
}

GPtrArray *tune_ganeti_list_peers(TuneRoot *root, TuneNetwork network)
{
	g_autofree char *own = tune_ganeti_node_name(root, NULL);
	g_auto(GStrv) lines = tune_cluster_read_lines(root, networks[network].file);
	g_auto(GStrv) offline = tune_cluster_read_lines(root, "offline_nodes");

	if (!*lines)
		return NULL;
	GPtrArray *peers = g_ptr_array_new_with_free_func(peer_free);
	for (char **line = lines; *line; line++) {
		g_autofree char *node = NULL;
		const char *address;
		if (!split_line(*line, &node, &address) || g_strcmp0(node, own) == 0 ||
		    g_strv_contains((const char *const *)offline, node))
			continue;
		TunePeer *peer = g_new(TunePeer, 1);
		*peer = (TunePeer){ g_steal_pointer(&node), g_strdup(address) };
		g_ptr_array_add(peers, peer);
	}
	return peers;
}
