/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/migration/tags.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define CLUSTER                                                                                    \
	"proc/sys/kernel/hostname = node1\n"                                                       \
	"var/lib/ganeti/ssconf_node_list = node1\\nnode2\\nnode3\n"                                \
	"var/lib/ganeti/ssconf_master_node = node1\n"

/* ---- keys ---- */

static char *make_key(const char *vendor, const char *changes, const char *qemu)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, vendor, changes);

	tune_cpu_set_qemu(cpu, qemu);
	return tune_cpu_make_key(cpu);
}

/* Compared with the key of an unchanged Intel CPU under QEMU 7.2. */
static void test_keys(void)
{
	static const struct {
		const char *vendor;
		const char *changes;
		const char *qemu;
		gboolean is_same;
	} rows[] = {
		{ "GenuineIntel", "", "7.2.0", TRUE },
		{ "GenuineIntel", "", "7.2.22 (Debian)", TRUE },
		{ "GenuineIntel", "-erms", "7.2.0", TRUE }, /* a hint */
		{ "GenuineIntel", "-rtm", "7.2.0", FALSE },
		{ "GenuineIntel", "+gfni", "7.2.0", FALSE },
		{ "GenuineIntel", "-md-clear", "7.2.0", FALSE },
		{ "GenuineIntel", "+rsba", "7.2.0", FALSE }, /* a weakness */
		{ "GenuineIntel", "", "8.2.0", FALSE },
		{ "GenuineIntel", "", "7.1.0", FALSE },
		{ "GenuineIntel", "", NULL, FALSE },
		{ "AuthenticAMD", "", "7.2.0", FALSE },
	};
	g_autofree char *key = make_key("GenuineIntel", "", "7.2.0");

	CU_ASSERT(g_regex_match_simple("^intel-[0-9a-f]{8}$", key, 0, 0));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s '%s', QEMU %s", rows[i].vendor, rows[i].changes,
				 rows[i].qemu ? rows[i].qemu : "unknown");
		g_autofree char *other = make_key(rows[i].vendor, rows[i].changes, rows[i].qemu);
		CU_ASSERT_EQUAL(strcmp(key, other) == 0, rows[i].is_same);
		CU_ASSERT(g_str_has_prefix(other, *rows[i].vendor == 'A' ? "amd-" : "intel-"));
	}
}

/* Whether a tag is ours. */
static void test_other_keys(void)
{
	g_autofree char *key = make_key("GenuineIntel", "", "7.2.0");
	g_autoptr(TuneCpu) narrow = make_cpu(TUNE_CPU_KVM, "GenuineIntel", "");
	g_autoptr(TuneCpu) moved = make_cpu(TUNE_CPU_KVM, "GenuineIntel", "");
	g_autoptr(TuneCpu) aged = make_cpu(TUNE_CPU_KVM, "GenuineIntel", "");

	tune_cpu_set_qemu(narrow, "7.2.0");
	tune_cpu_set_qemu(moved, "7.2.0");
	tune_cpu_set_qemu(aged, "7.2.0");
	tune_cpu_set_phys_bits(narrow, 39);
	tune_cpu_set_component(moved, 9, (TuneCpuComponent){ 8, 4096, 0 });
	tune_cpu_set_node(aged, "node9");
	tune_cpu_set_time(aged, 1);
	tune_cpu_set_tsc(aged, 3000000);
	tune_cpu_set_text(aged, TUNE_CPU_KERNEL, "6.1");
	tune_cpu_set_text(aged, TUNE_CPU_MICROCODE, "0x7");
	g_autofree char *of_narrow = tune_cpu_make_key(narrow);
	g_autofree char *of_moved = tune_cpu_make_key(moved);
	g_autofree char *of_aged = tune_cpu_make_key(aged);
	CU_ASSERT_STRING_NOT_EQUAL(of_narrow, key);
	CU_ASSERT_STRING_NOT_EQUAL(of_moved, key);
	CHECK_TEXT(of_aged, key);
}

/* ---- whose tags ---- */

static void test_ours(void)
{
	static const struct {
		const char *tag;
		gboolean of_node, of_cluster;
	} rows[] = {
		{ "cpu:intel-0a1b2c3d", TRUE, FALSE },
		{ "cpu:unknown-0a1b2c3d", TRUE, FALSE },
		{ "cpu:avx512", FALSE, FALSE },
		{ "cpu:intel-0a1b2c3d4", FALSE, FALSE },
		{ "cpu:intel-0A1B2C3D", FALSE, FALSE },
		{ "xcpu:intel-0a1b2c3d", FALSE, FALSE },
		{ "cpu:", FALSE, FALSE },
		{ "htools:migration:cpu", FALSE, TRUE },
		{ "htools:migration:cpu2", FALSE, FALSE },
		{ "htools:migration:hv", FALSE, FALSE },
		{ "htools:allowmigration:cpu:amd-0a1b2c3d::cpu:intel-0a1b2c3d", FALSE, TRUE },
		{ "htools:allowmigration:cpu:old::cpu:new", FALSE, FALSE },
		{ "htools:allowmigration:hv:a::hv:b", FALSE, FALSE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].tag);
		CU_ASSERT_EQUAL(tune_tag_is_ours(rows[i].tag, TRUE), rows[i].of_node);
		CU_ASSERT_EQUAL(tune_tag_is_ours(rows[i].tag, FALSE), rows[i].of_cluster);
	}
}

