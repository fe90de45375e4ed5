/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/text.h>
#include <libtune/tuning/params.h>

#include "tests/unit/check.h"

#define SYSCTL &tune_section_sysctl
#define THP &tune_section_thp
#define KSM &tune_section_ksm
#define DISK &tune_section_disks
#define ATTR &tune_section_attributes

/* ---- the table itself ---- */

/* The index in the table, which is the order of writes; -1 when there is no such row. */
static int find_row(const TuneSection *section, const char *key)
{
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	for (guint i = 0; i < n_params; i++)
		if (params[i].section == section && strcmp(params[i].key, key) == 0)
			return (int)i;
	return -1;
}

static void complain(const TuneParam *param, const char *what)
{
	g_autofree char *name = tune_param_name(param);
	g_autofree char *text = g_strdup_printf("%s: %s", name, what);

	CU_assertImplementation(CU_FALSE, __LINE__, text, __FILE__, "", CU_FALSE);
}

static const char *check_unique(const TuneParam *param, int index)
{
	return find_row(param->section, param->key) == index ? NULL : "stands twice";
}

static const char *check_words(const TuneParam *param, int index G_GNUC_UNUSED)
{
	return param->summary && *param->summary && param->source && *param->source && param->codec
		       ? NULL
		       : "summary, source or codec is missing";
}

static const char *check_pair(const TuneParam *param, int index)
{
	guint n_params;
	int other = param->pair ? find_row(param->section, param->pair) : index;

	if (!param->pair)
		return NULL;
	if (other < 0 || other == index)
		return "is paired with nothing";
	return g_strcmp0(tune_params(&n_params)[other].pair, param->key) == 0
		       ? NULL
		       : "its pair does not know of it";
}

/* A row must come before those that it resets, or their values would be lost. */
static const char *check_after(const TuneParam *param, int index)
{
	guint n_params;
	g_autofree char *key = NULL;
	const char *value = NULL;

	if (!tune_param_get_after(param, &key, &value))
		return NULL;
	int first = find_row(param->section, key);
	if (first < 0)
		return "comes after nothing";
	if (value && !tune_domain_contains(tune_params(&n_params)[first].domain, value))
		return "waits for a value that cannot be";
	/* Names that one row stands for may reset each other. */
	return first < index || (first == index && tune_param_is_wildcard(param))
		       ? NULL
		       : "stands before what resets it";
}

static const char *check_wildcard(const TuneParam *param, int index)
{
	guint n_params;
	const TuneParam *params = tune_params(&n_params);
	size_t length = strlen(param->key) - 1;

	if (!tune_param_is_wildcard(param))
		return strchr(param->key, '*') ? "has a star inside" : NULL;
	for (guint i = (guint)index + 1; i < n_params; i++)
		if (params[i].section == param->section &&
		    strncmp(params[i].key, param->key, length) == 0)
			return "hides a row behind it";
	return NULL;
}

static gboolean is_range(const char *domain)
{
	g_auto(GStrv) ends = g_strsplit(domain, "..", 2);
	gint64 low, high;

	return ends[1] &&
	       g_ascii_string_to_signed(ends[0], 10, G_MININT64, G_MAXINT64, &low, NULL) &&
	       g_ascii_string_to_signed(ends[1], 10, G_MININT64, G_MAXINT64, &high, NULL) &&
	       low < high && tune_domain_contains(domain, ends[0]) &&
	       tune_domain_contains(domain, ends[1]);
}

static const char *check_domain(const TuneParam *param, int index G_GNUC_UNUSED)
{
	if (!param->domain)
		return NULL;
	if (param->codec != &tune_codec_choice && param->codec != &tune_codec_switch)
		return is_range(param->domain) ? NULL : "its domain is no range";
	g_auto(GStrv) words = g_strsplit(param->domain, "|", -1);
	for (char **word = words; *word; word++)
		if (param->codec->check(*word))
			return "its domain has what is no word";
	return words[0] && words[1] ? NULL : "its domain leaves no choice";
}

