/* SPDX-License-Identifier: BSD-2-Clause */
/* What DRBD 8.4 shows, what is computed for it, and options written through a drbdsetup that is a script. */
#include <string.h>

#include <glib/gstdio.h>

#include <libtune/drbd-auto.h>
#include <libtune/drbd-check.h>
#include <libtune/journal.h>
#include <libtune/plan.h>
#include <libtune/root.h>

#include "tests/unit/check.h"

#define WAIT_MS 100
#define PROC "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 0123 \n"
static TuneDrbd *parse(const char *proc, const char *show, GError **error)
{
	return tune_drbd_parse(g_strdup(proc), g_strdup(show), error);
}

static char *read_file(const char *directory, const char *path)
{
	g_autofree char *full = g_build_filename(directory, path, NULL);
	char *text = NULL;

	CU_ASSERT_FATAL(g_file_get_contents(full, &text, NULL, NULL));
	return text;
}

/* The six minors of tests/hosts/drbd-84.host. */
static char *host_directory;

static TuneRoot *open_host(void)
{
	g_autoptr(GError) error = NULL;

	g_free(host_directory);
	host_directory = check_unroll("drbd-84");
	TuneRoot *root = tune_root_open(host_directory, &error);
	CHECK_NO_ERROR(error);
	return root;
}

/* ---- what is shown ---- */

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
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(GError) error = NULL;
	const TuneDrbd *drbd = tune_drbd_look(root, &error);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(drbd->version, "8.4.11");
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, G_N_ELEMENTS(told));
	for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
		g_autofree char *text = tell_device(drbd->devices->pdata[i]);
		CHECK_TEXT(text, told[i]);
	}
	const TuneDrbdDevice *first = drbd->devices->pdata[0];
	CHECK_TEXT(first->disk, "/dev/xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e00.disk0_data");
}

static void test_thirty_minors(void)
{
	g_autoptr(GString) show = g_string_new(NULL), proc = g_string_new(PROC);
	g_autoptr(GError) error = NULL;

	/* As resources come: in no order of minors. */
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

/* DRBD 9 tells of rates within each connection, after the volumes of this host. */
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
	{ PROC, "a b c d e;\n", "drbdsetup show: line 1 not understood" },
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
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneDrbd) drbd = parse(garbage[i].proc, garbage[i].show, &error);
		CU_ASSERT_PTR_NULL(drbd);
		CHECK_HOLDS(error ? error->message : "", garbage[i].error);
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

