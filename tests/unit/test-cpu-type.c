/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/migration/cpu-type.h>
#include <libtune/base/root.h>
#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define POLICY(type) "etc/ganeti/tune.yaml = cpu: {type: '" type "'}\n"
#define HVPARAMS "var/lib/ganeti/ssconf_hvparams_kvm = "
#define RECORD(node) TUNE_CPU_RECORDS "/" node ".yaml"

/* A command that prints its arguments on one line. */
#define SAYS_IT(program) "usr/sbin/" program " ! printf '[%s]' \"$@\" >\"${0%/*}/said\"\n"

static char *get_type(TuneRoot *root, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(root, NULL, error);

	return policy ? tune_cpu_type_of_policy(root, policy, NULL, error) : NULL;
}

static void test_of_policy(void)
{
	static const struct {
		const char *name;
		const char *policy;
		const char *type;
	} rows[] = {
		{ "no policy", "etc/ /\n", NULL },
		{ "type: keep", POLICY("keep"), NULL },
		{ "type: host", POLICY("host"), "host" },
		{ "host without a feature", POLICY("host,-rtm"), "host,-rtm" },
		{ "a named model", POLICY("Westmere"), "Westmere" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].policy);
		g_autoptr(GError) error = NULL;
		g_autofree char *type = get_type(root, &error);
		CHECK_NO_ERROR(error);
		CHECK_TEXT(type, rows[i].type);
	}
}

/* ---- the baseline ---- */

/* @lacking: NULL, or a name that the QEMU of the node does not know. */
static void publish_without(TuneRoot *root, const char *node, const char *changes,
			    const char *lacking)
{
	g_autofree char *path = g_strdup_printf(RECORD("%s"), node);
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, changes);
	g_autoptr(GError) error = NULL;

	tune_cpu_set_node(cpu, node);
	tune_cpu_set_qemu(cpu, "7.2.22");
	set_all_names(cpu);
	if (lacking) {
		g_auto(GStrv) pieces = g_strsplit(cpu->texts[TUNE_CPU_PROPERTIES], lacking, -1);
		g_autofree char *names = g_strjoinv("no-such-name", pieces);
		tune_cpu_set_text(cpu, TUNE_CPU_PROPERTIES, names);
	}
	CU_ASSERT(tune_cpu_save_record(cpu, root, path, &error));
	CHECK_NO_ERROR(error);
}

static void publish(TuneRoot *root, const char *node, const char *changes)
{
	publish_without(root, node, changes, NULL);
}

