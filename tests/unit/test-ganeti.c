/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/check.h"

#define HOST(name) "proc/sys/kernel/hostname = " name "\n"
#define NODES(list) "var/lib/ganeti/ssconf_node_list = " list "\n"

static void test_node_name(void)
{
	static const struct {
		const char *host;
		const char *name;
	} rows[] = {
		/* The kernel has the whole name. */
		{ HOST("node1.example.com") NODES("node1.example.com\\nnode2.example.com"),
		  "node1.example.com" },
		{ HOST("node9.example.com") NODES("node1.example.com"), "node9.example.com" },
		/* The kernel has its beginning. */
		{ HOST("node1") NODES("node1.example.com\\nnode2.example.com"),
		  "node1.example.com" },
		{ HOST("node2") NODES("node1.example.com\\nnode2.example.com"),
		  "node2.example.com" },
		{ HOST("node2") NODES("node20.example.com\\nnode2.example.com"),
		  "node2.example.com" },
		{ HOST("node2") NODES("node20.example.com\\nnode21.example.com"), "node2" },
		{ HOST("node1.a") NODES("node1.a.example.com\\nnode1.b.example.com"),
		  "node1.a.example.com" },
		/* A cluster of short names. */
		{ HOST("node1") NODES("node1\\nnode2"), "node1" },
		{ HOST("node1") NODES("node1.example.com\\nnode1"), "node1" },
		/* Two that begin so. */
		{ HOST("node1") NODES("node1.a.com\\nnode1.b.com"), "node1" },
		{ HOST("node1") NODES("node1.a.com\\nnode1.b.com\\nnode1.c.com"), "node1" },
		{ HOST("node1") NODES("node1.a.com\\nnode1.b.com\\nnode1"), "node1" },
		/* No cluster yet, or an empty one. */
		{ HOST("node1"), "node1" },
		{ HOST("node1") NODES(""), "node1" },
		{ HOST("node1") NODES("\\n\\nnode1.example.com\\n\\n"), "node1.example.com" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		g_autofree char *name = tune_ganeti_node_name(root, &error);
		CHECK_NO_ERROR(error);
		CHECK_TEXT(name, rows[i].name);
	}
}

static void test_no_host_name(void)
{
	static const char *const hosts[] = { NODES("node1"), HOST("") NODES("node1.example.com") };

	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		g_autoptr(TuneRoot) root = check_host(hosts[i]);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_PTR_NULL(tune_ganeti_node_name(root, &error));
		CHECK_HOLDS(error ? error->message : NULL, "proc/sys/kernel/hostname: ");
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "node name", test_node_name },
		{ "no host name", test_no_host_name },
		{ NULL, NULL },
	};

	return check_main("ganeti", checks);
}