/* What is odd and yet harmless. */
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
	const TuneDrbd *drbd = tune_drbd_look(root, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL_FATAL(drbd->devices->len, 0);
	CU_ASSERT_PTR_NULL(tune_drbd_find(root, "drbd0", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

/* A kernel with DRBD whose drbdsetup is missing, or fails, is not one without minors. */
static void test_no_answer(void)
{
	static const char *const hosts[] = {
		"proc/drbd = "
		"version: 8.4.11 (api:1)\n",
		"proc/drbd = "
		"version: 8.4.11 (api:1)\nusr/sbin/drbdsetup ! exit 20\n",
	};

	for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
		g_autoptr(TuneRoot) root = check_host(hosts[i]);
		g_autoptr(GError) error = NULL;
		CU_ASSERT_PTR_NULL(tune_drbd_look(root, &error));
		CHECK_HOLDS(error ? error->message : "", "drbdsetup");
		CHECK_ERROR(error, TUNE_ERROR_IO);
	}
}

/* ---- numbers ---- */

static const struct {
	const char *speed;
	gint64 kib;
} speeds[] = {
	{ "10G", 1220703 }, { "1.2.5G", 0 },   { "1.G", 122070 },  { "1G", 122070 },
	{ "2.5G", 305175 }, { "100M", 12207 }, { "1000", 122070 }, { "25000", 3051757 },
	{ "0", 0 },         { "-1", 0 },       { "", 0 },          { "G", 0 },
	{ "10g", 0 },       { "10 G", 0 },     { "1e9G", 0 },      { "nan", 0 },
	{ "inf", 0 },       { "0x10G", 0 },
};

static void test_speeds(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(speeds); i++)
		CU_ASSERT_EQUAL(tune_drbd_parse_speed(speeds[i].speed), speeds[i].kib);
}

/* The narrowest network that holds the address, without a gateway. */
#define ROUTES                                                                                     \
	"proc/net/route = Iface\\tDestination\\tGateway\\tFlags\\tRefCnt\\tUse\\tMetric\\tMask\\n" \
	"eth0\\t00000000\\t010200C0\\t0003\\t0\\t0\\t0\\t00000000\\t0\\t0\\t0\\n"                  \
	"eth1\\t0001000A\\t00000000\\t0001\\t0\\t0\\t0\\t00FFFFFF\\t0\\t0\\t0\\n"                  \
	"eth0\\t0000000A\\t00000000\\t0001\\t0\\t0\\t0\\t000000FF\\t0\\t0\\t0\\n"                  \
	"eth2\\t0001000A\\t0101000A\\t0003\\t0\\t0\\t0\\t00FFFFFF\\t0\\t0\\t0\n"                   \
	"sys/class/net/eth0/speed = 1000\nsys/class/net/eth1/speed = 10000\n"

static const struct {
	const char *more;
	const char *ip;
	gint64 kib;
	const char *why;
} links[] = {
	{ ROUTES, "10.0.1.7", 1220703, NULL },
	{ ROUTES, "10.9.9.9", 122070, NULL },
	{ ROUTES, "192.0.2.1", 0, "no interface has the network of 192.0.2.1" },
	{ ROUTES, "fe80::1", 0, "fe80::1 is not IPv4" },
	{ "proc/version = x\n", "10.0.1.7", 0, "no interface has the network of 10.0.1.7" },
	{ "proc/net/route = eth9\\t0000000A\\t00000000\\t1\\t0\\t0\\t0\\t000000FF\n", "10.0.1.7", 0,
	  "eth9 does not tell its speed" },
	{ "proc/net/route = eth9\\t0000000A\\t00000000\\t1\\t0\\t0\\t0\\t000000FF\n"
	  "sys/class/net/eth9/speed = -1\n",
	  "10.0.1.7", 0, "eth9 does not tell its speed" },
};

static void test_links(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autoptr(TuneRoot) root = check_host(links[i].more);
		g_autofree char *why = NULL;
		CU_ASSERT_EQUAL(tune_drbd_find_speed(root, links[i].ip, &why), links[i].kib);
		CHECK_TEXT(why ? why : "", links[i].why ? links[i].why : "");
	}
}

/* Of "Resync ceiling" and the User's Guide: 20 KiB/s for each buffer. */
static const struct {
	TuneDrbdBasis basis;
	const char *option;
	gint64 value;
} formulas[] = {
	{ { .rate = 409600, .is_rate_asked = TRUE }, "net/max-buffers", 20480 },
	{ { .rate = 61440, .is_rate_asked = TRUE }, "net/max-buffers", 3072 },
	{ { .rate = 61441, .is_rate_asked = TRUE }, "net/max-buffers", 3073 },
	{ { .rate = 1000, .is_rate_asked = TRUE }, "net/max-buffers", 2048 },
	{ { .rate = 4194304, .is_rate_asked = TRUE }, "net/max-buffers", 131072 },
	{ { .rate = 1220703, .link = 1220703 }, "net/max-buffers", 20000 },
	{ { .rate = 122070, .link = 122070 }, "net/max-buffers", 6104 },
	{ { .rate = 0 }, "net/max-buffers", -1 },
	{ { .rate = 122070, .link = 122070 }, "net/max-epoch-size", 6104 },
	{ { .rate = 4194304, .is_rate_asked = TRUE }, "net/max-epoch-size", 20000 },
	{ { .buffers = 8192 }, "net/max-epoch-size", 8192 },
	{ { .rate = 1220703, .link = 1220703 }, "disk/c-max-rate", 400000 },
	{ { .rate = 122070, .link = 122070 }, "disk/c-max-rate", 122070 },
	{ { .rate = 1220703, .link = 1220703, .buffers = 8192 }, "disk/c-max-rate", 163840 },
	{ { .rate = 0, .buffers = 8192 }, "disk/c-max-rate", -1 },
	{ { .rate = 1220703, .link = 1220703 }, "disk/resync-rate", 400000 },
	{ { .rate = 122070, .link = 122070 }, "disk/c-min-rate", 24414 },
	{ { .rate = 400000, .is_rate_asked = TRUE }, "disk/c-fill-target", 1600 },
	{ { .rate = 1000, .is_rate_asked = TRUE }, "disk/c-fill-target", 100 },
	{ { .rate = 0 }, "disk/c-fill-target", -1 },
	{ { .rate = 122070 }, "disk/al-extents", -1 },
};

