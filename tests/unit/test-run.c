/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of a host: environment, output, errors and deadlines. */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include <libtune/base/root.h>
#include <libtune/base/run.h>

#include "tests/unit/check.h"

#define LONG_MS 30000
#define SHORT_MS 300

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
		{ "cat /dev/zero", NULL, "bin/it: the answer has more than 16384 KiB",
		  TUNE_ERROR_INVALID },
	};
	static const char *const argv[] = { "bin/it", "-x", "y z", NULL };

	g_setenv("SECRET", "told", TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].script);
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("bin/it ! ", rows[i].script, NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		g_autofree char *answer = tune_command_read(root, argv, LONG_MS, &error);
		CHECK_TEXT(answer, rows[i].answer);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		if (rows[i].fault)
			CHECK_ERROR(error, rows[i].code);
		CHECK_NO_ERROR(error);
	}
}

static void run_logged(TuneRoot *root, gboolean has_output, GError **error)
{
	static const char *const argv[] = { "bin/it", NULL };
	static const char *const envp[] = { "PATH=/bin", "FRUIT=fig", NULL };
	TuneCommand command = TUNE_COMMAND(argv, LONG_MS);
	g_auto(filedesc) in = tune_root_open_file(root, "input", O_RDONLY, 0, NULL);
	g_auto(filedesc) log = tune_root_open_file(root, "log", O_WRONLY | O_CREAT, 0600, NULL);
	g_auto(filedesc) out = tune_root_open_file(root, "out", O_WRONLY | O_CREAT, 0600, NULL);

	command.envp = envp;
	command.directory = "dir";
	command.input = in;
	command.log = log;
	command.output = has_output ? out : -1;
	CU_ASSERT_EQUAL(tune_command_run(root, &command, error), *error == NULL);
}

/* Output goes to the log, and its last line into the error; where the output is kept apart, only standard error does. */
static void test_command_log(void)
{
	static const struct {
		const char *script;
		gboolean has_output;
		const char *log, *output, *fault;
	} rows[] = {
		{ "echo a; echo b >&2", FALSE, "a\nb", "", NULL },
		{ "echo a; echo b >&2; exit 1", FALSE, "a\nb", "", "failed with status 1: b" },
		{ "echo a; echo b >&2", TRUE, "b", "a", NULL },
		{ "cat; echo b >&2; exit 1", TRUE, "b", "input", "failed with status 1: b" },
		{ "echo $FRUIT $HOME; basename $PWD >&2", TRUE, "dir", "fig", NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s, output %s", rows[i].script,
				 rows[i].has_output ? "apart" : "logged");
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat("dir/ /\ninput = input\nbin/it ! ",
						    rows[i].script, NULL);
		g_autoptr(TuneRoot) root = check_host(text);
		run_logged(root, rows[i].has_output, &error);
		CHECK_TEXT(error ? strstr(error->message, "failed") : NULL, rows[i].fault);
		g_clear_error(&error);
		g_autofree char *log = tune_root_read(root, "log", &error);
		CHECK_TEXT(log, rows[i].log);
		g_autofree char *output = tune_root_read(root, "out", &error);
		CHECK_TEXT(output, rows[i].output);
		CHECK_NO_ERROR(error);
	}
}

/* The log may be longer than an answer, and the error still has its last line. */
static void test_command_log_large(void)
{
	enum { LINES = 300000 };
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strdup_printf(
		"dir/ /\ninput = input\nbin/it ! i=0; yes %s | head -n %d; echo end; exit 3\n",
		"0123456789012345678901234567890123456789012345678901234567890123456789", LINES);
	g_autoptr(TuneRoot) root = check_host(text);

	run_logged(root, FALSE, &error);
	CHECK_HOLDS(error ? error->message : NULL, "failed with status 3: end");
	g_autofree char *log = g_build_filename(tune_root_get_directory(root), "log", NULL);
	GStatBuf status;
	CU_ASSERT_EQUAL(g_stat(log, &status), 0);
	CU_ASSERT_EQUAL(status.st_size, LINES * 71 + 4);
}

static void test_run_nothing(void)
{
	static const struct {
		const char *program;
		TuneErrorCode code;
	} rows[] = {
		{ "bin/none", TUNE_ERROR_ABSENT },     { "bin/text/x", TUNE_ERROR_ABSENT },
		{ "bin/text", TUNE_ERROR_DENIED },     { "/bin", TUNE_ERROR_DENIED },
		{ "bin/leak", TUNE_ERROR_ABSENT },     { "../../../bin/sh", TUNE_ERROR_ABSENT },
		{ "bin/dangling", TUNE_ERROR_ABSENT },
	};
	g_autoptr(TuneRoot) root = check_host("bin/text = echo\n"
					      "bin/leak -> /bin/true\n"
					      "bin/dangling -> none\n");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].program);
		const char *argv[] = { rows[i].program, NULL };
		g_autoptr(GError) error = NULL;
		g_autofree char *answer = tune_command_read(root, argv, LONG_MS, &error);
		CHECK_TEXT(answer, NULL);
		CHECK_HOLDS(error ? error->message : NULL, rows[i].program);
		CHECK_ERROR(error, rows[i].code);
	}
}

