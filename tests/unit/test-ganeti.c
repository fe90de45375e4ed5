/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/check.h"

#define HOST(name) "proc/sys/kernel/hostname = " name "\n"
#define NODES(list) "var/lib/ganeti/ssconf_node_list = " list "\n"

static void test_node_name(void)
{
	static const struct {
		const char *row;
		const char *host;
		const char *name;
	} rows[] = {
		/* The kernel knows the node's full name. */
		{ "whole name, in the list",
		  HOST("node1.example.com") NODES("node1.example.com\\nnode2.example.com"),
		  "node1.example.com" },
		{ "whole name, not in the list",
		  HOST("node9.example.com") NODES("node1.example.com"), "node9.example.com" },
		/* The kernel knows the first part of the name. */
		{ "short name of the first",
		  HOST("node1") NODES("node1.example.com\\nnode2.example.com"),
		  "node1.example.com" },
		{ "short name of the second",
		  HOST("node2") NODES("node1.example.com\\nnode2.example.com"),
		  "node2.example.com" },
		{ "one begins like it",
		  HOST("node2") NODES("node20.example.com\\nnode2.example.com"),
		  "node2.example.com" },
		{ "only others begin like it",
		  HOST("node2") NODES("node20.example.com\\nnode21.example.com"), "node2" },
		{ "name with a dot",
		  HOST("node1.a") NODES("node1.a.example.com\\nnode1.b.example.com"),
		  "node1.a.example.com" },
		/* A cluster of short names. */
		{ "cluster of short names", HOST("node1") NODES("node1\\nnode2"), "node1" },
		{ "short name beside a long one", HOST("node1") NODES("node1.example.com\\nnode1"),
		  "node1" },
		/* Several names begin with the kernel's: none is chosen. */
		{ "two that begin so", HOST("node1") NODES("node1.a.com\\nnode1.b.com"), "node1" },
		{ "three that begin so",
		  HOST("node1") NODES("node1.a.com\\nnode1.b.com\\nnode1.c.com"), "node1" },
		{ "two that begin so, beside the name itself",
		  HOST("node1") NODES("node1.a.com\\nnode1.b.com\\nnode1"), "node1" },
		/* No cluster yet, or an empty one. */
		{ "no cluster", HOST("node1"), "node1" },
		{ "empty cluster", HOST("node1") NODES(""), "node1" },
		{ "empty lines", HOST("node1") NODES("\\n\\nnode1.example.com\\n\\n"),
		  "node1.example.com" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].row);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		g_autofree char *name = tune_ganeti_node_name(root, &error);
		CHECK_NO_ERROR(error);
		CHECK_TEXT(name, rows[i].name);
	}
}

static void test_no_host_name(void)
{
	static const struct {
		const char *name;
		const char *host;
	} hosts[] = {
		{ "no name", NODES("node1") },
		{ "an empty name", HOST("") NODES("node1.example.com") },
	};

	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		check_row(hosts[i].name);
		g_autoptr(TuneRoot) root = check_host(hosts[i].host);
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
