/* SPDX-License-Identifier: BSD-2-Clause */
/* Which records of nodes are published here. */
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/node.h>
#include <libtune/base/root.h>

char **tune_cpu_list_promises(TuneRoot *root)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(root, TUNE_CPU_RECORDS "/*.yaml");
	GPtrArray *nodes = g_ptr_array_new();

	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *node = g_path_get_basename(paths->pdata[i]);
		node[strlen(node) - strlen(".yaml")] = '\0';
		if (tune_ganeti_check_name(node, NULL))
			g_ptr_array_add(nodes, g_steal_pointer(&node));
	}
	g_ptr_array_add(nodes, NULL);
	return (char **)g_ptr_array_free(nodes, FALSE);
}
