/* SPDX-License-Identifier: BSD-2-Clause */
/* Plan, apply, journal and revert against a kernel with all the manners of the real one. */
#include <stdio.h>
#include <string.h>

#include <libtune/journal.h>
#include <libtune/plan.h>
#include <libtune/policy.h>
#include <libtune/root.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"

#define QUEUE "sys/block/sda/queue/"
#define KSM "sys/kernel/mm/ksm/"
#define WAIT_MS 100

static TuneRoot *host;

/* The tree holds what is not a value: which disks there are, the boot, the memory. */
static void boot(void)
{
	tune_root_free(host);
	host = check_host("sys/block/sda/queue/rotational = 0\n"
			  "sys/block/sda/diskseq = 7\n"
			  "proc/sys/kernel/random/boot_id = first\n"
			  "proc/meminfo = MemAvailable: 1000000 kB\n");
	kernel_boot();
}

static TunePlan *look(const char *yaml)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	TunePlan *plan = tune_plan_new_empty(host);

	CHECK_NO_ERROR(error);
	plan->backend = &kernel_backend;
	CU_ASSERT(tune_plan_resolve(plan, policy, &error));
	CHECK_NO_ERROR(error);
	tune_plan_look(plan);
	return plan;
}

static void apply_plan(TunePlan *plan)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_plan_apply(plan, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
}

static TunePlan *apply(const char *yaml)
{
	TunePlan *plan = look(yaml);

	apply_plan(plan);
	return plan;
}

static TunePlan *look_back(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) records = tune_journal_load(host, &error);
	TunePlan *plan = tune_plan_new_empty(host);

	CHECK_NO_ERROR(error);
	plan->backend = &kernel_backend;
	plan->is_revert = TRUE;
	tune_plan_resolve_revert(plan, records);
	tune_plan_look(plan);
	return plan;
}

static TunePlan *revert(void)
{
	TunePlan *plan = look_back();

	apply_plan(plan);
	return plan;
}

/* "NAME VERDICT" of every step, one per line. */
static char *tell(const TunePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		g_string_append_printf(text, "%s %s\n", step->name,
				       tune_verdict_name(step->verdict));
	}
	return g_string_free(text, FALSE);
}

static void check_told(const TunePlan *plan, const char *wanted)
{
	g_autofree char *told = tell(plan);

	CHECK_TEXT(told, wanted);
}

static const TuneStep *get(const TunePlan *plan, const char *name)
{
	for (guint i = 0; i < tune_plan_get_length(plan); i++)
		if (strcmp(tune_plan_get_step(plan, i)->name, name) == 0)
			return tune_plan_get_step(plan, i);
	CU_FAIL_FATAL("no such step");
	return NULL;
}

#define ALL_OF_DISK                                                                                \
	"disks:\n"                                                                                 \
	"- match: sda\n"                                                                           \
	"  read_ahead_kb: 4096\n"                                                                  \
	"  wbt_lat_usec: 0\n"                                                                      \
	"  max_sectors_kb: 512\n"                                                                  \
	"  iosched/read_expire: 150\n"                                                             \
	"  nr_requests: 1024\n"                                                                    \
	"  scheduler: [mq-deadline, none]\n"

/* ---- plan and apply ---- */

static void test_order(void)
{
	boot();
	g_autoptr(TunePlan) plan = apply(ALL_OF_DISK);
	CHECK_TEXT(kernel_get_log(),
		   QUEUE "scheduler\n" QUEUE "nr_requests\n" QUEUE "iosched/read_expire\n" QUEUE
			 "max_sectors_kb\n" QUEUE "wbt_lat_usec\n" QUEUE "read_ahead_kb\n");
	CHECK_TEXT(kernel_get(QUEUE "nr_requests"), "1024");
	CHECK_TEXT(kernel_get(QUEUE "read_ahead_kb"), "4096");
	CHECK_TEXT(kernel_get(QUEUE "iosched/read_expire"), "152");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 6);
}

