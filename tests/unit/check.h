/* SPDX-License-Identifier: BSD-2-Clause */
/* What every unit test shares: CUnit as a TAP reporter, and a host made of a text file. */
#ifndef TUNE_TEST_CHECK_H
#define TUNE_TEST_CHECK_H

#if !__has_include(<CUnit/CUnit.h>)
#error "CUnit is missing, which the tests need: install libcunit1-dev and configure again"
#endif
#include <CUnit/CUnit.h>

#include <libtune/tune.h>

/** One test of a program; a table of them ends with a NULL. */
typedef struct {
	const char *name;
	void (*run)(void);
} Check;

/** Run all of @checks and print them as TAP; the exit status of main(). */
int check_main(const char *suite, const Check *checks);

/**
 * Name the row of a table that is checked next: it stands before what fails, with newlines and the like escaped.  NULL after
 * the last row, where the test goes on.
 */
void check_row(const char *name);

/** The same for a row whose name is made of what is in it. */
void check_row_format(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Report the running test as left out, because this machine lacks something; static text. */
void check_skip(const char *reason);

/** Two texts that should be equal; what was found comes first. */
#define CHECK_TEXT(found, wanted) check_text((found), (wanted), #found, __FILE__, __LINE__)
void check_text(const char *found, const char *wanted, const char *expression, const char *file,
		int line);

/** A text that should hold another. */
#define CHECK_HOLDS(found, part) check_holds((found), (part), #found, __FILE__, __LINE__)
void check_holds(const char *found, const char *part, const char *expression, const char *file,
		 int line);

/** An error that should be there, of @wanted code, and is cleared. */
#define CHECK_ERROR(error, wanted) check_error(&(error), (wanted), __FILE__, __LINE__)
void check_error(GError **error, TuneErrorCode wanted, const char *file, int line);

/** No error; fails the test and the rest of it with the error's text. */
#define CHECK_NO_ERROR(error) check_no_error((error), __FILE__, __LINE__)
void check_no_error(const GError *error, const char *file, int line);

/** A deadline, @s seconds from now. */
gint64 check_in_s(gint64 s);

/** Seconds that a machine under load may take for what takes no time; what would never end lasts longer still. */
#define CHECK_LATE_S 30

/** Fails when more than CHECK_LATE_S have passed since @start, of g_get_monotonic_time(). */
#define CHECK_SOON(start) check_soon((start), #start, __FILE__, __LINE__)
void check_soon(gint64 start, const char *expression, const char *file, int line);

/** A directory of the test's own that lives as long as the program. */
const char *check_directory(void);

/** A file of the source tree. */
char *check_source(const char *path);

/** The machine that tests/hosts/@name.host describes, unrolled into a fresh directory. */
char *check_unroll(const char *name);

/** The same for a description in a string. */
char *check_unroll_text(const char *text);

/** What check_unroll_text() made, opened. */
TuneRoot *check_host(const char *text);

#endif
