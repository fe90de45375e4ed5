/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include <libtune/error.h>
#include <libtune/root.h>

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

/* What is in a file of the host, byte for byte. */
static char *slurp(TuneRoot *root, const char *path)
{
	g_autofree char *full = g_build_filename(tune_root_get_directory(root), path, NULL);
	char *text = NULL;

	g_file_get_contents(full, &text, NULL, NULL);
	return text;
}

static char *join(GPtrArray *names)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (guint i = 0; names && i < names->len; i++)
		g_ptr_array_add(all, names->pdata[i]);
	g_ptr_array_add(all, NULL);
	return g_strjoinv(" ", (char **)all->pdata);
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
		/* These are there, but not here. */
		{ "etc/outside", NULL },
		{ "etc/magic", NULL },
		{ "../../../../../../../../proc/self/status", NULL },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
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
		g_autoptr(GError) error = NULL;
		CU_ASSERT(tune_root_write(root, rows[i].path, rows[i].value, &error));
		CHECK_NO_ERROR(error);
		g_autofree char *bytes = slurp(root, i == 3 ? "etc/hostname" : rows[i].path);
		CHECK_TEXT(bytes, rows[i].bytes);
	}
}

/* What is left over must not follow as a second value. */
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
	CHECK_HOLDS(error ? error->message : NULL, "sys/words: only 4 of 8 bytes were taken");
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
		gboolean (*attempt)(TuneRoot *root, const char *path, GError **error);
		const char *path;
		TuneErrorCode code;
	} rows[] = {
		{ try_read, "sys/none", TUNE_ERROR_ABSENT },
		{ try_read, "sys/number/none", TUNE_ERROR_ABSENT },
		{ try_read, "etc/dangling", TUNE_ERROR_ABSENT },
		{ try_read, "sys/directory", TUNE_ERROR_IO },
		{ try_read, "etc/ring", TUNE_ERROR_IO },
		{ try_write, "sys/none", TUNE_ERROR_ABSENT },
		{ try_write, "none/none", TUNE_ERROR_ABSENT },
		{ try_write, "etc/dangling", TUNE_ERROR_ABSENT },
		{ try_write, "sys/directory", TUNE_ERROR_IO },
		{ try_list, "sys/none", TUNE_ERROR_ABSENT },
		{ try_list, "sys/number", TUNE_ERROR_ABSENT },
	};
	g_autoptr(TuneRoot) root = make_host();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *start = g_strconcat(rows[i].path, ": ", NULL);
		CU_ASSERT_FALSE(rows[i].attempt(root, rows[i].path, &error));
		CHECK_HOLDS(error ? error->message : NULL, start);
		CHECK_ERROR(error, rows[i].code);
	}
	g_autofree char *created = slurp(root, "sys/none");
	CU_ASSERT_PTR_NULL(created);
}

static void test_errno(void)
{
	static const struct {
		int number;
		TuneErrorCode code;
	} rows[] = {
		{ ENOENT, TUNE_ERROR_ABSENT },  { ENOTDIR, TUNE_ERROR_ABSENT },
		{ ENODEV, TUNE_ERROR_ABSENT },  { ENXIO, TUNE_ERROR_ABSENT },
		{ EACCES, TUNE_ERROR_DENIED },  { EPERM, TUNE_ERROR_DENIED },
		{ EROFS, TUNE_ERROR_DENIED },   { EINVAL, TUNE_ERROR_REFUSED },
		{ EBUSY, TUNE_ERROR_REFUSED },  { ERANGE, TUNE_ERROR_REFUSED },
		{ ENOMEM, TUNE_ERROR_REFUSED }, { EOPNOTSUPP, TUNE_ERROR_REFUSED },
		{ EISDIR, TUNE_ERROR_IO },      { EIO, TUNE_ERROR_IO },
		{ ENOSPC, TUNE_ERROR_IO },      { ELOOP, TUNE_ERROR_IO },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("it: ", g_strerror(rows[i].number), NULL);
		errno = rows[i].number;
		CU_ASSERT_FALSE(tune_fail_errno(&error, "it"));
		CHECK_TEXT(error->message, text);
		CHECK_ERROR(error, rows[i].code);
	}
	/* Who does not ask for the reason is not told it. */
	CU_ASSERT_FALSE(tune_fail_errno(NULL, "it"));
}

/* ---- directories ---- */

