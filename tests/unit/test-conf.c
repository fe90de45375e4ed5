/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/stat.h>

#include <libtune/origins/conf.h>

#include "tests/unit/check.h"

static char *list(const char *host, const char *directory, const char *suffix)
{
	g_autoptr(TuneRoot) root = check_host(host);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) paths = tune_conf_list(root, directory, suffix, &error);

	CHECK_NO_ERROR(error);
	g_ptr_array_add(paths, NULL);
	return g_strjoinv(" ", (char **)paths->pdata);
}

static void test_list(void)
{
	g_autofree char *none = list("etc/ /\n", "x.d", ".conf");
	CHECK_TEXT(none, "");
	/* By the bytes of the names, whatever the directory: "10-" comes before "9-", "Z" before "a". */
	g_autofree char *sorted = list("etc/x.d/9-a.conf = \n"
				       "run/x.d/10-a.conf = \n"
				       "usr/local/lib/x.d/a.conf = \n"
				       "usr/lib/x.d/Z.conf = \n"
				       "lib/x.d/0.conf = \n"
				       "etc/x.d/README = \n",
				       "x.d", ".conf");
	CHECK_TEXT(sorted, "lib/x.d/0.conf run/x.d/10-a.conf etc/x.d/9-a.conf usr/lib/x.d/Z.conf "
			   "usr/local/lib/x.d/a.conf");
}

static void test_masking(void)
{
	g_autofree char *masked = list("lib/x.d/a.conf = \n"
				       "usr/lib/x.d/a.conf = \n"
				       "usr/local/lib/x.d/a.conf = \n"
				       "run/x.d/a.conf = \n"
				       "etc/x.d/a.conf -> /dev/null\n"
				       "lib/x.d/b.conf = \n"
				       "usr/lib/x.d/b.conf = \n"
				       "run/x.d/c.conf = \n"
				       "usr/local/lib/x.d/c.conf = \n",
				       "x.d", ".conf");
	CHECK_TEXT(masked, "etc/x.d/a.conf usr/lib/x.d/b.conf run/x.d/c.conf");
}

static TuneConf *open_conf(const char *text, gssize length)
{
	g_autofree char *directory = check_unroll_text("etc/ /\n");
	g_autofree char *path = g_build_filename(directory, "etc/x.conf", NULL);
	g_autoptr(TuneRoot) root = tune_root_open(directory, NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, text, length, NULL);
	TuneConf *conf = tune_conf_open(root, "etc/x.conf", &error);
	CHECK_NO_ERROR(error);
	return conf;
}

static void test_lines(void)
{
	g_autoptr(TuneConf) conf = open_conf("# a\n; b\n\n  c = d=e \r\n\tf\0g\nlast", 30);
	char *line = tune_conf_next_setting(conf);
	CU_ASSERT_EQUAL(conf->line, 4);
	CHECK_TEXT(tune_conf_split(line), "d=e");
	CHECK_TEXT(line, "c");
	line = tune_conf_next_setting(conf);
	CU_ASSERT_PTR_NULL(tune_conf_split(line));
	CHECK_TEXT(line, "f g");
	CHECK_TEXT(tune_conf_next(conf), "last");
	CU_ASSERT_EQUAL(conf->line, 6);
	CU_ASSERT_PTR_NULL(tune_conf_next(conf));
	CU_ASSERT_PTR_NULL(tune_conf_next_setting(conf));
}

static void test_words(void)
{
	char text[] = "w  \"a b\"\t'c'd -";
	char *rest = text;

	CHECK_TEXT(tune_conf_cut_word(&rest), "w");
	CHECK_TEXT(tune_conf_cut_word(&rest), "a b");
	CHECK_TEXT(tune_conf_cut_word(&rest), "c");
	CHECK_TEXT(tune_conf_cut_word(&rest), "d");
	CHECK_TEXT(tune_conf_cut_word(&rest), "-");
	CHECK_TEXT(tune_conf_cut_word(&rest), "");
	CHECK_TEXT(tune_conf_cut_word(&rest), "");
	char open[] = "\"never closed";
	rest = open;
	CHECK_TEXT(tune_conf_cut_word(&rest), "never closed");
	CHECK_TEXT(rest, "");
}

/* A file that cannot be read has no lines, and gives no error; nobody waits for a pipe. */
static void test_no_file(void)
{
	static const char *const paths[] = { "absent", "etc", "etc/a/b", "pipe" };
	g_autofree char *directory = check_unroll_text("etc/a = x\n");
	g_autofree char *pipe = g_build_filename(directory, "pipe", NULL);
	g_autoptr(TuneRoot) root = tune_root_open(directory, NULL);

	CU_ASSERT_EQUAL(mkfifo(pipe, 0600), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		check_row(paths[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneConf) conf = tune_conf_open(root, paths[i], &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT_PTR_NULL(tune_conf_next(conf));
	}
}

static void test_unreadable(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/a -> a\netc/x.d -> x.d\n");
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(tune_conf_open(root, "etc/a", &error));
	CHECK_HOLDS(error ? error->message : NULL, "etc/a");
	CHECK_ERROR(error, TUNE_ERROR_IO);
	CU_ASSERT_PTR_NULL(tune_conf_list(root, "x.d", "", &error));
	CHECK_HOLDS(error ? error->message : NULL, "etc/x.d");
	CHECK_ERROR(error, TUNE_ERROR_IO);
}

static void test_same(void)
{
	g_autoptr(TuneRoot) root = check_host("a = 1\nb = 1\nlink -> /a\nloop -> loop\n");

	CU_ASSERT(tune_conf_is_same(root, "link", "a"));
	CU_ASSERT_FALSE(tune_conf_is_same(root, "a", "b"));
	CU_ASSERT_FALSE(tune_conf_is_same(root, "c", "c"));
	CU_ASSERT(tune_conf_exists(root, "link"));
	CU_ASSERT_FALSE(tune_conf_exists(root, "c"));
	CU_ASSERT(tune_conf_exists(root, "loop"));
}

int main(void)
{
	static const Check checks[] = {
		{ "order of drop-in files", test_list },
		{ "masking", test_masking },
		{ "lines", test_lines },
		{ "words", test_words },
		{ "a path that is no file has no lines", test_no_file },
		{ "what cannot be read is named", test_unreadable },
		{ "links to the same file", test_same },
		{ NULL, NULL },
	};

	return check_main("conf", checks);
}
