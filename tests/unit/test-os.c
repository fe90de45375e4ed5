/* SPDX-License-Identifier: BSD-2-Clause */
/* How the OS definition reads Ganeti's environment, its parameters, and the format of an image. */
#include <string.h>

#include "os-scripts/environment.h"
#include "os-scripts/image.h"
#include "os-scripts/parameters.h"
#include "tests/unit/check.h"

#define EVERY_NEED                                                                                 \
	(OS_NEEDS_INSTANCE | OS_NEEDS_DISKS | OS_NEEDS_EXPORT | OS_NEEDS_IMPORT | OS_NEEDS_OLD_NAME)

/* Variables with blanks between. */
static OsEnvironment *make(const char *variables, guint needs, GError **error)
{
	g_auto(GStrv) envp = g_strsplit(variables, " ", -1);

	return os_environment_new(envp, needs, error);
}

/* ---- environment ---- */

static void test_environment(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OsEnvironment) environment = make(
		"OS_NAME=tune OS_VARIANT=wrap INSTANCE_NAME=i1.example.com DISK_COUNT=2 "
		"DISK_0_PATH=/dev/vg/a DISK_0_SIZE=2048 DISK_1_PATH=/dev/vg/b "
		"EXPORT_DISK_PATH=/dev/vg/b EXPORT_INDEX=1 EXP_SIZE_FD=11 "
		"INSTANCE_REINSTALL=1 INSTANCE_HV_serial_console=True "
		"INSTANCE_HV_serial_speed=115200 INSTANCE_HV_kernel_path= "
		"INSTANCE_HV_disk_discard=unmap",
		OS_NEEDS_INSTANCE | OS_NEEDS_DISKS | OS_NEEDS_EXPORT, &error);

	CHECK_NO_ERROR(error);
	const OsDisk *disk = environment->disks->pdata[0];
	CHECK_TEXT(environment->os_name, "tune");
	CHECK_TEXT(environment->variant, "wrap");
	CHECK_TEXT(environment->instance, "i1.example.com");
	CHECK_TEXT(environment->kernel_path, NULL);
	CHECK_TEXT(environment->stream.path, "/dev/vg/b");
	CHECK_TEXT(disk->path, "/dev/vg/a");
	CU_ASSERT_EQUAL(environment->disks->len, 2);
	CU_ASSERT_EQUAL(disk->size_mib, 2048);
	CU_ASSERT_EQUAL(environment->stream.index, 1);
	CU_ASSERT_EQUAL(environment->size_fd, 11);
	CU_ASSERT_EQUAL(environment->serial_speed, 115200);
	CU_ASSERT(environment->is_reinstall);
	CU_ASSERT(environment->is_discarded);
}

/* For verify Ganeti sets the parameters alone. */
static void test_environment_empty(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(OsEnvironment) environment = make("OS_NAME=tune", 0, &error);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(environment->instance, NULL);
	CHECK_TEXT(environment->variant, "");
	CU_ASSERT_EQUAL(environment->disks->len, 0);
	CU_ASSERT_EQUAL(environment->size_fd, -1);
	CU_ASSERT_EQUAL(environment->serial_speed, 0);
	CU_ASSERT(!environment->is_reinstall && !environment->is_discarded);
}

