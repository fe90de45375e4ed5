/* SPDX-License-Identifier: BSD-2-Clause */
/* What a new start of a guest would change: each parameter, QEMU, the CPU; and what is not known. */
#include <string.h>

#include <libtune/cluster/pending.h>
#include <libtune/cpu/cpu.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"

/* "CLASS: WHAT" of each row. */
static char *describe(const GPtrArray *rows)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < rows->len; i++) {
		const TunePending *row = rows->pdata[i];
		g_string_append_printf(text, "%s%s: %s", i ? "; " : "",
				       tune_pending_class_name(row->kind), row->what);
	}
	return g_string_free(text, FALSE);
}

static char *judge(const PendingGuest *guest)
{
	g_autoptr(GPtrArray) rows = tune_pending_new();

	tune_pending_judge(guest, rows);
	return describe(rows);
}

/* ---- parameters ---- */

static const TuneInstance instance = { .name = (char *)"inst1", .primary = (char *)"node1" };

/* Each parameter alone: that one is named, and no other. */
static void test_each_parameter(void)
{
	g_auto(GStrv) names = tune_pending_list_parameters();
	guint n_names = g_strv_length(names);
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autofree char **values = g_new0(char *, n_names + 1);
	g_autoptr(GString) started = g_string_new("{");

	for (guint i = 0; i < n_names; i++) {
		values[i] = (char *)"old";
		g_string_append_printf(started, "%s\"%s\": \"old\"", i ? "," : "", names[i]);
	}
	g_string_append_c(started, '}');
	const TuneRunningGuest running = { .instance = (char *)"inst1",
					   .hvparams = started->str,
					   .qemu = (char *)TUNE_QEMU_INSTALLED };
	const PendingGuest guest = { &instance, &running, values, NULL, NULL, cpu };
	for (guint i = 0; i < n_names; i++) {
		check_row(names[i]);
		values[i] = (char *)"new";
		g_autofree char *found = judge(&guest);
		g_autofree char *wanted = g_strdup_printf(
			": %s: runs with 'old', configured is 'new'", names[i]);
		CU_ASSERT(g_str_has_suffix(found, wanted));
		CU_ASSERT_PTR_NULL(strchr(found, ';'));
		values[i] = (char *)"old";
	}
	check_row(NULL);
	g_autofree char *none = judge(&guest);
	CHECK_TEXT(none, "");
}

/* ---- what Ganeti lists, and what its runtime file has ---- */

typedef struct {
	const char *name;
	const char *started;
	const char *configured;
	const char *wanted;
} ValueRow;

/* clang-format off */
static const ValueRow value_rows[] = {
	{ "a truth", "{\"cpu_type\": true}", "Y", "" },
	{ "no truth", "{\"cpu_type\": false}", "Y", "migration: cpu_type: runs with 'N', configured is 'Y'" },
	{ "a number", "{\"cpu_type\": 4}", "4", "" },
	{ "another number", "{\"cpu_type\": 4}", "8", "migration: cpu_type: runs with '4', configured is '8'" },
	{ "an empty text", "{\"cpu_type\": \"\"}", "host", "migration: cpu_type: runs with '', configured is 'host'" },
	{ "of an older Ganeti", "{}", "host", "" },
	{ "not listed", "{\"cpu_type\": \"host\"}", "-", "" },
	{ "null", "{\"cpu_type\": null}", "host", "" },
	{ "no JSON", "{", "host", "unknown: with which parameters Ganeti started it" },
	{ "a text that plays tricks", "{\"cpu_type\": \"\\u001b[2J\"}", "host", "migration: cpu_type: runs with '?[2J', configured is 'host'" },
};
/* clang-format on */

static void test_values(void)
{
	g_auto(GStrv) names = tune_pending_list_parameters();
	guint n_names = g_strv_length(names);
	g_autofree char **values = g_new0(char *, n_names + 1);

	for (guint i = 1; i < n_names; i++)
		values[i] = (char *)"-";
	for (size_t i = 0; i < G_N_ELEMENTS(value_rows); i++) {
		check_row(value_rows[i].name);
		const TuneRunningGuest running = { .instance = (char *)"inst1",
						   .hvparams = (char *)value_rows[i].started,
						   .qemu = (char *)TUNE_QEMU_INSTALLED };
		const PendingGuest guest = { &instance, &running, values, NULL, NULL, NULL };
		values[0] = (char *)value_rows[i].configured;
		g_autofree char *found = judge(&guest);
		CHECK_TEXT(found, value_rows[i].wanted);
	}
	check_row(NULL);
}

