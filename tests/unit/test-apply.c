/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans applied to the kernel in memory, which behaves as the real one. */
#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/plan-host.h"

#define KSM "sys/kernel/mm/ksm/"

static void test_order(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look_and_apply(PLAN_ALL_OF_DISK);
	CHECK_TEXT(kernel_get_log(),
		   PLAN_QUEUE "scheduler\n" PLAN_QUEUE "nr_requests\n" PLAN_QUEUE
			      "iosched/read_expire\n" PLAN_QUEUE "max_sectors_kb\n" PLAN_QUEUE
			      "wbt_lat_usec\n" PLAN_QUEUE "read_ahead_kb\n");
	CHECK_TEXT(kernel_get(PLAN_QUEUE "nr_requests"), "1024");
	CHECK_TEXT(kernel_get(PLAN_QUEUE "read_ahead_kb"), "4096");
	CHECK_TEXT(kernel_get(PLAN_QUEUE "iosched/read_expire"), "152");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 6);
}

static void test_second_apply_writes_nothing(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply(PLAN_ALL_OF_DISK));
	kernel_clear_log();
	g_autoptr(TunePlan) plan = plan_look_and_apply(PLAN_ALL_OF_DISK);
	CHECK_TEXT(kernel_get_log(), "");
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_SAME), 6);
}