static void test_second_apply_writes_nothing(void)
{
	boot();
	tune_plan_free(apply(ALL_OF_DISK));
	kernel_clear_log();
	g_autoptr(TunePlan) plan = apply(ALL_OF_DISK);
	CHECK_TEXT(kernel_get_log(), "");
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_SAME), 6);
}

static void test_plan_writes_nothing(void)
{
	boot();
	g_autofree char *before = kernel_dump();
	g_autoptr(TunePlan) plan = look(ALL_OF_DISK);
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
	CHECK_TEXT(kernel_get_log(), "");
	check_told(plan, "disk.scheduler would-change\ndisk.nr_requests would-change\n"
			 "disk.iosched/read_expire would-change\ndisk.max_sectors_kb would-change\n"
			 "disk.wbt_lat_usec same\ndisk.read_ahead_kb would-change\n");
	CHECK_TEXT(get(plan, "disk.iosched/read_expire")->note, "comes with scheduler mq-deadline");
	CHECK_TEXT(get(plan, "disk.scheduler")->want, "mq-deadline");
	CHECK_TEXT(get(plan, "disk.scheduler")->origin, "p:8");
}

static void test_scheduler_brings_only_its_own(void)
{
	boot();
	g_autoptr(TunePlan) plan = look("disks:\n- match: sda\n  scheduler: none\n"
					"  iosched/read_expire: 150\n");
	CU_ASSERT_EQUAL(get(plan, "disk.iosched/read_expire")->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_FALSE(tune_plan_is_fulfilled(plan));
}

/* What becomes of one setting when its write or read goes wrong. */
static void test_failures(void)
{
	static const struct {
		gboolean is_read;
		TuneErrorCode code;
		TuneVerdict verdict;
	} rows[] = {
		{ FALSE, TUNE_ERROR_REFUSED, TUNE_VERDICT_REFUSED },
		{ FALSE, TUNE_ERROR_DENIED, TUNE_VERDICT_NOT_PERMITTED },
		{ FALSE, TUNE_ERROR_ABSENT, TUNE_VERDICT_ABSENT },
		{ FALSE, TUNE_ERROR_IO, TUNE_VERDICT_UNKNOWN },
		{ TRUE, TUNE_ERROR_IO, TUNE_VERDICT_UNKNOWN },
		{ TRUE, TUNE_ERROR_REFUSED, TUNE_VERDICT_UNKNOWN },
		{ TRUE, TUNE_ERROR_DENIED, TUNE_VERDICT_UNKNOWN },
		{ TRUE, TUNE_ERROR_ABSENT, TUNE_VERDICT_ABSENT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		boot();
		(rows[i].is_read ? kernel_break_read : kernel_break_write)("proc/sys/vm/swappiness",
									   rows[i].code);
		g_autoptr(TunePlan) plan = apply(
			"sysctl: {vm.swappiness: 10, net.ipv4.tcp_rmem: 1 1 9999999}\n");
		CU_ASSERT_EQUAL(get(plan, "vm.swappiness")->verdict, rows[i].verdict);
		CU_ASSERT_EQUAL(get(plan, "net.ipv4.tcp_rmem")->verdict, TUNE_VERDICT_CHANGED);
		if (rows[i].verdict != TUNE_VERDICT_ABSENT)
			CHECK_HOLDS(get(plan, "vm.swappiness")->note, "vm/swappiness: broken");
	}
}

/* The write says no and has its effect all the same: what stands decides. */
static void test_failed_write_with_effect(void)
{
	boot();
	kernel_break_write("proc/sys/vm/swappiness", TUNE_ERROR_IO);
	g_autoptr(TunePlan) plan = look("sysctl: {vm.swappiness: 10}\n");
	kernel_set("proc/sys/vm/swappiness", "10");
	apply_plan(plan);
	check_told(plan, "vm.swappiness same\n");
}

static void test_clamped(void)
{
	boot();
	g_autoptr(TunePlan) plan = apply("disks: [{match: sda, nr_requests: 2}]\n");
	check_told(plan, "disk.nr_requests clamped\n");
	CHECK_TEXT(get(plan, "disk.nr_requests")->note, "the kernel kept 4");
}

static void test_overridden(void)
{
	boot();
	kernel_meddle(QUEUE "rq_affinity", "proc/sys/vm/swappiness", "60");
	g_autoptr(TunePlan) plan = apply(
		"sysctl: {vm.swappiness: 10}\ndisks: [{match: sda, rq_affinity: 2}]\n");
	check_told(plan, "vm.swappiness overridden\ndisk.rq_affinity changed\n");
	CHECK_HOLDS(get(plan, "vm.swappiness")->note, "made it 60");
}

static void test_raise_only(void)
{
	boot();
	g_autoptr(TunePlan) plan = apply("sysctl: {net.ipv4.tcp_rmem: [131072, 1024, 10485760]}\n");
	CHECK_TEXT(kernel_get("proc/sys/net/ipv4/tcp_rmem"), "131072 131072 10485760");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_later_rule_counts(void)
{
	boot();
	g_autoptr(TunePlan)
		plan = look("disks:\n- {match: ssd, rq_affinity: 2, nr_requests: 9}\n"
			    "- {match: sd*, rq_affinity: 0}\n- {match: nvme, rq_affinity: 1}\n");
	CHECK_TEXT(get(plan, "disk.rq_affinity")->want, "0");
	CHECK_TEXT(get(plan, "disk.nr_requests")->want, "9");
	CU_ASSERT_EQUAL(tune_plan_get_length(plan), 2);
}

static void test_attribute_pattern(void)
{
	tune_root_free(host);
	host = check_host("sys/module/a/parameters/x = 1\nsys/module/b/parameters/x = 1\n");
	kernel_boot();
	kernel_set("sys/module/a/parameters/x", "N");
	kernel_set("sys/module/b/parameters/x", "Y");
	g_autoptr(TunePlan)
		plan = apply("attributes: {sys/module/*/parameters/x: Y, sys/none/*: 1}\n");
	check_told(plan, "sys/module/a/parameters/x changed\nsys/module/b/parameters/x same\n"
			 "sys/none/* absent\n");
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
	boot();
	kernel_set(KSM "advisor_mode", "none [scan-time]");
	kernel_set(KSM "pages_to_scan", "500");
	g_autoptr(TunePlan) plan = apply("ksm: {pages_to_scan: 2000, advisor_mode: none}\n");
	CHECK_TEXT(kernel_get(KSM "pages_to_scan"), "2000");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_ksm_pages_under_advisor(void)
{
	boot();
	kernel_set(KSM "advisor_mode", "none [scan-time]");
	g_autoptr(TunePlan) plan = apply("ksm: {pages_to_scan: 2000}\n");
	check_told(plan, "ksm.pages_to_scan refused\n");
	CHECK_HOLDS(get(plan, "ksm.pages_to_scan")->note, "advisor_mode to none");
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_ksm_unmerges_first(void)
{
	boot();
	merge_pages();
	g_autoptr(TunePlan) plan = apply("ksm: {merge_across_nodes: 0, run: 1}\n");
	CHECK_TEXT(kernel_get_log(), KSM "run\n" KSM "merge_across_nodes\n" KSM "run\n");
	CHECK_TEXT(kernel_get(KSM "run"), "1");
	CHECK_TEXT(kernel_get(KSM "merge_across_nodes"), "0");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_ksm_unmerging_puts_run_back(void)
{
	boot();
	merge_pages();
	g_autoptr(TunePlan) plan = apply("ksm: {max_page_sharing: 64, merge_across_nodes: 0}\n");
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
		boot();
		merge_pages();
		kernel_set(KSM "pages_sharing", "1000000");
		g_autoptr(TunePlan) plan = apply(policies[i]);
		CHECK_TEXT(kernel_get_log(), "");
		CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_REFUSED);
		CHECK_HOLDS(tune_plan_get_step(plan, 0)->note, "available are 976 MiB");
	}
}

/* ---- revert ---- */

static void check_restores(const char *yaml)
{
	g_autofree char *before = kernel_dump();
	tune_plan_free(apply(yaml));
	g_autofree char *tuned = kernel_dump();
	CU_ASSERT_STRING_NOT_EQUAL(tuned, before);
	g_autoptr(TunePlan) back = revert();
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
	CU_ASSERT_FALSE(tune_plan_count(back, TUNE_VERDICT_REFUSED));
	g_autoptr(TunePlan) again = look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(again), 0);
}

static void test_revert(void)
{
	static const char *const policies[] = {
		ALL_OF_DISK,
		"sysctl: {vm.dirty_bytes: 1000000, vm.dirty_background_bytes: 100000}\n",
		"sysctl: {vm.dirty_ratio: 10}\n",
		"ksm: {run: 1, advisor_mode: scan-time, merge_across_nodes: 0, smart_scan: 0}\n",
		"transparent_hugepage: {enabled: madvise}\n",
		"disks: [{match: sda, max_sectors_kb: 512}]\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		boot();
		kernel_set("proc/sys/net/ipv4/tcp_rmem", "4096 131072 6291456");
		check_restores(policies[i]);
	}
}

/* Only the scheduler is the policy's, but the kernel throws away what the administrator had set by hand. */
static void test_revert_restores_siblings(void)
{
	boot();
	kernel_set(QUEUE "nr_requests", "777");
	kernel_set(QUEUE "iosched/slice_idle", "0");
	kernel_set(QUEUE "wbt_lat_usec", "999");
	check_restores("disks: [{match: sda, scheduler: mq-deadline}]\n");
	CHECK_TEXT(kernel_get(QUEUE "iosched/slice_idle"), "0");
}

static void test_revert_other_face_of_pair(void)
{
	boot();
	kernel_set("proc/sys/vm/dirty_bytes", "5000000");
	kernel_set("proc/sys/vm/dirty_ratio", "0");
	check_restores("sysctl: {vm.dirty_ratio: 30}\n");
}

static void test_revert_of_two_applies(void)
{
	boot();
	g_autofree char *before = kernel_dump();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10}\n"));
	tune_plan_free(apply("sysctl: {vm.swappiness: 20}\n"));
	tune_plan_free(apply(ALL_OF_DISK));
	tune_plan_free(revert());
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
}

static void test_revert_leaves_what_is_not_ours(void)
{
	boot();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10, vm.dirty_bytes: 1000000}\n"));
	kernel_set("proc/sys/vm/swappiness", "33");
	g_autoptr(TunePlan) plan = revert();
	CHECK_TEXT(kernel_get("proc/sys/vm/swappiness"), "33");
	CHECK_TEXT(kernel_get("proc/sys/vm/dirty_ratio"), "20");
	CU_ASSERT_EQUAL(get(plan, "vm.swappiness")->verdict, TUNE_VERDICT_OVERRIDDEN);
	CHECK_HOLDS(get(plan, "vm.swappiness")->note, "somebody made it 33");
	g_autoptr(TunePlan) again = look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(again), 0);
}

