/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/os.h"
#include "os-scripts/dropins.h"
#include "os-scripts/parameters.h"

/* PATH_MAX, and more than any list of packages that people write. */
#define LONGEST_VALUE 4096
#define LONGEST_SHOWN 100

/* ---- what a text must be ---- */

static gboolean check_path(const char *value, GError **error)
{
	return g_path_is_absolute(value) ||
	       os_fail(error, TUNE_ERROR_INVALID, "is not an absolute path");
}

static gboolean check_digest(const char *value, GError **error)
{
	const char *digits = g_str_has_prefix(value, "sha256:") ? value + 7 : value;

	return (strlen(digits) == 64 && strspn(digits, "0123456789abcdefABCDEF") == 64) ||
	       os_fail(error, TUNE_ERROR_INVALID, "is not a SHA-256 sum of 64 hexadecimal digits");
}

/* Names become words of a command, so none of them may look like an option. */
static gboolean is_word(const char *value, const char *others)
{
	g_autofree char *good = g_strconcat(G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS, others, NULL);

	return g_ascii_isalnum(*value) && strspn(value, good) == strlen(value);
}

static gboolean check_os(const char *value, GError **error)
{
	return is_word(value, "-_+") || os_fail(error, TUNE_ERROR_INVALID,
						"is not NAME or NAME+VARIANT of an OS definition");
}

static gboolean check_suite(const char *value, GError **error)
{
	return is_word(value, "-.") ||
	       os_fail(error, TUNE_ERROR_INVALID, "is not the name of a suite");
}

/* A shell and the guest's sources.list read it: of the characters of RFC 3986 only those that mean nothing there. */
static gboolean check_mirror(const char *value, GError **error)
{
	static const char *const schemes[] = { "http://", "https://", "file:///" };
	static const char good[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-._~:/?@%+,=[]";

	for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
		size_t length = strlen(schemes[i]);
		if (g_str_has_prefix(value, schemes[i]) &&
		    (g_ascii_isalnum(value[length]) || value[length] == '[') &&
		    strspn(value, good) == strlen(value))
			return TRUE;
	}
	return os_fail(error, TUNE_ERROR_INVALID, "is not an http:, https: or file: URL");
}

static gboolean check_packages(const char *value, GError **error)
{
	g_auto(GStrv) names = g_strsplit(value, ",", -1);

	for (char **name = names; *name; name++)
		if (!is_word(*name, "+-.:"))
			return os_fail(error, TUNE_ERROR_INVALID,
				       "has '%s', which is not the name of a package", *name);
	return TRUE;
}

static gboolean check_pairs(const char *value, GError **error)
{
	g_auto(GStrv) pairs = g_strsplit(value, ",", -1);

	for (char **pair = pairs; *pair; pair++) {
		g_auto(GStrv) words = g_strsplit(*pair, "=", 2);
		if (!words[0] || !words[1] || !is_word(words[0], "-_"))
			return os_fail(error, TUNE_ERROR_INVALID,
				       "has '%s', which is not NAME=VALUE", *pair);
	}
	return TRUE;
}

static gboolean check_tuning(const char *value, GError **error)
{
	guint set;

	if (os_dropins_from_names(value, &set, error))
		return TRUE;
	g_prefix_error(error, "is not default, none, or names of drop-ins separated by commas: ");
	return FALSE;
}

/* ---- the table ---- */

