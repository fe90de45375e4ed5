/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the rule that does not compare words of a CPU. */
#include <string.h>

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
	tune_cpu_set_word(target, 0x40000003, 0, TUNE_REG_EAX, 1u << 13);
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		check_row(types[i].type);
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, types[i].type);
		CHECK_COMPARE(guest, target, 0, types[i].expected);
	}
	check_row(NULL);
	target->fields &= ~(guint)TUNE_CPU_HAS_TSC_SCALING;
	tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host,tsc-frequency=2500000000");
	CHECK_COMPARE(guest, target, 0, "warn unknown:tsc");
}

/* ---- Hyper-V ---- */

static void test_enlightenments(void)
{
	/* clang-format off */
	static const struct {
		const char *type;
		const char *expected;
	} types[] = {
		{ "host,hv-relaxed,hv_vapic=on,hv-time,hv-spinlocks=0x1fff,hv-vendor-id=me", "ok" },
		{ "host,hv-tlbflush,hv-ipi",                "refuse lost:hv-tlbflush" },
		{ "host,hv_tlbflush_direct",                "refuse lost:hv-tlbflush-direct" },
		{ "host,+hv-frequencies,hv-crash",          "refuse lost:hv-crash, lost:hv-frequencies" },
		{ "kvm64,hv-evmcs=on,hv-evmcs=off",         "ok" },
		{ "kvm64,hv-evmcs",                         "refuse lost:hv-evmcs" },
		{ "host,-hv-evmcs",                         "ok" },
	};
	/* clang-format on */
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_word(target, 0x40000003, 0, TUNE_REG_EAX, 0xffff);
	tune_cpu_set_word(target, 0x40000003, 0, TUNE_REG_EDX, 0);
	tune_cpu_set_word(target, 0x40000004, 0, TUNE_REG_EAX, 1u << 5 | 1u << 10 | 1u << 11);
	tune_cpu_set_word(target, 0x4000000a, 0, TUNE_REG_EAX, 1u << 19);
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		check_row(types[i].type);
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, types[i].type);
		g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);
		g_autofree char *reasons = tune_cpu_report_format(report);
		gboolean is_refused = tune_cpu_report_get_verdict(report) == TUNE_CPU_REFUSE;
		g_autofree char *found = g_strconcat(is_refused ? "refuse " : "ok", reasons, NULL);
		g_auto(GStrv) order = g_strsplit(found, ", ", -1);
		for (char **part = order; *part; part++)
			CHECK_HOLDS(types[i].expected, *part);
		CU_ASSERT_EQUAL(strlen(found), strlen(types[i].expected));
	}
	check_row(NULL);
	/* An old record has no such word: that is unknown, and reported only for guests that need it. */
	target->known &= ~(G_GUINT64_CONSTANT(1) << TUNE_CPU_40000004_EAX);
	tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host,hv-relaxed");
	CHECK_COMPARE(guest, target, 0, "warn unknown:hyper-v features");
	tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host");
	CHECK_COMPARE(guest, target, 0, "ok");
}

/* ---- kernels ---- */

static void test_kernels(void)
{
	/* clang-format off */
	static const struct {
		const char *from, *to;
		const char *guest, *target;
		gboolean is_bad;
	} cases[] = {
		{ "5.10.0-28-amd64", "6.1.0-9-amd64",  "-pku", "",     TRUE },
		{ "5.10.0-28-amd64", "6.1.0-13-amd64", "-pku", "",     TRUE },
		{ "5.10.0-28-amd64", "6.1.0-14-amd64", "-pku", "",     FALSE },
		{ "5.10.197",        "6.1.59",         "-pku", "",     TRUE },
		{ "5.10.197",        "6.1.60",         "-pku", "",     FALSE },
		{ "5.15.3",          "5.17",           "-pku", "",     TRUE },
		{ "5.15.3",          "5.16.20",        "-pku", "",     FALSE },
		{ "5.15.3",          "6.5.0-4",        "-pku", "",     TRUE },
		{ "5.15.3",          "6.6.1",          "-pku", "",     FALSE },
		{ "5.17.1",          "6.1.20",         "-pku", "",     FALSE },
		{ "5.10.0-28-amd64", "6.1.0-9-amd64",  "",     "",     FALSE },
		{ "5.10.0-28-amd64", "6.1.0-9-amd64",  "-pku", "-pku", FALSE },
		{ "linux",           "6.1.0-9-amd64",  "-pku", "",     FALSE },
		{ NULL,              "6.1.0-9-amd64",  "-pku", "",     FALSE },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row_format("%s to %s, guest '%s', target '%s'", cases[i].from, cases[i].to,
				 cases[i].guest, cases[i].target);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, cases[i].guest);
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, cases[i].target);
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, "kvm64");
		tune_cpu_set_text(guest, TUNE_CPU_KERNEL, cases[i].from);
		tune_cpu_set_text(target, TUNE_CPU_KERNEL, cases[i].to);
		g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);
		g_autofree char *reasons = tune_cpu_report_format(report);
		CU_ASSERT_EQUAL(strstr(reasons, "bug:pkru of a guest without pku") != NULL,
				cases[i].is_bad);
		CU_ASSERT_EQUAL(tune_cpu_report_get_verdict(report),
				cases[i].is_bad ? TUNE_CPU_WARN : TUNE_CPU_OK);
		if (cases[i].is_bad)
			CHECK_HOLDS(tune_cpu_report_get_reason(report, 0)->way_out, "6.1.60");
	}
}