static void test_revert_leaves_siblings_of_what_is_not_ours(void)
{
	boot();
	tune_plan_free(apply("disks: [{match: sda, scheduler: mq-deadline}]\n"));
	kernel_set(QUEUE "scheduler", "none mq-deadline [kyber] bfq");
	kernel_set(QUEUE "nr_requests", "512");
	tune_plan_free(revert());
	CHECK_TEXT(kernel_get(QUEUE "nr_requests"), "512");
}

static void test_revert_of_another_disk(void)
{
	boot();
	tune_plan_free(apply("disks: [{match: sda, rq_affinity: 2}]\n"));
	CU_ASSERT(tune_root_write(host, "sys/block/sda/diskseq", "8", NULL));
	g_autoptr(TunePlan) plan = revert();
	check_told(plan, "disk.rq_affinity absent\n");
	CHECK_TEXT(kernel_get(QUEUE "rq_affinity"), "2");
}

/* What was written to the one before is gone with it; what was written to this one is put back. */
static void test_revert_of_a_disk_that_came_anew(void)
{
	boot();
	tune_plan_free(apply("disks: [{match: sda, rq_affinity: 2, scheduler: mq-deadline}]\n"));
	CU_ASSERT(tune_root_write(host, "sys/block/sda/diskseq", "8", NULL));
	kernel_set(QUEUE "rq_affinity", "0");
	tune_plan_free(apply("disks: [{match: sda, rq_affinity: 2}]\n"));
	g_autoptr(TunePlan) plan = revert();
	CHECK_TEXT(kernel_get(QUEUE "rq_affinity"), "0");
	CU_ASSERT_EQUAL(get(plan, "disk.rq_affinity")->verdict, TUNE_VERDICT_CHANGED);
	CU_ASSERT_EQUAL(get(plan, "disk.scheduler")->verdict, TUNE_VERDICT_ABSENT);
}