/* clang-format off */
static const OsParameter parameters[] = {
	{ "overwrite",       "no",   "no|yes",              NULL,
	  "yes: a disk that holds something already is used all the same (no|yes)" },
	{ "tuning",          "default", NULL,               check_tuning,
	  "what is tuned in the guest: default, none, or names separated by commas; see ganeti-tune-os(7)" },
	{ "delegate",        "",     NULL,                  check_os,
	  "wrap: the OS definition that does the work, NAME or NAME+VARIANT" },
	{ "delegate-params", "",     NULL,                  check_pairs,
	  "wrap: its OS parameters, NAME=VALUE separated by commas" },
	{ "image",           "",     NULL,                  check_path,
	  "image: path of the file on the node" },
	{ "image-format",    "auto", "auto|raw|qcow2|tar",  NULL,
	  "image: what the file is (auto|raw|qcow2|tar)" },
	{ "image-checksum",  "",     NULL,                  check_digest,
	  "image: SHA-256 sum of the file" },
	{ "grow",            "yes",  "yes|no",              NULL,
	  "image: the last partition and its file system are grown to the size of the disk (yes|no)" },
	{ "partition",       "mbr",  "mbr|gpt|none",        NULL,
	  "image of a tar, debootstrap: partition table of the disk (mbr|gpt|none)" },
	{ "filesystem",      "ext4", "ext4|xfs",            NULL,
	  "image of a tar, debootstrap: file system of the disk (ext4|xfs)" },
	{ "suite",           "bookworm", NULL,              check_suite,
	  "debootstrap: Debian's suite" },
	{ "mirror",          "",     NULL,                  check_mirror,
	  "debootstrap: URL of a Debian mirror; the default is that of mmdebstrap(1)" },
	{ "extra-packages",  "",     NULL,                  check_packages,
	  "debootstrap: more packages to install, separated by commas" },
	{ "ssh-keys",        "",     NULL,                  check_path,
	  "debootstrap: file of the node with the SSH keys that may log in as root" },
	{ "export-compress", "zstd", "zstd|gzip|none",      NULL,
	  "export: how the stream is packed (zstd|gzip|none)" },
};
/* clang-format on */

const OsParameter *os_parameters(guint *n_parameters)
{
	*n_parameters = G_N_ELEMENTS(parameters);
	return parameters;
}

static const OsParameter *find_parameter(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++)
		if (strcmp(parameters[i].name, name) == 0)
			return &parameters[i];
	g_assert_not_reached();
}

/* The name of the variable is as Ganeti's OSCoreEnv() makes it. */
static const char *get_given(const OsEnvironment *environment, const char *name)
{
	g_autofree char *upper = g_ascii_strup(name, -1);
	g_autofree char *variable = g_strconcat("OSP_", g_strdelimit(upper, "-", '_'), NULL);

	return os_environment_get(environment, variable);
}

const char *os_parameter_get(const OsEnvironment *environment, const char *name)
{
	const char *given = get_given(environment, name);

	return given ? given : find_parameter(name)->fallback;
}

gboolean os_parameter_is_yes(const OsEnvironment *environment, const char *name)
{
	return strcmp(os_parameter_get(environment, name), "yes") == 0;
}

/* Any value becomes a part of lines of the log and of commands. */
static gboolean check_text(const char *value, GError **error)
{
	if (strlen(value) > LONGEST_VALUE)
		return os_fail(error, TUNE_ERROR_INVALID, "is longer than %d bytes", LONGEST_VALUE);
	if (!g_utf8_validate(value, -1, NULL))
		return os_fail(error, TUNE_ERROR_INVALID, "is not UTF-8");
	for (const char *c = value; *c; c = g_utf8_next_char(c))
		if (g_unichar_iscntrl(g_utf8_get_char(c)))
			return os_fail(error, TUNE_ERROR_INVALID, "has a control character");
	return TRUE;
}

static gboolean check_value(const OsParameter *parameter, const char *value, GError **error)
{
	if (!check_text(value, error))
		return FALSE;
	if (parameter->choices) {
		g_auto(GStrv) choices = g_strsplit(parameter->choices, "|", -1);
		return g_strv_contains((const char *const *)choices, value) ||
		       os_fail(error, TUNE_ERROR_INVALID, "is none of %s", parameter->choices);
	}
	return !parameter->check || parameter->check(value, error);
}

gboolean os_parameters_check(const OsEnvironment *environment, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(parameters); i++) {
		const char *value = get_given(environment, parameters[i].name);
		if (value && !check_value(&parameters[i], value, error)) {
			g_prefix_error(error, "OS parameter %s: '%.*s' ", parameters[i].name,
				       LONGEST_SHOWN, value);
			return FALSE;
		}
	}
	return TRUE;
}
