/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledger of migrations, and what counts as a loss. */
#include <string.h>
#include <time.h>

#include <libtune/base/root.h>
#include <libtune/cluster/ledger.h>
#include <libtune/migration/ledger.h>
#include <libtune/migration/proof.h>
#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define LEDGER "var/lib/ganeti-tune/ledger"
#define NOTE "run/ganeti-tune/moves/inst1.yaml"

/* ---- the file ---- */

static void add(TuneRoot *root, gint64 time, TuneLedgerVerdict verdict, const char *note)
{
	TuneLedgerLine line = { time,         verdict,      (char *)"inst1",
				(char *)"n1", (char *)"n2", (char *)note };
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_ledger_add(root, &line, &error));
	CHECK_NO_ERROR(error);
}

static void test_lines(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ /\n");
	g_autoptr(GError) error = NULL;
	g_autofree char *none = tune_ledger_read(root, &error);
	guint n_damaged;

	CHECK_TEXT(none, "");
	add(root, 10, TUNE_LEDGER_SAME, NULL);
	add(root, 20, TUNE_LEDGER_LOST, "a\tb\nc\033");
	g_autofree char *text = tune_ledger_read(root, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(text, "10\tsame\tinst1\tn1\tn2\t-\n20\tlost\tinst1\tn1\tn2\ta?b?c?");
	g_autoptr(GPtrArray) all = tune_ledger_parse(text, 0, &n_damaged);
	CU_ASSERT_EQUAL(all->len, 2);
	g_autoptr(GPtrArray) newest = tune_ledger_parse(text, 11, &n_damaged);
	CU_ASSERT_EQUAL_FATAL(newest->len, 1);
	const TuneLedgerLine *line = newest->pdata[0];
	CU_ASSERT_EQUAL(line->verdict, TUNE_LEDGER_LOST);
	CHECK_TEXT(line->note, "a?b?c?");
	CU_ASSERT_EQUAL(n_damaged, 0);
}

/* Another node may send anything. */
static void test_damaged(void)
{
	static const char *const texts[] = {
		"x\tsame\ti\ta\tb\t",   "1\tgood\ti\ta\tb\t",  "1\tsame\t../i\ta\tb\t",
		"1\tsame\ti\ta/b\tb\t", "1\tsame\ti\ta\tb",    "1\tsame\ti\ta\tb\tn\tm",
		"-1\tsame\ti\ta\tb\t",  "1\tsame\ti\ta\t\t\t", "\033[2J",
	};
	guint n_damaged;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		g_autoptr(GPtrArray) lines = tune_ledger_parse(texts[i], 0, &n_damaged);
		CU_ASSERT_EQUAL(lines->len, 0);
		CU_ASSERT_EQUAL(n_damaged, 1);
	}
	check_row(NULL);
}

/* It does not grow for ever, and what goes is the oldest. */
static void test_most(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ /\n");
	g_autoptr(GString) long_text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	guint n_damaged;

	for (guint i = 0; i < 5001; i++)
		g_string_append_printf(long_text, "%u\tsame\tinst1\tn1\tn2\t-\n", i);
	tune_root_save(root, LEDGER, long_text->str, &error);
	CHECK_NO_ERROR(error);
	add(root, 9999, TUNE_LEDGER_REFUSED, "why");
	g_autofree char *text = tune_ledger_read(root, &error);
	g_autoptr(GPtrArray) lines = tune_ledger_parse(text, 0, &n_damaged);
	const TuneLedgerLine *first = lines->pdata[0], *last = lines->pdata[lines->len - 1];
	CU_ASSERT_EQUAL(lines->len, 2502);
	CU_ASSERT_EQUAL(first->time, 2500);
	CU_ASSERT_EQUAL(last->time, 9999);
	CU_ASSERT_EQUAL(n_damaged, 0);
}

