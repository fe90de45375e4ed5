/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies in files: which is read, and who may have written it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <libtune/host/disks.h>
#include <libtune/tuning/policy.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/policies.h"

static void test_wants_drbd(void)
{
	static const struct {
		const char *text;
		guint classes;
	} rows[] = {
		{ "", 0 },
		{ "disks: [ { match: ssd } ]\n", TUNE_DISK_SSD },
		{ "disks: [ { match: drbd0 } ]\n", 0 },
		{ "disks: [ { match: drbd } ]\n", TUNE_DISK_DRBD },
		{ "disks: [ { match: ssd }, { match: [sda, '!drbd'] } ]\n",
		  TUNE_DISK_SSD | TUNE_DISK_DRBD },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autoptr(TunePolicy)
			policy = tune_policy_parse(rows[i].text, strlen(rows[i].text), "P", NULL);
		CU_ASSERT_EQUAL(tune_policy_get_disk_classes(policy), rows[i].classes);
	}
}

static char *print_loaded(TuneRoot *root, const char *file)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_load(root, file, &error);

	CHECK_NO_ERROR(error);
	return policies_print(policy);
}

/* A copy that belongs to the user of the test, whoever owns the source tree. */
static char *copy_example(const char *name)
{
	g_autofree char *relative = g_build_filename("examples", name, NULL);
	g_autofree char *path = check_source(relative);
	char *copy = g_build_filename(check_directory(), name, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	CHECK_NO_ERROR(error);
	g_file_set_contents(copy, text, -1, NULL);
	g_chmod(copy, 0644);
	return copy;
}

static void test_examples(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ /\n");
	g_autofree char *directory = check_source("examples");
	g_autoptr(GDir) examples = g_dir_open(directory, 0, NULL);
	guint n_examples = 0;
	const char *name;

	while ((name = g_dir_read_name(examples))) {
		if (!g_str_has_suffix(name, ".yaml"))
			continue;
		g_autofree char *copy = copy_example(name);
		g_autofree char *settings = print_loaded(root, copy);
		CU_ASSERT(strlen(settings) > 0);
		n_examples++;
	}
	CU_ASSERT(n_examples >= 4);
}

static void test_builtin(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ganeti/ /\n");
	g_autoptr(TunePolicy) policy = tune_policy_load(root, NULL, NULL);
	g_autofree char *copy = copy_example("default.yaml");
	g_autofree char *example = print_loaded(root, copy);
	g_autofree char *builtin = policies_print(policy);

	CHECK_TEXT(tune_policy_get_file(policy), TUNE_POLICY_BUILTIN);
	CHECK_TEXT(builtin, example);
	/* Settings that only an administrator can decide on. */
	CU_ASSERT_PTR_NULL(strstr(builtin, "ksm."));
	CU_ASSERT_PTR_NULL(strstr(builtin, "hugepage"));
}

static void test_load(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ganeti/tune.yaml = ksm: { run: 1 }\n");
	g_autoptr(TunePolicy) policy = tune_policy_load(root, NULL, NULL);
	g_autofree char *settings = policies_print(policy);
	g_autofree char *copy = copy_example("multi-tenant.yaml");
	g_autoptr(TunePolicy) other = tune_policy_load(root, copy, NULL);

	CHECK_TEXT(settings, "ksm.run=1");
	CHECK_TEXT(tune_policy_get_file(policy), "/" TUNE_POLICY_FILE);
	CHECK_TEXT(tune_policy_get_file(other), copy);
}

static void check_load_fails(TuneRoot *root, const char *file, TuneErrorCode code, const char *part)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_load(root, file, &error);

	CU_ASSERT_PTR_NULL(policy);
	CHECK_HOLDS(error ? error->message : NULL, part);
	CHECK_ERROR(error, code);
}

