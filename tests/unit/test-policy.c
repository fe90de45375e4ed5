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

static TunePolicy *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	TunePolicy *policy = tune_policy_parse(text, strlen(text), "P", &error);

	CHECK_NO_ERROR(error);
	return policy;
}

static const TuneSetting *get_setting(const TunePolicy *policy, const char *key)
{
	for (guint i = 0; i < policy->settings->len; i++)
		if (strcmp(((const TuneSetting *)policy->settings->pdata[i])->key, key) == 0)
			return policy->settings->pdata[i];
	return NULL;
}

/* The own value counts, also in another unit; rules of the file come after those of the built-in policy. */
static void test_include(void)
{
	g_autoptr(TunePolicy) base = parse("include: default\n");
	g_autoptr(TunePolicy)
		policy = parse("sysctl: {vm.swappiness: 30, vm.dirty_ratio: 5}\n"
			       "include: default\ncpu: {gate: off}\n"
			       "disks: [{match: drbd, scheduler: bfq}]\nvolume-groups: [data]\n");

	CHECK_TEXT(get_setting(base, "vm.swappiness")->want, "10");
	CHECK_HOLDS(get_setting(base, "vm.swappiness")->origin, "built-in:");
	CU_ASSERT_PTR_NOT_NULL(get_setting(base, "vm.dirty_bytes"));
	CHECK_TEXT(get_setting(policy, "vm.swappiness")->want, "30");
	CHECK_TEXT(get_setting(policy, "vm.swappiness")->origin, "P:1");
	CU_ASSERT_PTR_NULL(get_setting(policy, "vm.dirty_bytes"));
	CU_ASSERT_PTR_NOT_NULL(get_setting(policy, "vm.dirty_background_bytes"));
	CU_ASSERT_EQUAL(policy->settings->len, base->settings->len);
	CU_ASSERT_EQUAL(policy->rules->len, base->rules->len + 1);
	const TuneRule *last = policy->rules->pdata[policy->rules->len - 1];
	CHECK_TEXT(last->origin, "P:4");
	CU_ASSERT_EQUAL(policy->link_rules->len, base->link_rules->len);
	CU_ASSERT_FALSE(policy->cpu.is_gate_on);
	CHECK_TEXT(policy->volume_groups->pdata[0], "data");
}

/* What is not inherited has to hold without the built-in policy, too. */
static void test_include_leaves_nothing_out(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ /\n");
	g_autoptr(TunePolicy) builtin = tune_policy_load(root, NULL, NULL);
	g_autoptr(TunePolicy) included = parse("include: default\n");
	g_autofree char *a = policies_print(builtin);
	g_autofree char *b = policies_print(included);

	CU_ASSERT_EQUAL(builtin->settings->len, included->settings->len);
	CU_ASSERT_EQUAL(strlen(a), strlen(b));
	CU_ASSERT_EQUAL(builtin->cpu.is_gate_on, included->cpu.is_gate_on);
	CU_ASSERT_EQUAL(builtin->cpu.is_unknown_refused, included->cpu.is_unknown_refused);
	CU_ASSERT_EQUAL(builtin->cpu.waivers, included->cpu.waivers);
	CHECK_TEXT(included->cpu.type, builtin->cpu.type);
	CU_ASSERT_EQUAL(builtin->guard_s, included->guard_s);
	CU_ASSERT_EQUAL(builtin->guests.deadline_s, included->guests.deadline_s);
	CHECK_TEXT(included->volume_groups->pdata[0], builtin->volume_groups->pdata[0]);
}

static void test_include_what(void)
{
	static const char text[] = "include: other.yaml\n";
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(tune_policy_parse(text, strlen(text), "P", &error));
	CHECK_HOLDS(error->message, "P:1:10: include: 'other.yaml' is not 'default'");
	CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
}

int main(void)
{
	static const Check checks[] = {
		{ "include", test_include },
		{ "include leaves nothing out", test_include_leaves_nothing_out },
		{ "include what is not there", test_include_what },
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