static void test_formulas(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(formulas); i++) {
		g_autofree char *reason = NULL;
		gint64 value = tune_drbd_compute(&formulas[i].basis, formulas[i].option, &reason);
		CU_ASSERT_EQUAL(value, formulas[i].value);
		CU_ASSERT_EQUAL(reason != NULL, formulas[i].value >= 0);
	}
}

/* Where a bound decides, the reason is the bound. */
static const struct {
	TuneDrbdBasis basis;
	const char *option;
	const char *reason;
} bounds[] = {
	{ { .rate = 12207, .link = 12207 },
	  "net/max-buffers",
	  "DRBD's default lets through 40960 KiB/s, enough for the link's 12207; up to 8 MiB a "
	  "connection" },
	{ { .rate = 122, .link = 122 },
	  "disk/c-max-rate",
	  "DRBD takes no less; the link carries 122" },
	{ { .rate = 12207, .link = 12207 },
	  "disk/c-fill-target",
	  "DRBD's default: two round trips of 1 ms at 12207 KiB/s take fewer sectors" },
	{ { .rate = 1220703, .link = 1220703, .buffers = 2048 },
	  "net/max-buffers",
	  "20 KiB/s of resync each, so 40960 of the link's 1220703; up to 8 MiB a connection" },
	{ { .rate = 25600, .is_rate_asked = TRUE },
	  "disk/c-fill-target",
	  "sectors on their way for two round trips of 1 ms at 25600 KiB/s" },
};

static void test_bounds(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(bounds); i++) {
		g_autofree char *reason = NULL;
		tune_drbd_compute(&bounds[i].basis, bounds[i].option, &reason);
		CHECK_TEXT(reason, bounds[i].reason);
	}
}

static const struct {
	const char *option;
	const char *said;
	const char *shown;
} units[] = {
	{ "disk/c-max-rate", "409600", "409600" }, { "disk/c-max-rate", "100M", "102400" },
	{ "disk/resync-rate", "60m", "61440" },    { "net/sndbuf-size", "512k", "524288" },
	{ "net/max-buffers", "8k", "8192" },       { "disk/c-fill-target", "1M", "2048" },
	{ "disk/disk-flushes", "no", "no" },       { "net/max-buffers", "8kk", "8kk" },
};

static void test_units(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autofree char *shown = tune_drbd_convert(units[i].option, units[i].said);
		CHECK_TEXT(shown, units[i].shown);
	}
}

/* ---- plan, apply, revert ---- */

static TunePolicy *get_policy(const char *yaml)
{
	g_autoptr(GError) error = NULL;
	TunePolicy *policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);

	CHECK_NO_ERROR(error);
	return policy;
}

static TunePlan *look(TuneRoot *root, const char *yaml)
{
	g_autoptr(TunePolicy) policy = get_policy(yaml);
	g_autoptr(GError) error = NULL;
	TunePlan *plan = tune_plan_new(root, policy, &error);

	CHECK_NO_ERROR(error);
	return plan;
}

static void apply(TunePlan *plan)
{
	g_autoptr(GError) error = NULL;

	CU_ASSERT(tune_plan_apply(plan, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
}

/* "OBJECT VERDICT have", one step after the other. */
static void check_told(const TunePlan *plan, const char *wanted)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		g_string_append_printf(
			text, "%s%s %s %s", i ? ", " : "", step->object ? step->object : "-",
			tune_verdict_name(step->verdict), step->have ? step->have : "-");
	}
	CHECK_TEXT(text->str, wanted);
}

static void replace_tool(const char *script)
{
	g_autofree char *path = g_build_filename(host_directory, "usr/sbin/drbdsetup", NULL);
	g_autofree char *real = g_strconcat(path, ".real", NULL);
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\nexec \"$0.real\" \"$@\"\n", script);

	g_rename(path, real);
	CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
	g_chmod(path, 0755);
}

