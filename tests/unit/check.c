/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/TestRun.h>
#include <glib/gstdio.h>

#include "tests/unit/check.h"
#include "tests/unit/host.h"

static unsigned n_done;
static const char *reason_to_skip;
/* Of the running test: the name of the present row, and for each failure so far the name of its row, or NULL. */
static const char *row;
static GPtrArray *failed_rows;

void check_skip(const char *reason)
{
	reason_to_skip = reason;
}

/* CUnit calls nothing when a check fails, so failures since the last call are counted to the row before this one. */
static void note_failed_rows(void)
{
	while (failed_rows->len < CU_get_number_of_failure_records())
		g_ptr_array_add(failed_rows, (gpointer)row);
}

/* Names are kept, since they are printed when the test is over, and escaped, since TAP has one line for each failure. */
void check_row(const char *name)
{
	g_autofree char *escaped = name ? g_strescape(name, "\"") : NULL;

	note_failed_rows();
	row = g_intern_string(g_strcmp0(escaped, "") == 0 ? "(empty)" : escaped);
}

void check_row_format(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *name = g_strdup_vprintf(format, args);
	va_end(args);
	check_row(name);
}

static void report(const CU_pTest test, const CU_pSuite suite G_GNUC_UNUSED,
		   const CU_pFailureRecord failure)
{
	printf("%s %u - %s%s%s\n", failure ? "not ok" : "ok", ++n_done, test->pName,
	       reason_to_skip ? " # SKIP " : "", reason_to_skip ? reason_to_skip : "");
	reason_to_skip = NULL;
	check_row(NULL);
	guint n_failures = 0;
	for (CU_pFailureRecord record = failure; record; record = record->pNext)
		n_failures++;
	/* The failures of this test are the last ones. */
	guint i = failed_rows->len - n_failures;
	for (CU_pFailureRecord record = failure; record; record = record->pNext, i++) {
		const char *name = failed_rows->pdata[i];
		printf("# %s:%u: %s%s%s\n", record->strFileName, record->uiLineNumber,
		       name ? name : "", name ? ": " : "", record->strCondition);
	}
	fflush(stdout);
}

int check_main(const char *suite_name, const Check *checks)
{
	unsigned n_checks = 0;

	failed_rows = g_ptr_array_new();
	CU_initialize_registry();
	CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
	for (; checks[n_checks].name; n_checks++)
		CU_add_test(suite, checks[n_checks].name, checks[n_checks].run);
	printf("1..%u\n", n_checks);
	CU_set_test_complete_handler(report);
	CU_run_all_tests();
	unsigned n_failed = CU_get_number_of_tests_failed();
	CU_cleanup_registry();
	g_ptr_array_unref(failed_rows);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void fail(const char *file, int line, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	CU_assertImplementation(CU_FALSE, (unsigned)line, text, file, "", CU_FALSE);
}

void check_text(const char *found, const char *wanted, const char *expression, const char *file,
		int line)
{
	if (g_strcmp0(found, wanted) != 0)
		fail(file, line, "%s is '%s', not '%s'", expression, found ? found : "(null)",
		     wanted ? wanted : "(null)");
}

void check_holds(const char *found, const char *part, const char *expression, const char *file,
		 int line)
{
	if (!found || !strstr(found, part))
		fail(file, line, "%s is '%s', without '%s'", expression, found ? found : "(null)",
		     part);
}

void check_error(GError **error, TuneErrorCode wanted, const char *file, int line)
{
	if (!*error)
		fail(file, line, "no error, wanted code %d", wanted);
	else if (!g_error_matches(*error, TUNE_ERROR, (int)wanted))
		fail(file, line, "error %d '%s', wanted code %d", (*error)->code, (*error)->message,
		     wanted);
	g_clear_error(error);
}

void check_no_error(const GError *error, const char *file, int line)
{
	if (error)
		CU_assertImplementation(CU_FALSE, (unsigned)line, error->message, file, "",
					CU_TRUE);
}

gint64 check_in_s(gint64 s)
{
	return g_get_monotonic_time() + s * G_USEC_PER_SEC;
}

void check_soon(gint64 start, const char *expression, const char *file, int line)
{
	gint64 passed_s = (g_get_monotonic_time() - start) / G_USEC_PER_SEC;

	if (passed_s >= CHECK_LATE_S)
		fail(file, line, "%d s since %s", (int)passed_s, expression);
}

/* ---- directories ---- */

static char *directory;

static void remove_directory(void)
{
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", directory);

	if (system(command) != 0)
		g_printerr("%s is left behind\n", directory);
	g_free(directory);
}

const char *check_directory(void)
{
	if (!directory) {
		directory = g_dir_make_tmp("tune-test-XXXXXX", NULL);
		atexit(remove_directory);
	}
	return directory;
}

char *check_source(const char *path)
{
	const char *source = g_getenv("TUNE_SRCDIR");

	return g_build_filename(source ? source : ".", path, NULL);
}

static char *make_fresh_directory(void)
{
	static unsigned n_hosts;
	char *path = g_strdup_printf("%s/host%u", check_directory(), n_hosts++);

	g_mkdir(path, 0755);
	return path;
}

char *check_unroll_text(const char *text)
{
	char *path = make_fresh_directory();
	g_autofree char *fault = host_unroll(text, path);

	if (fault)
		CU_assertImplementation(CU_FALSE, __LINE__, fault, __FILE__, "", CU_TRUE);
	return path;
}

char *check_unroll(const char *name)
{
	g_autofree char *relative = g_strdup_printf("tests/hosts/%s.host", name);
	g_autofree char *path = check_source(relative);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	CHECK_NO_ERROR(error);
	return check_unroll_text(text);
}

TuneRoot *check_host(const char *text)
{
	g_autofree char *path = check_unroll_text(text);
	g_autoptr(GError) error = NULL;
	TuneRoot *root = tune_root_open(path, &error);

	CHECK_NO_ERROR(error);
	return root;
}