static void test_revert_that_fails_is_remembered(void)
{
	boot();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10}\n"));
	kernel_break_write("proc/sys/vm/swappiness", TUNE_ERROR_REFUSED);
	tune_plan_free(revert());
	TuneJournalSummary summary;
	CU_ASSERT(tune_journal_summarise(host, &summary, NULL));
	CU_ASSERT_EQUAL(summary.count, 1);
}

static void test_clamped_is_put_back(void)
{
	boot();
	tune_plan_free(apply("disks: [{match: sda, nr_requests: 2}]\n"));
	tune_plan_free(revert());
	CHECK_TEXT(kernel_get(QUEUE "nr_requests"), "64");
}

/* ---- random policies: what holds for all of them ---- */

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
	/* Without a number in it, the text is its first half alone. */
	g_autoptr(TunePlan) plan = apply(halves[1] ? yaml : format);

	CU_ASSERT(tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE) == 0);
}

static void test_random(void)
{
	guint32 seed = g_random_int();
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);

	printf("# seed %u\n", seed);
	for (int i = 0; i < 300; i++) {
		boot();
		g_autofree char *before = kernel_dump();
		for (int n = g_rand_int_range(random, 1, 6); n > 0; n--)
			apply_random(random);
		tune_plan_free(revert());
		g_autofree char *after = kernel_dump();
		CHECK_TEXT(after, before);
	}
}

