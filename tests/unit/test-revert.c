/* SPDX-License-Identifier: BSD-2-Clause */
/* Reverts, against the kernel in memory, which behaves as the real one. */
#include <stdio.h>

#include <libtune/tuning/journal.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/plan-host.h"

static void check_restores(const char *yaml)
{
	g_autofree char *before = kernel_dump();
	tune_plan_free(plan_look_and_apply(yaml));
	g_autofree char *tuned = kernel_dump();
	CU_ASSERT_STRING_NOT_EQUAL(tuned, before);
	g_autoptr(TunePlan) back = plan_revert();
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
	CU_ASSERT_FALSE(tune_plan_count(back, TUNE_VERDICT_REFUSED));
	g_autoptr(TunePlan) again = plan_look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(again), 0);
}

static void test_revert(void)
{
	static const char *const policies[] = {
		PLAN_ALL_OF_DISK,
		"sysctl: {vm.dirty_bytes: 1000000, vm.dirty_background_bytes: 100000}\n",
		"sysctl: {vm.dirty_ratio: 10}\n",
		"ksm: {run: 1, advisor_mode: scan-time, merge_across_nodes: 0, smart_scan: 0}\n",
		"transparent_hugepage: {enabled: madvise}\n",
		"disks: [{match: sda, max_sectors_kb: 512}]\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		check_row(policies[i]);
		plan_boot();
		kernel_set("proc/sys/net/ipv4/tcp_rmem", "4096 131072 6291456");
		check_restores(policies[i]);
	}
}

/* The policy sets only the scheduler, but with that the kernel resets values that were set by hand. */
static void test_revert_restores_siblings(void)
{
	plan_boot();
	kernel_set(PLAN_QUEUE "nr_requests", "777");
	kernel_set(PLAN_QUEUE "iosched/slice_idle", "0");
	kernel_set(PLAN_QUEUE "wbt_lat_usec", "999");
	check_restores("disks: [{match: sda, scheduler: mq-deadline}]\n");
	CHECK_TEXT(kernel_get(PLAN_QUEUE "iosched/slice_idle"), "0");
}

static void test_revert_other_face_of_pair(void)
{
	plan_boot();
	kernel_set("proc/sys/vm/dirty_bytes", "5000000");
	kernel_set("proc/sys/vm/dirty_ratio", "0");
	check_restores("sysctl: {vm.dirty_ratio: 30}\n");
}

static void test_revert_of_two_applies(void)
{
	plan_boot();
	g_autofree char *before = kernel_dump();
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 10}\n"));
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 20}\n"));
	tune_plan_free(plan_look_and_apply(PLAN_ALL_OF_DISK));
	tune_plan_free(plan_revert());
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
}

static void test_revert_leaves_what_is_not_ours(void)
{
	plan_boot();
	tune_plan_free(
		plan_look_and_apply("sysctl: {vm.swappiness: 10, vm.dirty_bytes: 1000000}\n"));
	kernel_set("proc/sys/vm/swappiness", "33");
	g_autoptr(TunePlan) plan = plan_revert();
	CHECK_TEXT(kernel_get("proc/sys/vm/swappiness"), "33");
	CHECK_TEXT(kernel_get("proc/sys/vm/dirty_ratio"), "20");
	CU_ASSERT_EQUAL(plan_get(plan, "vm.swappiness")->verdict, TUNE_VERDICT_OVERRIDDEN);
	CHECK_HOLDS(plan_get(plan, "vm.swappiness")->note, "changed to 33 by something else");
	g_autoptr(TunePlan) again = plan_look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(again), 0);
}

static void test_revert_leaves_siblings_of_what_is_not_ours(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("disks: [{match: sda, scheduler: mq-deadline}]\n"));
	kernel_set(PLAN_QUEUE "scheduler", "none mq-deadline [kyber] bfq");
	kernel_set(PLAN_QUEUE "nr_requests", "512");
	tune_plan_free(plan_revert());
	CHECK_TEXT(kernel_get(PLAN_QUEUE "nr_requests"), "512");
}

static void test_revert_of_another_disk(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("disks: [{match: sda, rq_affinity: 2}]\n"));
	CU_ASSERT(tune_root_write(plan_host, "sys/block/sda/diskseq", "8", NULL));
	g_autoptr(TunePlan) plan = plan_revert();
	plan_check_told(plan, "disk.rq_affinity absent\n");
	CHECK_TEXT(kernel_get(PLAN_QUEUE "rq_affinity"), "2");
}

