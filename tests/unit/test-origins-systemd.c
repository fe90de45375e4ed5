/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our reading of sysctl.d against the real systemd-sysctl: random files, read by both in one directory.
 *
 * That directory is the root of systemd-sysctl, in a mount namespace of its own, so nothing of the host is written.
 */
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

#define CASES 200
#define PROGRAM "/usr/lib/systemd/systemd-sysctl"
#define NO_NAMESPACE 127
#define PACKAGED "packaged"
#define UNTOUCHED "untouched"

static const char *const keys[] = { "vm/swappiness",
				    "vm/dirty_ratio",
				    "vm/dirty_bytes",
				    "net/ipv4/conf/all/rp_filter",
				    "net/ipv4/conf/eth0/rp_filter",
				    "net/ipv4/conf/eth0.100/rp_filter" };
static const char *const directories[] = { "etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d",
					   PACKAGED };

/* ---- a root for systemd-sysctl ---- */

static gboolean bind(const char *from, const char *to)
{
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL) == 0;
}

/*
 * Only in a child that never removes anything: /usr/lib is in the test's directory then.  The files for usr/lib/sysctl.d,
 * which are written to PACKAGED, cover those of the host first, and come along with /usr/lib.
 */
static gboolean mount_root(const char *root)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0 && chdir(root) == 0 &&
	       bind(PACKAGED, "/usr/lib/sysctl.d") && bind("/usr/lib", "usr/lib") &&
	       (access("/usr/lib64", F_OK) < 0 || bind("/usr/lib64", "usr/lib64"));
}

static void make_root(const char *root)
{
	static const char *const made[] = { "usr/lib", "usr/lib64", PACKAGED };
	g_autofree char *lib = g_build_filename(root, "lib", NULL);
	g_autofree char *lib64 = g_build_filename(root, "lib64", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autofree char *path = g_build_filename(root, made[i], NULL);
		CU_ASSERT_FATAL(g_mkdir_with_parents(path, 0755) == 0);
	}
	CU_ASSERT_FATAL(symlink("usr/lib", lib) == 0);
	CU_ASSERT_FATAL(symlink("usr/lib64", lib64) == 0);
}

/* Without the fsync(2) of g_file_set_contents(), which would take most of the time. */
static void write_file(const char *path, const char *text)
{
	g_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
}

/* ---- random files ---- */

static const char *choose(GRand *random, const char *const *of, guint n)
{
	return of[g_rand_int_range(random, 0, (gint)n)];
}
#define CHOOSE(random, of) choose(random, of, G_N_ELEMENTS(of))

static void add_random_line(GRand *random, GString *text)
{
	static const char *const names[] = {
		"vm.swappiness",
		"/vm/swappiness",
		"vm.sw*",
		"vm.*",
		"vm.dirty_*",
		"vm/dirty_ratio",
		"vm.dirty_bytes",
		"net.ipv4.conf.*.rp_filter",
		"net.ipv4.conf.eth?.rp_filter",
		"net.ipv4.conf.[!a]*.rp_filter",
		"net.ipv4.conf.eth0/100.rp_filter",
		"net/ipv4/conf/eth0.100/rp_filter",
		"net.ipv4.conf.all.rp_filter",
		"net.ipv4.conf.eth0.rp_filter",
	};
	static const char *const marks[] = { "", "", "", "-", "- ", "\t", "#", "; " };
	static const char *const signs[] = { "=", " = ", "=\t", " =  ", "", "= 1 # ", "=1=" };
	static const char *const ends[] = { "\n", "\n", "\r\n", " \t\n", "\n\njunk\n" };
	const char *mark = CHOOSE(random, marks), *name = CHOOSE(random, names);
	const char *sign = CHOOSE(random, signs);

	g_string_append_printf(text, "%s%s%s", mark, name, sign);
	if (*sign)
		g_string_append_printf(text, "%d", g_rand_int_range(random, 1, 6));
	g_string_append(text, CHOOSE(random, ends));
}

static void write_random_file(GRand *random, const char *root)
{
	static const char *const names[] = { "50-default.conf", "a.conf",       "_x.conf", "Z.conf",
					     "99-sysctl.conf",  ".hidden.conf", "b.conf~", "b" };
	g_autofree char *path = g_build_filename(root, CHOOSE(random, directories),
						 CHOOSE(random, names), NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	unlink(path);
	if (g_rand_int_range(random, 0, 8) == 0) {
		g_assert(symlink("/dev/null", path) == 0);
		return;
	}
	for (gint n = g_rand_int_range(random, 0, 6); n > 0; n--)
		add_random_line(random, text);
	write_file(path, text->str);
}

static void empty_directory(const char *path)
{
	const char *name;

	g_assert(g_mkdir_with_parents(path, 0755) == 0);
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	while ((name = g_dir_read_name(directory))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		unlink(file);
	}
}

static char *format_key_path(const char *root, const char *key)
{
	return g_build_filename(root, "proc/sys", key, NULL);
}

static void make_case(GRand *random, const char *root)
{
	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = g_build_filename(root, directories[i], NULL);
		empty_directory(path);
	}
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *path = format_key_path(root, keys[i]);
		g_autofree char *above = g_path_get_dirname(path);
		g_assert(g_mkdir_with_parents(above, 0755) == 0);
		write_file(path, UNTOUCHED "\n");
	}
	for (gint n = g_rand_int_range(random, 1, 7); n > 0; n--)
		write_random_file(random, root);
}

