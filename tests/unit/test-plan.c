/* SPDX-License-Identifier: BSD-2-Clause */
/* Plans against the kernel in memory, which behaves as the real one. */
#include <string.h>

#include <libtune/base/root.h>

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

/* The old name of a scheduler, and the attributes that it brings. */
static void test_deadline(void)
{
	plan_boot();
	g_autoptr(TunePlan) plan = plan_look(
		"disks: [{match: sda, scheduler: deadline, iosched/read_expire: 152}]\n");
	plan_check_told(plan,
			"disk.scheduler would-change\ndisk.iosched/read_expire would-change\n");
	CHECK_TEXT(plan_get(plan, "disk.scheduler")->want, "mq-deadline");
	plan_apply(plan);
	plan_check_told(plan, "disk.scheduler changed\ndisk.iosched/read_expire changed\n");
}

/* A choice that is shown in brackets is restored by its word alone. */
static void test_attribute_in_brackets(void)
{
	plan_boot();
	g_autoptr(TunePlan)
		plan = plan_look_and_apply("attributes: {sys/block/sda/queue/scheduler: kyber}\n");
	plan_check_told(plan, "sys/block/sda/queue/scheduler changed\n");
	CHECK_TEXT(plan_get(plan, "sys/block/sda/queue/scheduler")->have, "kyber");
	g_autoptr(TunePlan) back = plan_revert();
	plan_check_told(back, "sys/block/sda/queue/scheduler changed\n");
	CHECK_TEXT(kernel_get("sys/block/sda/queue/scheduler"), "none mq-deadline kyber [bfq]");
}

/* A value that could not be restored is not written. */
static void test_refused_before_the_write(void)
{
	plan_boot();
	kernel_set("sys/a", "3 (enabled)");
	kernel_set("proc/sys/kernel/printk", "4\t4\t1\t7");
	kernel_clear_log();
	g_autoptr(TunePlan)
		plan = plan_look_and_apply("sysctl: {kernel.printk: 3}\nattributes: {sys/a: 4}\n");
	plan_check_told(plan, "kernel.printk refused\nsys/a refused\n");
	CHECK_TEXT(plan_get(plan, "kernel.printk")->note, "'3' is not possible: shows '4 4 1 7'");
	CHECK_TEXT(kernel_get_log(), "");
}

/* A host may have no disk of a class, but a name without a disk is an error. */
static void test_rules_without_a_disk(void)
{
	static const struct {
		const char *match;
		const char *finding;
	} rows[] = {
		{ "ssd", NULL },
		{ "hdd", NULL },
		{ "[nvme, drbd]", NULL },
		{ "[ssd, \"!sdb\"]", NULL },
		{ "sda", NULL },
		{ "\"sd*\"", NULL },
		{ "sdb", "p:1: match 'sdb' fits no disk here" },
		{ "[hdd, sda]", "p:1: match 'sda' fits no disk here" },
		{ "\"sd[ab]\"",
		  "p:1: match 'sd[ab]' fits no disk here; patterns know only * and ?" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *policy = g_strdup_printf("disks: [{match: %s, rq_affinity: 2}]\n",
							  rows[i].match);
		plan_boot();
		g_autoptr(TunePlan) plan = plan_look(policy);
		const GPtrArray *findings = tune_plan_get_findings(plan);
		CU_ASSERT_EQUAL(findings->len, rows[i].finding ? 1 : 0);
		CHECK_TEXT(findings->len ? findings->pdata[0] : NULL, rows[i].finding);
	}
}

/* Of an NVMe disk with native multipath, the paths have most of the queue's attributes. */
static void test_nvme_paths(void)
{
	static const struct {
		const char *policy;
		const char *steps;
	} rows[] = {
		{ "{match: nvme, scheduler: kyber, iosched/read_lat_nsec: 1, read_ahead_kb: 256}",
		  "nvme0c0n1 scheduler kyber\nnvme0c0n1 iosched/read_lat_nsec 1\n"
		  "nvme0c1n1 scheduler kyber\nnvme0c1n1 iosched/read_lat_nsec 1\n"
		  "nvme0n1 read_ahead_kb 256\nnvme2n1 scheduler kyber\n"
		  "nvme2n1 iosched/read_lat_nsec 1\nnvme2n1 read_ahead_kb 256\n" },
		{ "{match: nvme0n1, nr_requests: 9}, {match: nvme0c1n1, nr_requests: 8}",
		  "nvme0c0n1 nr_requests 9\nnvme0c1n1 nr_requests 8\n" },
		{ "{match: nvme0c*, read_ahead_kb: 64}",
		  "nvme0c0n1 read_ahead_kb 64\nnvme0c1n1 read_ahead_kb 64\n" },
		{ "{match: nvme0*, read_ahead_kb: 64}", "nvme0n1 read_ahead_kb 64\n" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].policy);
		g_autofree char *yaml = g_strdup_printf("disks: [%s]\n", rows[i].policy);
		g_autofree char *path = check_unroll("many-queues");
		g_autoptr(GString) steps = g_string_new(NULL);
		tune_root_free(plan_host);
		plan_host = tune_root_open(path, NULL);
		kernel_boot();
		g_autoptr(TunePlan) plan = plan_look(yaml);
		for (guint j = 0; j < tune_plan_get_length(plan); j++) {
			const TuneStep *step = tune_plan_get_step(plan, j);
			g_string_append_printf(steps, "%s %s %s\n", step->object,
					       step->name + strlen("disk."), step->want);
		}
		CHECK_TEXT(steps->str, rows[i].steps);
	}
}

/* Whether DRBD uses the disk is not known, and so not what its paths need. */
static void test_doubtful_nvme_paths(void)
{
	g_autofree char *path = check_unroll("many-queues");
	g_autoptr(GError) error = NULL;
	guint n_unknown = 0;

	tune_root_free(plan_host);
	plan_host = tune_root_open(path, NULL);
	kernel_boot();
	tune_root_remove(plan_host, "sys/devices/virtual/block/nvme0n1/holders/dm-0", &error);
	tune_root_save(plan_host, "run/udev/data/b259:1", "E:ID_FS_TYPE=LVM2_member\n", &error);
	CHECK_NO_ERROR(error);
	g_autoptr(TunePlan) plan = plan_look(
		"disks: [{match: nvme0n1, scheduler: none}, {match: [nvme0n1, drbd], scheduler: mq-deadline}]\n");
	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		CHECK_HOLDS(step->object, "nvme0c");
		CU_ASSERT_EQUAL(step->verdict, TUNE_VERDICT_UNKNOWN);
		n_unknown++;
	}
	CU_ASSERT_EQUAL(n_unknown, 2);
}

int main(void)
{
	static const Check checks[] = {
		{ "a plan writes nothing", test_plan_writes_nothing },
		{ "a scheduler brings only its own", test_scheduler_brings_only_its_own },
		{ "the last rule counts", test_later_rule_counts },
		{ "attributes by pattern", test_attribute_pattern },
		{ "deadline is mq-deadline", test_deadline },
		{ "an attribute in brackets", test_attribute_in_brackets },
		{ "refused before the write", test_refused_before_the_write },
		{ "rules without a disk", test_rules_without_a_disk },
		{ "paths of NVMe", test_nvme_paths },
		{ "whether DRBD uses an NVMe disk with paths is not known",
		  test_doubtful_nvme_paths },
		{ NULL, NULL },
	};

	int status = check_main("plan", checks);
	tune_root_free(plan_host);
	return status;
}
