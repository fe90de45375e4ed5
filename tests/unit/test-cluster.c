/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/ganeti/lists.h>

#include "tests/unit/check.h"

#define HOST "proc/sys/kernel/hostname = node1.example.com\n"
#define NODE_LIST "var/lib/ganeti/ssconf_node_list = node1.example.com\\nnode2.example.com\n"
#define MASTER(name) "var/lib/ganeti/ssconf_master_node = " name "\n"

/* A command that prints @lines and writes its arguments to a file. */
#define LIST(program, lines)                                                                       \
	"usr/sbin/" program                                                                        \
	" ! for word; do echo \"$word\"; done >\"${0%/*}/said\"; printf '" lines "'\n"

static void test_master(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *message; /* NULL: it is the master */
		TuneErrorCode code;
	} rows[] = {
		{ "the master itself", HOST NODE_LIST MASTER("node1.example.com"), NULL, 0 },
		{ "another node is the master", HOST NODE_LIST MASTER("node2.example.com"),
		  "node1.example.com is not the master node: run it on node2.example.com",
		  TUNE_ERROR_INVALID },
		{ "a master of the short name", HOST NODE_LIST MASTER("node1"),
		  "not the master node", TUNE_ERROR_INVALID },
		{ "no master is known", HOST, "ssconf_master_node: ", TUNE_ERROR_ABSENT },
		{ "the host has no name", MASTER("node1.example.com"),
		  "hostname: ", TUNE_ERROR_ABSENT },
		{ "the kernel has the short name",
		  "proc/sys/kernel/hostname = node1\n" NODE_LIST MASTER("node1.example.com"), NULL,
		  0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_EQUAL(tune_cluster_check_master(root, &error), !rows[i].message);
		if (!rows[i].message) {
			CHECK_NO_ERROR(error);
			continue;
		}
		CHECK_HOLDS(error ? error->message : NULL, rows[i].message);
		CHECK_ERROR(error, rows[i].code);
	}
}

/* As Ganeti 3.0.2 printed them. */
static void test_nodes(void)
{
	g_autoptr(TuneRoot) root = check_host(
		LIST("gnt-node", "node1.lab.test|M|Y|N|N|Y|192.0.2.11|22||default\\n"
				 "node2.lab.test|D|N|N|Y|Y|198.51.100.12|2222|a:b,c.d|group 2|x\\n"
				 "node3.lab.test|O|N|Y|N|N|192.0.2.13|?||default\\n"));
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) nodes = tune_cluster_list_nodes(root, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(nodes->len, 3);
	const TuneNode *node = nodes->pdata[0];
	CHECK_TEXT(node->name, "node1.lab.test");
	CU_ASSERT(node->role == 'M' && node->is_master && node->is_vm_capable);
	CU_ASSERT(!node->is_offline && !node->is_drained && !node->tags[0]);
	CU_ASSERT_EQUAL(node->ssh_port, 22);
	node = nodes->pdata[1];
	CU_ASSERT(node->role == 'D' && node->is_drained && !node->is_master && !node->is_offline);
	CHECK_TEXT(node->secondary_ip, "198.51.100.12");
	CHECK_TEXT(node->group, "group 2|x");
	CHECK_TEXT(node->tags[0], "a:b");
	CHECK_TEXT(node->tags[1], "c.d");
	CHECK_TEXT(node->tags[2], NULL);
	CU_ASSERT_EQUAL(node->ssh_port, 2222);
	node = nodes->pdata[2];
	CU_ASSERT(node->role == 'O' && node->is_offline && !node->is_vm_capable);
	CU_ASSERT_EQUAL(node->ssh_port, 0);
}

static void check_instance(const TuneInstance *instance, const char *const *wanted)
{
	g_autofree char *secondaries = g_strjoinv(" ", instance->secondaries);
	g_autofree char *tags = g_strjoinv(" ", instance->tags);
	const char *const found[] = {
		instance->name,       instance->primary,       secondaries, instance->status,
		instance->hypervisor, instance->disk_template, tags,        instance->cpu_type
	};

	for (size_t i = 0; i < G_N_ELEMENTS(found); i++)
		CHECK_TEXT(found[i], wanted[i]);
}

static void test_instances(void)
{
	static const struct {
		const char *name;
		const char *line;
		const char *wanted[8];
	} rows[] = {
		{ "of files, up",
		  "inst1.lab.test|node1.lab.test||running|kvm|sharedfile||host,-arch-capabilities",
		  { "inst1.lab.test", "node1.lab.test", "", "running", "kvm", "sharedfile", "",
		    "host,-arch-capabilities" } },
		{ "of DRBD, down",
		  "inst2.lab.test|node2.lab.test|node1.lab.test,node3.lab.test|ADMIN_down|kvm|drbd|"
		  "a,b|",
		  { "inst2.lab.test", "node2.lab.test", "node1.lab.test node3.lab.test",
		    "ADMIN_down", "kvm", "drbd", "a b", "" } },
		{ "no answer, of Xen",
		  "inst3|node3|node1|?|xen-pvm|drbd||-",
		  { "inst3", "node3", "node1", NULL, "xen-pvm", "drbd", "", NULL } },
		{ "a vertical bar in cpu_type",
		  "inst4|node3||*|fake|file||a|b",
		  { "inst4", "node3", "", NULL, "fake", "file", "", "a|b" } },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *text = g_strdup_printf("usr/sbin/gnt-instance ! echo '%s'\n",
							rows[i].line);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) instances = tune_cluster_list_instances(root, TRUE, &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT_EQUAL_FATAL(instances->len, 1);
		check_instance(instances->pdata[0], rows[i].wanted);
	}
}

