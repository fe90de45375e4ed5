/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"

static void check_all_ways(TuneCpu *const *cpus, guint n_cpus)
{
	for (guint i = 0; i < n_cpus; i++)
		for (guint k = 0; k < n_cpus; k++) {
			g_autoptr(TuneCpuReport) report = tune_cpu_compare(cpus[i], cpus[k], 0);
			g_autofree char *reasons = tune_cpu_report_format(report);
			CHECK_TEXT(tune_cpu_report_get_verdict(report) == TUNE_CPU_REFUSE ? reasons
											  : "",
				   "");
		}
}

/* With the resulting type, each guest can go from each node to each other. */
static void test_three(void)
{
	TuneCpu *cpus[] = {
		make_cpu(TUNE_CPU_KVM, INTEL, "+gfni"),
		make_cpu(TUNE_CPU_KVM, INTEL, "-rtm -hle -kvmclock"),
		make_cpu(TUNE_CPU_KVM, INTEL, "-pku -vmx-ept"),
	};
	g_auto(GStrv) costs = NULL;
	g_autoptr(GError) error = NULL;

	tune_cpu_set_phys_bits(cpus[2], 39);
	g_autofree char *type = tune_cpu_baseline((const TuneCpu *const *)cpus, 3, &costs, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(type, "host,-hle,-rtm,-pku,-gfni,-kvmclock,-vmx-ept,host-phys-bits-limit=39");
	CHECK_TEXT(costs[0], "hle rtm pku gfni kvmclock vmx-ept");
	CHECK_TEXT(costs[1], "pku vmx-ept");
	CHECK_TEXT(costs[2], "hle rtm kvmclock");
	CU_ASSERT_PTR_NULL(costs[3]);
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_mask(cpus[i], type);
	check_all_ways(cpus, G_N_ELEMENTS(cpus));
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_free(cpus[i]);
}

/* No name switches off single counters: where nodes differ, and counters are loaded, all are switched off. */
static void test_counters(void)
{
	TuneCpu *cpus[] = {
		make_cpu(TUNE_CPU_KVM, INTEL, ""),
		make_cpu(TUNE_CPU_KVM, INTEL, ""),
		make_cpu(TUNE_CPU_KVM, INTEL, ""),
	};
	g_auto(GStrv) costs = NULL;
	g_autoptr(GError) error = NULL;

	tune_cpu_drop_counters(cpus[0]);
	g_autofree char *alike = tune_cpu_baseline((const TuneCpu *const *)cpus, 3, NULL, &error);
	CHECK_TEXT(alike, "host");
	tune_cpu_set_word(cpus[1], 0xa, 0, TUNE_REG_EAX, 0x07300802);
	g_autofree char *type = tune_cpu_baseline((const TuneCpu *const *)cpus, 3, &costs, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(type, "host,pmu=off");
	CHECK_TEXT(costs[0], "");
	CHECK_TEXT(costs[1], "pmu");
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_mask(cpus[i], type);
	check_all_ways(cpus, G_N_ELEMENTS(cpus));
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_free(cpus[i]);
}

static void test_alike(void)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, "");
	const TuneCpu *cpus[] = { cpu, cpu };
	g_autoptr(GError) error = NULL;
	g_autofree char *type = tune_cpu_baseline(cpus, 2, NULL, &error);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(type, "host");
}

/* The state lies at different offsets, so no guest may use the feature. */
static void test_layout(void)
{
	TuneCpu *cpus[] = {
		make_cpu(TUNE_CPU_KVM, INTEL, ""),
		make_cpu(TUNE_CPU_KVM, INTEL, ""),
	};
	g_autoptr(GError) error = NULL;

	tune_cpu_set_component(cpus[1], 9, (TuneCpuComponent){ 8, 2432, 0 });
	g_autofree char *type = tune_cpu_baseline((const TuneCpu *const *)cpus, 2, NULL, &error);
	CHECK_TEXT(type, "host,-pku");
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_mask(cpus[i], type);
	check_all_ways(cpus, G_N_ELEMENTS(cpus));
	for (guint i = 0; i < G_N_ELEMENTS(cpus); i++)
		tune_cpu_free(cpus[i]);
}

static void check_fails(const TuneCpu *a, const TuneCpu *b, const char *message)
{
	const TuneCpu *cpus[] = { a, b };
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) costs = NULL;
	g_autofree char *type = tune_cpu_baseline(cpus, b ? 2 : 0, &costs, &error);

	CU_ASSERT_PTR_NULL(type);
	CU_ASSERT_PTR_NULL(costs);
	CHECK_HOLDS(error ? error->message : NULL, message);
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_failures(void)
{
	g_autoptr(TuneCpu) intel = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) amd = make_cpu(TUNE_CPU_KVM, "AuthenticAMD", "");
	g_autoptr(TuneCpu) unknown = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_node(intel, "node1");
	tune_cpu_set_node(amd, "node2");
	tune_cpu_set_node(unknown, "node3");
	check_fails(intel, NULL, "no CPU to make a baseline of");
	check_fails(intel, amd, "node1 has a CPU of GenuineIntel, node2 one of AuthenticAMD");
	unknown->known &= ~(G_GUINT64_CONSTANT(1) << TUNE_CPU_MSR_10A);
	check_fails(intel, unknown, "node3: arch capabilities are unknown");
	unknown->fields = 0;
	check_fails(intel, unknown, "node3: phys-bits are unknown");
}

/* A word that is unknown of a bare CPU takes no feature from the baseline. */
static void test_raw(void)
{
	g_autoptr(TuneCpu) kvm = make_cpu(TUNE_CPU_KVM, INTEL, "-rtm");
	g_autoptr(TuneCpu) raw = make_cpu(TUNE_CPU_RAW, INTEL, "-hle");
	const TuneCpu *cpus[] = { kvm, raw };
	g_autoptr(GError) error = NULL;

	raw->known &= ~(G_GUINT64_CONSTANT(1) << TUNE_CPU_40000001_EAX);
	raw->words[TUNE_CPU_40000001_EAX] = 0;
	g_autofree char *type = tune_cpu_baseline(cpus, 2, NULL, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(type, "host,-hle,-rtm");
}

int main(void)
{
	static const Check checks[] = {
		{ "three nodes", test_three },
		{ "nodes that are alike", test_alike },
		{ "counters", test_counters },
		{ "layouts that differ", test_layout },
		{ "nothing in common", test_failures },
		{ "a bare CPU", test_raw },
		{ NULL, NULL },
	};

	return check_main("cpu-baseline", checks);
}