static void test_baseline(void)
{
	g_autoptr(TuneRoot) root = check_host(POLICY("baseline"));
	g_autoptr(GError) error = NULL;

	publish(root, "node1.example.com", "");
	publish(root, "node2.example.com", "");
	g_autofree char *same = get_type(root, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(same, "host");
	publish(root, "node2.example.com", "-rtm -hle");
	g_autofree char *less = get_type(root, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(less, "host,-hle,-rtm");
}

static void test_no_baseline(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *message;
		TuneErrorCode code;
	} rows[] = {
		{ "no records", "", "no CPU to make a baseline of", TUNE_ERROR_INVALID },
		{ "a file that is no record", TUNE_CPU_RECORDS "/x = no record",
		  "no CPU to make a baseline of", TUNE_ERROR_INVALID },
		{ "record cut short", RECORD("node9") " = format: 1",
		  "the record of node9: ", TUNE_ERROR_SYNTAX },
		{ "record that is a directory", RECORD("node9") "/ /",
		  "the record of node9: ", TUNE_ERROR_IO },
		{ "record that is a dangling link", RECORD("node9") " -> none",
		  "the record of node9: ", TUNE_ERROR_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *text = g_strconcat(POLICY("baseline"), rows[i].host, "\n", NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autoptr(GError) error = NULL;
		if (strstr(rows[i].host, "node9"))
			publish(root, "node1.example.com", "");
		g_autofree char *type = get_type(root, &error);
		CHECK_TEXT(type, NULL);
		CHECK_HOLDS(error ? error->message : NULL, "cpu.type baseline is not known: ");
		CHECK_HOLDS(error ? error->message : NULL, rows[i].message);
		CHECK_ERROR(error, rows[i].code);
	}
}

/* A type that switches off a feature by a name that a node's QEMU does not know would not start there. */
static void test_unknown_name(void)
{
	g_autoptr(TuneRoot) root = check_host(POLICY("baseline"));
	g_autoptr(GError) error = NULL;

	publish(root, "node1.example.com", "");
	publish_without(root, "node2.example.com", "-rtm -hle", " rtm ");
	g_autofree char *type = get_type(root, &error);
	CHECK_TEXT(type, NULL);
	CHECK_HOLDS(error ? error->message : NULL,
		    "host,-hle,-rtm: QEMU 7.2.22 of node2.example.com knows no CPU feature 'rtm'");
}

/* QEMU starts without a feature that it cannot give, so a type that the site has chosen is checked on all nodes. */
static void test_given(void)
{
	static const struct {
		const char *type;
		const char *changes;
		const char *message;
	} rows[] = {
		{ "host,+pcid", "+pcid", NULL },
		{ "host,+pcid", "-pcid", "node2 cannot give 'pcid'" },
		{ "host,pcid=on", "-pcid", "node2 cannot give 'pcid'" },
		{ "host,pcid=off", "-pcid", NULL },
		{ "host,-pcid", "-pcid", NULL },
		{ "host,+x2apic", "-x2apic", NULL },
		/* No guest has it by default, so a node's lack of it counts only here. */
		{ "host,+invtsc", "+invtsc", NULL },
		{ "host,+invtsc", "-invtsc", "node2 cannot give 'invtsc'" },
		/* It tells of a weakness. */
		{ "host,+rsba", "-rsba", NULL },
		{ "host,hv_relaxed=on", "", NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s on '%s'", rows[i].type, rows[i].changes);
		g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, rows[i].changes);
		g_autoptr(GError) error = NULL;
		tune_cpu_set_node(cpu, "node2");
		set_all_names(cpu);
		CU_ASSERT_EQUAL(tune_cpu_type_check_names(rows[i].type, cpu, &error),
				!rows[i].message);
		CHECK_TEXT(error ? error->message : NULL, rows[i].message);
	}
}

static void test_old_record(void)
{
	g_autoptr(TuneRoot) root = check_host(POLICY("baseline"));
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(GError) error = NULL;

	publish(root, "node1.example.com", "");
	tune_cpu_set_node(cpu, "node2.example.com");
	CU_ASSERT(tune_cpu_save_record(cpu, root, RECORD("node2.example.com"), NULL));
	g_autofree char *type = get_type(root, &error);
	CHECK_TEXT(type, NULL);
	CHECK_HOLDS(error ? error->message : NULL,
		    "the record of node2.example.com does not tell which names its QEMU knows");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* Only a node that can have no guests may be without a record. */
static void test_missing_record(void)
{
	static const struct {
		const char *name;
		const char *capable;
		const char *type;
		const char *message;
	} rows[] = {
		{ "not told which nodes are vm_capable", "", NULL,
		  "no CPU record of node2 here, see gnt-tune cpu publish" },
		{ "all nodes are vm_capable",
		  "\nvar/lib/ganeti/ssconf_node_vm_capable = node1=True\\nnode2=True", NULL,
		  "of node2 here" },
		{ "the node without a record is not vm_capable",
		  "\nvar/lib/ganeti/ssconf_node_vm_capable = node1=True\\nnode2=False", "host",
		  NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *text = g_strconcat(
			POLICY("baseline") "var/lib/ganeti/ssconf_node_list = node1\\nnode2",
			rows[i].capable, "\n", NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autoptr(GError) error = NULL;
		publish(root, "node1", "");
		g_autofree char *type = get_type(root, &error);
		CHECK_TEXT(type, rows[i].type);
		CHECK_HOLDS(error ? error->message : "", rows[i].message ? rows[i].message : "");
	}
}

static void test_keep(void)
{
	static const struct {
		const char *type;
		const char *have;
		const char *kept;
	} rows[] = {
		{ "host", NULL, "host" },
		{ "host", "", "host" },
		{ "host,-rtm", "host,-hle", "host,-rtm" },
		{ "host,-rtm", "host,hv_relaxed,+pcid,-aes,kvm=off",
		  "host,-rtm,hv_relaxed,+pcid,kvm=off" },
		{ "host,-pcid,pmu=off", "Westmere,+pcid,pmu=on,migratable=no",
		  "host,-pcid,pmu=off,migratable=no" },
		{ "host", "host,pmu=off,kvm-pv-eoi=off", "host,pmu=off,kvm-pv-eoi=off" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s over '%s'", rows[i].type, rows[i].have);
		g_autofree char *kept = tune_cpu_type_keep(rows[i].type, rows[i].have);
		CHECK_TEXT(kept, rows[i].kept);
	}
}

/* ---- Ganeti's words ---- */

static void test_escape(void)
{
	static const struct {
		const char *type;
		const char *escaped;
	} rows[] = {
		{ "", "" },
		{ "host", "host" },
		{ "host,-rtm,-hle", "host\\,-rtm\\,-hle" },
		{ "a\\b", "a\\\\b" },
		{ "a\\,b", "a\\\\\\,b" },
		{ ",", "\\," },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].type);
		g_autofree char *escaped = tune_cpu_type_escape(rows[i].type);
		CHECK_TEXT(escaped, rows[i].escaped);
	}
}

static void test_cluster(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *type;
		TuneErrorCode code;
	} rows[] = {
		{ "a model", HVPARAMS "acpi=True\\ncpu_type=qemu64\\ncpu_mask=all", "qemu64", 0 },
		{ "an empty one", HVPARAMS "cpu_type=", "", 0 },
		{ "a list", HVPARAMS "cpu_type=host,-a,b=off", "host,-a,b=off", 0 },
		{ "keys that only look like it", HVPARAMS "xcpu_type=host\\ncpu_type_x=host", NULL,
		  TUNE_ERROR_INVALID },
		{ "no key", HVPARAMS, NULL, TUNE_ERROR_INVALID },
		{ "no file", "etc/ /", NULL, TUNE_ERROR_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *text = g_strconcat(rows[i].host, "\n", NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autoptr(GError) error = NULL;
		g_autofree char *type = tune_ganeti_get_cpu_type(root, &error);
		CHECK_TEXT(type, rows[i].type);
		if (!rows[i].type)
			CHECK_HOLDS(error ? error->message : NULL, "ssconf_hvparams_kvm: ");
		if (!rows[i].type)
			CHECK_ERROR(error, rows[i].code);
		CHECK_NO_ERROR(error);
	}
}

/* ---- jobs ---- */

static void check_said(TuneRoot *root, const char *wanted)
{
	g_autofree char *said = tune_root_read(root, "usr/sbin/said", NULL);

	CHECK_TEXT(said, wanted);
}

static void test_submit(void)
{
	g_autoptr(TuneRoot) root = check_host(SAYS_IT("gnt-instance") SAYS_IT("gnt-cluster"));
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_ganeti_set_cpu_type(root, "i1.example.com", "host,-rtm", &error));
	CHECK_NO_ERROR(error);
	check_said(root, "[modify][--submit][-H][cpu_type=host\\,-rtm][i1.example.com]");
	CU_ASSERT(tune_ganeti_set_cpu_type(root, NULL, "host,-rtm", &error));
	CHECK_NO_ERROR(error);
	check_said(root, "[modify][--submit][-H][kvm:cpu_type=host\\,-rtm]");
}

/* The cluster's kvm_path comes first, then the paths where QEMU is usually installed. */
static void test_find_qemu(void)
{
	static const struct {
		const char *name;
		const char *host, *path;
	} rows[] = {
		{ "kvm_path of the cluster",
		  HVPARAMS "acpi=True\\nkvm_path=/opt/qemu\nusr/bin/kvm = x", "/opt/qemu" },
		{ "an empty kvm_path, QEMU of Red Hat",
		  HVPARAMS "kvm_path=\nusr/libexec/qemu-kvm = x", "usr/libexec/qemu-kvm" },
		{ "Debian's kvm", "usr/bin/qemu-system-x86_64 = x\nusr/bin/kvm = x",
		  "usr/bin/kvm" },
		{ "nothing is installed", "", "usr/bin/kvm" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autofree char *path = tune_cpu_find_qemu(root);
		CHECK_TEXT(path, rows[i].path);
	}
}

static void test_submit_nonsense(void)
{
	static const struct {
		const char *instance;
		const char *type;
	} rows[] = {
		{ "-x", "host" },    { "", "host" },        { "a b", "host" },  { "a\nb", "host" },
		{ "a\"b", "host" },  { "../x", "host" },    { "i1", "" },       { "i1", "-x" },
		{ "i1", "host -x" }, { "i1", "host\n-x" },  { "i1", "ho\"st" }, { "i1", "ho'st" },
		{ NULL, "-x" },      { NULL, "h\xc3\xb6" }, { NULL, "host\t" },
	};
	g_autoptr(TuneRoot) root = check_host(SAYS_IT("gnt-instance") SAYS_IT("gnt-cluster"));

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("instance '%s', type '%s'",
				 rows[i].instance ? rows[i].instance : "", rows[i].type);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_FALSE(
			tune_ganeti_set_cpu_type(root, rows[i].instance, rows[i].type, &error));
		CU_ASSERT(error && !strpbrk(error->message, "\n\t\xc3"));
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
		check_said(root, NULL);
	}
}

static void test_submit_fails(void)
{
	static const struct {
		const char *name;
		const char *script;
		const char *message;
		TuneErrorCode code;
	} rows[] = {
		{ "a reason on standard error",
		  "usr/sbin/gnt-instance ! echo out; echo 'no such job' >&2; exit 1\n",
		  "status 1: no such job", TUNE_ERROR_IO },
		{ "a reason on standard output",
		  "usr/sbin/gnt-instance ! echo err >&2; echo 'Failure: x'; exit 2\n",
		  "status 2: Failure: x", TUNE_ERROR_IO },
		{ "no reason", "usr/sbin/gnt-instance ! exit 1\n", "failed with status 1",
		  TUNE_ERROR_IO },
		{ "the command is missing", "usr/sbin/ /\n",
		  "gnt-instance is not installed on this node", TUNE_ERROR_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].script);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_FALSE(tune_ganeti_set_cpu_type(root, "i1", "host", &error));
		CHECK_HOLDS(error ? error->message : NULL, rows[i].message);
		CHECK_ERROR(error, rows[i].code);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "what a policy wants", test_of_policy },
		{ "the baseline of the records", test_baseline },
		{ "a name that one QEMU does not know", test_unknown_name },
		{ "what a node cannot give", test_given },
		{ "a record that does not tell names", test_old_record },
		{ "a node without a record", test_missing_record },
		{ "what a site has chosen is kept", test_keep },
		{ "no baseline", test_no_baseline },
		{ "escaped for Ganeti", test_escape },
		{ "the cluster's own", test_cluster },
		{ "the QEMU that Ganeti starts", test_find_qemu },
		{ "submitted", test_submit },
		{ "nonsense is not submitted", test_submit_nonsense },
		{ "a submit that fails", test_submit_fails },
		{ NULL, NULL },
	};

	return check_main("cpu-type", checks);
}