static void test_apply_and_revert(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *before = read_file(host_directory, "run/drbd/2");
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) plan = look(root, "drbd: { disk/c-max-rate: 409600 }");

	check_told(plan, "drbd0 would-change 102400, drbd1 would-change 102400, "
			 "drbd2 would-change 102400, drbd3 would-change 102400, "
			 "drbd4 absent -, drbd5 would-change 102400");
	apply(plan);
	check_told(plan, "drbd0 changed 409600, drbd1 changed 409600, drbd2 changed 409600, "
			 "drbd3 changed 409600, drbd4 absent -, drbd5 changed 409600");
	g_autofree char *after = read_file(host_directory, "run/drbd/2");
	CHECK_HOLDS(after, "c-max-rate      \t409600k;");
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CHECK_NO_ERROR(error);
	apply(back);
	CU_ASSERT(tune_plan_is_fulfilled(back));
	g_autofree char *restored = read_file(host_directory, "run/drbd/2");
	CHECK_TEXT(restored, before);
}

static void test_connection(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(TunePlan) plan = look(root, "drbd: { net/max-buffers: 8192 }");

	check_told(plan, "drbd0 would-change 2048, drbd1 would-change 2048, drbd2 same 8192, "
			 "drbd3 would-change 2048, drbd4 would-change 2048, drbd5 absent -");
	apply(plan);
	CU_ASSERT(tune_plan_is_fulfilled(plan));
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 4);
}

/* A socket has the size it was made with; where none is, the next one has the new size. */
static void test_pending(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(TunePlan) plan = look(root, "drbd: { net/sndbuf-size: 524288 }");

	apply(plan);
	check_told(plan, "drbd0 pending-reconnect 524288, drbd1 pending-reconnect 524288, "
			 "drbd2 pending-reconnect 524288, drbd3 changed 524288, "
			 "drbd4 pending-reconnect 524288, drbd5 absent -");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_pending_then_overridden(void)
{
	g_autoptr(TuneRoot) root = open_host();

	replace_tool("d=${0%/usr/*}/run/drbd; case \"$*\" in disk-options\\ 0*) sed -i "
		     "'s/524288;/0;/' $d/0; esac");
	g_autoptr(TunePlan)
		plan = look(root, "drbd: { net/sndbuf-size: 524288, disk/al-extents: 3389 }");
	apply(plan);
	CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_OVERRIDDEN);
}

static void test_flushes(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(TunePlan)
		plan = look(root, "drbd: { non-volatile-cache: yes, disk/md-flushes: no }");

	apply(plan);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 5);
	g_autofree char *after = read_file(host_directory, "run/drbd/0");
	CHECK_HOLDS(after, "md-flushes      \tno;");
}

static void test_auto(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(TunePlan) plan = look(root, "drbd: { net/max-buffers: auto }");
	const TuneStep *step = tune_plan_get_step(plan, 0);

	/* Nothing is said of a rate: what runs is wanted, 102400 KiB/s. */
	CHECK_TEXT(step->want, "5120");
	CHECK_HOLDS(step->note, "so 102400 of the 102400 wanted; up to 20 MiB a connection");
	g_autoptr(TunePlan) fixed = look(root, "drbd: { net/max-buffers: auto, disk/c-plan-ahead: "
					       "0, disk/resync-rate: 81920 }");
	CHECK_TEXT(tune_plan_get_step(fixed, 0)->want, "4096");
	g_autoptr(TunePlan)
		linked = look(root, "drbd: { net/max-buffers: auto, disk/c-max-rate: auto }");
	CHECK_TEXT(tune_plan_get_step(linked, 0)->want, "20000");
	CHECK_TEXT(tune_plan_get_step(linked, 1)->want, "400000");
	g_autoptr(TunePlan) said = look(
		root, "drbd: { link: 1G, net/max-buffers: auto, disk/c-max-rate: auto }");
	CHECK_TEXT(tune_plan_get_step(said, 0)->want, "6104");
	CHECK_TEXT(tune_plan_get_step(said, 1)->want, "122070");
}