/* ---- the journal itself ---- */

static void append_to_journal(const char *text)
{
	g_autofree char *path = g_build_filename(tune_root_get_directory(host), TUNE_JOURNAL_FILE,
						 NULL);
	FILE *file = fopen(path, "a");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static void test_journal_cut_off(void)
{
	boot();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10}\n"));
	append_to_journal("W\t123\tsysctl\tvm.dirty_ra");
	tune_plan_free(apply("transparent_hugepage: {enabled: never}\n"));
	g_autoptr(TunePlan) plan = revert();
	check_told(plan, "vm.swappiness changed\ntransparent_hugepage.enabled changed\n");
}

static void test_journal_garbage(void)
{
	g_autoptr(GError) error = NULL;

	boot();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10}\n"));
	append_to_journal("what is this\n");
	CU_ASSERT_PTR_NULL(tune_journal_load(host, &error));
	CHECK_HOLDS(error->message, "run/ganeti-tune/journal:4: not a record");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_journal_of_another_boot(void)
{
	boot();
	tune_plan_free(apply("sysctl: {vm.swappiness: 10}\n"));
	CU_ASSERT(tune_root_write(host, "proc/sys/kernel/random/boot_id", "second", NULL));
	g_autoptr(TunePlan) nothing = look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(nothing), 0);
	kernel_boot();
	tune_plan_free(apply("transparent_hugepage: {enabled: never}\n"));
	g_autoptr(TunePlan) plan = look_back();
	check_told(plan, "transparent_hugepage.enabled would-change\n");
}

/* The writer died between the record and what came of it: whatever stands there is ours. */
static void test_journal_without_kept(void)
{
	boot();
	tune_plan_free(apply("disks: [{match: sda, nr_requests: 2}]\n"));
	g_autofree char *path = g_build_filename(tune_root_get_directory(host), TUNE_JOURNAL_FILE,
						 NULL);
	g_autofree char *text = NULL;
	CU_ASSERT_FATAL(g_file_get_contents(path, &text, NULL, NULL));
	strstr(text, "\nK")[1] = '\0';
	CU_ASSERT(g_file_set_contents(path, text, -1, NULL));
	tune_plan_free(revert());
	CHECK_TEXT(kernel_get(QUEUE "nr_requests"), "64");
}

