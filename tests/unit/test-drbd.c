/* SPDX-License-Identifier: BSD-2-Clause */
/* What DRBD 8.4 shows of its minors. */
#include <string.h>

#include <libtune/tuning/drbd-check.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/drbd-host.h"

#define PROC "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 0123 \n"

static TuneDrbd *parse(const char *proc, const char *show, GError **error)
{
	return tune_drbd_parse(g_strdup(proc), g_strdup(show), error);
}

/* "NAME connection role state resource local remote max-buffers c-max-rate c-fill-target" */
static char *tell_device(const TuneDrbdDevice *device)
{
	const char *words[] = { device->name,
				device->connection,
				device->role,
				device->disk_state,
				device->resource,
				device->local,
				device->remote,
				tune_drbd_get(device, "net/max-buffers"),
				tune_drbd_get(device, "disk/c-max-rate"),
				tune_drbd_get(device, "disk/c-fill-target") };
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		g_string_append_printf(text, "%s%s", i ? " " : "", words[i] ? words[i] : "-");
	return g_string_free(text, FALSE);
}

static void test_states(void)
{
	static const char *const told[] = {
		"drbd0 Connected Primary/Secondary UpToDate/UpToDate resource0 "
		"ipv4:198.51.100.11:11000 ipv4:198.51.100.12:11000 2048 102400 100",
		"drbd1 SyncTarget Secondary/Primary Inconsistent/UpToDate resource1 "
		"ipv4:198.51.100.11:11001 ipv4:198.51.100.12:11001 2048 102400 100",
		"drbd2 SyncSource Primary/Secondary UpToDate/Inconsistent resource2 "
		"ipv4:198.51.100.11:11002 ipv4:198.51.100.12:11002 8192 102400 100",
		"drbd3 WFConnection Secondary/Unknown UpToDate/DUnknown resource3 "
		"ipv4:198.51.100.11:11003 ipv4:198.51.100.12:11003 2048 102400 100",
		"drbd4 Connected Primary/Secondary Diskless/UpToDate resource4 "
		"ipv4:198.51.100.11:11004 ipv4:198.51.100.12:11004 2048 - -",
		"drbd5 StandAlone Secondary/Unknown UpToDate/DUnknown resource5 - - - 102400 100",
	};
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneDrbd) drbd = tune_drbd_look(root, &error);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(drbd->version, "8.4.11");
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, G_N_ELEMENTS(told));
	for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
		check_row(((const TuneDrbdDevice *)drbd->devices->pdata[i])->name);
		g_autofree char *text = tell_device(drbd->devices->pdata[i]);
		CHECK_TEXT(text, told[i]);
	}
	check_row(NULL);
	const TuneDrbdDevice *first = drbd->devices->pdata[0];
	CHECK_TEXT(first->disk, "/dev/xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e00.disk0_data");
}

static void test_thirty_minors(void)
{
	g_autoptr(GString) show = g_string_new(NULL), proc = g_string_new(PROC);
	g_autoptr(GError) error = NULL;

	/* Resources come in no order of minors. */
	for (guint i = 0; i < 30; i++) {
		guint minor = (i * 7) % 30;
		g_string_append_printf(show,
				       "resource r%u {\n  net {\n    max-buffers %u;\n  }\n"
				       "  _this_host {\n    volume 0 {\n      device minor %u;\n"
				       "    }\n  }\n}\n",
				       minor, 3000 + minor, minor);
		g_string_append_printf(proc, "%2u: cs:Connected ro:Primary/Secondary ds:A/B C r\n",
				       i);
	}
	g_autoptr(TuneDrbd) drbd = parse(proc->str, show->str, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, 30);
	for (guint i = 0; i < 30; i++) {
		const TuneDrbdDevice *device = drbd->devices->pdata[i];
		CU_ASSERT_EQUAL(device->minor, i);
		CU_ASSERT_EQUAL(tune_drbd_get_number(device, "net/max-buffers"), 3000 + i);
		CHECK_TEXT(device->connection, "Connected");
	}
}

/* DRBD 9 shows rates within each connection, after the volumes of this host. */
static void test_nine(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneDrbd) drbd = parse(
		"version: 9.1.7 (api:2/proto:110-121)\n",
		"resource r0 {\n  _this_host {\n    node-id 0;\n    volume 0 {\n"
		"      device minor 5;\n      disk \"/dev/vg/a\";\n      meta-disk internal;\n"
		"      disk {\n        al-extents 6007;\n      }\n    }\n  }\n"
		"  connection {\n    _peer_node_id 1;\n    path {\n"
		"      _this_host ipv4 192.0.2.1:7789;\n      _remote_host ipv4 192.0.2.2:7789;\n"
		"    }\n    net {\n      max-buffers 8000;\n    }\n    volume 0 {\n      disk {\n"
		"        c-max-rate 204800k;\n      }\n    }\n  }\n}\n",
		&error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(drbd->major, 9);
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, 1);
	const TuneDrbdDevice *device = drbd->devices->pdata[0];
	CHECK_TEXT(tune_drbd_get(device, "net/max-buffers"), "8000");
	CHECK_TEXT(tune_drbd_get(device, "disk/al-extents"), "6007");
	CHECK_TEXT(tune_drbd_get(device, "disk/c-max-rate"), "204800");
}