static void test_auto_without_link(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *speed = g_build_filename(host_directory, "sys/class/net/eth1/speed", NULL);

	g_unlink(speed);
	g_autoptr(TunePlan) plan = look(root, "drbd: { disk/c-max-rate: auto }");
	const TuneStep *step = tune_plan_get_step(plan, 0);
	CU_ASSERT_EQUAL(step->verdict, TUNE_VERDICT_UNKNOWN);
	CHECK_TEXT(step->note,
		   "the link's speed is not known (eth1 does not tell its speed): say it in "
		   "drbd: link");
	CU_ASSERT_FALSE(tune_plan_is_fulfilled(plan));
}

/* What stands at the end counts, not that drbdsetup was content. */
static void test_clamped_and_refused(void)
{
	g_autoptr(TuneRoot) root = open_host();

	replace_tool("case \"$*\" in *al-extents=65534) exec \"$0.real\" \"$1\" \"$2\" "
		     "--al-extents=6433;; disk-options\\ 1*) echo '1: Failure: (145) busy'; "
		     "exit 10;; esac");
	g_autoptr(TunePlan) clamped = look(root, "drbd: { disk/al-extents: 65534 }");
	apply(clamped);
	CU_ASSERT_EQUAL(tune_plan_get_step(clamped, 0)->verdict, TUNE_VERDICT_CLAMPED);
	CHECK_TEXT(tune_plan_get_step(clamped, 0)->note, "the kernel kept 6433");
	g_autoptr(TunePlan) refused = look(root, "drbd: { disk/al-extents: 3389 }");
	apply(refused);
	CU_ASSERT_EQUAL(tune_plan_get_step(refused, 1)->verdict, TUNE_VERDICT_REFUSED);
	CHECK_HOLDS(tune_plan_get_step(refused, 1)->note,
		    "disk/al-extents of drbd1: /usr/sbin/drbdsetup: failed with status 10: "
		    "1: Failure: (145) busy");
}

/* It goes down between look and write; its line stays for a while, or goes as well. */
static void test_vanishing(void)
{
	static const char *const lines[] = { "s/cs:.*/cs:Unconfigured/", "d" };

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(TuneRoot) root = open_host();
		g_autofree char *script = g_strdup_printf(
			"d=${0%%/usr/*}; case \"$*\" in disk-options\\ 2*) rm -f $d/run/drbd/2; "
			"sed -i '/^ 2: cs/%s' $d/proc/drbd; esac",
			lines[i]);
		replace_tool(script);
		g_autoptr(TunePlan) plan = look(root, "drbd: { disk/al-extents: 3389 }");
		apply(plan);
		CU_ASSERT_EQUAL(tune_plan_get_step(plan, 2)->verdict, TUNE_VERDICT_ABSENT);
		CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 4);
		CU_ASSERT(tune_plan_is_fulfilled(plan));
	}
}

/* Its peer goes, and its connection with it. */
static void test_vanishing_connection(void)
{
	g_autoptr(TuneRoot) root = open_host();

	replace_tool("d=${0%/usr/*}/run/drbd; case \"$*\" in net-options*:11000\\ *) "
		     "sed -i '/^    net {/,/^    }/d;/address/d' $d/0; exit 10; esac");
	g_autoptr(TunePlan) plan = look(root, "drbd: { net/max-buffers: 8192 }");
	apply(plan);
	CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 3);
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

/* A minor that came anew is another one, and has forgotten what it was told. */
static void test_another_incarnation(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(GError) error = NULL;
	g_autofree char *count = g_build_filename(host_directory, "sys/block/drbd0/diskseq", NULL);
	g_autoptr(TunePlan) plan = look(root, "drbd: { disk/al-extents: 3389 }");

	apply(plan);
	CU_ASSERT_FATAL(g_file_set_contents(count, "99\n", -1, NULL));
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_plan_get_step(back, 0)->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_EQUAL(tune_plan_count(back, TUNE_VERDICT_WOULD_CHANGE), 4);
}

