/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

static TuneCpu *reload(const char *yaml, GError **error)
{
	return tune_cpu_parse_record(yaml, strlen(yaml), "n.yaml", error);
}

static void test_round_trip(void)
{
	g_autoptr(TuneCpu) full = make_full_cpu();
	g_autoptr(TuneCpu) empty = tune_cpu_new(TUNE_CPU_KVM);
	g_autofree char *yaml = tune_cpu_to_yaml(full);

	check_round_trip(full);
	check_round_trip(empty);
	CHECK_TEXT(full->texts[TUNE_CPU_TYPE], "host,-rtm,model-id=\"a\\b\": #c ");
	CHECK_HOLDS(yaml, "\nnode: \"node1.example.com\"\n");
	CHECK_HOLDS(yaml, "\nmachines:\n- \"pc-i440fx-9.2\"\n- \"pc-q35-9.2\"\n");
	CHECK_HOLDS(yaml, "\n  msr.0x10a: 0xffffffffffffffff\n");
	CHECK_HOLDS(yaml, "\n  2: [256, 576, 0]\n");
}

/* A record that is cut anywhere is refused. */
static void test_cut_short(void)
{
	g_autoptr(TuneCpu) cpu = make_full_cpu();
	g_autofree char *yaml = tune_cpu_to_yaml(cpu);

	/* Without its last newline it is still whole. */
	for (gsize length = 0; length + 1 < strlen(yaml); length++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneCpu) part = tune_cpu_parse_record(yaml, length, "n.yaml", &error);
		if (part)
			g_printerr("%zu of %zu bytes are a record\n", length, strlen(yaml));
		CU_ASSERT_PTR_NULL(part);
		CHECK_HOLDS(error ? error->message : NULL, "n.yaml:");
		CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
	}
}

