/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of DRBD, planned, written and put back through a drbdsetup that is a script. */
#include <string.h>

#include <glib/gstdio.h>

#include <libtune/tuning/drbd-check.h>
#include <libtune/tuning/journal.h>
#include <libtune/tuning/plan.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/drbd-host.h"

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

static void test_apply_and_revert(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *before = drbd_read_file("run/drbd/2");
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { disk/c-max-rate: 409600 }");

	check_told(plan, "drbd0 would-change 102400, drbd1 would-change 102400, "
			 "drbd2 would-change 102400, drbd3 would-change 102400, "
			 "drbd4 absent -, drbd5 would-change 102400");
	drbd_apply(plan);
	check_told(plan, "drbd0 changed 409600, drbd1 changed 409600, drbd2 changed 409600, "
			 "drbd3 changed 409600, drbd4 absent -, drbd5 changed 409600");
	g_autofree char *after = drbd_read_file("run/drbd/2");
	CHECK_HOLDS(after, "c-max-rate      \t409600k;");
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CHECK_NO_ERROR(error);
	drbd_apply(back);
	CU_ASSERT(tune_plan_is_fulfilled(back));
	g_autofree char *restored = drbd_read_file("run/drbd/2");
	CHECK_TEXT(restored, before);
}

static void test_connection(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { net/max-buffers: 8192 }");

	check_told(plan, "drbd0 would-change 2048, drbd1 would-change 2048, drbd2 same 8192, "
			 "drbd3 would-change 2048, drbd4 would-change 2048, drbd5 absent -");
	drbd_apply(plan);
	CU_ASSERT(tune_plan_is_fulfilled(plan));
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 4);
}

/* A socket keeps the size that it was made with; without a connection, the next socket gets the new size. */
static void test_pending(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { net/sndbuf-size: 524288 }");

	drbd_apply(plan);
	check_told(plan, "drbd0 pending-reconnect 524288, drbd1 pending-reconnect 524288, "
			 "drbd2 pending-reconnect 524288, drbd3 changed 524288, "
			 "drbd4 pending-reconnect 524288, drbd5 absent -");
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

static void test_pending_then_overridden(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	drbd_replace_tool("d=${0%/usr/*}/run/drbd; case \"$*\" in disk-options\\ 0*) sed -i "
			  "'s/524288;/0;/' $d/0; esac");
	g_autoptr(TunePlan)
		plan = drbd_plan(root, "drbd: { net/sndbuf-size: 524288, disk/al-extents: 3389 }");
	drbd_apply(plan);
	CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_OVERRIDDEN);
}

static void test_flushes(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(TunePlan)
		plan = drbd_plan(root, "drbd: { non-volatile-cache: yes, disk/md-flushes: no }");

	drbd_apply(plan);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 5);
	g_autofree char *after = drbd_read_file("run/drbd/0");
	CHECK_HOLDS(after, "md-flushes      \tno;");
}

static void test_auto(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { net/max-buffers: auto }");
	const TuneStep *step = tune_plan_get_step(plan, 0);

	/* The policy sets no rate, so the present one counts: 102400 KiB/s. */
	CHECK_TEXT(step->want, "5120");
	CHECK_HOLDS(step->note, "so 102400 of the 102400 wanted; up to 20 MiB a connection");
	g_autoptr(TunePlan)
		fixed = drbd_plan(root, "drbd: { net/max-buffers: auto, disk/c-plan-ahead: "
					"0, disk/resync-rate: 81920 }");
	CHECK_TEXT(tune_plan_get_step(fixed, 0)->want, "4096");
	g_autoptr(TunePlan)
		linked = drbd_plan(root, "drbd: { net/max-buffers: auto, disk/c-max-rate: auto }");
	CHECK_TEXT(tune_plan_get_step(linked, 0)->want, "20000");
	CHECK_TEXT(tune_plan_get_step(linked, 1)->want, "400000");
	g_autoptr(TunePlan) said = drbd_plan(
		root, "drbd: { link: 1G, net/max-buffers: auto, disk/c-max-rate: auto }");
	CHECK_TEXT(tune_plan_get_step(said, 0)->want, "6104");
	CHECK_TEXT(tune_plan_get_step(said, 1)->want, "122070");
}

