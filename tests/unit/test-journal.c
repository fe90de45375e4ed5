/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal of old values: cut off, damaged, of another boot, or unreadable. */
#include <stdio.h>
#include <string.h>

#include <libtune/tuning/journal.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/plan-host.h"

static void append_to_journal(const char *text)
{
	g_autofree char *path = g_build_filename(tune_root_get_directory(plan_host),
						 TUNE_JOURNAL_FILE, NULL);
	FILE *file = fopen(path, "a");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
}

static void test_journal_cut_off(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 10}\n"));
	append_to_journal("W\t123\tsysctl\tvm.dirty_ra");
	tune_plan_free(plan_look_and_apply("transparent_hugepage: {enabled: never}\n"));
	g_autoptr(TunePlan) plan = plan_revert();
	plan_check_told(plan, "vm.swappiness changed\ntransparent_hugepage.enabled changed\n");
}

static void test_journal_garbage(void)
{
	g_autoptr(GError) error = NULL;

	plan_boot();
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 10}\n"));
	append_to_journal("what is this\n");
	CU_ASSERT_PTR_NULL(tune_journal_load(plan_host, &error));
	CHECK_HOLDS(error->message, "run/ganeti-tune/journal:4: not a record");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_journal_of_another_boot(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("sysctl: {vm.swappiness: 10}\n"));
	CU_ASSERT(tune_root_write(plan_host, "proc/sys/kernel/random/boot_id", "second", NULL));
	g_autoptr(TunePlan) nothing = plan_look_back();
	CU_ASSERT_EQUAL(tune_plan_get_length(nothing), 0);
	kernel_boot();
	tune_plan_free(plan_look_and_apply("transparent_hugepage: {enabled: never}\n"));
	g_autoptr(TunePlan) plan = plan_look_back();
	plan_check_told(plan, "transparent_hugepage.enabled would-change\n");
}

/* The writer died after the old value was recorded and before the result was: the present value counts as ours. */
static void test_journal_without_kept(void)
{
	plan_boot();
	tune_plan_free(plan_look_and_apply("disks: [{match: sda, nr_requests: 2}]\n"));
	g_autofree char *path = g_build_filename(tune_root_get_directory(plan_host),
						 TUNE_JOURNAL_FILE, NULL);
	g_autofree char *text = NULL;
	CU_ASSERT_FATAL(g_file_get_contents(path, &text, NULL, NULL));
	strstr(text, "\nK")[1] = '\0';
	CU_ASSERT(g_file_set_contents(path, text, -1, NULL));
	tune_plan_free(plan_revert());
	CHECK_TEXT(kernel_get(PLAN_QUEUE "nr_requests"), "64");
}

static void test_no_journal_no_write(void)
{
	g_autoptr(GError) error = NULL;

	plan_boot();
	/* A file where the directory should be. */
	g_autofree char *path = g_build_filename(tune_root_get_directory(plan_host), "run", NULL);
	CU_ASSERT(g_file_set_contents(path, "", -1, NULL));
	g_autoptr(TunePlan) plan = plan_look("sysctl: {vm.swappiness: 10}\n");
	CU_ASSERT_FALSE(tune_plan_apply(plan, PLAN_WAIT_MS, &error));
	CU_ASSERT_PTR_NOT_NULL(error);
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_lock(void)
{
	g_autoptr(GError) error = NULL;

	plan_boot();
	g_auto(filedesc) lock = tune_journal_lock(plan_host, PLAN_WAIT_MS, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT(lock >= 0);
	g_autoptr(TunePlan) plan = plan_look("sysctl: {vm.swappiness: 10}\n");
	gint64 start = g_get_monotonic_time();
	CU_ASSERT_FALSE(tune_plan_apply(plan, PLAN_WAIT_MS, &error));
	gint64 waited_ms = (g_get_monotonic_time() - start) / 1000;
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CU_ASSERT(waited_ms >= PLAN_WAIT_MS);
	CHECK_SOON(start);
	CHECK_TEXT(kernel_get_log(), "");
}

int main(void)
{
	static const Check checks[] = {
		{ "journal: last line cut off", test_journal_cut_off },
		{ "journal: garbage", test_journal_garbage },
		{ "journal: another boot", test_journal_of_another_boot },
		{ "journal: died before the value was noted", test_journal_without_kept },
		{ "without a journal nothing is written", test_no_journal_no_write },
		{ "lock", test_lock },
		{ NULL, NULL },
	};

	return check_main("journal", checks);
}