static void test_bad_records(void)
{
#define HEAD "format: 1\nsource: kvm\n"
#define TAIL "complete: yes\n"
	/* clang-format off */
	static const struct {
		const char *name;
		const char *text;
		const char *message;
	} records[] = {
		{ "empty",
		  "",                                        "n.yaml:1:1: the record is empty" },
		{ "a word",
		  "hello",                                   "n.yaml:1:1: expected keys" },
		{ "a control character",
		  "\x01",                                    "n.yaml:1:1: " },
		{ "no format",
		  "source: kvm\n" TAIL,                      "n.yaml:1:1: 'format' is missing" },
		{ "a newer format",
		  "format: 3\nwords: new\n",                 "n.yaml:1:9: unknown format 3 (this version reads 1 to 2)" },
		{ "format 0",
		  "format: 0\n" TAIL,                        "n.yaml:1:9: unknown format 0" },
		{ "format not a number",
		  "format: one\n" TAIL,                      "n.yaml:1:9: 'one' is not a number" },
		{ "no end",
		  HEAD,                                      "n.yaml:1:1: the record is cut short" },
		{ "end that is not yes",
		  HEAD "complete: no\n",                     "n.yaml:1:1: the record is cut short" },
		{ "key given twice",
		  HEAD "source: raw\n" TAIL,                 "n.yaml:3:1: duplicate key 'source'" },
		{ "unknown source",
		  "format: 1\nsource: vmware\n" TAIL,        "n.yaml:2:9: unknown value 'vmware'" },
		{ "unknown key",
		  HEAD "colour: red\n" TAIL,                 "n.yaml:3:1: unknown key 'colour'" },
		{ "short vendor",
		  HEAD "vendor: Intel\n" TAIL,               "n.yaml:3:9: a vendor has 12 characters" },
		{ "model of two numbers",
		  HEAD "model: [6, 85]\n" TAIL,              "n.yaml:3:8: expected three numbers, not 2" },
		{ "model that is one number",
		  HEAD "model: 6\n" TAIL,                    "n.yaml:3:8: expected a list" },
		{ "too many address bits",
		  HEAD "phys-bits: 460\n" TAIL,              "n.yaml:3:12: '460' is not a number up to 64" },
		{ "negative address bits",
		  HEAD "phys-bits: -1\n" TAIL,               "n.yaml:3:12: '-1' is not a number" },
		{ "neither yes nor no",
		  HEAD "tsc-scaling: maybe\n" TAIL,          "n.yaml:3:14: unknown value 'maybe'" },
		{ "machines that are no list",
		  HEAD "machines: pc\n" TAIL,                "n.yaml:3:11: expected a list" },
		{ "list in a list",
		  HEAD "parameters: [[a]]\n" TAIL,           "n.yaml:3:14: expected a single value" },
		{ "words that are a list",
		  HEAD "words: [1]\n" TAIL,                  "n.yaml:3:8: expected keys with values" },
		{ "unknown register",
		  HEAD "words:\n  0x1.0.esi: 0x1\n" TAIL,    "n.yaml:4:3: '0x1.0.esi' is not the name of a word" },
		{ "word of more than 32 bits",
		  HEAD "words:\n  0x1.0.ecx: 0x100000000\n" TAIL, "n.yaml:4:14: '0x100000000' is not a number" },
		{ "word not hexadecimal",
		  HEAD "words:\n  0x1.0.ecx: 0xg\n" TAIL,    "n.yaml:4:14: '0xg' is not a number" },
		{ "MSR that is a list",
		  HEAD "words:\n  msr.0x10a: [1]\n" TAIL,    "n.yaml:4:14: expected a single value" },
		{ "unknown XSAVE component",
		  HEAD "xsave:\n  32: [1, 2, 3]\n" TAIL,     "n.yaml:4:3: '32' is not a number up to 31" },
		{ "XSAVE size not a number",
		  HEAD "xsave:\n  2: [1, 2, x]\n" TAIL,      "n.yaml:4:13: 'x' is not a number" },
		{ "node that is a list",
		  HEAD "node: [a]\n" TAIL,                   "n.yaml:3:7: expected a single value" },
		{ "two documents",
		  HEAD TAIL "---\n" HEAD TAIL,               "n.yaml:4:1: a second document" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(records); i++) {
		check_row(records[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneCpu) cpu = reload(records[i].text, &error);
		CU_ASSERT_PTR_NULL(cpu);
		CHECK_HOLDS(error ? error->message : NULL, records[i].message);
		CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
	}
}

/* A list of @item, as often as it fits into @largest bytes. */
static char *fill_record(const char *item, gsize largest)
{
	GString *text = g_string_new(HEAD "machines: [");

	while (text->len + strlen(item) + strlen("]\n" TAIL) <= largest)
		g_string_append(text, item);
	g_string_append(text, "]\n" TAIL);
	return g_string_free(text, FALSE);
}

/* Reading these would take too long; and a record that is stored must be small enough to be read again. */
static void test_full(void)
{
	g_autofree char *quotes = g_strnfill(60, '"');
	g_autofree char *grows = g_strconcat("'", quotes, "',", NULL);
	g_autofree char *words = fill_record("a,", 65536), *maps = fill_record("{},", 65536);
	g_autofree char *grown = fill_record(grows, 65536);
	g_autofree char *good = fill_record("a-machine-of-quite-some-length-as-none-has,", 57344);
	const struct {
		const char *name;
		const char *text, *message;
	} rows[] = {
		{ "too many values in one list", words, "n.yaml:3:3998: more than 2000 values" },
		{ "too many keys", maps, "n.yaml:3:5991: more than 2000 values" },
		{ "too large when stored", grown,
		  "n.yaml: a record has at most 64 KiB, this one would be stored with " },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_PTR_NULL(reload(rows[i].text, &error));
		CHECK_HOLDS(error ? error->message : NULL, rows[i].message);
	}
	check_row(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = reload(good, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL(cpu);
}

/* More than a record can have is refused before it is parsed. */
static void test_large(void)
{
	g_autofree char *text = g_strnfill(64 * 1024 + 1, '[');
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(tune_cpu_parse_record(text, strlen(text), "R", &error));
	CHECK_HOLDS(error ? error->message : NULL, "R: a record has at most 64 KiB");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* A newer version writes words that an older one does not know. */
static void test_newer_word(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu)
		cpu = reload(HEAD "words:\n  0x77.3.ebx: 0x1\n  0x1.0.ecx: 0x2\n" TAIL, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(cpu->known, 1u << TUNE_CPU_1_ECX);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_1_ECX], 2);
}

static void test_files(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("");
	g_autoptr(TuneCpu) cpu = make_full_cpu();
	const char *path = "var/lib/ganeti-tune/nodes/node1.yaml";

	g_autoptr(TuneCpu) absent = tune_cpu_load_record(root, path, &error);
	CU_ASSERT_PTR_NULL(absent);
	CHECK_HOLDS(error->message, path);
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT(tune_cpu_save_record(cpu, root, path, &error));
	CHECK_NO_ERROR(error);
	tune_cpu_set_node(cpu, "another");
	CU_ASSERT(tune_cpu_save_record(cpu, root, path, &error));
	g_autoptr(TuneCpu) loaded = tune_cpu_load_record(root, path, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_cpu_get_node(loaded), "another");
	g_autoptr(GPtrArray) files = tune_root_list(root, "var/lib/ganeti-tune/nodes", &error);
	CU_ASSERT_EQUAL(files->len, 1);
	g_autoptr(TuneCpu) dump = tune_cpu_load_dump(root, path, &error);
	CU_ASSERT_PTR_NULL(dump);
	CHECK_HOLDS(error->message, "node1.yaml:1:1: none of the formats");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

int main(void)
{
	static const Check checks[] = {
		{ "large ones", test_large },
		{ "full ones", test_full },
		{ "a record and back", test_round_trip },
		{ "a record cut short", test_cut_short },
		{ "bad records", test_bad_records },
		{ "words of a newer table", test_newer_word },
		{ "files", test_files },
		{ NULL, NULL },
	};

	return check_main("cpu-record", checks);
}
