/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and directories of a host, and that nothing leads out of it. */
#include <signal.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <sys/resource.h>
#include <unistd.h>

#include <libtune/base/root.h>

#include "tests/unit/check.h"

static TuneRoot *make_host(void)
{
	return check_host("etc/hostname = inside\n"
			  "etc/absolute -> /etc/hostname\n"
			  "etc/climbing -> ../../../../../../etc/hostname\n"
			  "etc/outside -> /proc/self/status\n"
			  "etc/magic -> /proc/self/root/etc/hostname\n"
			  "etc/ring -> ring\n"
			  "etc/dangling -> nowhere\n"
			  "up -> ..\n"
			  "all -> /\n"
			  "sys/number = -42\n"
			  "sys/words = 1 2\n"
			  "sys/blanks =   a\\tb \\n\n"
			  "sys/empty = \n"
			  "sys/directory/ /\n");
}

/* The bytes of a file of the host. */
static char *slurp(TuneRoot *root, const char *path)
{
	g_autofree char *full = g_build_filename(tune_root_get_directory(root), path, NULL);
	char *text = NULL;

	g_file_get_contents(full, &text, NULL, NULL);
	return text;
}

/* ---- files ---- */

static void test_open(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = g_build_filename(check_directory(), "no-directory", NULL);

	g_file_set_contents(file, "", 0, NULL);
	CU_ASSERT_PTR_NULL(tune_root_open("/nowhere/at/all", &error));
	CHECK_HOLDS(error ? error->message : NULL, "/nowhere/at/all: ");
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_PTR_NULL(tune_root_open(file, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	tune_root_free(NULL);
}

static void test_below(void)
{
	static const struct {
		const char *path;
		const char *found;
	} rows[] = {
		{ "etc/hostname", "inside" },
		{ "/etc/hostname", "inside" },
		{ "//etc//hostname", "inside" },
		{ "etc/absolute", "inside" },
		{ "etc/climbing", "inside" },
		{ "../../../etc/hostname", "inside" },
		{ "etc/../../../etc/hostname", "inside" },
		{ "up/up/etc/hostname", "inside" },
		{ "all/all/etc/absolute", "inside" },
		/* These exist on this machine, but not below the root. */
		{ "etc/outside", NULL },
		{ "etc/magic", NULL },
		{ "../../../../../../../../proc/self/status", NULL },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].path);
		g_autoptr(GError) error = NULL;
		g_autofree char *found = tune_root_read(root, rows[i].path, &error);
		CHECK_TEXT(found, rows[i].found);
		if (!rows[i].found)
			CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	}
}

static void test_read(void)
{
	static const struct {
		const char *path;
		const char *found;
	} rows[] = {
		{ "sys/number", "-42" },
		{ "sys/blanks", "  a\tb" },
		{ "sys/empty", "" },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].path);
		g_autofree char *found = tune_root_read(root, rows[i].path, NULL);
		CHECK_TEXT(found, rows[i].found);
	}
}