/* clang-format off */
static const struct {
	const char *name;
	const char *from, *to; /* QEMU; NULL: unknown */
	const char *machine;   /* of the guest; NULL: of a node */
	const char *machines;  /* of the target */
	const char *expected;
} qemus[] = {
	{ "nothing is known of the target",
	  "10.0.2", NULL, "pc-q35-9.2", NULL,
	  "warn unknown:qemu, unknown:machines" },
	{ "the same release",
	  "10.0.2", "10.0.1 (Debian 1:10.0.1+ds-1)", "pc-q35-9.2", "pc-q35-9.2", "ok" },
	{ "a newer one",
	  "7.2.22", "10.0.13", "pc-q35-7.2", "pc-q35-7.2 pc-q35-10.0", "ok" },
	{ "an older one that has the machine",
	  "10.0.13", "7.2.22", "pc-i440fx-7.2", "pc-i440fx-7.2 pc-q35-7.2",
	  "warn hint:qemu 10.0.13->7.2.22 with pc-i440fx-7.2" },
	{ "older by one release",
	  "10.1.0", "10.0.1 (Debian 1:10.0.1+ds-1)", "pc-q35-9.2", "pc-q35-9.2",
	  "warn hint:qemu 10.1.0->10.0.1 (Debian 1:10.0.1+ds-1) with pc-q35-9.2" },
	{ "a machine type of Red Hat's",
	  "10.0.2", "9.2.4", "pc-q35-rhel9.2.0", "pc-q35-rhel9.2.0",
	  "warn hint:qemu 10.0.2->9.2.4 with pc-q35-rhel9.2.0" },
	{ "an older one that lacks the machine",
	  "10.0.13", "7.2.22", "pc-i440fx-10.0", "pc-i440fx-7.2",
	  "refuse lost:qemu 10.0.13->7.2.22, lost:machine pc-i440fx-10.0" },
	{ "an older one of unknown machines",
	  "10.0.13", "7.2.22", "pc-i440fx-7.2", NULL,
	  "refuse lost:qemu 10.0.13->7.2.22, unknown:machines" },
	{ "a machine type without a version",
	  "10.0.13", "7.2.22", "microvm", "microvm pc-i440fx-7.2",
	  "refuse lost:qemu 10.0.13->7.2.22" },
	{ "no number behind the last dash",
	  "10.0.13", "7.2.22", "pc-i440fx-jammy", "pc-i440fx-jammy",
	  "refuse lost:qemu 10.0.13->7.2.22" },
	{ "more than a number behind it",
	  "10.0.13", "7.2.22", "pc-i440fx-7.2x", "pc-i440fx-7.2x",
	  "refuse lost:qemu 10.0.13->7.2.22" },
	{ "two nodes: which machines their guests are is not known",
	  "10.0.13", "7.2.22", NULL, "pc-i440fx-7.2",
	  "refuse lost:qemu 10.0.13->7.2.22" },
	{ "a machine that was removed",
	  "10.0.13", "11.1.0", "pc-i440fx-2.4", "pc-i440fx-7.2",
	  "refuse lost:machine pc-i440fx-2.4" },
};
/* clang-format on */

static void test_qemu(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(qemus); i++) {
		check_row(qemus[i].name);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_auto(GStrv)
			machines = g_strsplit(qemus[i].machines ? qemus[i].machines : "", " ", -1);
		tune_cpu_set_qemu(guest, qemus[i].from);
		tune_cpu_set_qemu(target, qemus[i].to);
		tune_cpu_set_text(guest, TUNE_CPU_MACHINE, qemus[i].machine);
		if (qemus[i].machines)
			tune_cpu_set_machines(target, (const char *const *)machines);
		CHECK_COMPARE(guest, target, 0, qemus[i].expected);
	}
}

