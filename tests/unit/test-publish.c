/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cluster below a root: its ssh answers from a directory for each node, where the test says what gnt-tune
 * of that node answers, and where its input is kept.
 */
#include <string.h>

#include <glib/gstdio.h>

#include <libtune/migration/records.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define TIMEOUT_MS 20000
#define SHORT_MS 3000

/* The node is the word before the last one, behind "root@"; the last is the command. */
static const char ssh[] = "#!/bin/bash\n"
			  "node=${*: -2:1} command=${*: -1}\n"
			  "cd \"${0%/*}/../../nodes/${node#root@}\" || exit\n"
			  "echo \"$*\" >>called\n"
			  "if [ -e trouble ]; then . ./trouble; fi\n"
			  "case $command in\n"
			  "*store) cat >told ;;\n"
			  "*record) cat digest record ;;\n"
			  "*) cat digest ;;\n"
			  "esac\n";

static const char cluster[] = "proc/sys/kernel/hostname = node1\n"
			      "var/lib/ganeti/ssconf_node_list = node1\\nnode2\\nnode3\n"
			      "var/lib/ganeti/ssconf_master_node = node1\n"
			      "var/lib/ganeti/ssconf_cluster_name = cluster.example.com\n"
			      "var/lib/ganeti/ssconf_primary_ip_family = 2\n"
			      "usr/sbin/gnt-node ! cat \"${0%/*}/../../list\"\n";

/* A digest that no set of records has. */
static const char digest[] = "0000000000000000000000000000000000000000000000000000000000000000\n";

static void write_below(const char *directory, const char *path, const char *text)
{
	g_autofree char *whole = g_build_filename(directory, path, NULL);
	g_autofree char *parent = g_path_get_dirname(whole);
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(parent, 0755);
	g_file_set_contents(whole, text, -1, &error);
	CHECK_NO_ERROR(error);
}

static char *read_below(const char *directory, const char *path)
{
	g_autofree char *whole = g_build_filename(directory, path, NULL);
	char *text = NULL;

	g_file_get_contents(whole, &text, NULL, NULL);
	return text;
}

static char *make_yaml(const char *node, const char *changes, gint64 time)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, "GenuineIntel", changes);

	tune_cpu_set_node(cpu, node);
	tune_cpu_set_time(cpu, time);
	tune_cpu_set_qemu(cpu, strstr(changes, "pku") ? "8.0.0" : "7.2.0");
	return tune_cpu_to_yaml(cpu);
}

/* A node that answers well; @changes: how its CPU differs from that of the others. */
static void add_node(const char *directory, const char *node, const char *changes)
{
	g_autofree char *at = g_build_filename(directory, "nodes", node, NULL);
	g_autofree char *yaml = make_yaml(node, changes, 1700000000);

	write_below(at, "digest", digest);
	write_below(at, "record", yaml);
}

static void publish_old(const char *directory, const char *node, const char *changes)
{
	g_autofree char *path = g_strconcat(TUNE_CPU_RECORDS "/", node, ".yaml", NULL);
	g_autofree char *yaml = make_yaml(node, changes, 1600000000);

	write_below(directory, path, yaml);
}

/* node1 is the master; @flags of node2 are as gnt-node lists them: role, master, offline, drained, vm_capable. */
static char *make_cluster(const char *flags)
{
	char *directory = check_unroll_text(cluster);
	g_autofree char *program = g_build_filename(directory, "usr/bin/ssh", NULL);
	g_autofree char *list = g_strdup_printf("node1|M|Y|N|N|Y|192.0.2.1|22||default\n"
						"node2|%s|192.0.2.2|2222||default\n",
						flags);

	write_below(directory, "usr/bin/ssh", ssh);
	g_chmod(program, 0755);
	write_below(directory, "list", list);
	add_node(directory, "node1", "");
	return directory;
}

static TuneRoot *open_root(const char *directory)
{
	g_autoptr(GError) error = NULL;
	TuneRoot *root = tune_root_open(directory, &error);

	CHECK_NO_ERROR(error);
	return root;
}

