/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include <libtune/tuning/planner.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"

#define KSM "sys/kernel/mm/ksm/"
#define COUNTERS(run, shared, sharing, unshared, volatiles, scans)                                 \
	KSM "run = " run "\n" KSM "pages_shared = " shared "\n" KSM "pages_sharing = " sharing     \
	    "\n" KSM "pages_unshared = " unshared "\n" KSM "pages_volatile = " volatiles "\n" KSM  \
	    "full_scans = " scans "\n"

/* ---- whether it pays ---- */

/* The figures are of pages of 4 KiB. */
static gint64 scale(gint64 pages)
{
	return pages * (sysconf(_SC_PAGESIZE) - 4096);
}

static void test_read(void)
{
	static const struct {
		const char *name;
		const char *host;
		gint64 pages;
		gint64 saved;
		gint64 profit;
	} rows[] = {
		{ "measured on Linux 6.18", COUNTERS("1", "30675", "63073", "37667", "12", "9"),
		  63073, 258347008, 249935680 },
		{ "the sample of the wiki page",
		  COUNTERS("1", "769324", "1510361", "4712835", "602177", "9"), 1510361, 6186438656,
		  5700378048 },
		{ "all zero", COUNTERS("0", "0", "0", "0", "0", "0"), 0, 0, 0 },
		{ "scanned in vain", COUNTERS("1", "0", "0", "1000", "24", "1"), 0, 0, -65536 },
		{ "pages of the kernel's zero page",
		  COUNTERS("1", "1", "10", "0", "0", "1") KSM "ksm_zero_pages = 100\n", 110, 450560,
		  449856 },
		{ "zero pages not a number",
		  COUNTERS("1", "1", "10", "0", "0", "1") KSM "ksm_zero_pages = many\n", 10, 40960,
		  40256 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		TuneKsm ksm;
		CU_ASSERT(tune_ksm_read(root, &ksm, &error));
		CHECK_NO_ERROR(error);
		CU_ASSERT_EQUAL(ksm.saved, rows[i].saved + scale(rows[i].pages));
		CU_ASSERT_EQUAL(ksm.profit, rows[i].profit + scale(rows[i].pages));
	}
}

static void test_read_fields(void)
{
	g_autoptr(TuneRoot) root = check_host(COUNTERS("2", "3", "4", "5", "6", "7") KSM
					      "ksm_zero_pages = 8\n");
	TuneKsm ksm;

	CU_ASSERT(tune_ksm_read(root, &ksm, NULL));
	CU_ASSERT_EQUAL(ksm.run, 2);
	CU_ASSERT_EQUAL(ksm.shared, 3);
	CU_ASSERT_EQUAL(ksm.sharing, 4);
	CU_ASSERT_EQUAL(ksm.unshared, 5);
	CU_ASSERT_EQUAL(ksm.volatiles, 6);
	CU_ASSERT_EQUAL(ksm.full_scans, 7);
	CU_ASSERT_EQUAL(ksm.zero, 8);
}

static void test_read_fails(void)
{
	static const struct {
		const char *name;
		const char *host;
		TuneErrorCode code;
	} rows[] = {
		{ "no KSM", "sys/kernel/mm/ /\n", TUNE_ERROR_ABSENT },
		{ "empty directory", KSM " /\n", TUNE_ERROR_ABSENT },
		{ "run alone", KSM "run = 1\n", TUNE_ERROR_ABSENT },
		{ "a counter that is a word", COUNTERS("1", "2", "3", "4", "5", "often"),
		  TUNE_ERROR_INVALID },
		{ "an empty counter", COUNTERS("", "2", "3", "4", "5", "6"), TUNE_ERROR_INVALID },
		{ "a counter with a unit", COUNTERS("1", "2", "3 pages", "4", "5", "6"),
		  TUNE_ERROR_INVALID },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		TuneKsm ksm = { .run = 77, .profit = 78 };
		CU_ASSERT_FALSE(tune_ksm_read(root, &ksm, &error));
		CHECK_HOLDS(error ? error->message : NULL, KSM);
		CHECK_ERROR(error, rows[i].code);
		CU_ASSERT_EQUAL(ksm.run, 77);
		CU_ASSERT_EQUAL(ksm.profit, 78);
	}
}

static void test_rate(void)
{
	static const struct {
		const char *name;
		TuneKsm ksm;
		const char *words;
	} rows[] = {
		{ "off", { .run = 0 }, "off" },
		{ "off after scans", { .run = 0, .full_scans = 9 }, "off" },
		{ "unmerged", { .run = 2, .full_scans = 9 }, "off" },
		{ "before the first scan", { .run = 1 }, "no full scan yet: too early to say" },
		{ "nothing merged",
		  { .run = 1, .full_scans = 1 },
		  "nothing merged: scanning costs and saves nothing" },
		{ "zero pages pay",
		  { .run = 1, .full_scans = 1, .zero = 5, .profit = 1 },
		  "worth it" },
		{ "zero pages do not pay",
		  { .run = 1, .full_scans = 1, .zero = 5, .profit = -1 },
		  "costs more memory than it saves" },
		{ "merged pages do not pay",
		  { .run = 1, .sharing = 10, .profit = -1 },
		  "costs more memory than it saves" },
		{ "two of three in vain",
		  { .run = 1, .sharing = 10, .unshared = 21, .profit = 1 },
		  "most of the scanning is wasted" },
		{ "two to one in vain",
		  { .run = 1, .sharing = 10, .unshared = 20, .profit = 1 },
		  "much of the scanning is wasted" },
		{ "little more in vain than merged",
		  { .run = 1, .sharing = 10, .unshared = 11, .profit = 1 },
		  "much of the scanning is wasted" },
		{ "as many in vain as merged",
		  { .run = 1, .sharing = 10, .unshared = 10, .profit = 0 },
		  "worth it" },
		{ "the sample of the wiki page",
		  { .run = 1, .sharing = 1510361, .unshared = 4712835, .profit = 5700378048 },
		  "most of the scanning is wasted" },
		{ "stopped with merged pages",
		  { .run = 0, .sharing = 10, .profit = 1 },
		  "worth it" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		CHECK_TEXT(tune_ksm_rate(&rows[i].ksm), rows[i].words);
	}
}

/* ---- what the kernel demands ---- */

/* "key=want(verdict)" for each step, with "*" behind the key of one that only leads to others. */
static char *print(const TunePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < plan->steps->len; i++) {
		const Step *step = plan->steps->pdata[i];
		g_string_append_printf(
			text, "%s%s=%s(%s%s) ", step->key, step->is_transient ? "*" : "",
			step->public.want ? step->public.want : "",
			tune_verdict_name(step->public.verdict), step->is_final ? "!" : "");
	}
	return g_strchomp(g_string_free(text, FALSE));
}

/* A plan of "key=want" words as resolve makes it; a key alone asks for the present value. */
static TunePlan *make_plan(TuneRoot *root, const char *wants)
{
	TunePlan *plan = tune_plan_new_empty(root);
	g_auto(GStrv) words = g_strsplit(wants, " ", -1);

	for (char **word = words; *word; word++) {
		g_auto(GStrv) sides = g_strsplit(*word, "=", 2);
		const TuneParam *param = tune_param_find(&tune_section_ksm, sides[0]);
		tune_plan_add(plan, tune_step_new(param, sides[0], NULL, sides[1], "P:1"));
	}
	tune_plan_prepare(plan);
	return plan;
}

/* 1000 pages have to be unmerged, and there is memory for exactly these; for one less; nothing is merged. */
#define MERGED(run) COUNTERS(run, "10", "900", "0", "0", "1") KSM "ksm_zero_pages = 100\n"
#define UNMERGED(run) COUNTERS(run, "0", "0", "0", "0", "0")
#define STATE KSM "max_page_sharing = 256\n" KSM "merge_across_nodes = 1\n" KSM "smart_scan = 1\n"
#define ADVISOR(mode) KSM "advisor_mode = " mode "\n" KSM "pages_to_scan = 100\n"
#define ENOUGH 0
#define SHORT 1

static TuneRoot *make_host(const char *text, int pages_short)
{
	/* 1000 pages are merged, and an eighth of them is the margin. */
	gint64 kib = (1125 - pages_short) * sysconf(_SC_PAGESIZE) / 1024;
	g_autofree char *host = g_strdup_printf(
		"%sproc/meminfo = MemFree:  1 kB\\nMemAvailable:  %" G_GINT64_FORMAT
		" kB\\nBuffers:  9999999 kB\n",
		text, kib);

	return check_host(host);
}

static void test_unmerge(void)
{
	static const struct {
		const char *name;
		const char *host;
		int pages_short;
		const char *wants;
		const char *plan;
	} rows[] = {
		/* The policy does not set run, so it gets its old value again. */
		{ "one setting, run on", MERGED("1") STATE, ENOUGH, "merge_across_nodes=0",
		  "run*=2(would-change) merge_across_nodes=0(would-change) run=1(same)" },
		{ "one setting, run off", MERGED("0") STATE, ENOUGH, "max_page_sharing=128",
		  "run*=2(would-change) max_page_sharing=128(would-change) run=0(same)" },
		{ "two settings", MERGED("1") STATE, ENOUGH,
		  "max_page_sharing=128 merge_across_nodes=0",
		  "run*=2(would-change) max_page_sharing=128(would-change) "
		  "merge_across_nodes=0(would-change) run=1(same)" },
		/* The policy sets run. */
		{ "run given, was off", MERGED("0") STATE, ENOUGH,
		  "smart_scan=0 merge_across_nodes=0 run=1",
		  "smart_scan=0(would-change) run*=2(would-change) "
		  "merge_across_nodes=0(would-change) run=1(would-change)" },
		{ "run given, one setting is right", MERGED("1") STATE, ENOUGH,
		  "max_page_sharing=256 merge_across_nodes=0 run=1",
		  "max_page_sharing=256(same) run*=2(would-change) "
		  "merge_across_nodes=0(would-change) run=1(same)" },
		{ "run given, the other setting is right", MERGED("1") STATE, ENOUGH,
		  "max_page_sharing=128 merge_across_nodes=1 run=1",
		  "run*=2(would-change) max_page_sharing=128(would-change) "
		  "merge_across_nodes=1(same) run=1(same)" },
		/* Nothing has to be unmerged. */
		{ "nothing is merged", UNMERGED("1") STATE, ENOUGH, "merge_across_nodes=0 run=1",
		  "merge_across_nodes=0(would-change) run=1(same)" },
		{ "nothing changes", MERGED("1") STATE, ENOUGH, "merge_across_nodes=1 run=1",
		  "merge_across_nodes=1(same) run=1(same)" },
		{ "a setting that needs no unmerging", MERGED("1") STATE, ENOUGH, "smart_scan=0",
		  "smart_scan=0(would-change)" },
		{ "no such setting", MERGED("1"), ENOUGH, "merge_across_nodes=0",
		  "merge_across_nodes=0(absent)" },
		/* Only the present values are asked for. */
		{ "only asked", MERGED("1") STATE, SHORT, "merge_across_nodes run",
		  "merge_across_nodes=(same) run=(same)" },
		/* Memory is short. */
		{ "memory is short: all", MERGED("1") STATE, SHORT,
		  "smart_scan=0 max_page_sharing=128 merge_across_nodes=0 run=0",
		  "smart_scan=0(would-change) max_page_sharing=128(refused!) "
		  "merge_across_nodes=0(refused!) run=0(would-change)" },
		{ "memory is short: one setting is right", MERGED("1") STATE, SHORT,
		  "max_page_sharing=256 merge_across_nodes=0",
		  "max_page_sharing=256(same) merge_across_nodes=0(refused!)" },
		{ "memory is short: unmerge, run on", MERGED("1"), SHORT, "run=2",
		  "run=2(refused!)" },
		{ "memory is short: unmerge, run off", MERGED("0"), SHORT, "run=2",
		  "run=2(refused!)" },
		{ "unmerge with enough memory", MERGED("1"), ENOUGH, "run=2",
		  "run=2(would-change)" },
		{ "unmerged already", UNMERGED("2"), SHORT, "run=2", "run=2(same)" },
		{ "memory is short: unmerge, nothing is merged", UNMERGED("1"), SHORT, "run=2",
		  "run=2(would-change)" },
		{ "memory is short: stop", MERGED("1"), SHORT, "run=0", "run=0(would-change)" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = make_host(rows[i].host, rows[i].pages_short);
		g_autoptr(TunePlan) plan = make_plan(root, rows[i].wants);
		g_autofree char *printed = print(plan);
		CHECK_TEXT(printed, rows[i].plan);
	}
}

static void test_reason(void)
{
	static const char *const wants[] = { "run=2", "merge_across_nodes=0",
					     "max_page_sharing=2" };
	g_autoptr(TuneRoot) root = check_host(
		COUNTERS("1", "1", "2560000", "0", "0", "1") STATE
		"proc/meminfo = MemTotal:  16777216 kB\\nMemAvailable:  102400 kB\n");

	for (size_t i = 0; i < G_N_ELEMENTS(wants); i++) {
		check_row(wants[i]);
		g_autoptr(TunePlan) plan = make_plan(root, wants[i]);
		const TuneStep *step = tune_plan_get_step(plan, 0);
		g_autofree char *note = g_strdup_printf(
			"unmerging takes %ld MiB with a margin of an eighth, available are 100 MiB: "
			"move guests away first",
			(long)(G_GINT64_CONSTANT(2560000) / 8 * 9 * sysconf(_SC_PAGESIZE) >> 20));
		CHECK_TEXT(step->note, note);
	}
}

/* When the available memory is unknown, nothing is unmerged. */
static void test_no_meminfo(void)
{
	static const struct {
		const char *name;
		const char *host;
	} hosts[] = {
		{ "no meminfo", MERGED("1") },
		{ "meminfo without MemAvailable",
		  MERGED("1") "proc/meminfo = MemTotal:  16777216 kB\\nMemFree:  16777216 kB\n" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
		check_row(hosts[i].name);
		g_autoptr(TuneRoot) root = check_host(hosts[i].host);
		g_autoptr(TunePlan) plan = make_plan(root, "run=2");
		CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_REFUSED);
	}
}

static void test_advisor(void)
{
	static const struct {
		const char *name;
		const char *host;
		const char *wants;
		const char *plan;
	} rows[] = {
		/* The policy turns the advisor on, finds it on, turns it off. */
		{ "advisor becomes on", ADVISOR("[none] scan-time"),
		  "advisor_mode=scan-time pages_to_scan=500",
		  "advisor_mode=scan-time(would-change) pages_to_scan=500(refused!)" },
		{ "advisor is on", ADVISOR("none [scan-time]"),
		  "advisor_mode=scan-time pages_to_scan=500",
		  "advisor_mode=scan-time(same) pages_to_scan=500(refused!)" },
		{ "advisor is on, policy says nothing", ADVISOR("none [scan-time]"),
		  "pages_to_scan=500", "pages_to_scan=500(refused!)" },
		{ "advisor becomes off", ADVISOR("none [scan-time]"),
		  "advisor_mode=none pages_to_scan=500",
		  "advisor_mode=none(would-change) pages_to_scan=500(would-change)" },
		{ "advisor is off", ADVISOR("[none] scan-time"),
		  "advisor_mode=none pages_to_scan=500",
		  "advisor_mode=none(same) pages_to_scan=500(would-change)" },
		{ "advisor is off, policy says nothing", ADVISOR("[none] scan-time"),
		  "pages_to_scan=500", "pages_to_scan=500(would-change)" },
		/* The advisor sets the value also where it is right at the moment. */
		{ "advisor becomes on, value is right", ADVISOR("[none] scan-time"),
		  "advisor_mode=scan-time pages_to_scan=100",
		  "advisor_mode=scan-time(would-change) pages_to_scan=100(refused!)" },
		{ "advisor is on, value is right", ADVISOR("none [scan-time]"), "pages_to_scan=100",
		  "pages_to_scan=100(refused!)" },
		/* Kernels before 6.8 have no advisor, so the value can be set. */
		{ "no advisor", KSM "pages_to_scan = 100\n", "pages_to_scan=500",
		  "pages_to_scan=500(would-change)" },
		{ "no advisor, policy wants one", KSM "pages_to_scan = 100\n",
		  "advisor_mode=scan-time pages_to_scan=500",
		  "advisor_mode=scan-time(absent) pages_to_scan=500(would-change)" },
		{ "no mode of the advisor but none", ADVISOR("[none]"),
		  "advisor_mode=scan-time|none pages_to_scan=500",
		  "advisor_mode=none(same) pages_to_scan=500(would-change)" },
		/* Only the present value is asked for; no KSM. */
		{ "only asked", ADVISOR("none [scan-time]"), "pages_to_scan",
		  "pages_to_scan=(same)" },
		{ "no KSM", KSM " /\n", "advisor_mode=scan-time pages_to_scan=500",
		  "advisor_mode=scan-time(absent) pages_to_scan=500(absent)" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(TunePlan) plan = make_plan(root, rows[i].wants);
		g_autofree char *printed = print(plan);
		CHECK_TEXT(printed, rows[i].plan);
	}
}

static void test_advisor_reason(void)
{
	g_autoptr(TuneRoot) root = check_host(ADVISOR("none [scan-time]"));
	g_autoptr(TunePlan) plan = make_plan(root, "pages_to_scan=500");

	CHECK_TEXT(tune_plan_get_step(plan, 0)->note,
		   "the advisor sets it: set ksm.advisor_mode to none, or leave this out");
}

/* A revert switches the advisor on again, which then chooses the value itself. */
static void test_advisor_put_back(void)
{
	g_autoptr(TuneRoot) root = check_host(ADVISOR("[none] scan-time"));
	g_autoptr(TunePlan) plan = make_plan(root, "advisor_mode=scan-time");
	const TuneParam *param = tune_param_find(&tune_section_ksm, "pages_to_scan");
	Step *step = tune_plan_add(plan,
				   tune_step_new(param, "pages_to_scan", NULL, "1234", "journal"));

	step->is_exact = TRUE;
	tune_plan_prepare(plan);
	g_autofree char *printed = print(plan);
	CHECK_TEXT(printed, "advisor_mode=scan-time(would-change) pages_to_scan=1234(same!)");
}

/* Attributes of other things may have the same names. */
static void test_others(void)
{
	g_autoptr(TuneRoot) root = make_host(MERGED("1") STATE "sys/run = 1\n", SHORT);
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);
	const TuneParam *param = tune_param_find(&tune_section_attributes, "sys/run");

	tune_plan_add(plan, tune_step_new(param, "sys/run", NULL, "2", "P:1"));
	tune_plan_prepare(plan);
	g_autofree char *printed = print(plan);
	CHECK_TEXT(printed, "sys/run=2(would-change)");
}

int main(void)
{
	static const Check checks[] = {
		{ "read", test_read },
		{ "read each field", test_read_fields },
		{ "read what is not there", test_read_fails },
		{ "rate", test_rate },
		{ "unmerge", test_unmerge },
		{ "why not", test_reason },
		{ "memory is not known", test_no_meminfo },
		{ "advisor", test_advisor },
		{ "advisor, why not", test_advisor_reason },
		{ "advisor that is put back", test_advisor_put_back },
		{ "others", test_others },
		{ NULL, NULL },
	};

	return check_main("ksm", checks);
}
