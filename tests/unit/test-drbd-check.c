/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of minors that contradict each other, the policy, or the cluster. */
#include <string.h>

#include <libtune/ganeti/drbd-parameters.h>
#include <libtune/host/drbd.h>

#include "tests/unit/check.h"
#include "tests/unit/drbd-host.h"

static const struct {
	const char *option;
	const char *said;
	const char *shown;
} units[] = {
	{ "disk/c-max-rate", "409600", "409600" }, { "disk/c-max-rate", "100M", "102400" },
	{ "disk/resync-rate", "60m", "61440" },    { "net/sndbuf-size", "512k", "524288" },
	{ "net/max-buffers", "8k", "8192" },       { "disk/c-fill-target", "1M", "2048" },
	{ "disk/disk-flushes", "no", "no" },       { "net/max-buffers", "8kk", "8kk" },
	{ "disk/c-fill-target", "2048s", "2048" }, { "disk/c-min-rate", "501s", "251" },
};

static void test_units(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		check_row_format("%s %s", units[i].option, units[i].said);
		g_autofree char *shown = tune_drbd_convert(units[i].option, units[i].said);
		CHECK_TEXT(shown, units[i].shown);
	}
}

static char *find_all(TuneRoot *root, const char *yaml)
{
	g_autoptr(TunePolicy) policy = drbd_policy(yaml);
	g_autoptr(GError) error = NULL;
	GString *text = g_string_new(NULL);

	g_autoptr(TuneFacts) facts = tune_facts_new(root);
	g_autoptr(GPtrArray) findings = tune_drbd_check(facts, policy, &error);
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
	g_autofree char *path = g_build_filename(drbd_host, "run/drbd/0", NULL);
	g_autofree char *text = drbd_read_file("run/drbd/0");
	g_auto(GStrv) parts = g_strsplit(text, from, 2);

	CU_ASSERT_PTR_NOT_NULL_FATAL(parts[1]);
	g_autofree char *fresh = g_strjoinv(to, parts);
	CU_ASSERT_FATAL(g_file_set_contents(path, fresh, -1, NULL));
}

static const struct {
	const char *name;
	const char *from;
	const char *to;
	const char *policy;
	const char *finding;
} contradictions[] = {
	{ "c-max-rate beyond max-buffers", "", "", "",
	  "drbd0 and 2 more: c-max-rate 102400 KiB/s cannot be reached: max-buffers 2048 let "
	  "through 40960\n" },
	{ "resync-rate beside the controller", "", "", "",
	  "drbd0 and 4 more: resync-rate 61440 is ignored: c-plan-ahead 20 keeps the "
	  "controller on, up to c-max-rate 102400\n" },
	{ "a minor unlike the others", "", "", "",
	  "drbd2: max-buffers is 8192, and 2048 on most minors of this node\n" },
	{ "c-max-rate beyond the link", "c-max-rate      \t102400k", "c-max-rate \t409600k",
	  "drbd: { link: 1G }",
	  "drbd0: c-max-rate 409600 KiB/s is more than the link's 122070: a resync may take all of "
	  "it\n" },
	{ "c-max-rate beyond max-buffers, of one minor", "c-max-rate      \t102400k",
	  "c-max-rate \t409600k", "drbd: { link: 1G }",
	  "drbd0: c-max-rate 409600 KiB/s cannot be reached: max-buffers 2048 let through "
	  "40960\n" },
	{ "resync-rate beyond max-buffers", "c-plan-ahead    \t20;", "c-plan-ahead \t0;", "",
	  "drbd0: resync-rate 61440 KiB/s cannot be reached: max-buffers 2048 let through "
	  "40960\n" },
	{ "c-max-rate without the controller",
	  "c-max-rate      \t102400k; # bytes/second, default\n                c-min",
	  "c-max-rate 409600k;\n c-plan-ahead 0;\n c-min", "",
	  "drbd0: c-max-rate 409600 is ignored: c-plan-ahead 0 turns the controller off\n" },
	{ "c-delay-target beside c-fill-target", "c-delay-target  \t10;", "c-delay-target \t7;", "",
	  "drbd0: c-delay-target 7 is ignored while c-fill-target is 100\n" },
	{ "unplug-watermark", "unplug-watermark\t128;", "unplug-watermark\t2048;", "",
	  "drbd0: unplug-watermark 2048 has no effect since Linux 2.6.39\n" },
	{ "pull-ahead with protocol C", "on-congestion   \tblock;", "on-congestion \tpull-ahead;",
	  "", "drbd0: on-congestion pull-ahead needs protocol A, and this is C\n" },
	{ "congestion-fill without pull-ahead", "congestion-fill \t0s;", "congestion-fill \t4096s;",
	  "", "drbd0: congestion-fill 4096 has no effect while on-congestion is block\n" },
	{ "al-extents unlike the others", "al-extents      \t1237;", "al-extents \t3389;", "",
	  "drbd0: al-extents is 3389, and 1237 on most minors of this node\n" },
};