/* What is no regular file is neither read nor waited for. */
static void test_no_file(void)
{
	g_autoptr(TuneRoot) root = check_host(LEDGER "/ /\n" NOTE "/ /\n");
	g_autoptr(GError) error = NULL;
	TuneLedgerLine line = { 1,   TUNE_LEDGER_SAME, (char *)"inst1", (char *)"n1", (char *)"n2",
				NULL };

	CU_ASSERT_FALSE(tune_ledger_add(root, &line, &error));
	CHECK_HOLDS(error ? error->message : NULL, "the ledger of migrations: ");
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(tune_proof_read_note(root, "inst1", &error));
	CU_ASSERT_PTR_NOT_NULL(error);
	g_clear_error(&error);
	CU_ASSERT_PTR_NULL(tune_proof_read_note(root, "../../etc/passwd", &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_PTR_NULL(tune_proof_read_note(root, "inst2", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

/* ---- several ledgers ---- */

static void test_merge(void)
{
	static const char text[] = "90\trefused\ti\ta\tb\tfirst\n"
				   "95\trefused\ti\ta\tb\tsecond\n"
				   "96\trefused\ti\ta\tc\tother target\n"
				   "97\tsame\ti\ta\tb\t-\n"
				   "160\trefused\ti\ta\tb\tlater\n"
				   "20\tsame\ti\ta\tb\t-\n";
	guint n_damaged;
	g_autoptr(GPtrArray) lines = tune_ledger_parse(text, 0, &n_damaged);
	g_autoptr(GString) found = g_string_new(NULL);

	tune_ledger_merge(lines);
	for (guint i = 0; i < lines->len; i++) {
		const TuneLedgerLine *line = lines->pdata[i];
		g_string_append_printf(found, "%d %s; ", (int)line->time,
				       line->note ? line->note : "-");
	}
	CHECK_TEXT(found->str, "20 -; 90 first; 96 other target; 97 -; 160 later; ");
}

/* ---- what is a loss ---- */

typedef struct {
	const char *name;
	const char *type;
	const char *before;
	const char *after;
	guint waivers;
	TuneLedgerVerdict verdict;
	const char *note;
	guint64 assumed; /* set of words */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "all is as it was", "host", "", "", 0, TUNE_LEDGER_SAME, NULL, 0 },
	{ "a feature is lost", "host", "", "-rtm", 0, TUNE_LEDGER_LOST, "lost:rtm", 0 },
	{ "a named model", "Westmere", "", "-rtm -fma", 0, TUNE_LEDGER_LOST, "lost:fma, lost:rtm", 0 },
	{ "something is gained", "host", "-rtm", "", 0, TUNE_LEDGER_SAME, "gained 1 features", 0 },
	{ "gained does not hide lost", "host", "-rtm", "-fma", 0, TUNE_LEDGER_LOST, "lost:fma", 0 },
	{ "a mitigation is lost", "host", "+flush-l1d", "-flush-l1d", 0, TUNE_LEDGER_LOST, "security:flush-l1d", 0 },
	{ "its loss is waived", "host", "+flush-l1d", "-flush-l1d", 1u << TUNE_CPU_SECURITY, TUNE_LEDGER_SAME, NULL, 0 },
	{ "the gate knew what is in use", "host", "+la57", "-la57", 0, TUNE_LEDGER_SAME, NULL, 0 },
	{ "it was not asked for", "Westmere", "+rdctl-no", "-rdctl-no", 0, TUNE_LEDGER_SAME, NULL, G_GUINT64_CONSTANT(1) << TUNE_CPU_MSR_10A },
	{ "it was asked for", "Westmere", "+rdctl-no", "-rdctl-no", 0, TUNE_LEDGER_LOST, "security:rdctl-no", 0 },
};
/* clang-format on */

static TuneCpu *make_guest(const Row *row, const char *changes)
{
	TuneCpu *cpu = make_cpu(TUNE_CPU_GUEST, INTEL, changes);

	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, row->type);
	tune_cpu_set_text(cpu, TUNE_CPU_MACHINE, "pc-i440fx-7.2");
	return cpu;
}

static void test_loss(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const Row *row = &rows[i];
		check_row(row->name);
		g_autoptr(TuneCpu) before = make_guest(row, row->before);
		g_autoptr(TuneCpu) after = make_guest(row, row->after);
		g_autofree char *note = NULL;
		before->assumed = row->assumed;
		tune_cpu_forget_assumed(before);
		tune_cpu_set_qemu(before, "10.0.2");
		tune_cpu_set_qemu(after, "7.2.22");
		CU_ASSERT_EQUAL(tune_proof_compare(before, after, row->waivers, &note),
				row->verdict);
		CHECK_TEXT(note, row->note);
	}
	check_row(NULL);
}

/* ---- before the migration ---- */

static gboolean prepare(TuneRoot *root, const char *section, const char *tags, const char *reason)
{
	const TuneMigration migration = { .instance = "inst1",
					  .node = "n3",
					  .source = "n1",
					  .target = "n2",
					  .master = "n3",
					  .tags = tags };
	TuneGateAnswer answer = { .reason = (char *)reason };
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(section, strlen(section), "P", &error);

	CHECK_NO_ERROR(error);
	return tune_proof_prepare(root, policy, &migration, &answer, &error);
}

/* An earlier migration's note goes in any case, since nothing may be compared with it. */
static void test_prepare(void)
{
	static const struct {
		const char *name;
		const char *section;
		const char *tags;
		const char *reason;
		const char *part;
	} cases[] = {
		{ "permitted", "cpu: {gate: on}\n", NULL, NULL, "" },
		{ "refused", "cpu: {gate: on}\n", NULL, "not migrated",
		  "\trefused\tinst1\tn1\tn2\tnot migrated" },
		{ "gate off", "cpu: {gate: off}\n", NULL, "not migrated", "" },
		{ "not checked", "cpu: {gate: on}\n", "a tune:cpu-gate:off", "not migrated", "" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(TuneRoot) root = check_host(NOTE " = old\n");
		g_autoptr(GError) error = NULL;
		CU_ASSERT(prepare(root, cases[i].section, cases[i].tags, cases[i].reason));
		CU_ASSERT_FALSE(tune_root_exists(root, NOTE));
		g_autofree char *text = tune_ledger_read(root, &error);
		CHECK_NO_ERROR(error);
		if (*cases[i].part)
			CHECK_HOLDS(text, cases[i].part);
		else
			CHECK_TEXT(text, "");
	}
	check_row(NULL);
}

int main(void)
{
	static const Check checks[] = {
		{ "lines are written and read", test_lines },
		{ "lines that make no sense", test_damaged },
		{ "how much is kept", test_most },
		{ "what is no file", test_no_file },
		{ "ledgers of several nodes", test_merge },
		{ "what is a loss", test_loss },
		{ "what the pre hook does", test_prepare },
		{ NULL, NULL },
	};

	return check_main("ledger", checks);
}