/* Before Linux 5.15 there is no diskseq, and the volume tells minors apart. */
static void test_identity_by_volume(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *count = g_build_filename(host_directory, "sys/block/drbd0/diskseq", NULL);

	g_autofree char *counted = tune_drbd_identify(root, "drbd0");
	CHECK_TEXT(counted, "diskseq=20");
	g_unlink(count);
	g_autofree char *named = tune_drbd_identify(root, "drbd0");
	CHECK_TEXT(named, "disk=/dev/xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e00.disk0_data");
}

static void test_volumes(void)
{
	static const char *const volumes[] = {
		"xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e03.disk1_data", "xenvg/gone", NULL
	};
	static const char *const none[] = { NULL };
	g_autoptr(TuneRoot) root = open_host();
	g_autoptr(TunePolicy) policy = get_policy("drbd: { disk/al-extents: 3389 }\n"
						  "sysctl: { vm.swappiness: 10 }\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) some = tune_plan_new_devices(root, policy, volumes, &error);
	CHECK_NO_ERROR(error);
	check_told(some, "drbd3 would-change 1237");
	g_autoptr(TunePlan) nothing = tune_plan_new_devices(root, policy, none, &error);
	CHECK_NO_ERROR(error);
	check_told(nothing, "");
	g_autoptr(TunePlan) all = tune_plan_new_devices(root, policy, NULL, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_plan_get_length(all), 6);
}

static void test_nine_is_only_read(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *proc = g_build_filename(host_directory, "proc/drbd", NULL);

	CU_ASSERT_FATAL(g_file_set_contents(proc, "version: 9.1.7 (api:2)\n", -1, NULL));
	g_autoptr(TunePlan) plan = look(root, "drbd: { disk/al-extents: 3389 }");
	apply(plan);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_NOT_PERMITTED), 5);
	CHECK_TEXT(tune_plan_get_step(plan, 0)->note,
		   "DRBD 9.1.7 is only read: Ganeti runs 8.4, and only that is written to");
}

/* Asked once for a plan, however many minors and options; and once more for each that is written. */
static void test_asked_once(void)
{
	g_autoptr(TuneRoot) root = open_host();

	replace_tool("echo \"$1\" >>${0%/usr/*}/run/log");
	g_autoptr(TunePlan)
		plan = look(root, "drbd: { disk/al-extents: 1237, disk/c-max-rate: auto, "
				  "disk/c-min-rate: 250, net/max-buffers: auto }");
	g_autofree char *log = read_file(host_directory, "run/log");
	CU_ASSERT_EQUAL(tune_plan_get_length(plan), 24);
	CHECK_TEXT(log, "show\n");
}

static void test_tool_that_fails(void)
{
	g_autoptr(TuneRoot) root = open_host();

	replace_tool("exit 20");
	g_autoptr(TunePlan) plan = look(root, "{ drbd: { disk/al-extents: 1237 }, "
					      "sysctl: { vm.swappiness: 60 } }");
	check_told(plan, "- same 60, - unknown -");
	CHECK_HOLDS(tune_plan_get_step(plan, 1)->note, "failed with status 20");
}

/* ---- contradictions ---- */

static char *find_all(TuneRoot *root, const char *yaml)
{
	g_autoptr(TunePolicy) policy = get_policy(yaml);
	g_autoptr(GError) error = NULL;
	GString *text = g_string_new(NULL);

	tune_drbd_forget(root);
	g_autoptr(GPtrArray) findings = tune_drbd_check(root, policy, &error);
	CHECK_NO_ERROR(error);
	for (guint i = 0; i < findings->len; i++) {
		g_autofree char *line = tune_drbd_finding_format(findings->pdata[i]);
		g_string_append_printf(text, "%s\n", line);
	}
	return g_string_free(text, FALSE);
}

/* @from becomes @to in what is shown of minor 0. */
static void edit(const char *from, const char *to)
{
	g_autofree char *path = g_build_filename(host_directory, "run/drbd/0", NULL);
	g_autofree char *text = read_file(host_directory, "run/drbd/0");
	g_auto(GStrv) parts = g_strsplit(text, from, 2);

	CU_ASSERT_PTR_NOT_NULL_FATAL(parts[1]);
	g_autofree char *fresh = g_strjoinv(to, parts);
	CU_ASSERT_FATAL(g_file_set_contents(path, fresh, -1, NULL));
}

