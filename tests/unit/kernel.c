/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include <libtune/base/error.h>

#include "tests/unit/kernel.h"

#define QUEUE "sys/block/sda/queue/"
#define KSM "sys/kernel/mm/ksm/"
#define VM "proc/sys/vm/"
#define NET "sys/class/net/"
/* No attribute: state that the kernel shows nowhere. */
#define BRIDGE_IS_TOLD "br1 is told its MTU"
#define HZ 250

static GHashTable *values, *broken_writes, *broken_reads, *meddled;
static GString *log_text;

/* ---- the values ---- */

const char *kernel_get(const char *path)
{
	return g_hash_table_lookup(values, path);
}

void kernel_set(const char *path, const char *shown)
{
	if (shown)
		g_hash_table_insert(values, g_strdup(path), g_strdup(shown));
	else
		g_hash_table_remove(values, path);
}

static void renew(GHashTable **table)
{
	if (*table)
		g_hash_table_unref(*table);
	*table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static const char *const at_boot[][2] = {
	{ VM "dirty_bytes", "0" },
	{ VM "dirty_ratio", "20" },
	{ VM "dirty_background_bytes", "0" },
	{ VM "dirty_background_ratio", "10" },
	{ VM "swappiness", "60" },
	{ "proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456" },
	{ "sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never" },
	{ KSM "run", "0" },
	{ KSM "pages_to_scan", "100" },
	{ KSM "sleep_millisecs", "20" },
	{ KSM "advisor_mode", "[none] scan-time" },
	{ KSM "advisor_target_scan_time", "200" },
	{ KSM "merge_across_nodes", "1" },
	{ KSM "max_page_sharing", "256" },
	{ KSM "use_zero_pages", "0" },
	{ KSM "pages_shared", "0" },
	{ KSM "pages_sharing", "0" },
	{ KSM "ksm_zero_pages", "0" },
	{ QUEUE "scheduler", "none mq-deadline kyber [bfq]" },
	{ QUEUE "iosched/low_latency", "1" },
	{ QUEUE "iosched/slice_idle", "8" },
	{ QUEUE "nr_requests", "64" },
	{ QUEUE "max_sectors_kb", "1280" },
	{ QUEUE "read_ahead_kb", "128" },
	{ QUEUE "wbt_lat_usec", "0" },
	{ QUEUE "rq_affinity", "1" },
	{ QUEUE "add_random", "0" },
	{ NET "eth1/mtu", "1500" },
	{ NET "eth1.7/mtu", "1500" },
	{ NET "br1/mtu", "1500" },
};

static void shut_down(void)
{
	g_hash_table_unref(values);
	g_hash_table_unref(broken_writes);
	g_hash_table_unref(broken_reads);
	g_hash_table_unref(meddled);
	g_string_free(log_text, TRUE);
}

void kernel_boot(void)
{
	if (!log_text) {
		log_text = g_string_new(NULL);
		atexit(shut_down);
	}
	kernel_clear_log();
	renew(&values);
	renew(&broken_writes);
	renew(&broken_reads);
	renew(&meddled);
	for (size_t i = 0; i < G_N_ELEMENTS(at_boot); i++)
		kernel_set(at_boot[i][0], at_boot[i][1]);
}

static gint compare(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

char *kernel_dump(void)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(values), compare);

	for (const GList *path = paths; path; path = path->next)
		g_string_append_printf(text, "%s = %s\n", (char *)path->data,
				       kernel_get(path->data));
	return g_string_free(text, FALSE);
}

/* ---- reads and writes ---- */

void kernel_break_write(const char *path, TuneErrorCode code)
{
	g_hash_table_insert(broken_writes, g_strdup(path), g_strdup_printf("%d", code));
}

void kernel_break_read(const char *path, TuneErrorCode code)
{
	g_hash_table_insert(broken_reads, g_strdup(path), g_strdup_printf("%d", code));
}

void kernel_meddle(const char *path, const char *victim, const char *value)
{
	g_hash_table_insert(meddled, g_strdup(path), g_strdup_printf("%s %s", victim, value));
}