/* A program may behave by the name that it was called by, as pvs, a link to lvm. */
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
	g_autofree char *answer = tune_command_read(root, argv, LONG_MS, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(answer, "/sbin/pvs\n");
}

/* By its name, a program is found where distributions put it, and what was built by hand comes first. */
static void test_find(void)
{
	static const struct {
		const char *host, *name, *path;
	} rows[] = {
		{ "usr/sbin/pvs ! true", "pvs", "usr/sbin/pvs" },
		{ "sbin/pvs ! true", "pvs", "sbin/pvs" },
		{ "usr/bin/ssh ! true\nusr/local/bin/ssh ! true", "ssh", "usr/local/bin/ssh" },
		{ "opt/pvs ! true", "/opt/pvs", "opt/pvs" },
		{ "opt/pvs ! true", "pvs", NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s of %s", rows[i].name, rows[i].host);
		g_autoptr(TuneRoot) root = check_host(rows[i].host);
		g_autoptr(GError) error = NULL;
		g_autofree char *found = tune_command_find(root, rows[i].name, &error);
		g_autofree char *path = rows[i].path
						? tune_root_find_real_path(root, rows[i].path, NULL)
						: NULL;
		CHECK_TEXT(found, path);
		if (rows[i].path)
			continue;
		CHECK_TEXT(error ? error->message : NULL, "pvs is not installed on this node");
		CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	}
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
	g_autofree char *answer = tune_command_read(root, argv, LONG_MS, &error);
	CU_ASSERT_EQUAL(g_chdir(before), 0);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(answer, "here\n");
}

/* Whether it has ended; a zombie has. */
static gboolean is_dead(const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
	g_autofree char *stat = NULL;

	return !g_file_get_contents(path, &stat, NULL, NULL) || strstr(stat, ") Z ");
}

static gboolean dies(const char *pid)
{
	gint64 end = check_in_s(CHECK_LATE_S);

	while (!is_dead(pid) && g_get_monotonic_time() < end)
		g_usleep(10000);
	return is_dead(pid);
}

/* A script's child, whose process ID is in "%s/pid", is killed with the script. */
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

	g_autofree char *answer = tune_command_read(root, argv, timeout_ms, &error);
	CHECK_TEXT(answer, NULL);
	CHECK_HOLDS(error ? error->message : NULL, "bin/it: ");
	CHECK_ERROR(error, code);
	CU_ASSERT(g_file_get_contents(pid_file, &pid, NULL, NULL));
	CU_ASSERT(pid && dies(g_strchomp(pid)));
	g_unlink(pid_file);
}

/* A child that is left behind with the outputs open is not waited for; what it writes at once is logged, then it is killed. */
static void test_command_log_left(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(
		"dir/ /\ninput = input\n"
		"bin/it ! sleep 60 & echo $!; (sleep 0.2; echo late) & echo done\n");
	gint64 start = g_get_monotonic_time();

	run_logged(root, FALSE, &error);
	CHECK_NO_ERROR(error);
	CHECK_SOON(start);
	g_autofree char *log = tune_root_read(root, "log", &error);
	CHECK_NO_ERROR(error);
	g_auto(GStrv) lines = g_strsplit(log ? log : "", "\n", -1);
	CHECK_TEXT(lines[1], "done");
	CHECK_TEXT(lines[1] ? lines[2] : NULL, "late");
	CU_ASSERT(lines[0] && dies(lines[0]));
}

