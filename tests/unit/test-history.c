/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of records: what is kept, how much of it, and what is told of it. */
#include <libtune/base/root.h>
#include <libtune/migration/history.h>
#include <libtune/migration/records.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define FIRST 1800000000

/* Stores a record as publishing does. */
static void replace(TuneRoot *root, const char *changes, gint64 time)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, changes);
	g_autoptr(TuneCpu) old = tune_cpu_load_node_record(root, "node1", NULL);
	g_autoptr(GError) error = NULL;

	tune_cpu_set_node(cpu, "node1");
	tune_cpu_set_time(cpu, time);
	CU_ASSERT(tune_record_replace(root, old, cpu, &error));
	CHECK_NO_ERROR(error);
}

static GPtrArray *load(TuneRoot *root)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *history = tune_cpu_load_history(root, "node1", &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(history);
	return history;
}

/* "CHANGE@SECONDS", those that cannot be read as their fault; and what is known of a bit. */
static char *describe(const GPtrArray *history)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < history->len; i++) {
		const TuneHistoryEntry *entry = history->pdata[i];
		g_string_append_printf(text, "%s%s@%d%s%s", i ? "; " : "",
				       entry->fault    ? "fault"
				       : entry->change ? entry->change
						       : "-",
				       entry->time ? (int)(entry->time - FIRST) : -1,
				       entry->bit ? " " : "", entry->bit ? entry->bit : "");
	}
	return g_string_free(text, FALSE);
}

static void test_kept(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(GPtrArray) none = load(root);

	CU_ASSERT_EQUAL(none->len, 0);
	replace(root, "", FIRST);
	/* Only the time is new, so the first record is not kept. */
	replace(root, "", FIRST + 10);
	replace(root, "-rtm", FIRST + 20);
	replace(root, "-rtm -hle", FIRST + 30);
	replace(root, "", FIRST + 40);
	g_autoptr(GPtrArray) history = load(root);
	g_autofree char *text = describe(history);
	CHECK_TEXT(text, "-@10; lost rtm@20; lost hle@30; gained hle rtm@40");
}

static void test_most(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");

	for (guint i = 0; i < TUNE_HISTORY_MOST + 5; i++)
		replace(root, i % 2 ? "-rtm" : "", FIRST + i);
	g_autoptr(GPtrArray) history = load(root);
	const TuneHistoryEntry *oldest = history->pdata[0];
	CU_ASSERT_EQUAL(history->len, TUNE_HISTORY_MOST + 1);
	CU_ASSERT_EQUAL(oldest->time, FIRST + 4);
}

static void test_bit(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(GError) error = NULL;

	replace(root, "", FIRST);
	replace(root, "-hle", FIRST + 10);
	replace(root, "-hle -rtm", FIRST + 20);
	replace(root, "-rtm", FIRST + 30);
	replace(root, "", FIRST + 40);
	g_autoptr(GPtrArray) history = load(root);
	CU_ASSERT(tune_cpu_filter_history(history, "rtm", &error));
	CHECK_NO_ERROR(error);
	g_autofree char *text = describe(history);
	CHECK_TEXT(text, "-@0 yes; lost rtm@20 no; gained rtm@40 yes");
	CU_ASSERT_FALSE(tune_cpu_filter_history(history, "rt\033m", &error));
	CHECK_HOLDS(error ? error->message : NULL, "'rt?m' is no CPU feature that is known");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

/* A damaged file hides no other, and counts as unknown, not as a record without features. */
static void test_damaged(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(GError) error = NULL;

	replace(root, "", FIRST);
	replace(root, "-rtm", FIRST + 10);
	replace(root, "-rtm -hle", FIRST + 20);
	tune_root_save(root, "var/lib/ganeti-tune/history/node1/001800000010.yaml", "format: x\n",
		       &error);
	CHECK_NO_ERROR(error);
	g_autoptr(GPtrArray) history = load(root);
	CU_ASSERT(tune_cpu_filter_history(history, "rtm", &error));
	g_autofree char *text = describe(history);
	CHECK_TEXT(text, "-@0 yes; fault@-1; lost hle rtm@20 no");
}

/* Another machine may get the name of a node that has left. */
static void test_forgotten(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(GError) error = NULL;

	replace(root, "", FIRST);
	replace(root, "-rtm", FIRST + 10);
	/* A power failure left this. */
	tune_root_save(root, "var/lib/ganeti-tune/history/node1/1.yaml.new", "x\n", &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT(tune_record_forget(root, "node1", &error));
	CHECK_NO_ERROR(error);
	g_autoptr(GPtrArray) history = load(root);
	CU_ASSERT_EQUAL(history->len, 0);
	CU_ASSERT_FALSE(tune_root_exists(root, "var/lib/ganeti-tune/history/node1"));
	/* One without a history. */
	replace(root, "", FIRST);
	CU_ASSERT(tune_record_forget(root, "node1", &error));
	CHECK_NO_ERROR(error);
	/* What is in its way stays, and the record with it, so that this is tried again. */
	replace(root, "", FIRST);
	tune_root_save(root, "var/lib/ganeti-tune/history/node1/note", "x\n", &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_FALSE(tune_record_forget(root, "node1", &error));
	CU_ASSERT_PTR_NOT_NULL(error);
	g_clear_error(&error);
	CU_ASSERT(tune_root_exists(root, "var/lib/ganeti-tune/nodes/node1.yaml"));
}

int main(void)
{
	static const Check checks[] = {
		{ "what is kept", test_kept },
		{ "how much is kept", test_most },
		{ "one bit", test_bit },
		{ "a damaged file", test_damaged },
		{ "a node that has left", test_forgotten },
		{ NULL, NULL },
	};

	return check_main("history", checks);
}