const char *kernel_get_log(void)
{
	return log_text->str;
}

void kernel_clear_log(void)
{
	g_string_truncate(log_text, 0);
}

static gboolean is_broken(GHashTable *table, const char *path, GError **error)
{
	const char *code = g_hash_table_lookup(table, path);

	return code && !tune_fail(error, (TuneErrorCode)atoi(code), "%s: broken", path);
}

/* ---- what a write changes beyond its own value ---- */

static gboolean refuse(const char *path, const char *why, GError **error)
{
	return tune_fail(error, TUNE_ERROR_REFUSED, "%s: %s", path, why);
}

static gboolean put_brackets(const char *path, const char *value, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(kernel_get(path), " []", -1);
	g_autoptr(GString) shown = g_string_new(NULL);

	if (!g_strv_contains((const char *const *)words, value))
		return refuse(path, "Invalid argument", error);
	for (char **word = words; *word; word++)
		if (**word)
			g_string_append_printf(shown, strcmp(*word, value) ? "%s%s" : "%s[%s]",
					       shown->len ? " " : "", *word);
	kernel_set(path, shown->str);
	return TRUE;
}

static const char *const scheduler_brings[][3] = {
	{ "mq-deadline", QUEUE "iosched/read_expire", "500" },
	{ "mq-deadline", QUEUE "iosched/write_expire", "5000" },
	{ "mq-deadline", QUEUE "iosched/front_merges", "1" },
	{ "mq-deadline", QUEUE "nr_requests", "256" },
	{ "bfq", QUEUE "iosched/low_latency", "1" },
	{ "bfq", QUEUE "iosched/slice_idle", "8" },
	{ "bfq", QUEUE "nr_requests", "64" },
	{ "bfq", QUEUE "wbt_lat_usec", "0" },
	{ "kyber", QUEUE "iosched/read_lat_nsec", "2000000" },
	{ "kyber", QUEUE "nr_requests", "256" },
	{ "none", QUEUE "nr_requests", "128" },
	{ "mq-deadline", QUEUE "wbt_lat_usec", "2000" },
	{ "none", QUEUE "wbt_lat_usec", "2000" },
	{ "kyber", QUEUE "wbt_lat_usec", "2000" },
};

static gboolean write_scheduler(const char *path, const char *value, GError **error)
{
	if (!put_brackets(path, value, error))
		return FALSE;
	for (size_t i = 0; i < G_N_ELEMENTS(scheduler_brings); i++)
		if (strstr(scheduler_brings[i][1], "/iosched/"))
			kernel_set(scheduler_brings[i][1], NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(scheduler_brings); i++)
		if (strcmp(scheduler_brings[i][0], value) == 0)
			kernel_set(scheduler_brings[i][1], scheduler_brings[i][2]);
	return TRUE;
}

static gboolean write_expire(const char *path, const char *value, GError **error G_GNUC_UNUSED)
{
	gint64 jiffy = 1000 / HZ,
	       ms = (g_ascii_strtoll(value, NULL, 10) + jiffy - 1) / jiffy * jiffy;
	g_autofree char *rounded = g_strdup_printf("%" G_GINT64_FORMAT, ms);

	kernel_set(path, rounded);
	return TRUE;
}

static gboolean write_max_sectors(const char *path, const char *value, GError **error G_GNUC_UNUSED)
{
	kernel_set(path, value);
	kernel_set(QUEUE "read_ahead_kb", "2560");
	return TRUE;
}

static gboolean write_nr_requests(const char *path, const char *value, GError **error G_GNUC_UNUSED)
{
	kernel_set(path, atoi(value) < 4 ? "4" : value);
	return TRUE;
}

static gboolean write_face(const char *path, const char *value, GError **error)
{
	gboolean is_bytes = g_str_has_suffix(path, "_bytes");
	g_autofree char *stem = g_strndup(path, (gsize)(strrchr(path, '_') - path));
	g_autofree char *other = g_strconcat(stem, is_bytes ? "_ratio" : "_bytes", NULL);

	if (is_bytes && strcmp(value, "0") == 0)
		return refuse(path, "Invalid argument", error);
	kernel_set(path, value);
	kernel_set(other, "0");
	return TRUE;
}