static void test_contradictions(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(contradictions); i++) {
		check_row(contradictions[i].name);
		g_autoptr(TuneRoot) root = drbd_open_host();
		if (*contradictions[i].from)
			edit(contradictions[i].from, contradictions[i].to);
		g_autofree char *found = find_all(root, contradictions[i].policy);
		CHECK_HOLDS(found, contradictions[i].finding);
	}
}

/* An option that the policy sets is a step of the plan, and not reported here. */
static void test_named_by_policy(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *found = find_all(root, "drbd: { net/max-buffers: 2048 }");

	CU_ASSERT_PTR_NULL(strstr(found, "max-buffers is 8192"));
	CHECK_HOLDS(found, "max-epoch-size is 8192");
}

/* Nobody has set a value that is the kernel's default, so it contradicts nothing. */
static void test_default_rate(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

	edit("resync-rate     \t61440k", "resync-rate \t250k");
	g_autofree char *found = find_all(root, "");
	CHECK_HOLDS(found, "drbd1 and 3 more: resync-rate 61440 is ignored");
	CU_ASSERT_PTR_NULL(strstr(found, "resync-rate 250 is ignored"));
}

/* The advised values do not contradict each other. */
static void test_no_contradiction(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();
	const char *yaml =
		"drbd: { net/max-buffers: auto, net/max-epoch-size: auto, disk/c-max-rate: "
		"auto, disk/c-min-rate: auto, disk/c-fill-target: auto }";
	g_autoptr(TunePlan) plan = drbd_plan(root, yaml);

	drbd_apply(plan);
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
	g_autofree char *path = g_build_filename(drbd_host, "var/lib/ganeti/config.data", NULL);
	g_autofree char *text = g_strdup_printf(CONFIG, is_dynamic, of_group);

	CU_ASSERT_FATAL(g_file_set_contents(path, text, -1, NULL));
}

static void test_cluster(void)
{
	g_autoptr(TuneRoot) root = drbd_open_host();

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
	/* Ganeti attaches with disk-custom, and sets its own parameters afterwards. */
	write_config("true", "\"disk-custom\": \"--c-max-rate 300M --c-plan-ahead 0\"");
	g_autofree char *both = find_all(root, "");
	CHECK_HOLDS(both, "c-max-rate is 102400, and 409600 in the cluster's c-max-rate");
	CU_ASSERT_PTR_NULL(strstr(both, "disk-custom"));
	write_config("false", "\"disk-custom\": \"--c-max-rate 300M\"");
	g_autofree char *custom = find_all(root, "");
	CHECK_HOLDS(custom, "c-max-rate is 102400, and 307200 in the cluster's disk-custom");
}

static void test_bad_config(void)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"cluster\": 1}", "{", "\xff" };
	g_autoptr(TuneRoot) root = drbd_open_host();
	g_autofree char *path = g_build_filename(drbd_host, "var/lib/ganeti/config.data", NULL);
	g_autofree char *without = find_all(root, "");

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		CU_ASSERT_FATAL(g_file_set_contents(path, texts[i], -1, NULL));
		g_autofree char *found = find_all(root, "");
		CHECK_TEXT(found, without);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "units", test_units },
		{ "contradictions", test_contradictions },
		{ "what the policy names is no finding", test_named_by_policy },
		{ "a rate that nobody has set", test_default_rate },
		{ "what is advised contradicts nothing", test_no_contradiction },
		{ "the cluster's parameters", test_cluster },
		{ "a configuration that cannot be read", test_bad_config },
		{ NULL, NULL },
	};

	return check_main("drbd-check", checks);
}