static void test_list(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("b/sda10 = 1\n"
					      "b/sda2 = 1\n"
					      "b/sda1/x = 1\n"
					      "b/nvme10n1 -> nowhere\n"
					      "b/nvme2n1 = 1\n"
					      "b/.hidden = 1\n");
	g_autoptr(GPtrArray) names = tune_root_list(root, "b", &error);
	g_autofree char *all = join(names);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(all, ".hidden nvme2n1 nvme10n1 sda1 sda2 sda10");
}

static void test_glob(void)
{
	static const struct {
		const char *pattern;
		const char *found;
	} rows[] = {
		{ "b/*/q/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "/b/*/q/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "b/sd?/q/s", "b/sda/q/s b/sdb/q/s" },
		{ "b/*/*/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "*/sdb*/q/?", "b/sdb/q/s b/sdb10/q/s" },
		{ "b/link/*", "b/link/s" },
		{ "b/sda/q/s", "b/sda/q/s" },
		{ "b/sda/q/none", "" },
		{ "b/*/q/none", "" },
		{ "none/*/q", "" },
		{ "b/empty/*", "" },
		/* A pattern is no way out. */
		{ "out/self/stat?", "" },
		{ "../../b/sd?/q/s", "../../b/sda/q/s ../../b/sdb/q/s" },
	};
	g_autoptr(TuneRoot) root = check_host("b/sdb10/q/s = 1\n"
					      "b/sdb/q/s = 1\n"
					      "b/sda/q/s = 1\n"
					      "b/link -> /b/sda/q\n"
					      "b/empty/ /\n"
					      "out -> /proc\n");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) paths = tune_root_glob(root, rows[i].pattern);
		g_autofree char *found = join(paths);
		CHECK_TEXT(found, rows[i].found);
	}
}

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
		CU_ASSERT(tune_root_make_directory(root, good[i].path, &error));
		CHECK_NO_ERROR(error);
		CU_ASSERT(is_directory(root, good[i].made));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
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
	/* The link went, not what it leads to. */
	g_autofree char *target = tune_root_read(root, "etc/hostname", &error);
	CHECK_TEXT(target, "inside");
}

/* ---- commands ---- */

#define LONG_MS 30000
#define SHORT_MS 300
/* A machine under load may be late, but not by as much as the commands sleep. */
#define LATE_S 20

static void test_run(void)
{
	static const struct {
		const char *script;
		const char *answer;
		const char *fault;
		TuneErrorCode code;
	} rows[] = {
		{ "printf 'a\\nb\\n'", "a\nb\n", NULL, 0 },
		{ ":", "", NULL, 0 },
		{ "echo out; echo err >&2", "out\n", NULL, 0 },
		{ "echo $# \"$1\" \"$2\"", "2 -x y z\n", NULL, 0 },
		{ "cat", "", NULL, 0 },
		{ "[ /dev/fd/2 -ef /dev/null ] && echo quiet", "quiet\n", NULL, 0 },
		{ "pwd", "/\n", NULL, 0 },
		{ "echo ${SECRET-none} $HOME $LC_ALL $PATH",
		  "none C /sbin:/bin:/usr/sbin:/usr/bin\n", NULL, 0 },
		{ "echo out; exit 3", NULL, "bin/it: failed with status 3", TUNE_ERROR_IO },
		{ "kill -9 $$", NULL, "bin/it: failed", TUNE_ERROR_IO },
		{ "cat /dev/zero", NULL, "bin/it: answer has no end", TUNE_ERROR_INVALID },
	};
	static const char *const argv[] = { "bin/it", "-x", "y z", NULL };

	g_setenv("SECRET", "told", TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("bin/it ! ", rows[i].script, NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autofree char *answer = tune_root_run(root, argv, LONG_MS, &error);
		CHECK_TEXT(answer, rows[i].answer);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		if (rows[i].fault)
			CHECK_ERROR(error, rows[i].code);
		CHECK_NO_ERROR(error);
	}
}

static void test_run_nothing(void)
{
	static const struct {
		const char *program;
		TuneErrorCode code;
	} rows[] = {
		{ "bin/none", TUNE_ERROR_ABSENT },     { "bin/text/x", TUNE_ERROR_ABSENT },
		{ "bin/text", TUNE_ERROR_DENIED },     { "bin", TUNE_ERROR_DENIED },
		{ "bin/leak", TUNE_ERROR_ABSENT },     { "../../../bin/sh", TUNE_ERROR_ABSENT },
		{ "bin/dangling", TUNE_ERROR_ABSENT },
	};
	g_autoptr(TuneRoot) root = check_host("bin/text = echo\n"
					      "bin/leak -> /bin/true\n"
					      "bin/dangling -> none\n");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *argv[] = { rows[i].program, NULL };
		g_autoptr(GError) error = NULL;
		g_autofree char *answer = tune_root_run(root, argv, LONG_MS, &error);
		CHECK_TEXT(answer, NULL);
		CHECK_HOLDS(error ? error->message : NULL, rows[i].program);
		CHECK_ERROR(error, rows[i].code);
	}
}