/* Minors that are not Ganeti's: two volumes of one resource, their meta data in slots of a device of its own. */
static void test_indexed_meta_data(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneDrbd) drbd = parse(
		PROC "300: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n",
		"resource web {\n  net {\n    max-buffers\t8000;\n  }\n  _this_host {\n"
		"    volume 0 {\n      device\t\t\tminor 300;\n      disk\t\t\t\"/dev/vg/a\";\n"
		"      meta-disk\t\t\t\"/dev/vg/meta\" [ 0 ];\n    }\n"
		"    volume 1 {\n      device\t\t\tminor 301;\n      disk\t\t\t\"/dev/vg/b\";\n"
		"      meta-disk\t\t\t\"/dev/vg/meta\" [ 1 ];\n    }\n  }\n}\n",
		&error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, 2);
	const TuneDrbdDevice *first = drbd->devices->pdata[0], *second = drbd->devices->pdata[1];
	CHECK_TEXT(first->disk, "/dev/vg/a");
	CHECK_TEXT(first->connection, "Connected");
	CHECK_TEXT(second->disk, "/dev/vg/b");
	CHECK_TEXT(tune_drbd_get(second, "net/max-buffers"), "8000");
}

static const struct {
	const char *proc;
	const char *show;
	const char *error;
} garbage[] = {
	{ "", "", "proc/drbd: does not begin with a version" },
	{ "drbd\n", "", "proc/drbd: does not begin with a version" },
	{ "version: x\n", "", "proc/drbd: does not begin with a version" },
	{ PROC, "resource r {\n", "drbdsetup show: line 2 not understood" },
	{ PROC, "}\n", "drbdsetup show: line 1 not understood" },
	{ PROC, "resource r {\n}\n}\n", "drbdsetup show: line 3 not understood" },
	{ PROC, "resource r {\n  net {\n    shared-secret \"x\n", "line 3 not understood" },
	{ PROC, "a b c d e f;\n", "drbdsetup show: line 1 not understood" },
	{ PROC, "{\n", "drbdsetup show: line 1 not understood" },
	{ PROC, "r { volume { device minor 1; } }\n", "line 1 not understood" },
	{ PROC, "words", "drbdsetup show: line 1 not understood" },
	{ PROC, "r {{{{{{{{{{", "drbdsetup show: line 1 not understood" },
	{ PROC, "r { a { b { c { d { e { f { g { h {", "line 1 not understood" },
	{ PROC, "r { max-buffers 1 }", "drbdsetup show: line 1 not understood" },
};

static void test_garbage(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(garbage); i++) {
		check_row(*garbage[i].show ? garbage[i].show : garbage[i].proc);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneDrbd) drbd = parse(garbage[i].proc, garbage[i].show, &error);
		CU_ASSERT_PTR_NULL(drbd);
		CHECK_HOLDS(error ? error->message : "", garbage[i].error);
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

/* Odd answers that are no error. */
static const char *const odd[] = {
	"",
	"# nothing is configured\n",
	"r { device minor 1; }",
	"r { net { max-buffers; } disk { al-extents 1; } }",
	"r { _this_host { volume x { device minor y; } } }",
	"r { address ipv4; }",
	"r{_this_host{address ipv4 192.0.2.1:1;volume 0{device minor 1;}}}",
};

static void test_odd(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
		check_row(odd[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneDrbd)
			drbd = parse(PROC " 1: cs:\n-1: cs:X\n99999999999: cs:X\n", odd[i], &error);
		CHECK_NO_ERROR(error);
		CU_ASSERT_PTR_NOT_NULL(drbd);
	}
}

static void test_no_drbd(void)
{
	g_autoptr(TuneRoot) root = check_host("proc/version = x\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneDrbd) drbd = tune_drbd_look(root, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, 0);
	CU_ASSERT_PTR_NULL(tune_drbd_find(root, drbd, "drbd0", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

/* Where the kernel has DRBD, a drbdsetup that is missing or fails is an error, and does not mean that there are no minors. */
static void test_no_answer(void)
{
	static const struct {
		const char *name;
		const char *host;
	} hosts[] = {
		{ "drbdsetup is missing", "proc/drbd = version: 8.4.11 (api:1)\n" },
		{ "drbdsetup fails",
		  "proc/drbd = version: 8.4.11 (api:1)\nusr/sbin/drbdsetup ! exit 20\n" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		check_row(hosts[i].name);
		g_autoptr(TuneRoot) root = check_host(hosts[i].host);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_PTR_NULL(tune_drbd_look(root, &error));
		CHECK_HOLDS(error ? error->message : "", "drbdsetup");
		CHECK_ERROR(error, TUNE_ERROR_IO);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "minors in all their states", test_states },
		{ "thirty minors in any order", test_thirty_minors },
		{ "DRBD 9", test_nine },
		{ "meta data in slots of a device", test_indexed_meta_data },
		{ "garbage is refused with its line", test_garbage },
		{ "odd answers", test_odd },
		{ "a kernel without DRBD", test_no_drbd },
		{ "no answer is an error", test_no_answer },
		{ NULL, NULL },
	};

	return check_main("drbd", checks);
}
