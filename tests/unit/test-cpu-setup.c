/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the rule that is in no word of a CPU. */
#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"

static void test_running(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "+invtsc");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+invtsc");
	g_autoptr(TuneCpu) other = make_cpu(TUNE_CPU_KVM, INTEL, "");

	CHECK_COMPARE(guest, target, 0, "refuse lost:invtsc without tsc-frequency");
	tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host,+invtsc,tsc-frequency=2500000000");
	CHECK_COMPARE(guest, target, 0, "ok");
	CHECK_COMPARE(guest, other, 0, "refuse lost:invtsc");
	tune_cpu_set_tsc(target, 2500500);
	CHECK_COMPARE(guest, target, 0, "ok");
	tune_cpu_set_tsc(target, 2501000);
	CHECK_COMPARE(guest, target, 0, "refuse lost:tsc-frequency 2500000->2501000 kHz");
	tune_cpu_set_tsc_scaling(target, TRUE);
	CHECK_COMPARE(guest, target, 0, "ok");
}

static void test_options(void)
{
	/* clang-format off */
	static const struct {
		const char *type;
		const char *expected;
	} types[] = {
		{ "host",                              "warn hint:tsc-frequency 2500000->2600000 kHz" },
		{ "host,tsc-frequency=2500000000",     "refuse lost:tsc-frequency 2500000->2600000 kHz" },
		{ "host,hv_reenlightenment=on",        "refuse lost:tsc-frequency 2500000->2600000 kHz" },
		{ "host,hv-reenlightenment=off",       "warn hint:tsc-frequency 2500000->2600000 kHz" },
		{ "host,hv-passthrough",               "refuse lost:hv-passthrough, hint:tsc-frequency 2500000->2600000 kHz" },
		{ "host,migratable=off",               "refuse lost:migratable=off, hint:tsc-frequency 2500000->2600000 kHz" },
		{ "host,migratable=on,-migratablefoo", "warn hint:tsc-frequency 2500000->2600000 kHz" },
	};
	/* clang-format on */
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_tsc(target, 2600000);
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, types[i].type);
		check_compare(guest, target, 0, types[i].expected, types[i].type, 0);
	}
	target->fields &= ~(guint)TUNE_CPU_HAS_TSC_SCALING;
	tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host,tsc-frequency=2500000000");
	CHECK_COMPARE(guest, target, 0, "warn unknown:tsc");
}

static void test_qemu(void)
{
	static const char *const machines[] = { "pc-i440fx-9.2", "pc-q35-9.2", NULL };
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_qemu(guest, "10.0.2");
	tune_cpu_set_text(guest, TUNE_CPU_MACHINE, "pc-q35-9.2");
	CHECK_COMPARE(guest, target, 0, "warn unknown:qemu, unknown:machines");
	tune_cpu_set_machines(target, machines);
	tune_cpu_set_qemu(target, "9.2.4");
	CHECK_COMPARE(guest, target, 0, "refuse lost:qemu 10.0.2->9.2.4");
	tune_cpu_set_qemu(target, "10.0.1 (Debian 1:10.0.1+ds-1)");
	CHECK_COMPARE(guest, target, 0, "ok");
	tune_cpu_set_qemu(guest, "10.1.0");
	CHECK_COMPARE(guest, target, 0, "refuse lost:qemu 10.1.0->10.0.1 (Debian 1:10.0.1+ds-1)");
	tune_cpu_set_qemu(target, "10.1.0");
	tune_cpu_set_text(guest, TUNE_CPU_MACHINE, "pc-q35-10.0");
	CHECK_COMPARE(guest, target, 0, "refuse lost:machine pc-q35-10.0");
}

/* By default QEMU shows counters with the types that show all there is. */
static void test_types_with_counters(void)
{
	static const char *const with[] = { "host",       "max",       "host,-rtm",  "kvm64,pmu=on",
					    "kvm64,+pmu", "kvm64,pmu", "host,pmu=on" };
	static const char *const without[] = {
		NULL,        "",        "kvm64",      "host,pmu=off",
		"host,-pmu", "hostile", "max,pmu=no", "kvm64,pmu=off"
	};

	for (guint i = 0; i < G_N_ELEMENTS(with); i++)
		CU_ASSERT(tune_cpu_type_has_counters(with[i]));
	for (guint i = 0; i < G_N_ELEMENTS(without); i++)
		CU_ASSERT_FALSE(tune_cpu_type_has_counters(without[i]));
}

int main(void)
{
	static const Check checks[] = {
		{ "a running guest's clock", test_running },
		{ "options of -cpu", test_options },
		{ "QEMU and machine type", test_qemu },
		{ "types with counters", test_types_with_counters },
		{ NULL, NULL },
	};

	return check_main("cpu-setup", checks);
}
