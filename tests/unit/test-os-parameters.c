/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/parameters.h"

#include "tests/unit/check.h"

/* OSP_... of @name, or nothing at all. */
static OsEnvironment *make_environment(const char *name, const char *value)
{
	g_autofree char *upper = g_ascii_strup(name ? name : "", -1);
	g_autofree char *setting = g_strdup_printf("OSP_%s=%s", g_strdelimit(upper, "-", '_'),
						   value ? value : "");
	char *envp[] = { name ? setting : NULL, NULL };
	g_autoptr(GError) error = NULL;
	OsEnvironment *environment = os_environment_new(envp, 0, &error);

	CHECK_NO_ERROR(error);
	return environment;
}

/* Ganeti reads the one, the program the other. */
static void test_list(void)
{
	g_autofree char *path = check_source("os-scripts/tune/parameters.list");
	g_autofree char *found = NULL;
	g_autoptr(GString) wanted = g_string_new(NULL);
	guint n_parameters;
	const OsParameter *parameters = os_parameters(&n_parameters);

	for (guint i = 0; i < n_parameters; i++)
		g_string_append_printf(wanted, "%s %s\n", parameters[i].name,
				       parameters[i].summary);
	g_file_get_contents(path, &found, NULL, NULL);
	CHECK_TEXT(found, wanted->str);
}

static gboolean accepts(const char *name, const char *value, GError **error)
{
	g_autoptr(OsEnvironment) environment = make_environment(name, value);

	return os_parameters_check(environment, error);
}

/* What nobody gives must be as good as what somebody does, and each choice be told. */
static void test_table(void)
{
	guint n_parameters;
	const OsParameter *parameters = os_parameters(&n_parameters);

	for (guint i = 0; i < n_parameters; i++) {
		const OsParameter *parameter = &parameters[i];
		g_autoptr(OsEnvironment) none = make_environment(NULL, NULL);
		g_autoptr(GError) error = NULL;
		accepts(parameter->name, parameter->fallback, &error);
		CHECK_NO_ERROR(error);
		CHECK_TEXT(os_parameter_get(none, parameter->name), parameter->fallback);
		CU_ASSERT(strspn(parameter->name, G_CSET_a_2_z "-") == strlen(parameter->name));
		/* Ganeti keeps these for itself. */
		CU_ASSERT(strcmp(parameter->name, "os-image") != 0);
		CU_ASSERT(strcmp(parameter->name, "os-install-package") != 0);
		if (parameter->choices)
			CHECK_HOLDS(parameter->summary, parameter->choices);
	}
}

static void test_missing(void)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT(accepts(NULL, NULL, &error));
	CU_ASSERT(accepts("image", "", &error));
}

/* clang-format off */
static const struct {
	const char *name;
	const char *value;
	const char *fault; /* NULL: it is good */
} rows[] = {
	{ "overwrite",       "yes",            NULL },
	{ "overwrite",       "Yes",            "is none of no|yes" },
	{ "overwrite",       "true",           "is none of no|yes" },
	{ "delegate",        "debootstrap",    NULL },
	{ "delegate",        "debootstrap+xy", NULL },
	{ "delegate",        "../debootstrap", "is no NAME" },
	{ "delegate",        "-x",             "is no NAME" },
	{ "delegate-params", "a=b,c=d=e",      NULL },
	{ "delegate-params", "a",              "which is no NAME=VALUE" },
	{ "delegate-params", "a=b,,c=d",       "which is no NAME=VALUE" },
	{ "image",           "/srv/a.qcow2",   NULL },
	{ "image",           "a.qcow2",        "is no absolute path" },
	{ "image-format",    "qcow2",          NULL },
	{ "image-format",    "vmdk",           "is none of auto|raw|qcow2|tar" },
	{ "image-checksum",  "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF", NULL },
	{ "image-checksum",  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", "SHA-256" },
	{ "image-checksum",  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg", "SHA-256" },
	{ "grow",            "no",             NULL },
	{ "grow",            "1",              "is none of yes|no" },
	{ "partition",       "gpt",            NULL },
	{ "partition",       "lvm",            "is none of mbr|gpt|none" },
	{ "filesystem",      "xfs",            NULL },
	{ "filesystem",      "ext3",           "is none of ext4|xfs" },
	{ "suite",           "trixie",         NULL },
	{ "suite",           "--foreign",      "is no name of a suite" },
	{ "mirror",          "https://deb.debian.org/debian", NULL },
	{ "mirror",          "ftp://example.com/", "URL" },
	{ "mirror",          "https://a b/",   "URL" },
	{ "extra-packages",  "vim-tiny,libstdc++6", NULL },
	{ "extra-packages",  "vim;reboot",     "is no name of a package" },
	{ "export-compress", "none",           NULL },
	{ "export-compress", "xz",             "is none of zstd|gzip|none" },
};
/* clang-format on */

static void test_values(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		gboolean good = accepts(rows[i].name, rows[i].value, &error);
		if (!rows[i].fault) {
			CHECK_NO_ERROR(error);
			continue;
		}
		CU_ASSERT_FALSE(good);
		CHECK_HOLDS(error ? error->message : NULL, rows[i].name);
		CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

static const Check checks[] = {
	{ "parameters.list is the table", test_list },
	{ "the table", test_table },
	{ "what is missing is good", test_missing },
	{ "values, good and bad", test_values },
	{ NULL, NULL },
};

int main(void)
{
	return check_main("os-parameters", checks);
}