static void test_read_large(void)
{
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), "sys/number", NULL);
	g_autofree char *text = g_strnfill(10000, 'x');

	g_file_set_contents(path, text, -1, NULL);
	g_autofree char *found = tune_root_read(root, "sys/number", &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_STRING_EQUAL(found, text);
	CU_ASSERT_EQUAL(truncate(path, 16 * 1024 * 1024 + 1), 0);
	CU_ASSERT_PTR_NULL(tune_root_read(root, "sys/number", &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_read_number(void)
{
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;
	gint64 number = 7;

	CU_ASSERT_FALSE(tune_root_read_number(root, "sys/words", &number, &error));
	CHECK_HOLDS(error ? error->message : NULL, "sys/words: '1 2' is not a number");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_FALSE(tune_root_read_number(root, "sys/empty", &number, &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_FALSE(tune_root_read_number(root, "sys/none", &number, &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_EQUAL(number, 7);
	CU_ASSERT(tune_root_read_number(root, "sys/number", &number, &error));
	CU_ASSERT_EQUAL(number, -42);
}

static void test_write(void)
{
	static const struct {
		const char *path;
		const char *value;
		const char *bytes;
	} rows[] = {
		{ "sys/number", "1", "1\n" },
		{ "sys/words", "4096 131072 6291456", "4096 131072 6291456\n" },
		{ "sys/words", "", "\n" },
		{ "etc/absolute", "by link", "by link\n" },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("'%s' to %s", rows[i].value, rows[i].path);
		g_autoptr(GError) error = NULL;
		CU_ASSERT(tune_root_write(root, rows[i].path, rows[i].value, &error));
		CHECK_NO_ERROR(error);
		g_autofree char *bytes = slurp(root, i == 3 ? "etc/hostname" : rows[i].path);
		CHECK_TEXT(bytes, rows[i].bytes);
	}
}

/* After a partial write, the rest must not be written as a second value. */
static void test_short_write(void)
{
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;
	struct rlimit before, tight;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = before;
	tight.rlim_cur = 4;
	setrlimit(RLIMIT_FSIZE, &tight);
	CU_ASSERT_FALSE(tune_root_write(root, "sys/words", "1 2 3 4", &error));
	setrlimit(RLIMIT_FSIZE, &before);
	CHECK_HOLDS(error ? error->message : NULL, "sys/words: only 4 of 8 bytes were written");
	CHECK_ERROR(error, TUNE_ERROR_IO);
	g_autofree char *bytes = slurp(root, "sys/words");
	CHECK_TEXT(bytes, "1 2 ");
}

static void test_read_link(void)
{
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;
	g_autofree char *target = tune_root_read_link(root, "etc/climbing", &error);

	CHECK_TEXT(target, "../../../../../../etc/hostname");
	CU_ASSERT_PTR_NULL(tune_root_read_link(root, "etc/none", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_PTR_NULL(tune_root_read_link(root, "etc/hostname", &error));
	CU_ASSERT_PTR_NOT_NULL(error);
}

/* ---- errors ---- */

static gboolean try_read(TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *text = tune_root_read(root, path, error);

	return text != NULL;
}

static gboolean try_write(TuneRoot *root, const char *path, GError **error)
{
	return tune_root_write(root, path, "1", error);
}

static gboolean try_list(TuneRoot *root, const char *path, GError **error)
{
	g_autoptr(GPtrArray) names = tune_root_list(root, path, error);

	return names != NULL;
}

static void test_errors(void)
{
	static const struct {
		const char *name;
		gboolean (*attempt)(TuneRoot *root, const char *path, GError **error);
		const char *path;
		TuneErrorCode code;
	} rows[] = {
		{ "reading what is not there", try_read, "sys/none", TUNE_ERROR_ABSENT },
		{ "reading below a file", try_read, "sys/number/none", TUNE_ERROR_ABSENT },
		{ "reading a dangling link", try_read, "etc/dangling", TUNE_ERROR_ABSENT },
		{ "reading a directory", try_read, "sys/directory", TUNE_ERROR_IO },
		{ "reading a link to itself", try_read, "etc/ring", TUNE_ERROR_IO },
		{ "writing what is not there", try_write, "sys/none", TUNE_ERROR_ABSENT },
		{ "writing below what is not there", try_write, "none/none", TUNE_ERROR_ABSENT },
		{ "writing a dangling link", try_write, "etc/dangling", TUNE_ERROR_ABSENT },
		{ "writing a directory", try_write, "sys/directory", TUNE_ERROR_IO },
		{ "listing what is not there", try_list, "sys/none", TUNE_ERROR_ABSENT },
		{ "listing a file", try_list, "sys/number", TUNE_ERROR_ABSENT },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GError) error = NULL;
		g_autofree char *start = g_strconcat(rows[i].path, ": ", NULL);
		CU_ASSERT_FALSE(rows[i].attempt(root, rows[i].path, &error));
		CHECK_HOLDS(error ? error->message : NULL, start);
		CHECK_ERROR(error, rows[i].code);
	}
	check_row(NULL);
	g_autofree char *created = slurp(root, "sys/none");
	CU_ASSERT_PTR_NULL(created);
}

/* ---- directories ---- */

static gboolean is_directory(TuneRoot *root, const char *path)
{
	g_autofree char *full = g_build_filename(tune_root_get_directory(root), path, NULL);

	return g_file_test(full, G_FILE_TEST_IS_DIR);
}

static void test_make_directory(void)
{
	static const struct {
		const char *path;
		const char *made;
	} good[] = {
		{ "run/a/b", "run/a/b" },
		{ "run/a/b", "run/a/b" },
		{ "/run/c", "run/c" },
		{ "run//d/", "run/d" },
		{ "all/run/e", "run/e" },
		{ "../../run/f", "run/f" },
		{ "sys/directory", "sys/directory" },
	};
	static const char *const bad[] = { "sys/number", "sys/number/x", "etc/dangling",
					   "etc/dangling/x" };
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		check_row(good[i].path);
		CU_ASSERT(tune_root_make_directory(root, good[i].path, &error));
		CHECK_NO_ERROR(error);
		CU_ASSERT(is_directory(root, good[i].made));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		check_row(bad[i]);
		CU_ASSERT_FALSE(tune_root_make_directory(root, bad[i], &error));
		CHECK_HOLDS(error ? error->message : NULL, i < 2 ? "number: " : "dangling: ");
		CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	}
}

static void test_remove(void)
{
	g_autoptr(TuneRoot) root = make_host();
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_root_remove(root, "sys/number", &error));
	CU_ASSERT(tune_root_remove(root, "/sys/words", &error));
	CU_ASSERT(tune_root_remove(root, "etc/absolute", &error));
	CHECK_NO_ERROR(error);
	CU_ASSERT_FALSE(tune_root_remove(root, "sys/number", &error));
	CHECK_HOLDS(error ? error->message : NULL, "sys/number: ");
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_FALSE(tune_root_remove(root, "none/x", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_FALSE(tune_root_remove(root, "sys/directory", &error));
	CHECK_ERROR(error, TUNE_ERROR_IO);
	/* The link was removed, and its target stays. */
	g_autofree char *target = tune_root_read(root, "etc/hostname", &error);
	CHECK_TEXT(target, "inside");
}

/* Anything could be where the new file is written first; a FIFO must not block. */
static void test_save(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/x = old\n");
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), "etc/x", NULL);
	g_autofree char *new_path = g_strconcat(path, ".new", NULL);
	char value[8];

	CU_ASSERT_EQUAL(mkfifo(new_path, 0600), 0);
	gboolean has_attributes = setxattr(path, "user.test", "kept", 4, 0) == 0;
	CU_ASSERT_EQUAL(chmod(path, 0640), 0);
	alarm(10);
	CU_ASSERT(tune_root_save(root, "etc/x", "new\n", &error));
	alarm(0);
	CHECK_NO_ERROR(error);
	g_autofree char *text = tune_root_read(root, "etc/x", NULL);
	CHECK_TEXT(text, "new");
	struct stat status;
	CU_ASSERT_EQUAL(stat(path, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0640);
	CU_ASSERT(!has_attributes || getxattr(path, "user.test", value, sizeof(value)) == 4);
	CU_ASSERT(!tune_root_exists(root, "etc/x.new"));
}

/* A FIFO or a device could block or have no end, so it is not read. */
static void test_not_regular(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/x = 1\n");
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), "etc/fifo", NULL);
	g_autoptr(GError) error = NULL;

	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	alarm(60);
	CU_ASSERT_PTR_NULL(tune_root_read(root, "etc/fifo", &error));
	CHECK_HOLDS(error ? error->message : NULL, "etc/fifo: is not a regular file");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_PTR_NULL(tune_root_read_attribute(root, "etc/fifo", &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	/* Somebody reads from the FIFO, so a write would succeed. */
	g_auto(filedesc) reader = open(path, O_RDONLY | O_NONBLOCK);
	CU_ASSERT(reader >= 0);
	CU_ASSERT_FALSE(tune_root_write(root, "etc/fifo", "1", &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	alarm(0);
}

static void test_read_at_most(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/x = 12345\n");
	g_autoptr(GError) error = NULL;
	g_autofree char *all = tune_root_read_at_most(root, "etc/x", 6, NULL);

	CHECK_TEXT(all, "12345");
	CU_ASSERT_PTR_NULL(tune_root_read_at_most(root, "etc/x", 5, &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_lock(void)
{
	g_autoptr(TuneRoot) root = check_host("proc/ /\n");
	g_autoptr(GError) error = NULL;
	g_auto(filedesc) first = tune_root_lock(root, "run/a/lock", 0, "another", &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT(first >= 0);
	CU_ASSERT_EQUAL(tune_root_lock(root, "run/a/lock", 50, "another", &error), -1);
	CHECK_HOLDS(error ? error->message : NULL, "run/a/lock: locked by another");
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	/* The earlier of two deadlines counts; without it, this would take a minute. */
	gint64 start = g_get_monotonic_time();
	tune_root_set_deadline(root, start + 1);
	CU_ASSERT_EQUAL(tune_root_lock(root, "run/a/lock", 60000, "another", &error), -1);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CHECK_SOON(start);
	tune_root_set_deadline(root, 0);
	filedesc_close(first);
	first = tune_root_lock(root, "run/a/lock", 0, "another", &error);
	CHECK_NO_ERROR(error);
}

int main(void)
{
	static const Check checks[] = {
		{ "open", test_open },
		{ "nothing leads out", test_below },
		{ "read", test_read },
		{ "read what is large", test_read_large },
		{ "read a number", test_read_number },
		{ "write", test_write },
		{ "write that was cut short", test_short_write },
		{ "read a link", test_read_link },
		{ "errors", test_errors },
		{ "make a directory", test_make_directory },
		{ "remove", test_remove },
		{ "save", test_save },
		{ "what is no regular file", test_not_regular },
		{ "at most", test_read_at_most },
		{ "lock", test_lock },
		{ NULL, NULL },
	};

	return check_main("root", checks);
}