static void check_result(const GPtrArray *results, guint i, const char *node,
			 TunePublishVerdict verdict, const char *note)
{
	const TunePublishResult *result = results->pdata[i];

	CHECK_TEXT(result->node, node);
	CHECK_TEXT(tune_publish_verdict_name(result->verdict), tune_publish_verdict_name(verdict));
	if (note)
		CHECK_HOLDS(result->note, note);
	else
		CHECK_TEXT(result->note, NULL);
}

#define ONLINE "C|N|N|N|Y"
#define OFFLINE "O|N|Y|N|Y"
#define NO_GUESTS "C|N|N|N|N"

/* The record of node2, which the table names by how its CPU differs. */
static const struct {
	const char *name;
	const char *flags;
	const char *old;     /* published before; NULL is none */
	const char *new;     /* what it answers */
	const char *trouble; /* what its ssh does first */
	TunePublishVerdict verdict;
	const char *note;
	const char *kept; /* what is published then; NULL is none */
} rows[] = {
	{ "first record", ONLINE, NULL, "", NULL, TUNE_PUBLISH_NEW, "QEMU 7.2.0", "" },
	{ "nothing new", ONLINE, "", "", NULL, TUNE_PUBLISH_UNCHANGED, NULL, "" },
	{ "features lost", ONLINE, "", "-rtm -hle", NULL, TUNE_PUBLISH_CHANGED, "lost hle rtm",
	  "-rtm -hle" },
	{ "a feature gained", ONLINE, "-rtm", "", NULL, TUNE_PUBLISH_CHANGED, "gained rtm", "" },
	{ "gained, lost, and another QEMU", ONLINE, "-rtm", "-pku", NULL, TUNE_PUBLISH_CHANGED,
	  "gained rtm; lost pku; QEMU 8.0.0, was 7.2.0", "-pku" },
	{ "offline", OFFLINE, "-rtm", "", "exit 255", TUNE_PUBLISH_OFFLINE,
	  "when it is back online", "-rtm" },
	{ "not vm_capable, no record", NO_GUESTS, NULL, "", NULL, TUNE_PUBLISH_UNCHANGED,
	  "is not vm_capable", NULL },
	{ "not vm_capable, an old record", NO_GUESTS, "-rtm", "", NULL, TUNE_PUBLISH_REMOVED,
	  "is not vm_capable", NULL },
	/* When anything fails, the old record stays. */
	{ "no route", ONLINE, "-rtm", "",
	  "echo ssh: connect to host: No route to host >&2; exit 255", TUNE_PUBLISH_FAILED,
	  "cannot be reached by ssh, see gnt-cluster verify: ssh: connect to host: No route to "
	  "host",
	  "-rtm" },
	{ "no gnt-tune there", ONLINE, "-rtm", "",
	  "echo bash: gnt-tune: command not found >&2; exit 127", TUNE_PUBLISH_FAILED,
	  "has no gnt-tune: install ganeti-tune there", "-rtm" },
	{ "another version there", ONLINE, "-rtm", "",
	  "echo \"gnt-tune: cpu has no verb 'digest'\" >&2; exit 2", TUNE_PUBLISH_FAILED,
	  "another version of ganeti-tune, update it: gnt-tune: cpu has no verb", "-rtm" },
	{ "gnt-tune fails there", ONLINE, NULL, "",
	  "cat digest; echo 'gnt-tune: dev/kvm: No such file' >&2; exit 1", TUNE_PUBLISH_FAILED,
	  "gnt-tune: dev/kvm: No such file", NULL },
	{ "ssh is killed", ONLINE, "-rtm", "", "kill -9 $$", TUNE_PUBLISH_FAILED, "ssh: failed",
	  "-rtm" },
	{ "no digest", ONLINE, "-rtm", "", "echo hello; exit 0", TUNE_PUBLISH_FAILED,
	  "gives no record", "-rtm" },
	{ "record cut short", ONLINE, "-rtm", "", "cat digest; head -c 300 record; exit 0",
	  TUNE_PUBLISH_FAILED,
	  "gives no record, is its ganeti-tune of this version? its answer:", "-rtm" },
	{ "record of another node", ONLINE, "-rtm", "",
	  "cat digest; sed s/node2/node1/ record; exit 0", TUNE_PUBLISH_FAILED,
	  "gives the record of node1", "-rtm" },
	{ "record of no node", ONLINE, "-rtm", "", "cat digest; grep -v ^node: record; exit 0",
	  TUNE_PUBLISH_FAILED, "gives the record of no node", "-rtm" },
	{ "the others' records are not taken", ONLINE, "", "-rtm",
	  "case $command in *store) echo disk full >&2; exit 1;; esac", TUNE_PUBLISH_FAILED,
	  "did not take the records of the others: disk full", "-rtm" },
	{ "not vm_capable, no digest", NO_GUESTS, NULL, "", "echo hello; exit 0",
	  TUNE_PUBLISH_FAILED, "gives no digest", NULL },
};