static void test_table(void)
{
	static const char *(*const checks[])(const TuneParam *param, int index) = {
		check_unique, check_words, check_pair, check_after, check_wildcard, check_domain,
	};
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	CU_ASSERT(n_params > 50);
	for (guint i = 0; i < n_params; i++)
		for (size_t j = 0; j < G_N_ELEMENTS(checks); j++) {
			const char *fault = checks[j](&params[i], (int)i);
			if (fault)
				complain(&params[i], fault);
		}
}

/* Each of these resets some of the following ones. */
static void test_order(void)
{
	static const struct {
		const TuneSection *section;
		const char *keys[8];
	} rows[] = {
		{ DISK,
		  { "scheduler", "nr_requests", "iosched/read_expire", "iosched/*",
		    "max_sectors_kb", "wbt_lat_usec", "read_ahead_kb" } },
		{ DISK, { "rotational", "wbt_lat_usec", "read_ahead_kb" } },
		{ KSM, { "advisor_mode", "advisor_min_pages_to_scan", "pages_to_scan", "run" } },
		{ KSM, { "max_page_sharing", "run" } },
		{ KSM, { "merge_across_nodes", "run" } },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s, then %s", rows[i].keys[0], rows[i].keys[1]);
		for (size_t j = 1; rows[i].keys[j]; j++)
			CU_ASSERT(find_row(rows[i].section, rows[i].keys[j - 1]) <
				  find_row(rows[i].section, rows[i].keys[j]));
	}
}

static void test_ksm_runs_last(void)
{
	guint n_params;
	const TuneParam *params = tune_params(&n_params);
	int run = find_row(KSM, "run");

	for (guint i = 0; i < n_params; i++)
		if (params[i].section == KSM)
			CU_ASSERT((int)i <= run);
}

/* The order of the table is used within a section, so a section must stand together. */
static void test_sections(void)
{
	guint n_params, n_sections = 1;
	const TuneParam *params = tune_params(&n_params);

	for (guint i = 1; i < n_params; i++)
		n_sections += params[i].section != params[i - 1].section;
	CU_ASSERT_EQUAL(n_sections, 8);
	for (guint i = 0; i < n_params; i++)
		CU_ASSERT_PTR_EQUAL(tune_section_find(params[i].section->name), params[i].section);
	CU_ASSERT_PTR_NULL(tune_section_find("disks"));
	CU_ASSERT_PTR_NULL(tune_section_find(""));
}

/* ---- looking up ---- */