/* The verdict on a setting whose write or read fails. */
static void test_failures(void)
{
	static const struct {
		const char *name;
		gboolean is_read;
		TuneErrorCode code;
		TuneVerdict verdict;
	} rows[] = {
		{ "the kernel refuses the value", FALSE, TUNE_ERROR_REFUSED, TUNE_VERDICT_REFUSED },
		{ "the write is not permitted", FALSE, TUNE_ERROR_DENIED,
		  TUNE_VERDICT_NOT_PERMITTED },
		{ "there is nothing to write to", FALSE, TUNE_ERROR_ABSENT, TUNE_VERDICT_ABSENT },
		{ "the write fails", FALSE, TUNE_ERROR_IO, TUNE_VERDICT_UNKNOWN },
		{ "the value cannot be read", TRUE, TUNE_ERROR_IO, TUNE_VERDICT_UNKNOWN },
		{ "reading is refused", TRUE, TUNE_ERROR_REFUSED, TUNE_VERDICT_UNKNOWN },
		{ "reading is not permitted", TRUE, TUNE_ERROR_DENIED, TUNE_VERDICT_UNKNOWN },
		{ "there is nothing to read", TRUE, TUNE_ERROR_ABSENT, TUNE_VERDICT_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		plan_boot();
		(rows[i].is_read ? kernel_break_read : kernel_break_write)("proc/sys/vm/swappiness",
									   rows[i].code);
		g_autoptr(TunePlan) plan = plan_look_and_apply(
			"sysctl: {vm.swappiness: 10, net.ipv4.tcp_rmem: 1 1 9999999}\n");
		CU_ASSERT_EQUAL(plan_get(plan, "vm.swappiness")->verdict, rows[i].verdict);
		CU_ASSERT_EQUAL(plan_get(plan, "net.ipv4.tcp_rmem")->verdict, TUNE_VERDICT_CHANGED);
		if (rows[i].verdict != TUNE_VERDICT_ABSENT)
			CHECK_HOLDS(plan_get(plan, "vm.swappiness")->note, "vm/swappiness: broken");
	}
}

/* The write fails and has its effect all the same: the value that is read back decides. */
static void test_failed_write_with_effect(void)
{
	plan_boot();
	kernel_break_write("proc/sys/vm/swappiness", TUNE_ERROR_IO);
	g_autoptr(TunePlan) plan = plan_look("sysctl: {vm.swappiness: 10}\n");
	kernel_set("proc/sys/vm/swappiness", "10");
	plan_apply(plan);
	plan_check_told(plan, "vm.swappiness same\n");
}

static void test_clamped(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look_and_apply("disks: [{match: sda, nr_requests: 2}]\n");
	plan_check_told(plan, "disk.nr_requests clamped\n");
	CHECK_TEXT(plan_get(plan, "disk.nr_requests")->note, "the kernel kept 4");
}

static void test_overridden(void)
{
	plan_boot();
	kernel_meddle(PLAN_QUEUE "rq_affinity", "proc/sys/vm/swappiness", "60");
	g_autoptr(TunePlan) plan = plan_look_and_apply(
		"sysctl: {vm.swappiness: 10}\ndisks: [{match: sda, rq_affinity: 2}]\n");
	plan_check_told(plan, "vm.swappiness overridden\ndisk.rq_affinity changed\n");
	CHECK_HOLDS(plan_get(plan, "vm.swappiness")->note, "changed to 60 by something else");
}

static void test_raise_only(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look_and_apply(
		"sysctl: {net.ipv4.tcp_rmem: [131072, 1024, 10485760]}\n");
	CHECK_TEXT(kernel_get("proc/sys/net/ipv4/tcp_rmem"), "131072 131072 10485760");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

/* ---- KSM's state rules ---- */

static void merge_pages(void)
{
	kernel_set(KSM "run", "1");
	kernel_set(KSM "pages_shared", "100");
	kernel_set(KSM "pages_sharing", "1000");
}

static void test_ksm_advisor_then_pages(void)
{
	plan_boot();
	kernel_set(KSM "advisor_mode", "none [scan-time]");
	kernel_set(KSM "pages_to_scan", "500");
	g_autoptr(TunePlan)
		plan = plan_look_and_apply("ksm: {pages_to_scan: 2000, advisor_mode: none}\n");
	CHECK_TEXT(kernel_get(KSM "pages_to_scan"), "2000");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_ksm_pages_under_advisor(void)
{
	plan_boot();
	kernel_set(KSM "advisor_mode", "none [scan-time]");
	g_autoptr(TunePlan) plan = plan_look_and_apply("ksm: {pages_to_scan: 2000}\n");
	plan_check_told(plan, "ksm.pages_to_scan refused\n");
	CHECK_HOLDS(plan_get(plan, "ksm.pages_to_scan")->note, "advisor_mode to none");
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_ksm_unmerges_first(void)
{
	plan_boot();
	merge_pages();
	g_autoptr(TunePlan) plan = plan_look_and_apply("ksm: {merge_across_nodes: 0, run: 1}\n");
	CHECK_TEXT(kernel_get_log(), KSM "run\n" KSM "merge_across_nodes\n" KSM "run\n");
	CHECK_TEXT(kernel_get(KSM "run"), "1");
	CHECK_TEXT(kernel_get(KSM "merge_across_nodes"), "0");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_ksm_unmerging_puts_run_back(void)
{
	plan_boot();
	merge_pages();
	g_autoptr(TunePlan)
		plan = plan_look_and_apply("ksm: {max_page_sharing: 64, merge_across_nodes: 0}\n");
	CHECK_TEXT(kernel_get(KSM "run"), "1");
	CHECK_TEXT(kernel_get(KSM "merge_across_nodes"), "0");
	CHECK_TEXT(kernel_get(KSM "max_page_sharing"), "64");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_ksm_no_memory_to_unmerge(void)
{
	static const char *const policies[] = { "ksm: {merge_across_nodes: 0}\n",
						"ksm: {run: 2}\n" };

	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		check_row(policies[i]);
		plan_boot();
		merge_pages();
		kernel_set(KSM "pages_sharing", "1000000");
		g_autoptr(TunePlan) plan = plan_look_and_apply(policies[i]);
		CHECK_TEXT(kernel_get_log(), "");
		CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_REFUSED);
		CHECK_HOLDS(tune_plan_get_step(plan, 0)->note, "available are 976 MiB");
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "values are written in the order of the table", test_order },
		{ "a second apply writes nothing", test_second_apply_writes_nothing },
		{ "failures and their verdicts", test_failures },
		{ "a failed write with an effect: the value that is read back counts",
		  test_failed_write_with_effect },
		{ "clamped", test_clamped },
		{ "overridden", test_overridden },
		{ "raise only, field by field", test_raise_only },
		{ "KSM: advisor, then pages_to_scan", test_ksm_advisor_then_pages },
		{ "KSM: no pages_to_scan under an advisor", test_ksm_pages_under_advisor },
		{ "KSM: unmerge first", test_ksm_unmerges_first },
		{ "KSM: run is put back after unmerging", test_ksm_unmerging_puts_run_back },
		{ "KSM: no unmerging without memory", test_ksm_no_memory_to_unmerge },
		{ NULL, NULL },
	};

	return check_main("apply", checks);
}