static void test_environment_faults(void)
{
	static const struct {
		const char *variables;
		guint needs;
		const char *fault;
	} rows[] = {
		{ "A=b", EVERY_NEED, "INSTANCE_NAME is not set" },
		{ "INSTANCE_NAME=../etc", OS_NEEDS_INSTANCE, "INSTANCE_NAME is not the name" },
		{ "INSTANCE_NAME=.", OS_NEEDS_INSTANCE, "INSTANCE_NAME is not the name" },
		{ "INSTANCE_NAME=a;b", OS_NEEDS_INSTANCE, "INSTANCE_NAME is not the name" },
		{ "INSTANCE_NAME=i", OS_NEEDS_INSTANCE | OS_NEEDS_OLD_NAME,
		  "OLD_INSTANCE_NAME is not set" },
		{ "DISK_COUNT=x", 0, "DISK_COUNT is 'x', not a number" },
		{ "DISK_COUNT=-1", 0, "DISK_COUNT is '-1', not a number" },
		{ "DISK_COUNT=17", 0, "DISK_COUNT is '17', not a number up to 16" },
		{ "DISK_COUNT=1", OS_NEEDS_DISKS, "DISK_0_PATH is not set" },
		{ "DISK_COUNT=1 DISK_0_URI=gluster://x", OS_NEEDS_DISKS, "only a URI" },
		{ "DISK_COUNT=1 DISK_0_PATH=disk", OS_NEEDS_DISKS,
		  "DISK_0_PATH is not an absolute path" },
		{ "DISK_COUNT=1 DISK_0_SIZE=big", 0, "DISK_0_SIZE is 'big'" },
		{ "INSTANCE_HV_serial_speed=fast", 0, "INSTANCE_HV_serial_speed is 'fast'" },
		{ "A=b", OS_NEEDS_EXPORT, "EXPORT_DISK_PATH is not set" },
		{ "A=b", OS_NEEDS_IMPORT, "IMPORT_DISK_PATH is not set" },
		{ "EXPORT_INDEX=99", OS_NEEDS_EXPORT, "EXPORT_INDEX is '99'" },
		{ "EXP_SIZE_FD=x", 0, "EXP_SIZE_FD is 'x'" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s: %s", rows[i].variables, rows[i].fault);
		g_autoptr(GError) error = NULL;
		g_autoptr(OsEnvironment)
			environment = make(rows[i].variables, rows[i].needs, &error);
		CU_ASSERT_PTR_NULL(environment);
		CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		if (error)
			CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

static void test_environment_long(void)
{
	static const struct {
		const char *name;
		const char *format;
		guint length;
		const char *fault; /* NULL: good */
	} rows[] = {
		{ "longest name", "INSTANCE_NAME=%s OLD_INSTANCE_NAME=a", 253, NULL },
		{ "name too long", "INSTANCE_NAME=%s OLD_INSTANCE_NAME=a", 254,
		  "INSTANCE_NAME is not the name" },
		{ "old name too long", "INSTANCE_NAME=a OLD_INSTANCE_NAME=%s", 254,
		  "OLD_INSTANCE_NAME is not the" },
		{ "longest path",
		  "INSTANCE_NAME=a OLD_INSTANCE_NAME=a DISK_COUNT=1 DISK_0_PATH=/%s", 4094, NULL },
		{ "path too long",
		  "INSTANCE_NAME=a OLD_INSTANCE_NAME=a DISK_COUNT=1 DISK_0_PATH=/%s", 4095,
		  "DISK_0_PATH is too long" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GError) error = NULL;
		g_autofree char *value = g_strnfill(rows[i].length, 'a');
		g_auto(GStrv) parts = g_strsplit(rows[i].format, "%s", 2);
		g_autofree char *variables = g_strconcat(parts[0], value, parts[1], NULL);
		g_autoptr(OsEnvironment) environment = make(
			variables, OS_NEEDS_INSTANCE | OS_NEEDS_DISKS | OS_NEEDS_OLD_NAME, &error);
		CU_ASSERT_EQUAL(environment != NULL, !rows[i].fault);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
	}
}

/* ---- parameters ---- */

/* No parameter may be longer than 4096 bytes. */
static void test_parameters_long(void)
{
	guint n;
	const OsParameter *all = os_parameters(&n);

	for (guint i = 0; i < n; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *value = g_strnfill(4097, 'a');
		g_autofree char *upper = g_ascii_strup(all[i].name, -1);
		g_autofree char *variable = g_strconcat("OSP_", g_strdelimit(upper, "-", '_'), "=",
							value, NULL);
		g_autoptr(OsEnvironment) environment = make(variable, 0, NULL);
		CU_ASSERT(!os_parameters_check(environment, &error));
		CHECK_HOLDS(error ? error->message : NULL, "is longer than 4096 bytes");
		CU_ASSERT(error && strlen(error->message) < 300);
	}
}

static void test_parameters(void)
{
	static const struct {
		const char *variable;
		const char *fault; /* NULL: good */
	} rows[] = {
		{ "A=b", NULL },
		{ "OSP_OVERWRITE=", NULL },
		{ "OSP_OVERWRITE=yes", NULL },
		{ "OSP_OVERWRITE=YES", "OS parameter overwrite: 'YES' is none of no|yes" },
		{ "OSP_TUNING=none", NULL },
		{ "OSP_TUNING=console,noatime", NULL },
		{ "OSP_TUNING=console,nonesuch", "unknown drop-in 'nonesuch'" },
		{ "OSP_TUNING=,", "unknown drop-in ''" },
		{ "OSP_DELEGATE=debootstrap+default", NULL },
		{ "OSP_DELEGATE=../x", "OS parameter delegate" },
		{ "OSP_DELEGATE_PARAMS=a=b,c-d=e=f", NULL },
		{ "OSP_DELEGATE_PARAMS=a", "'a', which is not NAME=VALUE" },
		{ "OSP_IMAGE=/a/b", NULL },
		{ "OSP_IMAGE=b", "OS parameter image: 'b' is not an absolute path" },
		{ "OSP_IMAGE_FORMAT=vmdk", "OS parameter image-format" },
		{ "OSP_IMAGE_CHECKSUM=12", "OS parameter image-checksum" },
		{ "OSP_IMAGE_CHECKSUM=sha256:"
		  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF",
		  NULL },
		{ "OSP_PARTITION=gpt", NULL },
		{ "OSP_EXPORT_COMPRESS=gzip", NULL },
		{ "OSP_EXPORT_COMPRESS=lzop", "OS parameter export-compress: 'lzop' is none of" },
		{ "OSP_FILESYSTEM=btrfs", "OS parameter filesystem" },
		{ "OSP_SUITE=--foreign", "OS parameter suite" },
		{ "OSP_MIRROR=http://deb.example.com/debian", NULL },
		{ "OSP_MIRROR=ftp://deb.example.com/debian", "OS parameter mirror" },
		{ "OSP_MIRROR=https://[2001:db8::1]:8080/a%20b/~c", NULL },
		{ "OSP_MIRROR=https://deb.example.com:8080/a%20b/~c_d-e+f@g,h=i?j", NULL },
		{ "OSP_MIRROR=file:///srv/mirror", NULL },
		{ "OSP_MIRROR=file:///", "OS parameter mirror" },
		{ "OSP_MIRROR=http:///debian", "OS parameter mirror" },
		{ "OSP_MIRROR=http://-x/debian", "OS parameter mirror" },
		{ "OSP_MIRROR=HTTP://deb.example.com", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/$(reboot)", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/`reboot`", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/;b", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/<b>", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/'b'", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/\"b\"", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/\\b", "OS parameter mirror" },
		{ "OSP_MIRROR=http://a/b\ndeb", "has a control character" },
		{ "OSP_MIRROR=http://a/b\tdeb", "has a control character" },
		{ "OSP_MIRROR=http://a/\xc3\xa4", "OS parameter mirror" },
		{ "OSP_DELEGATE_PARAMS=a=b\nc", "has a control character" },
		{ "OSP_DELEGATE_PARAMS=a=\xc3\xa4", NULL },
		{ "OSP_DELEGATE_PARAMS=a=\xff", "is not UTF-8" },
		{ "OSP_IMAGE=/a\x1b]0;x", "has a control character" },
		{ "OSP_EXTRA_PACKAGES=vim,g++", NULL },
		{ "OSP_EXTRA_PACKAGES=vim,-y", "'-y', which is not the name of a package" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].variable);
		g_autoptr(GError) error = NULL;
		g_autoptr(OsEnvironment) environment = make(rows[i].variable, 0, NULL);
		CU_ASSERT_EQUAL(os_parameters_check(environment, &error), !rows[i].fault);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		else
			CHECK_NO_ERROR(error);
	}
}

static void test_parameter_values(void)
{
	g_autoptr(OsEnvironment)
		environment = make("OSP_IMAGE_FORMAT=raw OSP_OVERWRITE= OSP_GROW=no", 0, NULL);

	CHECK_TEXT(os_parameter_get(environment, "image-format"), "raw");
	CHECK_TEXT(os_parameter_get(environment, "overwrite"), "no");
	CHECK_TEXT(os_parameter_get(environment, "tuning"), "default");
	CHECK_TEXT(os_parameter_get(environment, "mirror"), "");
	CU_ASSERT(!os_parameter_is_yes(environment, "grow"));
}

/* Each default is a valid value. */
static void test_parameter_table(void)
{
	guint n_parameters;
	const OsParameter *parameters = os_parameters(&n_parameters);
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint i = 0; i < n_parameters; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *upper = g_ascii_strup(parameters[i].name, -1);
		g_autofree char *variable = g_strdup_printf(
			"OSP_%s=%s", g_strdelimit(upper, "-", '_'), parameters[i].fallback);
		g_autoptr(OsEnvironment) environment = make(variable, 0, NULL);
		os_parameters_check(environment, &error);
		CHECK_NO_ERROR(error);
		g_string_append_printf(list, "%s %s\n", parameters[i].name, parameters[i].summary);
	}
	g_autofree char *path = check_source("os-scripts/tune/parameters.list");
	g_autofree char *shipped = NULL;
	CU_ASSERT(g_file_get_contents(path, &shipped, NULL, NULL));
	CHECK_TEXT(shipped, list->str);
}

/* ---- images ---- */

#define QCOW2 "QFI\xfb\0\0\0\3"

typedef struct {
	const char *magic;
	gsize length;
	gsize offset;
} Head;

static void test_image(void)
{
	static const struct {
		const char *name;
		Head head;
		const char *wanted, *format, *fault;
	} rows[] = {
		{ "raw", { "x", 1, 0 }, "auto", "raw", NULL },
		{ "tar", { "ustar", 5, 257 }, "auto", "tar", NULL },
		{ "gzip", { "\x1f\x8b", 2, 0 }, "auto", "tar", NULL },
		{ "xz",
		  { "\xfd"
		    "7zXZ",
		    6, 0 },
		  "tar",
		  "tar",
		  NULL },
		{ "zstd", { "\x28\xb5\x2f\xfd", 4, 0 }, "auto", "tar", NULL },
		{ "qcow2", { QCOW2, 8, 0 }, "auto", "qcow2", NULL },
		{ "qcow2, as wanted", { QCOW2, 8, 0 }, "qcow2", "qcow2", NULL },
		{ "qcow2 taken as raw", { QCOW2, 8, 0 }, "raw", "raw", NULL },
		{ "qcow2, not tar", { QCOW2, 8, 0 }, "tar", NULL, "the file is qcow2, not tar" },
		{ "raw, not qcow2", { "x", 1, 0 }, "qcow2", NULL, "the file is raw, not qcow2" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GError) error = NULL;
		guchar bytes[OS_IMAGE_HEAD] = { 0 };
		OsImage image = { NULL, 0 };
		memcpy(bytes + rows[i].head.offset, rows[i].head.magic, rows[i].head.length);
		os_image_recognise(bytes, sizeof(bytes), 7, rows[i].wanted, &image, &error);
		CHECK_TEXT(image.format, rows[i].format);
		CHECK_TEXT(error ? error->message : NULL, rows[i].fault);
	}
}

/* An image that refers to another file could read any file of the node. */
static void test_image_parts(void)
{
	static const struct {
		const char *name;
		gsize at;
		gsize n;
		const char *fault;
	} rows[] = {
		{ "backing file", 15, OS_IMAGE_HEAD, "it has a backing file" },
		{ "data in another file", 79, OS_IMAGE_HEAD, "its data is in another file" },
		{ "whole header", 31, OS_IMAGE_HEAD, NULL },
		{ "half a header", 31, 79, "its header is cut short" },
		{ "empty", 31, 0, "the file is empty" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autoptr(GError) error = NULL;
		guchar bytes[OS_IMAGE_HEAD] = QCOW2;
		OsImage image = { NULL, 0 };
		bytes[rows[i].at] = 4;
		os_image_recognise(bytes, rows[i].n, 7, "auto", &image, &error);
		if (rows[i].fault)
			CHECK_HOLDS(error ? error->message : NULL, rows[i].fault);
		else
			CU_ASSERT_EQUAL(image.size, 4);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "environment", test_environment },
		{ "environment of verify", test_environment_empty },
		{ "bad environments", test_environment_faults },
		{ "environment, too long", test_environment_long },
		{ "parameters", test_parameters },
		{ "parameters, too long", test_parameters_long },
		{ "values of parameters", test_parameter_values },
		{ "parameters.list is the table", test_parameter_table },
		{ "images", test_image },
		{ "images in parts", test_image_parts },
		{ NULL, NULL },
	};

	return check_main("os", checks);
}