/* Some programs are many, and ask by what name they were called: pvs is lvm. */
static void test_run_by_link(void)
{
	static const char *const argv[] = { "/sbin/pvs", "-c", "echo $0", NULL };
	g_autoptr(TuneRoot) root = check_host("sbin/pvs -> /bin/lvm\nbin/ /\n");
	g_autofree char *copy = g_build_filename(tune_root_get_directory(root), "bin/lvm", NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *shell = NULL;
	gsize size;

	g_file_get_contents("/bin/sh", &shell, &size, &error);
	CHECK_NO_ERROR(error);
	g_file_set_contents(copy, shell, (gssize)size, &error);
	CHECK_NO_ERROR(error);
	g_chmod(copy, 0755);
	g_autofree char *answer = tune_root_run(root, argv, LONG_MS, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(answer, "/sbin/pvs\n");
}

static void test_run_below_relative(void)
{
	static const char *const argv[] = { "bin/it", NULL };
	g_autofree char *path = check_unroll_text("bin/it ! echo here\n");
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *before = g_get_current_dir();
	g_autoptr(GError) error = NULL;

	CU_ASSERT_EQUAL(g_chdir(check_directory()), 0);
	g_autoptr(TuneRoot) root = tune_root_open(name, &error);
	CHECK_NO_ERROR(error);
	g_autofree char *answer = tune_root_run(root, argv, LONG_MS, &error);
	CU_ASSERT_EQUAL(g_chdir(before), 0);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(answer, "here\n");
}

/* Gone, or waiting for somebody to ask what became of it. */
static gboolean is_dead(const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
	g_autofree char *stat = NULL;

	return !g_file_get_contents(path, &stat, NULL, NULL) || strstr(stat, ") Z ");
}

static gboolean dies(const char *pid)
{
	for (int i = 0; i < 100 && !is_dead(pid); i++)
		g_usleep(10000);
	return is_dead(pid);
}

/* What is left of a script that writes the process ID of its child in place of "%s/pid". */
static void check_killed(const char *script, guint timeout_ms, TuneErrorCode code)
{
	static const char *const argv[] = { "bin/it", NULL };
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) halves = g_strsplit(script, "%s", 2);
	g_autofree char *text = g_strconcat("bin/it ! ", halves[0], check_directory(), halves[1],
					    NULL);
	g_autofree char *pid_file = g_build_filename(check_directory(), "pid", NULL);
	g_autofree char *pid = NULL;
	g_autoptr(TuneRoot) root = check_host(text);

	g_autofree char *answer = tune_root_run(root, argv, timeout_ms, &error);
	CHECK_TEXT(answer, NULL);
	CHECK_HOLDS(error ? error->message : NULL, "bin/it: ");
	CHECK_ERROR(error, code);
	CU_ASSERT(g_file_get_contents(pid_file, &pid, NULL, NULL));
	CU_ASSERT(pid && dies(g_strchomp(pid)));
	g_unlink(pid_file);
}

static void test_deadline(void)
{
	/* A script that waits for its child; one that has no more to say; one that never stops talking. */
	static const char *const scripts[] = {
		"sleep 60 & echo $! > %s/pid; wait",
		"sleep 60 >/dev/null & echo $! > %s/pid; exec >/dev/null; wait",
		"sleep 60 & echo $! > %s/pid; while :; do echo; done",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
		gint64 start = g_get_monotonic_time();
		check_killed(scripts[i], SHORT_MS, TUNE_ERROR_TIMEOUT);
		gint64 took = g_get_monotonic_time() - start;
		CU_ASSERT(took >= SHORT_MS * 1000);
		CU_ASSERT(took < LATE_S * G_USEC_PER_SEC);
	}
}

/* Long before the deadline, too. */
static void test_endless(void)
{
	check_killed("sleep 60 >/dev/null & echo $! > %s/pid; cat /dev/zero", 1000 * LATE_S,
		     TUNE_ERROR_INVALID);
}

/* What became of one of many: status, answer, complaint, error. */
static void test_run_many(void)
{
	static const struct {
		const char *word;
		const char *answer;
		const char *complaint;
		int status;
		const char *fault;
	} rows[] = {
		{ "echo one", "one\n", "", 0, NULL },
		{ "cat", "told", "", 0, NULL },
		{ "echo out; echo a >&2; echo b >&2", "out\n", "b", 0, NULL },
		{ "echo out; echo why >&2; exit 3", "out\n", "why", 3, "status 3" },
		{ "echo late >&2 & exit 4", "", "late", 4, "status 4" },
		{ "head -c 50000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2", "", "end", 0,
		  NULL },
		{ "kill -9 $$", "", "", -1, "failed" },
		{ "exec >&- 2>&-; sleep 60", "", "", -1, "did not end in time" },
		{ "echo begun; sleep 60", "begun\n", "", -1, "no answer in time" },
		/* Who is left behind with the errors open holds nobody up, and does not die. */
		{ "sleep 2 >/dev/null & echo done", "done\n", "", 0, NULL },
		{ "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end >&2", NULL, "end", 0,
		  NULL },
	};
	TuneCommand commands[G_N_ELEMENTS(rows)] = { 0 };
	const char *argvs[G_N_ELEMENTS(rows)][3];
	g_autoptr(TuneRoot) root = check_host("bin/it ! eval \"$1\"\n");
	g_autoptr(GError) error = NULL;
	gint64 begin = g_get_monotonic_time();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		memcpy(argvs[i], ((const char *[]){ "bin/it", rows[i].word, NULL }),
		       sizeof(argvs[i]));
		commands[i].argv = argvs[i];
	}
	CU_ASSERT(tune_root_run_many(root, commands, G_N_ELEMENTS(rows), "told", 1500, &error));
	CHECK_NO_ERROR(error);
	CU_ASSERT(g_get_monotonic_time() - begin < LATE_S * G_USEC_PER_SEC);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].answer)
			CHECK_TEXT(commands[i].answer, rows[i].answer);
		CHECK_TEXT(commands[i].complaint, rows[i].complaint);
		CU_ASSERT_EQUAL(commands[i].status, rows[i].status);
		CU_ASSERT_EQUAL(commands[i].error != NULL, rows[i].fault != NULL);
		if (commands[i].error && rows[i].fault)
			CHECK_HOLDS(commands[i].error->message, rows[i].fault);
		tune_command_clear(&commands[i]);
	}
}

