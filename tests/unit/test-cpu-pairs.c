/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every ordered pair of a collection of CPUID dumps of real machines against a table of verdicts by
 * another implementation of the rule.  The collection is not part of this project: TUNE_CPUID_DIR names it.
 */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"

#define MAX_SHOWN 20

/* Only these are compared by name: the others warn, and have no names that two programs would share. */
#define NAMED TUNE_CPU_REFUSING

/* The table's name for a loss of counters that refuses; its "pmu" is a loss that only warns. */
#define TABLE_PMU "pmu-shrink:"

typedef struct {
	GHashTable *cpus; /* reduced, by name */
	char *directory;
	char **rows;
	guint n_pairs, n_differ;
} Pairs;

static char *find_directory(void)
{
	const char *directory = g_getenv("TUNE_CPUID_DIR");

	return directory ? g_strdup(directory) : check_source("../shared/cpuid");
}

static void free_cpu(gpointer data)
{
	tune_cpu_free(data);
}

static gboolean open_pairs(Pairs *pairs)
{
	*pairs = (Pairs){ .directory = find_directory() };
	g_autofree char *path = g_build_filename(pairs->directory, "expected-2.tsv", NULL);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL)) {
		g_free(pairs->directory);
		check_skip("no collection of dumps; TUNE_CPUID_DIR names one");
		return FALSE;
	}
	pairs->cpus = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_cpu);
	pairs->rows = g_strsplit(g_strchomp(text), "\n", -1);
	return TRUE;
}

static void close_pairs(Pairs *pairs)
{
	g_hash_table_unref(pairs->cpus);
	g_strfreev(pairs->rows);
	g_free(pairs->directory);
}