/* Values of a device that is gone are gone with it; those of the present one are restored. */
static void test_revert_of_a_disk_that_came_anew(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply(
		"disks: [{match: sda, rq_affinity: 2, scheduler: mq-deadline}]\n"));
	CU_ASSERT(tune_root_write(plan_host, "sys/block/sda/diskseq", "8", NULL));
	kernel_set(PLAN_QUEUE "rq_affinity", "0");
	tune_plan_free(plan_look_and_apply("disks: [{match: sda, rq_affinity: 2}]\n"));
	g_autoptr(TunePlan) plan = plan_revert();
	CHECK_TEXT(kernel_get(PLAN_QUEUE "rq_affinity"), "0");
	CU_ASSERT_EQUAL(plan_get(plan, "disk.rq_affinity")->verdict, TUNE_VERDICT_CHANGED);
	CU_ASSERT_EQUAL(plan_get(plan, "disk.scheduler")->verdict, TUNE_VERDICT_ABSENT);
}

static void test_revert_that_fails_is_remembered(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 10}\n"));
	kernel_break_write("proc/sys/vm/swappiness", TUNE_ERROR_REFUSED);
	tune_plan_free(plan_revert());
	TuneJournalSummary summary;
	CU_ASSERT(tune_journal_summarise(plan_host, &summary, NULL));
	CU_ASSERT_EQUAL(summary.count, 1);
}

static void test_clamped_is_put_back(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("disks: [{match: sda, nr_requests: 2}]\n"));
	tune_plan_free(plan_revert());
	CHECK_TEXT(kernel_get(PLAN_QUEUE "nr_requests"), "64");
}

/* ---- random policies ---- */

static const char *const random_settings[] = {
	"sysctl: {vm.swappiness: %d}\n",
	"sysctl: {vm.dirty_bytes: %d0000}\n",
	"sysctl: {vm.dirty_ratio: %d}\n",
	"sysctl: {vm.dirty_background_bytes: %d0000}\n",
	"transparent_hugepage: {enabled: madvise}\n",
	"ksm: {run: 1, pages_to_scan: %d}\n",
	"ksm: {advisor_mode: scan-time, run: 1}\n",
	"ksm: {merge_across_nodes: 0, use_zero_pages: 1}\n",
	"disks: [{match: sda, scheduler: kyber, read_ahead_kb: %d}]\n",
	"disks: [{match: sda, scheduler: mq-deadline, iosched/read_expire: %d}]\n",
	"disks: [{match: sda, scheduler: none, nr_requests: %d}]\n",
	"disks: [{match: sda, max_sectors_kb: %d}]\n",
	"disks: [{match: sda, iosched/slice_idle: %d, wbt_lat_usec: 17}]\n",
};

static void apply_random(GRand *random)
{
	const char *format =
		random_settings[g_rand_int_range(random, 0, G_N_ELEMENTS(random_settings))];
	g_auto(GStrv) halves = g_strsplit(format, "%d", 2);
	g_autofree char *yaml = g_strdup_printf(
		"%s%d%s", halves[0], g_rand_int_range(random, 4, 99), halves[1] ? halves[1] : "");
	/* A setting without a number is used as it is. */
	g_autoptr(TunePlan) plan = plan_look_and_apply(halves[1] ? yaml : format);

	CU_ASSERT(tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE) == 0);
}

static void test_random(void)
{
	guint32 seed = g_random_int();
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);

	printf("# seed %u\n", seed);
	for (int i = 0; i < 300; i++) {
		plan_boot();
		g_autofree char *before = kernel_dump();
		for (int n = g_rand_int_range(random, 1, 6); n > 0; n--)
			apply_random(random);
		tune_plan_free(plan_revert());
		g_autofree char *after = kernel_dump();
		CHECK_TEXT(after, before);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "revert", test_revert },
		{ "revert restores what the kernel reset along", test_revert_restores_siblings },
		{ "revert through the other name of a pair", test_revert_other_face_of_pair },
		{ "revert of two applies", test_revert_of_two_applies },
		{ "revert leaves values that something else has changed",
		  test_revert_leaves_what_is_not_ours },
		{ "revert leaves the siblings of what is not ours",
		  test_revert_leaves_siblings_of_what_is_not_ours },
		{ "revert leaves another disk of the same name", test_revert_of_another_disk },
		{ "revert of a disk that came anew", test_revert_of_a_disk_that_came_anew },
		{ "a revert that fails is remembered", test_revert_that_fails_is_remembered },
		{ "a clamped value is put back", test_clamped_is_put_back },
		{ "apply and revert of random policies", test_random },
		{ NULL, NULL },
	};

	return check_main("revert", checks);
}
