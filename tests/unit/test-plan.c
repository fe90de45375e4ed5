/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans against a kernel with all the manners of the real one. */
#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/plan-host.h"

static void test_plan_writes_nothing(void)
{
	plan_boot();
	g_autofree char *before = kernel_dump();
	g_autoptr(TunePlan) plan = plan_look(PLAN_ALL_OF_DISK);
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
	CHECK_TEXT(kernel_get_log(), "");
	plan_check_told(plan,
			"disk.scheduler would-change\ndisk.nr_requests would-change\n"
			"disk.iosched/read_expire would-change\ndisk.max_sectors_kb would-change\n"
			"disk.wbt_lat_usec same\ndisk.read_ahead_kb would-change\n");
	CHECK_TEXT(plan_get(plan, "disk.iosched/read_expire")->note,
		   "comes with scheduler mq-deadline");
	CHECK_TEXT(plan_get(plan, "disk.scheduler")->want, "mq-deadline");
	CHECK_TEXT(plan_get(plan, "disk.scheduler")->origin, "p:8");
}

static void test_scheduler_brings_only_its_own(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look("disks:\n- match: sda\n  scheduler: none\n"
					     "  iosched/read_expire: 150\n");
	CU_ASSERT_EQUAL(plan_get(plan, "disk.iosched/read_expire")->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_FALSE(tune_plan_is_fulfilled(plan));
}

static void test_later_rule_counts(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look(
		"disks:\n- {match: ssd, rq_affinity: 2, nr_requests: 9}\n"
		"- {match: sd*, rq_affinity: 0}\n- {match: nvme, rq_affinity: 1}\n");
	CHECK_TEXT(plan_get(plan, "disk.rq_affinity")->want, "0");
	CHECK_TEXT(plan_get(plan, "disk.nr_requests")->want, "9");
	CU_ASSERT_EQUAL(tune_plan_get_length(plan), 2);
}

static void test_attribute_pattern(void)
{
	tune_root_free(plan_host);
	plan_host = check_host("sys/module/a/parameters/x = 1\nsys/module/b/parameters/x = 1\n");
	kernel_boot();
	kernel_set("sys/module/a/parameters/x", "N");
	kernel_set("sys/module/b/parameters/x", "Y");
	g_autoptr(TunePlan) plan = plan_look_and_apply(
		"attributes: {sys/module/*/parameters/x: Y, sys/none/*: 1}\n");
	plan_check_told(plan, "sys/module/a/parameters/x changed\nsys/module/b/parameters/x same\n"
			      "sys/none/* absent\n");
}

static void close_host(void)
{
	tune_root_free(plan_host);
	plan_host = NULL;
}

int main(void)
{
	static const Check checks[] = {
		{ "a plan writes nothing", test_plan_writes_nothing },
		{ "a scheduler brings only its own", test_scheduler_brings_only_its_own },
		{ "the last rule counts", test_later_rule_counts },
		{ "attributes by pattern", test_attribute_pattern },
		{ "close", close_host },
		{ NULL, NULL },
	};

	return check_main("plan", checks);
}