static void check_kept(TuneRoot *root, const char *changes)
{
	g_autoptr(TuneCpu) kept = tune_cpu_load_node_record(root, "node2", NULL);
	g_autoptr(TuneCpu) wanted = changes ? make_cpu(TUNE_CPU_KVM, "GenuineIntel", changes)
					    : NULL;

	CU_ASSERT_EQUAL(kept != NULL, wanted != NULL);
	if (kept && wanted)
		CU_ASSERT_EQUAL(memcmp(kept->words, wanted->words, sizeof(kept->words)), 0);
}

static void test_rows(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *directory = make_cluster(rows[i].flags);
		g_autoptr(TuneRoot) root = open_root(directory);
		g_autoptr(GError) error = NULL;
		add_node(directory, "node2", rows[i].new);
		if (rows[i].old)
			publish_old(directory, "node2", rows[i].old);
		if (rows[i].trouble)
			write_below(directory, "nodes/node2/trouble", rows[i].trouble);
		g_autoptr(GPtrArray) results = tune_cpu_publish(root, TIMEOUT_MS, &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT_EQUAL_FATAL(results->len, 2);
		check_result(results, 0, "node1", TUNE_PUBLISH_NEW, "QEMU 7.2.0");
		check_result(results, 1, "node2", rows[i].verdict, rows[i].note);
		check_kept(root, rows[i].kept);
	}
}

/* The options of ssh as in `gnt-cluster command`. */
static void test_ssh(void)
{
	static const char *const words[] = {
		"-oGlobalKnownHostsFile=/var/lib/ganeti/known_hosts",
		"-oUserKnownHostsFile=/dev/null",
		"-oBatchMode=yes",
		"-oStrictHostKeyChecking=yes",
		"-oForwardAgent=no",
		"-oForwardX11=no",
		"-oClearAllForwardings=yes",
		"-oPermitLocalCommand=no",
		"-oTunnel=no",
		"-oRequestTTY=no",
		"-oHostKeyAlias=cluster.example.com",
		" -4 ",
		"-oPort=2222 root@node2 gnt-tune cpu digest && gnt-tune cpu record\n",
		" root@node2 gnt-tune cpu store\n",
	};
	g_autofree char *directory = make_cluster(ONLINE);
	g_autoptr(TuneRoot) root = open_root(directory);

	add_node(directory, "node2", "");
	g_autoptr(GPtrArray) results = tune_cpu_publish(root, TIMEOUT_MS, NULL);
	CU_ASSERT_PTR_NOT_NULL(results);
	g_autofree char *called = read_below(directory, "nodes/node2/called");
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		CHECK_HOLDS(called, words[i]);
	g_autofree char *own = read_below(directory, "nodes/node1/called");
	CU_ASSERT_PTR_NULL(strstr(own, "store"));
}