/* More than may be had open at once, where a process may have as many files as it is given by default. */
static void test_run_very_many(void)
{
	enum { N = 600 };
	static const char *const argv[] = { "bin/it", NULL };
	g_autofree TuneCommand *commands = g_new0(TuneCommand, N);
	g_autoptr(TuneRoot) root = check_host("bin/it ! read a; echo \"$a\"\n");

	struct rlimit limit;
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MIN(limit.rlim_cur, 1024);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (guint i = 0; i < N; i++)
		commands[i].argv = argv;
	CU_ASSERT(tune_root_run_many(root, commands, N, "told\n", LONG_MS, NULL));
	for (guint i = 0; i < N; i++) {
		CHECK_TEXT(commands[i].answer, "told\n");
		tune_command_clear(&commands[i]);
	}
}

static void test_lock(void)
{
	g_autoptr(TuneRoot) root = check_host("proc/ /\n");
	g_autoptr(GError) error = NULL;
	g_auto(filedesc) first = tune_root_lock(root, "run/a/lock", 0, "another", &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT(first >= 0);
	CU_ASSERT_EQUAL(tune_root_lock(root, "run/a/lock", 50, "another", &error), -1);
	CHECK_HOLDS(error ? error->message : NULL, "run/a/lock: another is at work");
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
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
		{ "errno", test_errno },
		{ "list", test_list },
		{ "glob", test_glob },
		{ "make a directory", test_make_directory },
		{ "remove", test_remove },
		{ "run", test_run },
		{ "run what cannot be run", test_run_nothing },
		{ "run by link", test_run_by_link },
		{ "run below a relative directory", test_run_below_relative },
		{ "deadline", test_deadline },
		{ "endless answer", test_endless },
		{ "run many", test_run_many },
		{ "run very many", test_run_very_many },
		{ "lock", test_lock },
		{ NULL, NULL },
	};

	return check_main("root", checks);
}
