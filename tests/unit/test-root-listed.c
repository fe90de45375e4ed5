/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that somebody else has named, below directories that an administrator has listed. */
#include <sys/stat.h>
#include <unistd.h>

#include <libtune/base/root.h>

#include "tests/unit/check.h"

static void make_fifo(TuneRoot *root, const char *path)
{
	g_autofree char *full = g_build_filename(tune_root_get_directory(root), path, NULL);

	CU_ASSERT_EQUAL(mkfifo(full, 0644), 0);
}

static void test_listed(void)
{
	static const struct {
		const char *path;
		const char *text; /* NULL: refused, with */
		const char *fault;
		TuneErrorCode code;
	} rows[] = {
		{ "/a/file", "one", NULL, 0 },
		{ "/a//file", "one", NULL, 0 },
		{ "/a/sub/../file", "one", NULL, 0 },
		{ "/a/sub/up", "one", NULL, 0 },
		{ "/linked/file", "one", NULL, 0 },
		{ "/b/c/file", "two", NULL, 0 },
		{ "/a/none", NULL, "/a/none: No such file", TUNE_ERROR_ABSENT },
		{ "/none/file", NULL, "/none: No such file", TUNE_ERROR_ABSENT },
		{ "/secret", NULL, "/secret: is in no directory that may be used (/a, /linked, ",
		  TUNE_ERROR_REFUSED },
		{ "/ab/file", NULL, "is in no directory", TUNE_ERROR_REFUSED },
		{ "/b/file", NULL, "is in no directory", TUNE_ERROR_REFUSED },
		{ "/a", NULL, "is in no directory", TUNE_ERROR_REFUSED },
		{ "a/file", NULL, "is in no directory", TUNE_ERROR_REFUSED },
		{ "", NULL, "is in no directory", TUNE_ERROR_REFUSED },
		{ "/a/", NULL, "is not a regular file", TUNE_ERROR_REFUSED },
		{ "/a/sub", NULL, "is not a regular file", TUNE_ERROR_REFUSED },
		{ "/a/fifo", NULL, "is not a regular file", TUNE_ERROR_REFUSED },
		{ "/a/../secret", NULL, "/a/../secret: leads out of /a", TUNE_ERROR_REFUSED },
		{ "/a/above", NULL, "leads out of /a", TUNE_ERROR_REFUSED },
		{ "/a/absolute", NULL, "leads out of /a", TUNE_ERROR_REFUSED },
		{ "/a/out/secret", NULL, "leads out of /a", TUNE_ERROR_REFUSED },
	};
	static const char *const directories[] = { "/a", "/linked", "/b/c", "/none", NULL };
	g_autoptr(TuneRoot) root = check_host("secret = no\n"
					      "a/file = one\n"
					      "a/sub/up -> ../file\n"
					      "a/above -> ../secret\n"
					      "a/absolute -> /a/file\n"
					      "a/out -> ..\n"
					      "ab/file = no\n"
					      "b/file = no\n"
					      "b/c/file = two\n"
					      "linked -> a\n");

	make_fifo(root, "a/fifo");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].path);
		g_autoptr(GError) error = NULL;
		g_autoptr(GString) text = g_string_new(NULL);
		g_auto(filedesc)
			fd = tune_root_open_listed(root, directories, rows[i].path, &error);
		CU_ASSERT_EQUAL(fd >= 0, rows[i].text != NULL);
		if (fd >= 0 && tune_read_all(fd, rows[i].path, text, &error))
			CHECK_TEXT(g_strchomp(text->str), rows[i].text);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		if (rows[i].fault)
			CHECK_ERROR(error, rows[i].code);
		CHECK_NO_ERROR(error);
	}
}

static void test_no_directory(void)
{
	static const char *const none[] = { NULL };
	g_autoptr(TuneRoot) root = check_host("a/file = one\n");
	g_autoptr(GError) error = NULL;

	CU_ASSERT_EQUAL(tune_root_open_listed(root, none, "/a/file", &error), -1);
	CHECK_HOLDS(error ? error->message : NULL,
		    "/a/file: is in no directory that may be used (none is listed)");
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
}

int main(void)
{
	static const Check checks[] = {
		{ "listed directories", test_listed },
		{ "no directory", test_no_directory },
		{ NULL, NULL },
	};

	return check_main("root-listed", checks);
}