static gboolean write_advisor(const char *path, const char *value, GError **error)
{
	if (!put_brackets(path, value, error))
		return FALSE;
	kernel_set(KSM "pages_to_scan", strcmp(value, "none") ? "500" : "100");
	return TRUE;
}

static gboolean write_pages_to_scan(const char *path, const char *value, GError **error)
{
	if (strstr(kernel_get(KSM "advisor_mode"), "[scan-time]"))
		return refuse(path, "Invalid argument", error);
	kernel_set(path, value);
	return TRUE;
}

static gboolean write_unless_merged(const char *path, const char *value, GError **error)
{
	if (strcmp(kernel_get(KSM "pages_shared"), "0") != 0)
		return refuse(path, "Device or resource busy", error);
	kernel_set(path, value);
	return TRUE;
}

static gboolean write_run(const char *path, const char *value, GError **error G_GNUC_UNUSED)
{
	kernel_set(path, value);
	if (strcmp(value, "2") == 0) {
		kernel_set(KSM "pages_shared", "0");
		kernel_set(KSM "pages_sharing", "0");
	}
	return TRUE;
}

/* A bridge has the smallest MTU of its ports until one is set. */
static gboolean write_mtu(const char *path, const char *value, GError **error)
{
	const char *parent = kernel_get(NET "eth1/mtu");

	if (strcmp(path, NET "eth1.7/mtu") == 0 && atoi(value) > atoi(parent))
		return refuse(path, "Numerical result out of range", error);
	kernel_set(path, value);
	if (strcmp(path, NET "br1/mtu") == 0)
		kernel_set(BRIDGE_IS_TOLD, "yes");
	if (strcmp(path, NET "eth1.7/mtu") == 0 && !kernel_get(BRIDGE_IS_TOLD))
		kernel_set(NET "br1/mtu", value);
	return TRUE;
}

static gboolean write_plainly(const char *path, const char *value, GError **error G_GNUC_UNUSED)
{
	kernel_set(path, value);
	return TRUE;
}

static const struct {
	const char *pattern;
	gboolean (*write)(const char *path, const char *value, GError **error);
} manners[] = {
	{ "*/queue/scheduler", write_scheduler },
	{ "*_expire", write_expire },
	{ "*/max_sectors_kb", write_max_sectors },
	{ "*/nr_requests", write_nr_requests },
	{ "*/dirty_*", write_face },
	{ "*/transparent_hugepage/enabled", put_brackets },
	{ "*/advisor_mode", write_advisor },
	{ "*/pages_to_scan", write_pages_to_scan },
	{ "*/merge_across_nodes", write_unless_merged },
	{ "*/max_page_sharing", write_unless_merged },
	{ "*/ksm/run", write_run },
	{ "*/mtu", write_mtu },
	{ "*", write_plainly },
};

static void meddle(const char *path)
{
	const char *deed = g_hash_table_lookup(meddled, path);
	g_auto(GStrv) words = deed ? g_strsplit(deed, " ", 2) : NULL;

	if (words)
		kernel_set(words[0], words[1]);
}

static char *read_value(TuneFacts *facts G_GNUC_UNUSED, const char *path, GError **error)
{
	if (is_broken(broken_reads, path, error))
		return NULL;
	if (!kernel_get(path))
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s: No such file or directory",
				      path);
	return g_strdup(kernel_get(path));
}

static gboolean write_value(TuneFacts *facts G_GNUC_UNUSED, const char *path, const char *value,
			    GError **error)
{
	size_t i = 0;

	g_string_append_printf(log_text, "%s\n", path);
	if (is_broken(broken_writes, path, error))
		return FALSE;
	if (!kernel_get(path))
		return tune_fail(error, TUNE_ERROR_ABSENT, "%s: No such file or directory", path);
	while (!g_pattern_match_simple(manners[i].pattern, path))
		i++;
	gboolean good = manners[i].write(path, value, error);
	meddle(path);
	return good;
}

const TuneBackend kernel_backend = { .read = read_value, .write = write_value };