/* ---- plans ---- */

/* Changes to the CPUs of node1 to node3 (NULL: no record), and their tags; A, B stand for their classes. */
typedef struct {
	const char *name;
	const char *changes[3];
	const char *tags[3];
	const char *of_cluster;
	guint waivers;
	const char *plan;
} Row;

#define ALLOW(from, to) "htools:allowmigration:cpu:" from "::cpu:" to

static const Row rows[] = {
	{ "all alike",
	  { "", "", "" },
	  { "", "", "" },
	  "",
	  0,
	  "add node1 cpu:A; add node2 cpu:A; add node3 cpu:A; add cluster htools:migration:cpu" },
	{ "one way: node2 lacks something",
	  { "", "-rtm", "" },
	  { "", "", "" },
	  "",
	  0,
	  "add node1 cpu:A; add node2 cpu:B; add node3 cpu:A; add cluster htools:migration:cpu; "
	  "add cluster " ALLOW("B", "A") },
	{ "all tags are there, beside others'",
	  { "", "-rtm", "" },
	  { "cpu:A,rack:1", "cpu:B", "cpu:A" },
	  "htools:migration:cpu\\n" ALLOW("B", "A") "\\nhtools:iextags:service\\nmine",
	  0,
	  "keep node1 cpu:A; keep node2 cpu:B; keep node3 cpu:A; keep cluster "
	  "htools:migration:cpu; "
	  "keep cluster " ALLOW("B", "A") },
	{ "node2 has become as node1",
	  { "", "", "" },
	  { "cpu:A", "cpu:intel-00000000", "cpu:A" },
	  "htools:migration:cpu\\n" ALLOW("intel-00000000", "A"),
	  0,
	  "keep node1 cpu:A; add node2 cpu:A; remove node2 cpu:intel-00000000; keep node3 cpu:A; "
	  "keep cluster htools:migration:cpu; remove cluster " ALLOW("intel-00000000", "A") },
	{ "two nodes that are not known",
	  { "", NULL, NULL },
	  { "", "cpu:A", "" },
	  "",
	  0,
	  "add node1 cpu:A; add node2 cpu:unknown-15b18a72; remove node2 cpu:A; "
	  "add node3 cpu:unknown-3b5bb1c6; add cluster htools:migration:cpu" },
	{ "neither way",
	  { "", "-rtm +gfni", "" },
	  { "", "", "" },
	  "",
	  0,
	  "add node1 cpu:A; add node2 cpu:B; add node3 cpu:A; add cluster htools:migration:cpu" },
	{ "both ways, where the gate lets security pass",
	  { "", "-taa-no", "" },
	  { "", "", "" },
	  "",
	  1 << TUNE_CPU_SECURITY,
	  "add node1 cpu:A; add node2 cpu:B; add node3 cpu:A; add cluster htools:migration:cpu; "
	  "add cluster " ALLOW("A", "B") "; add cluster " ALLOW("B", "A") },
	{ "tags of an administrator",
	  { "", "", "" },
	  { "cpu:A,cpu:fast", "cpu:A", "cpu:A" },
	  "htools:migration:cpu\\n" ALLOW("fast", "slow"),
	  0,
	  "keep node1 cpu:A; foreign node1 cpu:fast; keep node2 cpu:A; keep node3 cpu:A; "
	  "keep cluster htools:migration:cpu" },
};

/* "A" is the class of an unchanged CPU, "B" that of the row's second node. */
static char *expand(const Row *row, const char *text)
{
	g_autofree char *a = make_key("GenuineIntel", "", "7.2.0");
	g_autofree char *b = make_key("GenuineIntel", row->changes[1] ? row->changes[1] : "",
				      "7.2.0");
	g_auto(GStrv) as = g_strsplit(text, "cpu:A", -1);
	g_autofree char *cpu_a = g_strconcat("cpu:", a, NULL);
	g_autofree char *half = g_strjoinv(cpu_a, as);
	g_auto(GStrv) bs = g_strsplit(half, "cpu:B", -1);
	g_autofree char *cpu_b = g_strconcat("cpu:", b, NULL);
	return g_strjoinv(cpu_b, bs);
}