/* ---- QEMU and CPU ---- */

typedef struct {
	const char *name;
	const char *type;
	const char *sees;
	const char *gives;
	const char *qemu;
	const char *version;
	const char *wanted;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "nothing", "host", "", "", TUNE_QEMU_INSTALLED, "10.0.2", "" },
	{ "the node gives more", "host", "-rtm", "", TUNE_QEMU_INSTALLED, "10.0.2",
	  "gains: its node now gives rtm" },
	{ "the node protects", "host", "-flush-l1d", "+flush-l1d", TUNE_QEMU_INSTALLED, "10.0.2",
	  "security: its node now gives flush-l1d" },
	{ "a named model", "Westmere", "-rtm", "", TUNE_QEMU_INSTALLED, "10.0.2", "" },
	{ "its type leaves it out", "host,-rtm", "-rtm", "", TUNE_QEMU_INSTALLED, "10.0.2", "" },
	{ "another QEMU", "host", "", "", TUNE_QEMU_REPLACED, "7.2.22",
	  "qemu: runs QEMU 7.2.22, its node has 10.0.2" },
	{ "a new build of it", "host", "", "", TUNE_QEMU_REPLACED, "10.0.2",
	  "qemu: runs a QEMU whose file has been replaced since" },
	{ "its version is enough", "host", "", "", NULL, "10.0.2", "" },
	{ "no answer", "host", NULL, "", NULL, NULL,
	  "unknown: whether its QEMU is the one that is installed; unknown: what its CPU would gain: no socket" },
	{ "no record", "host", "", NULL, NULL, "10.0.2",
	  "unknown: whether its QEMU is the one that is installed; unknown: what its CPU would gain: its node has no record" },
};
/* clang-format on */

static TuneCpu *make(TuneCpuSource source, const char *changes, const char *qemu)
{
	TuneCpu *cpu = changes ? make_cpu(source, INTEL, changes) : NULL;

	if (cpu)
		tune_cpu_set_qemu(cpu, qemu);
	return cpu;
}

static void test_qemu_and_cpu(void)
{
	g_auto(GStrv) names = tune_pending_list_parameters();
	g_autofree char **values = g_new0(char *, g_strv_length(names) + 1);

	for (guint i = 0; names[i]; i++)
		values[i] = (char *)"-";
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const Row *row = &rows[i];
		check_row(row->name);
		g_autoptr(TuneCpu) sees = make(TUNE_CPU_GUEST, row->sees, row->version);
		g_autoptr(TuneCpu) record = make(TUNE_CPU_KVM, row->gives, "10.0.2");
		const TuneRunningGuest running = { .instance = (char *)"inst1",
						   .is_kvm = TRUE,
						   .hvparams = (char *)"{}",
						   .qemu = (char *)row->qemu };
		const PendingGuest guest = {
			&instance, &running, values, sees, row->sees ? NULL : "no socket", record
		};
		if (sees)
			tune_cpu_set_text(sees, TUNE_CPU_TYPE, row->type);
		g_autofree char *found = judge(&guest);
		CHECK_TEXT(found, row->wanted);
	}
	check_row(NULL);
}

/* Of a guest that cannot be looked at, nothing else is claimed. */
static void test_unknown(void)
{
	const TuneRunningGuest running = { .instance = (char *)"inst1", .note = (char *)"why" };
	const PendingGuest guest = { &instance, &running, NULL, NULL, NULL, NULL };
	g_autofree char *found = judge(&guest);

	CHECK_TEXT(found, "unknown: why");
}

int main(void)
{
	static const Check checks[] = {
		{ "each parameter", test_each_parameter },
		{ "values as Ganeti writes them", test_values },
		{ "QEMU and CPU", test_qemu_and_cpu },
		{ "nothing is known", test_unknown },
		{ NULL, NULL },
	};

	return check_main("pending", checks);
}