static void test_auto_without_link(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *speed = g_build_filename(drbd_host, "sys/class/net/eth1/speed", NULL);

	g_unlink(speed);
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { disk/c-max-rate: auto }");
	const TuneStep *step = tune_plan_get_step(plan, 0);
	CU_ASSERT_EQUAL(step->verdict, TUNE_VERDICT_UNKNOWN);
	CHECK_TEXT(step->note,
		   "the link's speed is not known (eth1 does not tell its speed): say it in "
		   "drbd: link");
	CU_ASSERT_FALSE(tune_plan_is_fulfilled(plan));
}

/* The value that is read back counts, not drbdsetup's exit status. */
static void test_clamped_and_refused(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	drbd_replace_tool("case \"$*\" in *al-extents=65534) exec \"$0.real\" \"$1\" \"$2\" "
			  "--al-extents=6433;; disk-options\\ 1*) echo '1: Failure: (145) busy'; "
			  "exit 10;; esac");
	g_autoptr(TunePlan) clamped = drbd_plan(root, "drbd: { disk/al-extents: 65534 }");
	drbd_apply(clamped);
	CU_ASSERT_EQUAL(tune_plan_get_step(clamped, 0)->verdict, TUNE_VERDICT_CLAMPED);
	CHECK_TEXT(tune_plan_get_step(clamped, 0)->note, "the kernel kept 6433");
	g_autoptr(TunePlan) refused = drbd_plan(root, "drbd: { disk/al-extents: 3389 }");
	drbd_apply(refused);
	CU_ASSERT_EQUAL(tune_plan_get_step(refused, 1)->verdict, TUNE_VERDICT_REFUSED);
	CHECK_HOLDS(tune_plan_get_step(refused, 1)->note,
		    "disk/al-extents of drbd1: drbdsetup: failed with status 10: "
		    "1: Failure: (145) busy");
}

/* The minor goes down between look and write; its line stays for a while, or goes as well. */
static void test_vanishing(void)
{
	static const struct {
		const char *name;
		const char *edit; /* of its line, by sed */
	} lines[] = {
		{ "its line stays", "s/cs:.*/cs:Unconfigured/" },
		{ "its line goes as well", "d" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		check_row(lines[i].name);
		g_autoptr(TuneRoot) root = drbd_open_host();
		g_autofree char *script = g_strdup_printf(
			"d=${0%%/usr/*}; case \"$*\" in disk-options\\ 2*) rm -f $d/run/drbd/2; "
			"sed -i '/^ 2: cs/%s' $d/proc/drbd; esac",
			lines[i].edit);
		drbd_replace_tool(script);
		g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { disk/al-extents: 3389 }");
		drbd_apply(plan);
		CU_ASSERT_EQUAL(tune_plan_get_step(plan, 2)->verdict, TUNE_VERDICT_ABSENT);
		CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 4);
		CU_ASSERT(tune_plan_is_fulfilled(plan));
	}
}

/* The peer goes away, and the connection with it. */
static void test_vanishing_connection(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	drbd_replace_tool("d=${0%/usr/*}/run/drbd; case \"$*\" in net-options*:11000\\ *) "
			  "sed -i '/^    net {/,/^    }/d;/address/d' $d/0; exit 10; esac");
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { net/max-buffers: 8192 }");
	drbd_apply(plan);
	CU_ASSERT_EQUAL(tune_plan_get_step(plan, 0)->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_CHANGED), 3);
	CU_ASSERT(tune_plan_is_fulfilled(plan));
}

/* A minor that was taken down and made again is another one, without the options of the first. */
static void test_another_incarnation(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(GError) error = NULL;
	g_autofree char *count = g_build_filename(drbd_host, "sys/block/drbd0/diskseq", NULL);
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { disk/al-extents: 3389 }");

	drbd_apply(plan);
	CU_ASSERT_FATAL(g_file_set_contents(count, "99\n", -1, NULL));
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_plan_get_step(back, 0)->verdict, TUNE_VERDICT_ABSENT);
	CU_ASSERT_EQUAL(tune_plan_count(back, TUNE_VERDICT_WOULD_CHANGE), 4);
}

