/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are no QEMU and are started in its place. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <libtune/qemu/process.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"

/* Whether the process whose number is in the file has ended; a zombie has. */
static gboolean is_alive(TuneRoot *root)
{
	g_autoptr(TuneRoot) host = tune_root_open("/", NULL);
	gint64 pid;

	if (!tune_root_read_number(root, "pid", &pid, NULL))
		return FALSE;
	g_autofree char *path = g_strdup_printf("proc/%d/stat", (int)pid);
	g_autofree char *status = tune_root_read(host, path, NULL);
	return status && !strstr(status, ") Z ");
}

/* Waits: a signal takes time, and so does the start of @root's program. */
static gboolean becomes(TuneRoot *root, gboolean wants_alive)
{
	gint64 end = check_in_s(CHECK_LATE_S);

	while (is_alive(root) != wants_alive && g_get_monotonic_time() < end)
		g_usleep(10000);
	return is_alive(root) == wants_alive;
}

/* A run whose program has not begun before the deadline is repeated with more time. */
static TuneQemuProcess *start_process(TuneRoot *root, const char *pid_path, TuneErrorCode code,
				      GError **error)
{
	const TuneQemuSettings settings = { .binary = "bin/kvm", .machine = "pc", .cpu = "host" };
	gint64 limit_us = code == TUNE_ERROR_TIMEOUT ? G_USEC_PER_SEC / 2
						     : CHECK_LATE_S * G_USEC_PER_SEC;

	for (;;) {
		TuneQemuProcess *process = tune_qemu_process_start(
			root, &settings, g_get_monotonic_time() + limit_us, error);
		if (g_file_test(pid_path, G_FILE_TEST_EXISTS) ||
		    limit_us >= CHECK_LATE_S * G_USEC_PER_SEC)
			return process;
		g_clear_pointer(&process, tune_qemu_process_free);
		g_clear_error(error);
		limit_us *= 4;
	}
}

/* Start the program @script instead of QEMU; before that it writes its number to the file "pid". */
static void check_script(const char *script, TuneErrorCode code, const char *message)
{
	g_autofree char *text = g_strdup_printf("bin/kvm ! echo $$ >${0%%/*}/../pid; %s", script);
	g_autoptr(TuneRoot) root = check_host(text);
	g_autofree char *pid_path = g_build_filename(tune_root_get_directory(root), "pid", NULL);
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();
	g_autoptr(TuneQemuProcess) process = start_process(root, pid_path, code, &error);

	CU_ASSERT_PTR_NULL(process);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, code);
	CHECK_SOON(start);
	CU_ASSERT(g_file_test(pid_path, G_FILE_TEST_EXISTS));
	CU_ASSERT(becomes(root, FALSE));
}

static void test_no_qemu(void)
{
	check_script("exit 0", TUNE_ERROR_REFUSED, "kvm: ended without an error message");
	check_script("echo first >&2; echo 'kvm: no such CPU' >&2; exit 1", TUNE_ERROR_REFUSED,
		     "kvm: kvm: no such CPU");
	check_script("echo 'kvm: failed to set MSR' >&2; echo 'x: Assertion failed' >&2; exit 1",
		     TUNE_ERROR_REFUSED, "kvm: kvm: failed to set MSR");
	check_script("exec sleep 1000", TUNE_ERROR_TIMEOUT, "kvm: no greeting in time");
	check_script("trap '' TERM HUP; sleep 1000; sleep 1000", TUNE_ERROR_TIMEOUT,
		     "kvm: no greeting in time");
	check_script("while :; do echo no >&2; done", TUNE_ERROR_TIMEOUT, "no greeting in time");
	check_script("cat /dev/zero", TUNE_ERROR_INVALID, "kvm: an answer of more than 1 MiB");
	check_script("exec <&- >&-; sleep 1000", TUNE_ERROR_IO, "kvm: QEMU hung up");
	check_script("sleep 1000 & echo $! >${0%/*}/../pid; wait", TUNE_ERROR_TIMEOUT,
		     "kvm: no greeting in time");
	check_script("i=0; while [ $i -lt 999 ]; do echo warning >&2; i=$((i+1)); done; "
		     "echo last >&2; exit 1",
		     TUNE_ERROR_REFUSED, "kvm: last");
	check_script("echo '{}'; sleep 1000", TUNE_ERROR_INVALID, "kvm: not a QMP greeting");
}

/* The process that started it is killed while it runs. */
static void test_orphan(void)
{
	g_autoptr(TuneRoot) root = check_host("bin/kvm ! echo $$ >${0%/*}/../pid; exec sleep 1000");
	const TuneQemuSettings settings = { .binary = "bin/kvm" };
	pid_t pid = fork();

	if (pid == 0) {
		g_autoptr(TuneQemuProcess)
			process = tune_qemu_process_start(root, &settings, check_in_s(60), NULL);
		_exit(process ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	CU_ASSERT(becomes(root, TRUE));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CU_ASSERT(becomes(root, FALSE));
}

static void test_command_line(void)
{
	g_autoptr(TuneRoot)
		root = check_host("bin/kvm ! echo \"$*\" $(env | wc -l) $(ulimit -c) >&2");
	const TuneQemuSettings settings = {
		.binary = "bin/kvm",
		.machine = "q35",
		.cpu = "host,-rtm",
		.is_enforced = TRUE,
	};
	const TuneQemuSettings plain = { .binary = "bin/kvm", .accelerators = "tcg" };
	static const struct rlimit some_core = { 4096, 4096 };
	g_autoptr(GError) error = NULL;

	g_setenv("TUNE_TEST_LEAK", "x", TRUE);
	/* Only root can raise a limit of 0, which some machines have. */
	setrlimit(RLIMIT_CORE, &some_core);
	CU_ASSERT_PTR_NULL(
		tune_qemu_process_start(root, &settings, check_in_s(CHECK_LATE_S), &error));
	CHECK_HOLDS(error->message, "-machine q35,accel=kvm -cpu host,-rtm,enforce 3 0");
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
	CU_ASSERT_PTR_NULL(tune_qemu_process_start(root, &plain, check_in_s(CHECK_LATE_S), &error));
	CHECK_HOLDS(error->message, "-machine accel=tcg 3 0");
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
}

static void test_bad_settings(void)
{
	g_autoptr(TuneRoot) root = check_host("bin/ /");
	const TuneQemuSettings absent = { .binary = "bin/kvm", .machine = "pc" };
	const TuneQemuSettings comma = { .binary = "bin/kvm", .machine = "pc,accel=tcg" };
	const TuneQemuSettings empty = { .binary = "bin/kvm", .machine = "" };
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(
		tune_qemu_process_start(root, &absent, check_in_s(CHECK_LATE_S), &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT_PTR_NULL(tune_qemu_process_start(root, &comma, check_in_s(CHECK_LATE_S), &error));
	CHECK_HOLDS(error->message, "'pc,accel=tcg' is not a machine type");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	CU_ASSERT_PTR_NULL(tune_qemu_process_start(root, &empty, check_in_s(CHECK_LATE_S), &error));
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

int main(void)
{
	static const Check checks[] = {
		{ "programs that are no QEMU", test_no_qemu },
		{ "orphan", test_orphan },
		{ "command line", test_command_line },
		{ "bad settings", test_bad_settings },
		{ NULL, NULL },
	};

	return check_main("process", checks);
}
