/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/dropins.h"
#include "tests/unit/check.h"
#include "tests/unit/tree-directory.h"

#define OLD "inst1.example.com"
#define NEW "web.example.org"
#define KEEPS "none of the files that hold a host name says " OLD ": it keeps the name it has\n"
#define EMPTIED "etc/machine-id: empty now, the next boot makes a new one\n"

/* clang-format off */
static const struct {
	const char *name;
	const char *tree;  /* as in a *.host */
	const char *file;  /* the file to look at */
	const char *text;  /* what it holds in the end; NULL: it is not there */
	const char *log;
} rows[] = {
	{ "short name", "etc/hostname = inst1", "etc/hostname", "web\n", "etc/hostname: says " NEW " now\n" },
	{ "long name", "etc/hostname = " OLD, "etc/hostname", NEW "\n", "etc/hostname: says " NEW " now\n" },
	{ "other letters", "etc/hostname = Inst1", "etc/hostname", "web\n", "etc/hostname: says " NEW " now\n" },
	{ "SUSE of old", "etc/HOSTNAME = " OLD, "etc/HOSTNAME", NEW "\n", "etc/HOSTNAME: says " NEW " now\n" },
	{ "Red Hat of old", "etc/sysconfig/network = NETWORKING=yes\\nHOSTNAME=" OLD, "etc/sysconfig/network",
	  "NETWORKING=yes\nHOSTNAME=" NEW "\n", "etc/sysconfig/network: says " NEW " now\n" },
	{ "hosts", "etc/hosts = 127.0.1.1\\t" OLD " inst1 # inst1\\n192.0.2.1 xinst1 inst1x inst1.example.com.net\\n",
	  "etc/hosts", "127.0.1.1\t" NEW " web # web\n192.0.2.1 xinst1 inst1x inst1.example.com.net\n",
	  "etc/hosts: says " NEW " now\n" KEEPS },
	{ "mailname", "etc/mailname = " OLD "\netc/hostname = inst1", "etc/mailname", NEW "\n",
	  "etc/hostname: says " NEW " now\netc/mailname: says " NEW " now\n" },
	{ "a name of its own", "etc/hostname = pet", "etc/hostname", "pet\n", KEEPS },
	{ "nothing", "etc/ /", "etc/hostname", NULL, KEEPS },
	{ "a link", "etc/hostname -> ../run/name\nrun/name = inst1", "run/name", "inst1\n",
	  "etc/hostname: is a link: left alone\n" KEEPS },
	{ "a link that leads out", "etc/hostname -> ../../../../../../etc/passwd", "etc/passwd", NULL, KEEPS },
	{ "a directory", "etc/hostname/ /", "etc/hostname", NULL,
	  "etc/hostname: left as it is: etc/hostname: is not a regular file\n" KEEPS },
	{ "machine ID", "etc/machine-id = 0123456789abcdef0123456789abcdef", "etc/machine-id", "", KEEPS EMPTIED },
	{ "machine ID of D-Bus", "etc/machine-id = 0123\nvar/lib/dbus/machine-id = 0123", "var/lib/dbus/machine-id",
	  NULL, KEEPS EMPTIED },
	{ "D-Bus has a link", "etc/machine-id = 0123\nvar/lib/dbus/machine-id -> /etc/machine-id",
	  "var/lib/dbus/machine-id", "", KEEPS EMPTIED },
	{ "no machine ID", "var/lib/dbus/machine-id = 0123", "var/lib/dbus/machine-id", "0123\n", KEEPS },
	{ "machine ID that is a directory", "etc/machine-id/ /", "etc/machine-id", NULL,
	  KEEPS "etc/machine-id: left as it is: etc/machine-id: is not a regular file\n" },
	{ "an image's", "etc/machine-id = uninitialized", "etc/machine-id", "uninitialized\n", KEEPS },
};
/* clang-format on */

static char *read_below(const char *directory, const char *path)
{
	g_autofree char *file = g_build_filename(directory, path, NULL);
	g_autofree char *target = g_file_read_link(file, NULL);
	char *text = NULL;

	if (target && g_path_is_absolute(target))
		return read_below(directory, target);
	g_file_get_contents(file, &text, NULL, NULL);
	return text;
}

static char *change(const char *directory, const char *old_name, const char *new_name)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) tree = tune_root_open(directory, &error);
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new(NULL);

	CHECK_NO_ERROR(error);
	g_autoptr(OsTree) files = new_directory_tree(tree);
	os_hostname_change(files, old_name, new_name, log);
	for (guint i = 0; i < log->len; i++)
		g_string_append_printf(text, "%s\n", (char *)log->pdata[i]);
	return g_string_free(text, FALSE);
}

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *directory = check_unroll_text(rows[i].tree);
		g_autofree char *log = change(directory, OLD, NEW);
		g_autofree char *found = read_below(directory, rows[i].file);
		CHECK_TEXT(found, rows[i].text);
		CHECK_TEXT(log, rows[i].log);
	}
}

static void test_twice(void)
{
	g_autofree char *directory = check_unroll_text(
		"etc/hostname = inst1\netc/machine-id = 0123");
	g_autofree char *first = change(directory, OLD, NEW);
	g_autofree char *second = change(directory, OLD, NEW);

	CHECK_TEXT(first, "etc/hostname: says " NEW " now\n" EMPTIED);
	CHECK_TEXT(second, KEEPS);
}

/* A backup that is restored under its own name is the same machine. */
static void test_same_name(void)
{
	g_autofree char *directory = check_unroll_text(
		"etc/hostname = inst1\netc/machine-id = 0123");
	g_autofree char *log = change(directory, OLD, OLD);
	g_autofree char *id = read_below(directory, "etc/machine-id");

	CHECK_TEXT(log, "");
	CHECK_TEXT(id, "0123\n");
}

/* Ganeti has renamed the instance already, so a file that cannot be written is logged, and the rest is done. */
static void test_no_room(void)
{
	g_autofree char *directory = check_unroll_text(
		"etc/hostname = inst1\netc/hosts = inst1\netc/hostname.new/x = 1");
	g_autofree char *log = change(directory, OLD, NEW);
	g_autofree char *hostname = read_below(directory, "etc/hostname");
	g_autofree char *hosts = read_below(directory, "etc/hosts");

	CHECK_HOLDS(log, "etc/hostname: left as it is: ");
	CHECK_TEXT(hostname, "inst1\n");
	CHECK_TEXT(hosts, "web\n");
}

/* The owner of a guest can put anything in a file's place. */
static void test_fifo(void)
{
	g_autofree char *directory = check_unroll_text("etc/hosts = inst1");
	g_autofree char *path = g_build_filename(directory, "etc/hostname", NULL);

	mkfifo(path, 0600);
	alarm(10);
	g_autofree char *log = change(directory, OLD, NEW);
	alarm(0);
	CHECK_TEXT(log, "etc/hostname: left as it is: etc/hostname: is not a regular file\n"
			"etc/hosts: says " NEW " now\n" KEEPS);
}

static const Check checks[] = {
	{ "files, and what becomes of them", test_rows },
	{ "a second time changes nothing", test_twice },
	{ "the same name changes nothing", test_same_name },
	{ "what cannot be written is left, and the rest is done", test_no_room },
	{ "a FIFO in a file's place is not waited for", test_fifo },
	{ NULL, NULL },
};

int main(void)
{
	return check_main("hostname", checks);
}