static const struct {
	const char *from;
	const char *to;
	const char *policy;
	const char *finding;
} contradictions[] = {
	{ "", "", "",
	  "drbd0 and 2 more: c-max-rate 102400 KiB/s cannot be reached: max-buffers 2048 let "
	  "through 40960\n" },
	{ "", "", "",
	  "drbd0 and 4 more: resync-rate 61440 is ignored: c-plan-ahead 20 keeps the "
	  "controller on, up to c-max-rate 102400\n" },
	{ "", "", "", "drbd2: max-buffers is 8192, and 2048 on most minors of this node\n" },
	{ "c-max-rate      \t102400k", "c-max-rate \t409600k", "drbd: { link: 1G }",
	  "drbd0: c-max-rate 409600 KiB/s is more than the link's 122070: a resync may take all of "
	  "it\n" },
	{ "c-max-rate      \t102400k", "c-max-rate \t409600k", "drbd: { link: 1G }",
	  "drbd0: c-max-rate 409600 KiB/s cannot be reached: max-buffers 2048 let through "
	  "40960\n" },
	{ "c-plan-ahead    \t20;", "c-plan-ahead \t0;", "",
	  "drbd0: resync-rate 61440 KiB/s cannot be reached: max-buffers 2048 let through "
	  "40960\n" },
	{ "c-max-rate      \t102400k; # bytes/second, default\n                c-min",
	  "c-max-rate 409600k;\n c-plan-ahead 0;\n c-min", "",
	  "drbd0: c-max-rate 409600 is ignored: c-plan-ahead 0 turns the controller off\n" },
	{ "c-delay-target  \t10;", "c-delay-target \t7;", "",
	  "drbd0: c-delay-target 7 is ignored while c-fill-target is 100\n" },
	{ "unplug-watermark\t128;", "unplug-watermark\t2048;", "",
	  "drbd0: unplug-watermark 2048 has no effect since Linux 2.6.39\n" },
	{ "on-congestion   \tblock;", "on-congestion \tpull-ahead;", "",
	  "drbd0: on-congestion pull-ahead needs protocol A, and this is C\n" },
	{ "congestion-fill \t0s;", "congestion-fill \t4096s;", "",
	  "drbd0: congestion-fill 4096 has no effect while on-congestion is block\n" },
	{ "al-extents      \t1237;", "al-extents \t3389;", "",
	  "drbd0: al-extents is 3389, and 1237 on most minors of this node\n" },
};

static void test_contradictions(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(contradictions); i++) {
		g_autoptr(TuneRoot) root = open_host();
		if (*contradictions[i].from)
			edit(contradictions[i].from, contradictions[i].to);
		g_autofree char *found = find_all(root, contradictions[i].policy);
		CHECK_HOLDS(found, contradictions[i].finding);
	}
}

/* What the policy names is a step of the plan. */
static void test_named_by_policy(void)
{
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *found = find_all(root, "drbd: { net/max-buffers: 2048 }");

	CU_ASSERT_PTR_NULL(strstr(found, "max-buffers is 8192"));
	CHECK_HOLDS(found, "max-epoch-size is 8192");
}

/* What the kernel gives by default is nobody's word. */
static void test_default_rate(void)
{
	g_autoptr(TuneRoot) root = open_host();

	edit("resync-rate     \t61440k", "resync-rate \t250k");
	g_autofree char *found = find_all(root, "");
	CHECK_HOLDS(found, "drbd1 and 3 more: resync-rate 61440 is ignored");
	CU_ASSERT_PTR_NULL(strstr(found, "resync-rate 250 is ignored"));
}

/* Values as advised contradict nothing. */
static void test_no_contradiction(void)
{
	g_autoptr(TuneRoot) root = open_host();
	const char *yaml =
		"drbd: { net/max-buffers: auto, net/max-epoch-size: auto, disk/c-max-rate: "
		"auto, disk/c-min-rate: auto, disk/c-fill-target: auto }";
	g_autoptr(TunePlan) plan = look(root, yaml);

	apply(plan);
	g_autofree char *found = find_all(root, yaml);
	CHECK_TEXT(found, "");
}