/* Before Linux 5.15 there is no diskseq, and the volume tells minors apart. */
static void test_identity_by_volume(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *count = g_build_filename(drbd_host, "sys/block/drbd0/diskseq", NULL);
	g_autoptr(TuneFacts) facts = tune_facts_new(root);

	g_autofree char *counted = tune_object_identify(facts, TUNE_OBJECT_MINOR, "drbd0");
	CHECK_TEXT(counted, "diskseq=20");
	g_unlink(count);
	g_autofree char *named = tune_object_identify(facts, TUNE_OBJECT_MINOR, "drbd0");
	CHECK_TEXT(named, "disk=/dev/xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e00.disk0_data");
}

static void test_volumes(void)
{
	static const char *const volumes[] = {
		"xenvg/3f1c0a52-7b1e-4a55-9a5e-0d1f6f0c9e03.disk1_data", "xenvg/gone", NULL
	};
	static const char *const none[] = { NULL };
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autoptr(TunePolicy) policy = drbd_policy("drbd: { disk/al-extents: 3389 }\n"
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
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *proc = g_build_filename(drbd_host, "proc/drbd", NULL);

	CU_ASSERT_FATAL(g_file_set_contents(proc, "version: 9.1.7 (api:2)\n", -1, NULL));
	g_autoptr(TunePlan) plan = drbd_plan(root, "drbd: { disk/al-extents: 3389 }");
	drbd_apply(plan);
	CU_ASSERT_EQUAL(tune_plan_count(plan, TUNE_VERDICT_NOT_PERMITTED), 5);
	CHECK_TEXT(tune_plan_get_step(plan, 0)->note,
		   "DRBD 9.1.7 is only read: Ganeti runs 8.4, and only that is written to");
}

/* drbdsetup show runs once for a plan, however many minors and options it has, and once more after each write. */
static void test_asked_once(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	drbd_replace_tool("echo \"$1\" >>${0%/usr/*}/run/log");
	g_autoptr(TunePlan)
		plan = drbd_plan(root, "drbd: { disk/al-extents: 1237, disk/c-max-rate: auto, "
				       "disk/c-min-rate: 250, net/max-buffers: auto }");
	g_autofree char *log = drbd_read_file("run/log");
	CU_ASSERT_EQUAL(tune_plan_get_length(plan), 24);
	CHECK_TEXT(log, "show\n");
}

static void test_tool_that_fails(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	drbd_replace_tool("exit 20");
	g_autoptr(TunePlan) plan = drbd_plan(root, "{ drbd: { disk/al-extents: 1237 }, "
						   "sysctl: { vm.swappiness: 60 } }");
	check_told(plan, "- same 60, - unknown -");
	CHECK_HOLDS(tune_plan_get_step(plan, 1)->note, "failed with status 20");
}

int main(void)
{
	static const Check checks[] = {
		{ "apply and revert", test_apply_and_revert },
		{ "options of connections", test_connection },
		{ "options that need a new connection", test_pending },
		{ "overridden before it was in force", test_pending_then_overridden },
		{ "flushes", test_flushes },
		{ "auto", test_auto },
		{ "auto without a link", test_auto_without_link },
		{ "clamped and refused", test_clamped_and_refused },
		{ "a minor that vanishes", test_vanishing },
		{ "a connection that vanishes", test_vanishing_connection },
		{ "a minor that was made anew is left alone", test_another_incarnation },
		{ "identity by volume", test_identity_by_volume },
		{ "the minors of one instance", test_volumes },
		{ "DRBD 9 is only read", test_nine_is_only_read },
		{ "asked once", test_asked_once },
		{ "a drbdsetup that fails", test_tool_that_fails },
		{ NULL, NULL },
	};

	return check_main("drbd-plan", checks);
}
