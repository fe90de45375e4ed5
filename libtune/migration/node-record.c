/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that holds the record of a node. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/node.h>
#include <libtune/migration/records.h>

#define SUFFIX ".yaml"

char *tune_record_get_path(const char *node)
{
	return g_strconcat(TUNE_CPU_RECORDS "/", node, SUFFIX, NULL);
}

char **tune_cpu_list_records(TuneRoot *root)
{
	/* A dangling link is listed, too: it is a record that cannot be read, and not a missing one. */
	g_autoptr(GPtrArray) names = tune_root_list(root, TUNE_CPU_RECORDS, NULL);
	GPtrArray *nodes = g_ptr_array_new();

	for (guint i = 0; names && i < names->len; i++) {
		const char *name = names->pdata[i];
		if (!g_str_has_suffix(name, SUFFIX))
			continue;
		g_autofree char *node = g_strndup(name, strlen(name) - strlen(SUFFIX));
		if (tune_ganeti_check_name(node, NULL))
			g_ptr_array_add(nodes, g_steal_pointer(&node));
	}
	g_ptr_array_add(nodes, NULL);
	return (char **)g_ptr_array_free(nodes, FALSE);
}

TuneCpu *tune_cpu_load_node_record(TuneRoot *root, const char *node, GError **error)
{
	/* Nodes are called by the same rules as instances, and neither may lead out of the directory. */
	if (!tune_ganeti_check_name(node, NULL)) {
		g_autofree char *clean = tune_error_clean(node);
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "'%s' cannot be the name of a node", clean);
	}
	g_autofree char *path = g_strdup_printf("/" TUNE_CPU_RECORDS "/%s" SUFFIX, node);
	g_autoptr(GError) local = NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_load_record(root, path, &local);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return tune_fail_null(error, TUNE_ERROR_ABSENT,
				      "no CPU record of %s here, see gnt-tune cpu publish", node);
	if (!cpu) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (g_strcmp0(tune_cpu_get_node(cpu), node) != 0)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: is the record of %s", path,
				      tune_cpu_get_node(cpu) ? tune_cpu_get_node(cpu) : "no node");
	return g_steal_pointer(&cpu);
}