static TuneRoot *make_root(const Row *row)
{
	g_autoptr(GString) text = g_string_new(CLUSTER);

	g_string_append(text, "usr/sbin/gnt-node ! ");
	for (guint i = 0; i < 3; i++)
		g_string_append_printf(text, "echo 'node%u|%c|%c|N|N|Y|192.0.2.1|22|%s|default';",
				       i + 1, i ? 'C' : 'M', i ? 'N' : 'Y', row->tags[i]);
	g_string_append_printf(text, "\nusr/sbin/gnt-cluster ! printf '%s\\n'\n", row->of_cluster);
	g_autofree char *expanded = expand(row, text->str);
	TuneRoot *root = check_host(expanded);
	for (guint i = 0; i < 3; i++) {
		if (!row->changes[i])
			continue;
		g_autofree char *node = g_strdup_printf("node%u", i + 1);
		g_autofree char *path = g_strconcat(TUNE_CPU_RECORDS "/", node, ".yaml", NULL);
		g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, "GenuineIntel", row->changes[i]);
		tune_cpu_set_node(cpu, node);
		tune_cpu_set_qemu(cpu, "7.2.0");
		CU_ASSERT(tune_cpu_save_record(cpu, root, path, NULL));
	}
	return root;
}

static char *describe(const GPtrArray *tags)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tags->len; i++) {
		const TuneTag *tag = tags->pdata[i];
		g_string_append_printf(text, "%s%s %s %s", i ? "; " : "",
				       tune_tag_action_name(tag->action),
				       tag->node ? tag->node : "cluster", tag->tag);
	}
	return g_string_free(text, FALSE);
}

/* Tags that allow a migration come in the order of class names, which are hashes; the tests' letters have another. */
static char *sort_plan(const char *plan)
{
	g_auto(GStrv) rows_of_plan = g_strsplit(plan, "; ", -1);
	guint n = g_strv_length(rows_of_plan);

	if (n >= 2 && strstr(rows_of_plan[n - 2], "allowmigration") &&
	    strcmp(rows_of_plan[n - 2], rows_of_plan[n - 1]) > 0) {
		char *last = rows_of_plan[n - 1];
		rows_of_plan[n - 1] = rows_of_plan[n - 2];
		rows_of_plan[n - 2] = last;
	}
	return g_strjoinv("; ", rows_of_plan);
}

static const TuneCpuPolicy strict = { .is_unknown_refused = TRUE };

static void test_plans(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = make_root(&rows[i]);
		g_autoptr(GError) error = NULL;
		const TuneCpuPolicy policy = { .is_unknown_refused = TRUE,
					       .waivers = rows[i].waivers };
		g_autoptr(GPtrArray) tags = tune_tags_plan(root, &policy, FALSE, &error);
		CHECK_NO_ERROR(error);
		g_autofree char *found = describe(tags);
		g_autofree char *expanded = expand(&rows[i], rows[i].plan);
		g_autofree char *wanted = sort_plan(expanded);
		CHECK_TEXT(found, wanted);
	}
}

/* Removes all of our tags, and nothing else, also of a node without a record. */
static void test_removal(void)
{
	static const Row row = {
		"removal",
		{ NULL, NULL, NULL },
		{ "cpu:A,rack:1", "cpu:fast", "a,cpu:unknown-5ad9a4a0" },
		"htools:migration:cpu\\n" ALLOW("A", "intel-00000000") "\\nhtools:iextags:a",
		0,
		"remove node1 cpu:A; foreign node2 cpu:fast; remove node3 cpu:unknown-5ad9a4a0; "
		"remove cluster htools:migration:cpu; remove cluster " ALLOW("A", "intel-00000000"),
	};
	g_autoptr(TuneRoot) root = make_root(&row);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) tags = tune_tags_plan(root, &strict, TRUE, &error);

	CHECK_NO_ERROR(error);
	g_autofree char *found = describe(tags);
	g_autofree char *wanted = expand(&row, row.plan);
	CHECK_TEXT(found, wanted);
	CU_ASSERT_PTR_NULL(tune_tags_plan(root, &strict, FALSE, &error));
	CHECK_HOLDS(error ? error->message : NULL, "no CPU record of any node");
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

/* What Ganeti allows (lib/objects.py, VALID_TAG_RE, MAX_TAG_LEN). */
static void test_characters(void)
{
	static const Row row = { "characters", { "", "-rtm", NULL }, { "", "", "" }, "", 0, "" };
	g_autoptr(TuneRoot) root = make_root(&row);
	g_autoptr(GPtrArray) tags = tune_tags_plan(root, &strict, FALSE, NULL);

	CU_ASSERT_EQUAL_FATAL(tags->len, 5);
	for (guint i = 0; i < tags->len; i++) {
		const TuneTag *tag = tags->pdata[i];
		CU_ASSERT(g_regex_match_simple("^[\\w.+*/:@-]{1,128}$", tag->tag, 0, 0));
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "keys", test_keys },
		{ "keys of other differences", test_other_keys },
		{ "whose tags", test_ours },
		{ "plans", test_plans },
		{ "removal", test_removal },
		{ "characters", test_characters },
		{ NULL, NULL },
	};

	return check_main("tags", checks);
}