static void test_limits(void)
{
	static const char *const argv[] = { "bin/it", NULL };
	g_autoptr(TuneRoot) root = check_host("bin/it ! ulimit -v; ulimit -t\n");
	g_auto(filedesc) log = tune_root_open_file(root, "log", O_WRONLY | O_CREAT, 0600, NULL);
	TuneCommand command = TUNE_COMMAND(argv, LONG_MS);
	g_autoptr(GError) error = NULL;

	command.log = log;
	command.memory = 1 << 30;
	command.cpu_s = 77;
	CU_ASSERT(tune_command_run(root, &command, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *text = tune_root_read(root, "log", NULL);
	CHECK_TEXT(text, "1048576\n77");
}

static void test_deadline(void)
{
	/* A script that waits for its child; one that has closed its output; one that writes for ever. */
	static const char *const scripts[] = {
		"sleep 60 & echo $! > %s/pid; wait",
		"sleep 60 >/dev/null & echo $! > %s/pid; exec >/dev/null; wait",
		"sleep 60 & echo $! > %s/pid; while :; do echo; done",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
		check_row(scripts[i]);
		gint64 start = g_get_monotonic_time();
		check_killed(scripts[i], SHORT_MS, TUNE_ERROR_TIMEOUT);
		CU_ASSERT(g_get_monotonic_time() - start >= SHORT_MS * 1000);
		CHECK_SOON(start);
	}
}

/* The host's deadline counts for one command and for several; without it, this would take a minute. */
static void test_deadline_of_host(void)
{
	static const char *const argv[] = { "bin/it", NULL };
	TuneCommandResult runs[] = { { .argv = argv }, { .argv = argv } };
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("bin/it ! exec sleep 60");
	gint64 start = g_get_monotonic_time();

	tune_root_set_deadline(root, start + SHORT_MS * 1000);
	g_autofree char *answer = tune_command_read(root, argv, 3 * LONG_MS, &error);
	CU_ASSERT_PTR_NULL(answer);
	CHECK_ERROR(error, TUNE_ERROR_TIMEOUT);
	CU_ASSERT(tune_command_run_all(root, runs, G_N_ELEMENTS(runs), NULL, 3 * LONG_MS, &error));
	for (size_t i = 0; i < G_N_ELEMENTS(runs); i++) {
		CHECK_ERROR(runs[i].error, TUNE_ERROR_TIMEOUT);
		tune_command_result_clear(&runs[i]);
	}
	CHECK_SOON(start);
}

/* Long before the deadline, too. */
static void test_endless(void)
{
	check_killed("sleep 60 >/dev/null & echo $! > %s/pid; cat /dev/zero", LONG_MS,
		     TUNE_ERROR_INVALID);
}

/* Several commands at once: for each its status, answer, last line of standard error, and error. */
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
		/* A child that is left behind with standard error open is not waited for, and not killed. */
		{ "sleep 5 >/dev/null & echo done", "done\n", "", 0, NULL },
		{ "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end >&2", NULL, "end", 0,
		  NULL },
	};
	TuneCommandResult commands[G_N_ELEMENTS(rows)] = { 0 };
	const char *argvs[G_N_ELEMENTS(rows)][3];
	g_autoptr(TuneRoot) root = check_host("bin/it ! eval \"$1\"\n");
	g_autoptr(GError) error = NULL;
	gint64 begin = g_get_monotonic_time();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		memcpy(argvs[i], ((const char *[]){ "bin/it", rows[i].word, NULL }),
		       sizeof(argvs[i]));
		commands[i].argv = argvs[i];
	}
	CU_ASSERT(tune_command_run_all(root, commands, G_N_ELEMENTS(rows), "told", 3000, &error));
	CHECK_NO_ERROR(error);
	CHECK_SOON(begin);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].word);
		if (rows[i].answer)
			CHECK_TEXT(commands[i].answer, rows[i].answer);
		CHECK_TEXT(commands[i].complaint, rows[i].complaint);
		CU_ASSERT_EQUAL(commands[i].status, rows[i].status);
		CU_ASSERT_EQUAL(commands[i].error != NULL, rows[i].fault != NULL);
		if (commands[i].error && rows[i].fault)
			CHECK_HOLDS(commands[i].error->message, rows[i].fault);
		tune_command_result_clear(&commands[i]);
	}
}

/* More commands than a process may have open files by default. */
static void test_run_very_many(void)
{
	enum { N = 600 };
	static const char *const argv[] = { "bin/it", NULL };
	g_autofree TuneCommandResult *commands = g_new0(TuneCommandResult, N);
	g_autoptr(TuneRoot) root = check_host("bin/it ! read a; echo \"$a\"\n");

	struct rlimit limit;
	CU_ASSERT_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MIN(limit.rlim_cur, 1024);
	CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (guint i = 0; i < N; i++)
		commands[i].argv = argv;
	CU_ASSERT(tune_command_run_all(root, commands, N, "told\n", LONG_MS, NULL));
	for (guint i = 0; i < N; i++) {
		CHECK_TEXT(commands[i].answer, "told\n");
		tune_command_result_clear(&commands[i]);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "run", test_run },
		{ "run with a log", test_command_log },
		{ "run with a large log", test_command_log_large },
		{ "run with a log, and what is left behind", test_command_log_left },
		{ "limits", test_limits },
		{ "run what cannot be run", test_run_nothing },
		{ "run by link", test_run_by_link },
		{ "find by name", test_find },
		{ "run below a relative directory", test_run_below_relative },
		{ "deadline", test_deadline },
		{ "deadline of the host", test_deadline_of_host },
		{ "endless answer", test_endless },
		{ "run many", test_run_many },
		{ "run very many", test_run_very_many },
		{ NULL, NULL },
	};

	return check_main("run", checks);
}