static const TuneCpu *load(Pairs *pairs, const char *name)
{
	TuneCpu *cpu = g_hash_table_lookup(pairs->cpus, name);

	if (cpu)
		return cpu;
	g_autofree char *file = g_strconcat(name, ".cpuid", NULL);
	g_autofree char *path = g_build_filename(pairs->directory, file, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(path, &text, NULL, &error);
	CHECK_NO_ERROR(error);
	cpu = tune_cpu_parse_dump(text, file, NULL, &error);
	CHECK_NO_ERROR(error);
	tune_cpu_reduce(cpu);
	g_hash_table_insert(pairs->cpus, g_strdup(name), cpu);
	return cpu;
}

static gboolean is_named(const char *reason)
{
	g_autofree char *class = g_strndup(reason, strcspn(reason, ":"));
	TuneCpuClass number;

	return strchr(reason, ':') && tune_cpu_class_from_name(class, &number) &&
	       (NAMED >> number & 1);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *join_sorted(GPtrArray *texts)
{
	g_ptr_array_sort(texts, compare_texts);
	g_ptr_array_add(texts, NULL);
	return g_strjoinv(" ", (char **)texts->pdata);
}

/* Where VMX or SVM is lost as a whole, the table also names all features of it. */
static gboolean is_part(const char *reason, const char *reasons)
{
	return g_str_has_prefix(reason, "nested:") &&
	       ((strstr(reasons, "nested:svm,") && strcmp(reason, "nested:svm") != 0) ||
		(strstr(reasons, "nested:vmx,") && strcmp(reason, "nested:vmx") != 0));
}

static char *list_expected(const char *reasons)
{
	g_auto(GStrv) all = g_strsplit(reasons, ",", -1);
	g_autoptr(GPtrArray) named = g_ptr_array_new();

	for (guint i = 0; all[i]; i++)
		if (g_str_has_prefix(all[i], TABLE_PMU))
			memmove(all[i] + strlen("pmu"), all[i] + strlen("pmu-shrink"),
				strlen(all[i] + strlen("pmu-shrink")) + 1);
		else if (g_str_has_prefix(all[i], "pmu:"))
			*all[i] = '\0';
	for (guint i = 0; all[i]; i++)
		if (is_named(all[i]) && !is_part(all[i], reasons))
			g_ptr_array_add(named, all[i]);
	return join_sorted(named);
}

static char *list_found(const TuneCpuReport *report)
{
	g_autoptr(GPtrArray) named = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (NAMED >> reason->kind & 1)
			g_ptr_array_add(named,
					g_strdup_printf("%s:%s", tune_cpu_class_name(reason->kind),
							reason->name));
	}
	return join_sorted(named);
}

static void check_pair(Pairs *pairs, char **columns)
{
	const TuneCpu *from = load(pairs, columns[0]), *to = load(pairs, columns[1]);
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(from, to, 0);
	gboolean is_refused = tune_cpu_report_get_verdict(report) == TUNE_CPU_REFUSE;
	g_autofree char *found = list_found(report);
	g_autofree char *expected = list_expected(columns[3]);

	pairs->n_pairs++;
	CU_ASSERT_EQUAL(tune_cpu_judge(from, to, 0), tune_cpu_report_get_verdict(report));
	if (is_refused == (strcmp(columns[2], "refuse") == 0) && strcmp(found, expected) == 0)
		return;
	if (pairs->n_differ++ < MAX_SHOWN) {
		check_row_format("%s to %s", columns[0], columns[1]);
		CHECK_TEXT(found, expected);
	}
}

static void test_pairs(void)
{
	Pairs pairs;

	if (!open_pairs(&pairs))
		return;
	for (guint i = 1; pairs.rows[i]; i++) {
		g_auto(GStrv) columns = g_strsplit(pairs.rows[i], "\t", -1);
		CU_ASSERT_EQUAL_FATAL(g_strv_length(columns), 4);
		check_pair(&pairs, columns);
	}
	CU_ASSERT(pairs.n_pairs > 0);
	CU_ASSERT_EQUAL(pairs.n_differ, 0);
	close_pairs(&pairs);
}

/* CPUs of one key can exchange guests; CPUs of different keys seldom can, by tolerated losses. */
static void test_keys(void)
{
	guint n_same = 0, n_mutual = 0;
	Pairs pairs;

	if (!open_pairs(&pairs))
		return;
	for (guint i = 1; pairs.rows[i]; i++) {
		g_auto(GStrv) columns = g_strsplit(pairs.rows[i], "\t", -1);
		const TuneCpu *from = load(&pairs, columns[0]), *to = load(&pairs, columns[1]);
		g_autofree char *from_key = tune_cpu_make_key(from);
		g_autofree char *to_key = tune_cpu_make_key(to);
		gboolean is_same = strcmp(from_key, to_key) == 0;
		gboolean is_mutual = tune_cpu_judge(from, to, 0) != TUNE_CPU_REFUSE &&
				     tune_cpu_judge(to, from, 0) != TUNE_CPU_REFUSE;
		if (is_same && !is_mutual) {
			check_row_format("%s to %s", columns[0], columns[1]);
			CU_FAIL("one key, and not good for each other");
		}
		n_same += is_same && from != to;
		n_mutual += is_mutual && from != to;
	}
	printf("# %u pairs are good for each other, %u of them by their key\n", n_mutual, n_same);
	CU_ASSERT(n_same > 0 && n_same * 2 >= n_mutual);
	close_pairs(&pairs);
}

static void check_one(const TuneCpu *cpu, const char *name)
{
	g_autofree char *before = tune_cpu_to_yaml(cpu);
	g_autoptr(TuneCpu) again = tune_cpu_copy(cpu);
	g_autoptr(GError) error = NULL;

	tune_cpu_reduce(again);
	g_autofree char *after = tune_cpu_to_yaml(again);
	CHECK_TEXT(after, before);
	g_autoptr(TuneCpu) loaded = tune_cpu_parse_record(before, strlen(before), name, &error);
	CHECK_NO_ERROR(error);
	g_autofree char *saved = tune_cpu_to_yaml(loaded);
	CHECK_TEXT(saved, before);
	/* Every CPU can take its own guests back. */
	CU_ASSERT_NOT_EQUAL(tune_cpu_judge(cpu, loaded, 0), TUNE_CPU_REFUSE);
}

/* Reducing a CPU twice is the same as once, and its record holds all of it. */
static void test_each(void)
{
	Pairs pairs;

	if (!open_pairs(&pairs))
		return;
	for (guint i = 1; pairs.rows[i]; i++) {
		g_auto(GStrv) columns = g_strsplit(pairs.rows[i], "\t", 2);
		if (!g_hash_table_contains(pairs.cpus, columns[0]))
			check_one(load(&pairs, columns[0]), columns[0]);
	}
	close_pairs(&pairs);
}

int main(void)
{
	static const Check checks[] = {
		{ "every pair is judged as the table says", test_pairs },
		{ "keys", test_keys },
		{ "every dump: reduced twice, saved and loaded", test_each },
		{ NULL, NULL },
	};

	return check_main("cpu-pairs", checks);
}