/* A file that exists and cannot be read is an error; the default is only for a missing one. */
static void test_load_fails(void)
{
	g_autoptr(TuneRoot) bad_file = check_host("etc/ganeti/tune.yaml = ksm: { run: 9 }\n");
	g_autoptr(TuneRoot) a_directory = check_host("etc/ganeti/tune.yaml/ /\n");
	g_autoptr(TuneRoot) a_ring = check_host("etc/ganeti/tune.yaml -> tune.yaml\n");

	check_load_fails(bad_file, NULL, TUNE_ERROR_SYNTAX,
			 "/etc/ganeti/tune.yaml:1:13: run: '9' is not in 0..2");
	check_load_fails(a_directory, NULL, TUNE_ERROR_SYNTAX,
			 "/etc/ganeti/tune.yaml: is a directory");
	check_load_fails(a_ring, NULL, TUNE_ERROR_IO, "etc/ganeti/tune.yaml: ");
	check_load_fails(bad_file, check_directory(), TUNE_ERROR_SYNTAX, ": is a directory");
	/* A file that was named must exist. */
	check_load_fails(bad_file, "/nowhere/tune.yaml", TUNE_ERROR_ABSENT, "/nowhere/tune.yaml: ");
}

static void test_unreadable(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ganeti/tune.yaml = ksm: { run: 1 }\n");
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), TUNE_POLICY_FILE,
						 NULL);

	g_chmod(path, 0000);
	if (geteuid() == 0)
		CU_ASSERT_EQUAL(seteuid(65534), 0);
	check_load_fails(root, NULL, TUNE_ERROR_DENIED, "etc/ganeti/tune.yaml: ");
	check_load_fails(root, path, TUNE_ERROR_DENIED, "etc/ganeti/tune.yaml: ");
	if (getuid() == 0)
		CU_ASSERT_EQUAL(seteuid(0), 0);
}

/* Users who can write root's policy could become root, so it is refused; other users' policies are not checked. */
static void test_untrusted(void)
{
	static const struct {
		uid_t owner;
		mode_t mode;
		gboolean is_trusted;
	} rows[] = {
		{ 0, 0644, TRUE },  { 0, 0600, TRUE },      { 0, 0400, TRUE },
		{ 0, 0666, FALSE }, { 0, 0664, FALSE },     { 0, 0602, FALSE },
		{ 0, 0620, FALSE }, { 65534, 0644, FALSE }, { 65534, 0400, FALSE },
	};
	g_autoptr(TuneRoot) root = check_host("etc/ganeti/tune.yaml = ksm: { run: 1 }\n");
	g_autofree char *path = g_build_filename(tune_root_get_directory(root), TUNE_POLICY_FILE,
						 NULL);

	for (size_t i = 0; geteuid() == 0 && i < G_N_ELEMENTS(rows); i++) {
		check_row_format("owner %u, mode %04o", rows[i].owner, rows[i].mode);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_EQUAL(chown(path, rows[i].owner, 0), 0);
		CU_ASSERT_EQUAL(g_chmod(path, rows[i].mode), 0);
		g_autoptr(TunePolicy) policy = tune_policy_load(root, NULL, &error);
		CU_ASSERT_EQUAL(policy != NULL, rows[i].is_trusted);
		if (!rows[i].is_trusted)
			check_load_fails(root, path, TUNE_ERROR_SYNTAX, ": not trusted: owner ");
	}
}

/* For another user than root the owner is not checked. */
static void test_trusting(void)
{
	g_autofree char *path = g_build_filename(check_directory(), "shared.yaml", NULL);
	g_autoptr(TuneRoot) root = check_host("etc/ /\n");
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, "ksm: { run: 1 }\n", -1, NULL);
	g_chmod(path, 0666);
	g_chmod(check_directory(), 0755);
	if (geteuid() == 0)
		CU_ASSERT_EQUAL(seteuid(65534), 0);
	g_autoptr(TunePolicy) policy = tune_policy_load(root, path, &error);
	if (getuid() == 0)
		CU_ASSERT_EQUAL(seteuid(0), 0);
	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL(policy);
}

int main(void)
{
	static const Check checks[] = {
		{ "rules that match DRBD", test_wants_drbd },
		{ "examples", test_examples },
		{ "built in", test_builtin },
		{ "load", test_load },
		{ "files that cannot be loaded", test_load_fails },
		{ "unreadable", test_unreadable },
		{ "untrusted", test_untrusted },
		{ "another user's policy is not checked", test_trusting },
		{ NULL, NULL },
	};

	return check_main("policy", checks);
}