static void test_find(void)
{
	static const struct {
		const TuneSection *section;
		const char *key;
		const char *found;
		const char *nearest;
	} rows[] = {
		{ SYSCTL, "vm.swappiness", "vm.swappiness", "vm.swappiness" },
		{ SYSCTL, "vm/swappiness", "vm.swappiness", "vm.swappiness" },
		{ SYSCTL, "net/ipv4/tcp_slow_start_after_idle",
		  "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_slow_start_after_idle" },
		{ SYSCTL, "vm.swapiness", "*", "vm.swappiness" },
		{ SYSCTL, "vm.swappinses", "*", "vm.swappiness" },
		{ SYSCTL, "vm.swppines", "*", "vm.swappiness" },
		{ SYSCTL, "vm.sppines", "*", NULL },
		{ SYSCTL, "kernel.panic", "*", NULL },
		{ SYSCTL, "net/ipv4/conf/eth0.100/rp_filter", "*", NULL },
		/* The nearest one, not the first that is similar. */
		{ SYSCTL, "net.core.wmem_mx", "*", "net.core.wmem_max" },
		{ SYSCTL, "vm.dirty_byte", "*", "vm.dirty_bytes" },
		{ THP, "enabled", "enabled", "enabled" },
		{ THP, "enable", NULL, "enabled" },
		{ THP, "*", NULL, NULL },
		{ KSM, "run", "run", "run" },
		{ KSM, "pages_to_scna", NULL, "pages_to_scan" },
		{ KSM, "vm.swappiness", NULL, NULL },
		{ KSM, "", NULL, NULL },
		{ DISK, "scheduler", "scheduler", "scheduler" },
		{ DISK, "iosched/read_expire", "iosched/read_expire", "iosched/read_expire" },
		{ DISK, "iosched/back_seek_max", "iosched/*", NULL },
		{ DISK, "iosched/read_expires", "iosched/*", "iosched/read_expire" },
		{ DISK, "iosched", NULL, NULL },
		{ DISK, "shceduler", NULL, "scheduler" },
		{ DISK, "write_cache", NULL, NULL },
		{ ATTR, "sys/module/kvm/parameters/halt_poll_ns", "*", NULL },
		{ ATTR, "sys/module/zswap/parameters/enabled",
		  "sys/module/zswap/parameters/enabled", "sys/module/zswap/parameters/enabled" },
		{ ATTR, "sys/module/zswap/parameters/enable", "*",
		  "sys/module/zswap/parameters/enabled" },
		{ SYSCTL, "vm.watermark_scale_factor", "vm.watermark_scale_factor",
		  "vm.watermark_scale_factor" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s in %s", rows[i].key, rows[i].section->name);
		const TuneParam *found = tune_param_find(rows[i].section, rows[i].key);
		const TuneParam *nearest = tune_param_find_nearest(rows[i].section, rows[i].key);
		CHECK_TEXT(found ? found->key : NULL, rows[i].found);
		CHECK_TEXT(nearest ? nearest->key : NULL, rows[i].nearest);
		CU_ASSERT(!found || found->section == rows[i].section);
		CU_ASSERT(!nearest || nearest->section == rows[i].section);
	}
}

static void test_distance(void)
{
	static const struct {
		const char *a;
		const char *b;
		guint distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "same", "same", 0 },
		{ "vm.swapiness", "vm.swappiness", 1 },
		{ "kitten", "sitting", 3 },
		{ "scheduler", "shceduler", 1 },
		{ "ab", "ba", 1 },
		{ "abcd", "badc", 2 },
		{ "ca", "abc", 3 },
		{ "drbd", "drdb", 1 },
		{ "a", "b", 1 },
		{ "abc", "xyz", 3 },
		{ "disks", "disk", 1 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("'%s' and '%s'", rows[i].a, rows[i].b);
		CU_ASSERT_EQUAL(tune_edit_distance(rows[i].a, rows[i].b), rows[i].distance);
		CU_ASSERT_EQUAL(tune_edit_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static void test_get_after(void)
{
	static const struct {
		const TuneSection *section;
		const char *key;
		const char *after;
		const char *value;
	} rows[] = {
		{ DISK, "scheduler", NULL, NULL },
		{ DISK, "nr_requests", "scheduler", NULL },
		{ DISK, "iosched/read_expire", "scheduler", "mq-deadline" },
		{ DISK, "iosched/low_latency", "scheduler", "bfq" },
		{ DISK, "read_ahead_kb", "max_sectors_kb", NULL },
		{ KSM, "pages_to_scan", "advisor_mode", NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].key);
		g_autofree char *key = NULL;
		const char *value = NULL;
		const TuneParam *param = tune_param_find(rows[i].section, rows[i].key);
		gboolean has = tune_param_get_after(param, &key, &value);
		CU_ASSERT_EQUAL(has, rows[i].after != NULL);
		CHECK_TEXT(key, rows[i].after);
		CHECK_TEXT(value, rows[i].value);
	}
}

/* ---- names and paths ---- */

static void test_names(void)
{
	static const struct {
		const TuneSection *section;
		const char *key;
		const char *object;
		const char *name;
		const char *path;
	} rows[] = {
		{ SYSCTL, "vm.swappiness", NULL, "vm.swappiness", "proc/sys/vm/swappiness" },
		{ SYSCTL, "vm/swappiness", NULL, "vm/swappiness", "proc/sys/vm/swappiness" },
		{ SYSCTL, "net.ipv4.tcp_rmem", NULL, "net.ipv4.tcp_rmem",
		  "proc/sys/net/ipv4/tcp_rmem" },
		{ SYSCTL, "net/ipv4/conf/eth0.100/rp_filter", NULL,
		  "net/ipv4/conf/eth0.100/rp_filter", "proc/sys/net/ipv4/conf/eth0.100/rp_filter" },
		{ SYSCTL, "net.ipv4.conf.eth0/100.rp_filter", NULL,
		  "net.ipv4.conf.eth0/100.rp_filter", "proc/sys/net/ipv4/conf/eth0.100/rp_filter" },
		{ SYSCTL, "*", NULL, "*", "proc/sys/*" },
		{ THP, "enabled", NULL, "transparent_hugepage.enabled",
		  "sys/kernel/mm/transparent_hugepage/enabled" },
		{ KSM, "run", NULL, "ksm.run", "sys/kernel/mm/ksm/run" },
		{ DISK, "scheduler", "sda", "disk.scheduler", "sys/block/sda/queue/scheduler" },
		{ DISK, "scheduler", NULL, "disk.scheduler", "sys/block/{}/queue/scheduler" },
		{ DISK, "iosched/read_expire", "cciss!c0d0", "disk.iosched/read_expire",
		  "sys/block/cciss!c0d0/queue/iosched/read_expire" },
		/* A path with dots need not be a sysctl. */
		{ ATTR, "sys/bus/pci/devices/0000:00:1f.2/x", NULL,
		  "sys/bus/pci/devices/0000:00:1f.2/x", "sys/bus/pci/devices/0000:00:1f.2/x" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *name = tune_section_format_name(rows[i].section, rows[i].key);
		g_autofree char *path = tune_section_format_path(rows[i].section, rows[i].key,
								 rows[i].object);
		CHECK_TEXT(name, rows[i].name);
		CHECK_TEXT(path, rows[i].path);
	}
}

static void test_of_rows(void)
{
	const TuneParam *disk = tune_param_find(DISK, "scheduler");
	g_autofree char *name = tune_param_name(disk);
	g_autofree char *path = tune_param_path(disk);

	CHECK_TEXT(name, "disk.scheduler");
	CHECK_TEXT(path, "sys/block/{}/queue/scheduler");
	CHECK_TEXT(tune_param_compares(disk), "choice");
	CHECK_TEXT(tune_param_compares(tune_param_find(SYSCTL, "net.core.rmem_max")), "at-least");
	CU_ASSERT_FALSE(tune_param_is_wildcard(disk));
	CU_ASSERT(tune_param_is_wildcard(tune_param_find(DISK, "iosched/back_seek_max")));
}

static void test_risks(void)
{
	static const char *const names[] = { "safe",   "latency",      "cpu",
					     "memory", "side-channel", "unknown" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		CHECK_TEXT(tune_risk_name((TuneRisk)i), names[i]);
	CHECK_TEXT(tune_risk_name((TuneRisk)99), "unknown");
	CU_ASSERT_EQUAL(tune_param_find(KSM, "run")->risk, TUNE_RISK_SIDE_CHANNEL);
}

int main(void)
{
	static const Check checks[] = {
		{ "every row", test_table },
		{ "order of writes", test_order },
		{ "KSM runs last", test_ksm_runs_last },
		{ "sections", test_sections },
		{ "find", test_find },
		{ "distance", test_distance },
		{ "what resets what", test_get_after },
		{ "names and paths", test_names },
		{ "what a row says", test_of_rows },
		{ "risks", test_risks },
		{ NULL, NULL },
	};

	return check_main("params", checks);
}