/* ---- both answers ---- */

static void enter_root(gpointer root)
{
	if (chroot(root) < 0)
		_exit(1);
}

/* Its exit status is not checked: it fails for keys that it cannot write. */
static gboolean run_systemd(char *root)
{
	char *argv[] = { (char *)PROGRAM, NULL };
	char *environment[] = { (char *)"SYSTEMD_LOG_LEVEL=emerg", NULL };

	return g_spawn_sync("/", argv, environment, G_SPAWN_STDERR_TO_DEV_NULL, enter_root, root,
			    NULL, NULL, NULL, NULL);
}

/* The value alone: systemd-sysctl overwrites the file's beginning, and the rest of the old text stays. */
static char *read_real(const char *root, const char *key)
{
	g_autofree char *path = format_key_path(root, key);
	char *text = NULL;

	g_assert(g_file_get_contents(path, &text, NULL, NULL));
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The value that wins, without those that the other key of a pair sets. */
static char *read_ours(TuneRoot *root, const char *key)
{
	g_autofree char *found = origins_find_on(root, &tune_section_sysctl, key, NULL);
	char *star = strstr(found, " *\n");

	if (!star)
		return g_strdup(UNTOUCHED);
	*star = '\0';
	const char *line = strrchr(found, '\n');
	const char *value = strstr(line ? line : found, ": ");
	return g_strdup(value ? value + strlen(": ") : found);
}

static void compare_case(TuneRoot *root, const char *directory, int n, GString *differences)
{
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *ours = read_ours(root, keys[i]);
		g_autofree char *real = read_real(directory, keys[i]);
		/* These files do not know that writing one of a pair changes the other one. */
		if (!strstr(ours, " = ") && strcmp(ours, real) != 0)
			g_string_append_printf(differences, "case %d: %s is %s, not %s\n", n,
					       keys[i], real, ours);
	}
}

/* ---- all cases, in a child ---- */

static char *format_report_path(const char *directory)
{
	return g_build_filename(directory, "report", NULL);
}

G_GNUC_NORETURN static void run_cases(char *directory, guint32 seed)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	g_autoptr(GString) differences = g_string_new(NULL);
	g_autofree char *report = format_report_path(directory);

	if (!mount_root(directory))
		_exit(NO_NAMESPACE);
	g_autoptr(TuneRoot) root = tune_root_open(directory, NULL);
	for (int n = 0; n < CASES; n++) {
		make_case(random, directory);
		if (!run_systemd(directory))
			g_string_append_printf(differences, "case %d: " PROGRAM " failed\n", n);
		compare_case(root, directory, n, differences);
	}
	_exit(g_file_set_contents(report, differences->str, -1, NULL) ? 0 : 1);
}

static int run_child(char *directory, guint32 seed)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		run_cases(directory, seed);
	CU_ASSERT_FATAL(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_systemd_sysctl(void)
{
	const char *wish = g_getenv("TUNE_SEED");
	guint32 seed = wish ? (guint32)g_ascii_strtoull(wish, NULL, 10) : g_random_int();
	g_autofree char *directory = g_build_filename(check_directory(), "systemd", NULL);
	g_autofree char *report = format_report_path(directory), *differences = NULL;

	if (access(PROGRAM, X_OK) < 0 || access("/usr/lib/sysctl.d", F_OK) < 0) {
		check_skip("systemd-sysctl is not installed");
		return;
	}
	make_root(directory);
	g_print("# sysctl.d: TUNE_SEED=%u repeats these files\n", seed);
	int status = run_child(directory, seed);
	if (status == NO_NAMESPACE) {
		check_skip("mount namespaces are not permitted");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(status, 0);
	CU_ASSERT_FATAL(g_file_get_contents(report, &differences, NULL, NULL));
	CHECK_TEXT(differences, "");
}

int main(void)
{
	static const Check checks[] = {
		{ "sysctl.d: as systemd-sysctl", test_systemd_sysctl },
		{ NULL, NULL },
	};

	return check_main("origins-systemd", checks);
}