/* The state of instances needs an answer of each node, which can take long: it is asked only when wanted. */
static void test_live(void)
{
	static const char *const wanted[] = { "admin_state", "status" };

	for (gboolean is_live = FALSE; is_live <= TRUE; is_live++) {
		g_autofree char *directory = check_unroll_text(LIST("gnt-instance", ""));
		g_autofree char *path = g_build_filename(directory, "usr/sbin/said", NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneRoot) root = tune_root_open(directory, &error);
		g_autoptr(GPtrArray) none = tune_cluster_list_instances(root, is_live, &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT_EQUAL(none->len, 0);
		g_autofree char *said = NULL;
		g_file_get_contents(path, &said, NULL, NULL);
		CHECK_HOLDS(said, "list\n--no-headers\n--separator=|\n-o\n");
		CHECK_HOLDS(said, wanted[is_live]);
		CU_ASSERT_PTR_NULL(said ? strstr(said, wanted[!is_live]) : said);
	}
}

/* A line that cannot be read is an error, and not left out. */
static void test_bad(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *message;
		TuneErrorCode code;
	} rows[] = {
		{ "a field too few", LIST("gnt-node", "node1|M|Y|N|N|Y|192.0.2.11|22|\\n"),
		  "not a line of Ganeti's list: 'node1|M", TUNE_ERROR_INVALID },
		{ "no name", LIST("gnt-node", "|M|Y|N|N|Y|192.0.2.11|22||default\\n"),
		  "not a line of", TUNE_ERROR_INVALID },
		{ "a line of one word",
		  LIST("gnt-node", "node1|M|Y|N|N|Y|192.0.2.11|22||default\\nnode2\\n"), "'node2'",
		  TUNE_ERROR_INVALID },
		{ "no node", LIST("gnt-node", ""), "gnt-node list: no master among 0 nodes",
		  TUNE_ERROR_INVALID },
		{ "no master", LIST("gnt-node", "node1|C|N|N|N|Y|192.0.2.11|22||default\\n"),
		  "no master among 1 nodes", TUNE_ERROR_INVALID },
		{ "the command fails", "usr/sbin/gnt-node ! echo this is not the master; exit 1\n",
		  "gnt-node: failed with status 1", TUNE_ERROR_IO },
		{ "the command is missing", "usr/sbin/ /\n",
		  "gnt-node is not installed on this node", TUNE_ERROR_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_PTR_NULL(tune_cluster_list_nodes(root, &error));
		CHECK_HOLDS(error ? error->message : NULL, rows[i].message);
		CHECK_ERROR(error, rows[i].code);
	}
}

/* ---- migrations ---- */

static void test_targets(void)
{
	/* @flags: of the node: vm_capable, drained, offline; @why_not: the beginning of the reason */
	static const struct {
		const char *name;
		const char *hypervisor, *disk_template, *secondary;
		const char *node, *group, *flags;
		const char *why_not;
		gboolean is_target;
	} rows[] = {
		{ "another node of the group", "kvm", "rbd", NULL, "node2", "a", "v", NULL, TRUE },
		{ "a node of another group", "kvm", "rbd", NULL, "node2", "b", "v", NULL, FALSE },
		{ "its own node", "kvm", "rbd", NULL, "node1", "a", "v", "is its node already",
		  FALSE },
		{ "a node that is not vm_capable", "kvm", "rbd", NULL, "node2", "a", "",
		  "is not vm_capable", FALSE },
		{ "a drained node", "kvm", "rbd", NULL, "node2", "a", "vd", "is drained", FALSE },
		{ "an offline node", "kvm", "rbd", NULL, "node2", "a", "vo", "is offline", FALSE },
		{ "DRBD, and not its secondary", "kvm", "drbd", "node3", "node2", "a", "v",
		  "has no copy of its disks", FALSE },
		{ "DRBD, and its secondary in another group", "kvm", "drbd", "node2", "node2", "b",
		  "v", NULL, TRUE },
		{ "a disk without a copy", "kvm", "plain", NULL, "node2", "a", "v",
		  "is not migrated live", FALSE },
		{ "a hypervisor that does not migrate", "fake", "rbd", NULL, "node2", "a", "v",
		  "is not migrated live", FALSE },
	};
	const TuneNode source = { .name = (char *)"node1", .group = (char *)"a" };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		char *secondaries[] = { (char *)rows[i].secondary, NULL };
		const TuneNode node = { .name = (char *)rows[i].node,
					.group = (char *)rows[i].group,
					.is_vm_capable = strchr(rows[i].flags, 'v') != NULL,
					.is_drained = strchr(rows[i].flags, 'd') != NULL,
					.is_offline = strchr(rows[i].flags, 'o') != NULL };
		const TuneInstance instance = { .name = (char *)"inst1",
						.primary = (char *)"node1",
						.secondaries = secondaries,
						.hypervisor = (char *)rows[i].hypervisor,
						.disk_template = (char *)rows[i].disk_template };
		const char *why_not = tune_cluster_why_not(&instance, &node);
		CU_ASSERT_EQUAL(why_not == NULL, rows[i].why_not == NULL);
		if (rows[i].why_not)
			CHECK_HOLDS(why_not, rows[i].why_not);
		CU_ASSERT_EQUAL(tune_cluster_is_target(&instance, &source, &node),
				rows[i].is_target);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "the master node", test_master },
		{ "nodes", test_nodes },
		{ "instances", test_instances },
		{ "live or not", test_live },
		{ "bad answers", test_bad },
		{ "where Ganeti would migrate to", test_targets },
		{ NULL, NULL },
	};

	return check_main("cluster", checks);
}