/* Ganeti starts QEMU on the target by the name that the source's was started by. */
static void test_alias(void)
{
	static const char *const machines[] = { "pc", "pc-i440fx-10.0", "pc-i440fx-7.2", NULL };
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_qemu(guest, "7.2.22");
	tune_cpu_set_text(guest, TUNE_CPU_MACHINE, "pc-i440fx-7.2");
	tune_cpu_set_text(guest, TUNE_CPU_ALIAS, "pc=pc-i440fx-7.2");
	tune_cpu_set_qemu(target, "10.0.13");
	tune_cpu_set_machines(target, machines);
	CHECK_COMPARE(guest, target, 0, "warn unknown:aliases");
	tune_cpu_set_qemu(target, "7.2.13");
	CHECK_COMPARE(guest, target, 0, "ok");
	tune_cpu_set_qemu(target, "10.0.13");
	tune_cpu_set_text(target, TUNE_CPU_ALIASES, "pc=pc-i440fx-10.0 q35=pc-q35-10.0");
	CHECK_COMPARE(guest, target, 0, "refuse lost:machine pc=pc-i440fx-7.2");
	tune_cpu_set_text(target, TUNE_CPU_ALIASES, "pc=pc-i440fx-7.2 q35=pc-q35-7.2");
	CHECK_COMPARE(guest, target, 0, "ok");
}

/* What the records of two nodes say of guests that were started with the cluster's machine_version. */
static void test_started(void)
{
	static const char *const old_machines[] = { "pc", "pc-i440fx-7.2", NULL };
	static const char *const new_machines[] = { "pc", "pc-i440fx-7.2", "pc-i440fx-10.0", NULL };
	/* clang-format off */
	static const struct {
		const char *machine;
		const char *up, *back;
	} cases[] = {
		{ NULL,             "ok", "refuse lost:qemu 10.0.13->7.2.22" },
		{ "",               "ok", "refuse lost:qemu 10.0.13->7.2.22" },
		{ "pc-i440fx-7.2",  "ok", "warn hint:qemu 10.0.13->7.2.22 with pc-i440fx-7.2" },
		{ "pc-i440fx-10.0", "ok", "refuse lost:qemu 10.0.13->7.2.22, lost:machine pc-i440fx-10.0" },
		{ "pc",             "refuse lost:machine pc=pc-i440fx-7.2",
		  "refuse lost:qemu 10.0.13->7.2.22, lost:machine pc-i440fx-10.0, lost:machine pc=pc-i440fx-10.0" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].machine ? cases[i].machine : "none");
		g_autoptr(TuneCpu) old = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) new = make_cpu(TUNE_CPU_KVM, INTEL, "");
		tune_cpu_set_qemu(old, "7.2.22");
		tune_cpu_set_machines(old, old_machines);
		tune_cpu_set_text(old, TUNE_CPU_ALIASES, "pc=pc-i440fx-7.2 q35=pc-q35-7.2");
		tune_cpu_set_qemu(new, "10.0.13");
		tune_cpu_set_machines(new, new_machines);
		tune_cpu_set_text(new, TUNE_CPU_ALIASES, "pc=pc-i440fx-10.0 q35=pc-q35-10.0");
		tune_cpu_start_as(old, cases[i].machine);
		tune_cpu_start_as(new, cases[i].machine);
		CHECK_COMPARE(old, new, 0, cases[i].up);
		CHECK_COMPARE(new, old, 0, cases[i].back);
	}
}

/* By default QEMU shows counters to guests of the types host and max. */
static void test_types_with_counters(void)
{
	static const char *const with[] = { "host",       "max",       "host,-rtm",  "kvm64,pmu=on",
					    "kvm64,+pmu", "kvm64,pmu", "host,pmu=on" };
	static const char *const without[] = {
		NULL,        "",        "kvm64",      "host,pmu=off",
		"host,-pmu", "hostile", "max,pmu=no", "kvm64,pmu=off"
	};

	for (guint i = 0; i < G_N_ELEMENTS(with); i++) {
		check_row(with[i]);
		CU_ASSERT(tune_cpu_type_has_counters(with[i]));
	}
	for (guint i = 0; i < G_N_ELEMENTS(without); i++) {
		check_row(without[i]);
		CU_ASSERT_FALSE(tune_cpu_type_has_counters(without[i]));
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "a running guest's clock", test_running },
		{ "options of -cpu", test_options },
		{ "Hyper-V's enlightenments", test_enlightenments },
		{ "kernels that are known to lose guests", test_kernels },
		{ "QEMU and machine type", test_qemu },
		{ "a machine that was started by an alias", test_alias },
		{ "guests that nodes start", test_started },
		{ "types with counters", test_types_with_counters },
		{ NULL, NULL },
	};

	return check_main("cpu-setup", checks);
}