/* node2 gets the records of the master, and only when it has others. */
static void test_told(void)
{
	g_autofree char *directory = make_cluster(ONLINE);
	g_autofree char *other = check_unroll_text("proc/ /\n");
	g_autoptr(TuneRoot) root = open_root(directory);
	g_autoptr(TuneRoot) node2 = open_root(other);
	g_autoptr(GError) error = NULL;

	add_node(directory, "node2", "-rtm");
	g_autoptr(GPtrArray) first = tune_cpu_publish(root, TIMEOUT_MS, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL(first);
	g_autofree char *told = read_below(directory, "nodes/node2/told");
	CU_ASSERT_PTR_NOT_NULL_FATAL(told);
	CU_ASSERT(tune_cpu_store_records(node2, told, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *of_master = tune_cpu_digest_records(root);
	g_autofree char *of_node2 = tune_cpu_digest_records(node2);
	CHECK_TEXT(of_node2, of_master);

	g_autofree char *line = g_strconcat(of_node2, "\n", NULL);
	write_below(directory, "nodes/node2/digest", line);
	write_below(directory, "nodes/node2/told", "nothing");
	g_autoptr(GPtrArray) second = tune_cpu_publish(root, TIMEOUT_MS, &error);
	CHECK_NO_ERROR(error);
	check_result(second, 1, "node2", TUNE_PUBLISH_UNCHANGED, NULL);
	g_autofree char *again = read_below(directory, "nodes/node2/told");
	CHECK_TEXT(again, "nothing");
}

static void test_strangers(void)
{
	g_autofree char *directory = make_cluster(ONLINE);
	g_autoptr(TuneRoot) root = open_root(directory);

	add_node(directory, "node2", "");
	publish_old(directory, "node2", "");
	publish_old(directory, "node3", "");
	write_below(directory, TUNE_CPU_RECORDS "/node4.yaml", "damaged");
	write_below(directory, TUNE_CPU_RECORDS "/notes", "of the administrator");
	g_autoptr(GPtrArray) results = tune_cpu_publish(root, TIMEOUT_MS, NULL);
	CU_ASSERT_EQUAL_FATAL(results->len, 4);
	check_result(results, 2, "node3", TUNE_PUBLISH_REMOVED, "not a node of the cluster");
	check_result(results, 3, "node4", TUNE_PUBLISH_REMOVED, "not a node of the cluster");
	g_auto(GStrv) left = tune_cpu_list_records(root);
	g_autofree char *names = g_strjoinv(" ", left);
	CHECK_TEXT(names, "node1 node2");
	g_autofree char *notes = read_below(directory, TUNE_CPU_RECORDS "/notes");
	CHECK_TEXT(notes, "of the administrator");
	g_autofree char *told = read_below(directory, "nodes/node2/told");
	CU_ASSERT_PTR_NULL(strstr(told, "node3"));
}

/* A node that hangs is given up at the deadline, and the others are published. */
static void test_hang(void)
{
	g_autofree char *directory = make_cluster(ONLINE);
	g_autoptr(TuneRoot) root = open_root(directory);

	add_node(directory, "node2", "");
	write_below(directory, "nodes/node2/trouble", "sleep 60");
	gint64 start = g_get_monotonic_time();
	g_autoptr(GPtrArray) results = tune_cpu_publish(root, SHORT_MS, NULL);
	CHECK_SOON(start);
	check_result(results, 0, "node1", TUNE_PUBLISH_NEW, "QEMU 7.2.0");
	check_result(results, 1, "node2", TUNE_PUBLISH_FAILED, "no answer within 3 s");
}

/* When publishing cannot begin, no record changes. */
static void test_nothing(void)
{
	static const struct {
		const char *name;
		const char *path;
		const char *text;
		const char *message;
		TuneErrorCode code;
	} faults[] = {
		{ "another node is the master", "var/lib/ganeti/ssconf_master_node", "node2\n",
		  "node1 is not the master node", TUNE_ERROR_INVALID },
		{ "a line that is no node", "list", "nonsense\n", "not a line of Ganeti's list",
		  TUNE_ERROR_INVALID },
		{ "the command fails", "usr/sbin/gnt-node", "#!/bin/sh\nexit 1\n",
		  "gnt-node: failed", TUNE_ERROR_IO },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
		check_row(faults[i].name);
		g_autofree char *directory = make_cluster(ONLINE);
		g_autoptr(TuneRoot) root = open_root(directory);
		g_autoptr(GError) error = NULL;
		g_autofree char *program = g_build_filename(directory, "usr/sbin/gnt-node", NULL);
		publish_old(directory, "node3", "");
		write_below(directory, faults[i].path, faults[i].text);
		g_chmod(program, 0755);
		g_autoptr(GPtrArray) results = tune_cpu_publish(root, TIMEOUT_MS, &error);
		CU_ASSERT_PTR_NULL(results);
		CHECK_HOLDS(error ? error->message : NULL, faults[i].message);
		CHECK_ERROR(error, faults[i].code);
		g_auto(GStrv) left = tune_cpu_list_records(root);
		CHECK_TEXT(left[0], "node3");
	}
}

/* ---- storing ---- */

static void test_store_bad(void)
{
	static const struct {
		const char *text; /* "%s" is a good record */
		const char *message;
		TuneErrorCode code;
	} packs[] = {
		{ "", "some records are missing in the input", TUNE_ERROR_INVALID },
		{ "...\n", "some records are missing in the input", TUNE_ERROR_INVALID },
		{ "---\n%s", "some records are missing in the input", TUNE_ERROR_INVALID },
		{ "---\n%s...", "some records are missing in the input", TUNE_ERROR_INVALID },
		{ "hello\n---\n%s...\n", "some records are missing in the input",
		  TUNE_ERROR_INVALID },
		{ "---\n%s---\nhello\n...\n", "record 2:", TUNE_ERROR_SYNTAX },
		{ "---\n%s---\n...\n", "record 2:", TUNE_ERROR_SYNTAX },
	};
	g_autofree char *yaml = make_yaml("node1", "", 1700000000);

	for (size_t i = 0; i < G_N_ELEMENTS(packs); i++) {
		check_row(packs[i].text);
		g_autoptr(TuneRoot) root = check_host("proc/ /\n");
		g_autoptr(GError) error = NULL;
		g_auto(GStrv) halves = g_strsplit(packs[i].text, "%s", 2);
		g_autofree char *text = g_strjoinv(yaml, halves);
		publish_old(tune_root_get_directory(root), "node3", "");
		CU_ASSERT_FALSE(tune_cpu_store_records(root, text, &error));
		CHECK_HOLDS(error ? error->message : NULL, packs[i].message);
		CHECK_ERROR(error, packs[i].code);
		g_auto(GStrv) left = tune_cpu_list_records(root);
		CHECK_TEXT(left[0], "node3");
		CHECK_TEXT(left[1], NULL);
	}
}

/* The name of a record cannot lead out of its directory. */
static void test_store_names(void)
{
	static const char *const names[] = { "../node1", "a/b", ".hidden", "" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		check_row(names[i]);
		g_autoptr(TuneRoot) root = check_host("proc/ /\n");
		g_autoptr(GError) error = NULL;
		g_autofree char *yaml = make_yaml(names[i], "", 1700000000);
		g_autofree char *text = g_strconcat("---\n", yaml, "...\n", NULL);
		CU_ASSERT_FALSE(tune_cpu_store_records(root, text, &error));
		CHECK_HOLDS(error ? error->message : NULL, "record 1: does not name its node");
		g_auto(GStrv) left = tune_cpu_list_records(root);
		CHECK_TEXT(left[0], NULL);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "one node in each state", test_rows },
		{ "how nodes are reached", test_ssh },
		{ "what nodes are sent", test_told },
		{ "nodes that have left", test_strangers },
		{ "a node that hangs", test_hang },
		{ "publishing that cannot begin", test_nothing },
		{ "store what is bad", test_store_bad },
		{ "store under bad names", test_store_names },
		{ NULL, NULL },
	};

	return check_main("publish", checks);
}