static void test_no_journal_no_write(void)
{
	g_autoptr(GError) error = NULL;

	boot();
	/* A file where the directory should be. */
	g_autofree char *path = g_build_filename(tune_root_get_directory(host), "run", NULL);
	CU_ASSERT(g_file_set_contents(path, "", -1, NULL));
	g_autoptr(TunePlan) plan = look("sysctl: {vm.swappiness: 10}\n");
	CU_ASSERT_FALSE(tune_plan_apply(plan, WAIT_MS, &error));
	CU_ASSERT_PTR_NOT_NULL(error);
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_lock(void)
{
	g_autoptr(GError) error = NULL;

	boot();
	g_auto(filedesc) lock = tune_journal_lock(host, WAIT_MS, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT(lock >= 0);
	g_autoptr(TunePlan) plan = look("sysctl: {vm.swappiness: 10}\n");
	gint64 start = g_get_monotonic_time();
	CU_ASSERT_FALSE(tune_plan_apply(plan, WAIT_MS, &error));
	gint64 waited_ms = (g_get_monotonic_time() - start) / 1000;
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CU_ASSERT(waited_ms >= WAIT_MS && waited_ms < 20 * WAIT_MS);
	CHECK_TEXT(kernel_get_log(), "");
}

static void close_host(void)
{
	tune_root_free(host);
	host = NULL;
}

int main(void)
{
	static const Check checks[] = {
		{ "values are written in the order of the table", test_order },
		{ "a second apply writes nothing", test_second_apply_writes_nothing },
		{ "a plan writes nothing", test_plan_writes_nothing },
		{ "a scheduler brings only its own", test_scheduler_brings_only_its_own },
		{ "failures and their verdicts", test_failures },
		{ "what stands counts, not what write said", test_failed_write_with_effect },
		{ "clamped", test_clamped },
		{ "overridden", test_overridden },
		{ "raise only, field by field", test_raise_only },
		{ "the last rule counts", test_later_rule_counts },
		{ "attributes by pattern", test_attribute_pattern },
		{ "KSM: advisor, then pages_to_scan", test_ksm_advisor_then_pages },
		{ "KSM: no pages_to_scan under an advisor", test_ksm_pages_under_advisor },
		{ "KSM: unmerge first", test_ksm_unmerges_first },
		{ "KSM: run is put back after unmerging", test_ksm_unmerging_puts_run_back },
		{ "KSM: no unmerging without memory", test_ksm_no_memory_to_unmerge },
		{ "revert", test_revert },
		{ "revert restores what the kernel reset along", test_revert_restores_siblings },
		{ "revert through the other face of a pair", test_revert_other_face_of_pair },
		{ "revert of two applies", test_revert_of_two_applies },
		{ "revert leaves what is not ours", test_revert_leaves_what_is_not_ours },
		{ "and its siblings", test_revert_leaves_siblings_of_what_is_not_ours },
		{ "revert leaves another disk of the same name", test_revert_of_another_disk },
		{ "revert of a disk that came anew", test_revert_of_a_disk_that_came_anew },
		{ "a revert that fails is remembered", test_revert_that_fails_is_remembered },
		{ "a clamped value is put back", test_clamped_is_put_back },
		{ "apply and revert of random policies", test_random },
		{ "journal: last line cut off", test_journal_cut_off },
		{ "journal: garbage", test_journal_garbage },
		{ "journal: another boot", test_journal_of_another_boot },
		{ "journal: died before the value was noted", test_journal_without_kept },
		{ "without a journal nothing is written", test_no_journal_no_write },
		{ "lock", test_lock },
		{ "close", close_host },
		{ NULL, NULL },
	};

	return check_main("plan", checks);
}