#define CONFIG                                                                                     \
	"{\"cluster\": {\"diskparams\": {\"drbd\": {\"dynamic-resync\": %s, \"resync-rate\": "     \
	"61440, "                                                                                  \
	"\"c-max-rate\": 409600, \"c-plan-ahead\": 20, \"net-custom\": \"--max-buffers 8k "        \
	"--max-epoch-size=8192\", \"disk-custom\": \"--al-extents 3833\"}}}, \"nodes\": {\"n\": "  \
	"{\"name\": \"node1.example.com\", \"group\": \"g\"}}, \"nodegroups\": {\"g\": "           \
	"{\"diskparams\": {\"drbd\": {%s}}}}}"

static void write_config(const char *is_dynamic, const char *of_group)
{
	g_autofree char *path = g_build_filename(host_directory, "var/lib/ganeti/config.data",
						 NULL);
	g_autofree char *text = g_strdup_printf(CONFIG, is_dynamic, of_group);

	CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
}

static void test_cluster(void)
{
	g_autoptr(TuneRoot) root = open_host();

	write_config("false", "");
	g_autofree char *fixed = find_all(root, "");
	CHECK_HOLDS(fixed, "drbd0 and 3 more: max-buffers is 2048, and 8192 in the cluster's "
			   "net-custom: gnt-cluster modify reaches no running disk\n");
	CHECK_HOLDS(fixed, "drbd0 and 4 more: al-extents is 1237, and 3833 in the cluster's "
			   "disk-custom");
	CU_ASSERT_PTR_NULL(strstr(fixed, "c-max-rate is"));
	write_config("true", "\"c-max-rate\": 204800");
	g_autofree char *dynamic = find_all(root, "");
	CHECK_HOLDS(dynamic, "drbd0 and 4 more: c-max-rate is 102400, and 204800 in the cluster's "
			     "c-max-rate");
	g_autofree char *own = find_all(root, "drbd: { disk/c-max-rate: 102400 }");
	CU_ASSERT_PTR_NULL(strstr(own, "c-max-rate is"));
}

static void test_bad_config(void)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"cluster\": 1}", "{", "\xff" };
	g_autoptr(TuneRoot) root = open_host();
	g_autofree char *path = g_build_filename(host_directory, "var/lib/ganeti/config.data",
						 NULL);
	g_autofree char *without = find_all(root, "");

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		CU_ASSERT_FATAL(g_file_set_contents(path, texts[i], -1, NULL));
		g_autofree char *found = find_all(root, "");
		CHECK_TEXT(found, without);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "minors in all their states", test_states },
		{ "thirty minors in any order", test_thirty_minors },
		{ "DRBD 9", test_nine },
		{ "garbage is refused with its line", test_garbage },
		{ "what is odd does no harm", test_odd },
		{ "a kernel without DRBD", test_no_drbd },
		{ "no answer is not no minors", test_no_answer },
		{ "speeds", test_speeds },
		{ "the link's speed", test_links },
		{ "computed values", test_formulas },
		{ "the reason is the bound", test_bounds },
		{ "units", test_units },
		{ "apply and revert", test_apply_and_revert },
		{ "options of connections", test_connection },
		{ "in force from the next connect on", test_pending },
		{ "overridden before it was in force", test_pending_then_overridden },
		{ "flushes", test_flushes },
		{ "auto", test_auto },
		{ "auto without a link", test_auto_without_link },
		{ "clamped and refused", test_clamped_and_refused },
		{ "a minor that vanishes", test_vanishing },
		{ "a connection that vanishes", test_vanishing_connection },
		{ "another incarnation of a minor is left alone", test_another_incarnation },
		{ "identity by volume", test_identity_by_volume },
		{ "the minors of one instance", test_volumes },
		{ "DRBD 9 is only read", test_nine_is_only_read },
		{ "asked once", test_asked_once },
		{ "a drbdsetup that fails", test_tool_that_fails },
		{ "contradictions", test_contradictions },
		{ "what the policy names is no finding", test_named_by_policy },
		{ "a rate that nobody has set", test_default_rate },
		{ "what is advised contradicts nothing", test_no_contradiction },
		{ "the cluster's parameters", test_cluster },
		{ "a configuration that cannot be read", test_bad_config },
		{ NULL, NULL },
	};
	int status = check_main("drbd", checks);

	g_free(host_directory);
	return status;
}
