/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"

/* ---- features ---- */

typedef struct {
	const char *vendor;
	const char *guest;
	const char *target;
	const char *expected;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ INTEL, "",                     "",                     "ok" },
	{ AMD,   "",                     "",                     "ok" },
	{ INTEL, "",                     "-rtm",                 "refuse lost:rtm" },
	{ INTEL, "-rtm",                 "",                     "ok" },
	{ INTEL, "",                     "-hle -erms",           "warn hint:hle, hint:erms" },
	{ INTEL, "",                     "-ss",                  "warn hint:ss" },
	{ INTEL, "",                     "-x2apic -hypervisor",  "ok" },
	{ INTEL, "+monitor",             "",                     "ok" },
	/* The same model; without the microcode's revision it is unknown whether it is still immune. */
	{ INTEL, "",                     "-rdctl-no",            "warn unknown:rdctl-no" },
	{ INTEL, "",                     "-flush-l1d",           "refuse security:flush-l1d" },
	{ INTEL, "",                     "-kvm-pv-eoi",          "refuse lost:kvm-pv-eoi" },
	/* A name that stands for two bits is one reason. */
	{ INTEL, "",                     "-kvmclock",            "refuse lost:kvmclock" },
	/* An inverted bit is bad when only the target has it, and harmless when only the guest has it. */
	{ INTEL, "",                     "+rsba",                "refuse security:rsba" },
	{ INTEL, "+rsba",                "",                     "ok" },
	/* A guest without the register does not see the new weakness. */
	{ INTEL, "-arch-capabilities",   "+rsba",                "ok" },
	{ INTEL, "+fdp-excptn-only",     "",                     "ok" },
	{ INTEL, "",                     "+fdp-excptn-only",     "ok" },
	/* Tolerated: nothing to clear on a CPU that does not leak. */
	{ INTEL, "",                     "-md-clear",            "ok" },
	{ INTEL, "-mds-no",              "-md-clear -mds-no",    "refuse security:md-clear" },
	{ INTEL, "+rfds-clear",          "+rfds-no",             "ok" },
	{ INTEL, "+rfds-clear",          "",                     "refuse security:rfds-clear" },
	{ INTEL, "+fb-clear",            "+sbdr-ssdp-no +fbsdp-no +psdp-no", "ok" },
	{ INTEL, "+fb-clear -rtm -taa-no", "-rtm -taa-no +sbdr-ssdp-no +fbsdp-no +psdp-no", "ok" },
	{ INTEL, "+fb-clear -taa-no",    "-taa-no +sbdr-ssdp-no +fbsdp-no +psdp-no", "refuse security:fb-clear" },
	{ INTEL, "+fb-clear",            "+sbdr-ssdp-no +psdp-no", "refuse security:fb-clear" },
	{ INTEL, "-rtm",                 "-rtm -taa-no",         "ok" },
	{ INTEL, "",                     "-taa-no",              "warn unknown:taa-no" },
	/* On AMD, KVM makes Intel's speculation bits up. */
	{ AMD,   "+spec-ctrl +stibp +ssbd", "",                  "ok" },
	{ INTEL, "",                     "-spec-ctrl",           "refuse lost:spec-ctrl" },
	{ AMD,   "",                     "-amd-ssbd",            "refuse lost:amd-ssbd" },
	{ AMD,   "",                     "-perfctr-core",        "warn counters:perfctr-core" },
	/* AMD's words mean nothing on Intel, and the other way round. */
	{ INTEL, "+wbnoinvd",            "",                     "ok" },
	{ INTEL, "+npt +auto-ibrs",      "",                     "ok" },
	{ AMD,   "+ace2",                "",                     "ok" },
	/* Nested guests. */
	{ INTEL, "",                     "-vmx-ept",             "refuse nested:vmx-ept" },
	{ INTEL, "",                     "-vmx",                 "refuse nested:vmx" },
	{ INTEL, "-vmx",                 "",                     "ok" },
	{ AMD,   "",                     "-npt",                 "refuse nested:npt" },
	{ AMD,   "",                     "-svm",                 "refuse nested:svm" },
	/* Branch and event counters for guests: between two views of KVM only. */
	{ INTEL, "+dtes64 +ds",          "",                     "warn counters:dtes64, counters:ds" },
	/* The layout of a component is compared only where its feature is there. */
	{ INTEL, "",                     "-pku",                 "refuse lost:pku, layout:xsave component 9 missing" },
	{ INTEL, "-pku",                 "",                     "ok" },
	/* Only running guests have it. */
	{ INTEL, "+invtsc",              "",                     "ok" },
	{ INTEL, "+cet-ss",              "",                     "ok" },
	/* QEMU sets it, depending on the machine's interrupt controller. */
	{ INTEL, "+kvm-msi-ext-dest-id", "",                     "ok" },
};
/* clang-format on */

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row_format("%s, guest '%s', target '%s'", rows[i].vendor, rows[i].guest,
				 rows[i].target);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, rows[i].vendor, rows[i].guest);
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, rows[i].vendor, rows[i].target);
		CHECK_COMPARE(guest, target, 0, rows[i].expected);
	}
}

/* Two bits for one feature: it is lost, once, only when both are missing. */
static void test_copies(void)
{
	g_autoptr(TuneCpu) both = make_cpu(TUNE_CPU_GUEST, AMD, "+spec-ctrl +stibp +ssbd");
	g_autoptr(TuneCpu) copy = make_cpu(TUNE_CPU_GUEST, AMD, "+spec-ctrl -ibpb -ibrs");
	g_autoptr(TuneCpu) view = make_cpu(TUNE_CPU_KVM, AMD, "+spec-ctrl +stibp -amd-stibp");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, AMD, "");
	g_autoptr(TuneCpu) without = make_cpu(TUNE_CPU_KVM, AMD, "-ibrs");

	CHECK_COMPARE(both, target, 0, "ok");
	CHECK_COMPARE(both, without, 0, "refuse lost:ibrs");
	CHECK_COMPARE(copy, target, 0, "ok");
	CHECK_COMPARE(copy, without, 0, "refuse lost:spec-ctrl");
	CU_ASSERT(tune_cpu_has_feature(both, "spec-ctrl"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(view, "spec-ctrl"));
	CU_ASSERT(tune_cpu_has_feature(view, "stibp"));
}

/* Without XSAVE there is no state beyond SSE, whatever the other words contain. */
static void test_no_xsave(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "-xsave");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	CHECK_COMPARE(guest, target, 0, "ok");
	CU_ASSERT_FALSE(tune_cpu_has_feature(guest, "avx"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(guest, "avx512vl"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(guest, "xsaves"));
	CU_ASSERT_EQUAL(guest->components[2].size, 0);
	CU_ASSERT_EQUAL(guest->words[TUNE_CPU_D_0_EAX], 0);
}

/* QEMU's own list of Haswells whose TSX it shows to no guest, whatever KVM gives. */
static void test_broken_tsx(void)
{
	static const struct {
		const char *name;
		guint model, stepping;
		const char *expected;
	} models[] = {
		{ "Haswell", 60, 3, "refuse lost:rtm" },
		{ "Haswell ULT", 69, 1, "refuse lost:rtm" },
		{ "Haswell with GT3e", 70, 1, "refuse lost:rtm" },
		{ "Haswell-EP", 63, 2, "refuse lost:rtm" },
		{ "Haswell-EX", 63, 4, "ok" },
		{ "Broadwell", 61, 2, "ok" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
		check_row(models[i].name);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "-hle");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
		tune_cpu_set_signature(target, 6, models[i].model, models[i].stepping);
		tune_cpu_reduce(target);
		guest->fields &= ~(guint)TUNE_CPU_HAS_SIGNATURE;
		CHECK_COMPARE(guest, target, 0, models[i].expected);
	}
}

/* ---- running guests ---- */

/* A bit that a newer QEMU shows and that has no row in the table is compared all the same. */
static void test_unnamed(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_word(guest, 0x7, 1, TUNE_REG_EDX, 1u << 30);
	CHECK_COMPARE(guest, target, 0, "warn unknown:0x7.1.edx bit 30");
	tune_cpu_set_word(target, 0x7, 1, TUNE_REG_EDX, 1u << 30);
	/* A node's record keeps it. */
	tune_cpu_reduce(target);
	CHECK_COMPARE(guest, target, 0, "ok");
}

/* A bare CPU does not tell which features KVM gives to guests, so these are unknown. */
static void test_views(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "+cet-ss +ds");
	g_autoptr(TuneCpu) raw = make_cpu(TUNE_CPU_RAW, INTEL, "+cet-ss +ds");
	g_autoptr(TuneCpu) kvm = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) node = make_cpu(TUNE_CPU_KVM, INTEL, "");

	/* KVM has it, but no QEMU was asked whether it shows it. */
	tune_cpu_set_feature(node, "cet-ss", TRUE);
	tune_cpu_set_component(node, 11, (TuneCpuComponent){ 16, 0, 1 });
	CHECK_COMPARE(node, kvm, 0, "ok");
	tune_cpu_set_component(guest, 11, (TuneCpuComponent){ 16, 0, 1 });
	tune_cpu_set_component(guest, 12, (TuneCpuComponent){ 24, 0, 1 });
	CU_ASSERT_FALSE(tune_cpu_has_feature(raw, "cet-ss"));
	CHECK_COMPARE(guest, raw, 0,
		      "warn counters:ds, unknown:cet-ss, unknown:xsave component 11 missing, "
		      "unknown:xsave component 12 missing");
	CHECK_COMPARE(guest, kvm, 0,
		      "refuse counters:ds, lost:cet-ss, layout:xsave component 11 missing, "
		      "layout:xsave component 12 missing");
}

/* ---- layouts, addresses, makers ---- */

static void test_layout(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_component(target, 9, (TuneCpuComponent){ 8, 2432, 0 });
	CHECK_COMPARE(guest, target, 0,
		      "refuse layout:xsave component 9 size/offset 8@0xa80 -> 8@0x980");
	tune_cpu_set_component(target, 9, (TuneCpuComponent){ 8, 2688, 2 });
	CHECK_COMPARE(guest, target, 0, "refuse layout:xsave component 9 alignment 0 -> 1");
	/* The bit that lets it be switched off is not part of the layout. */
	tune_cpu_set_component(target, 9, (TuneCpuComponent){ 8, 2688, 4 });
	CHECK_COMPARE(guest, target, 0, "ok");
}

static void add_amx(TuneCpu *cpu, guint32 rows_of_tile)
{
	tune_cpu_set_word(cpu, 0xd, 0, TUNE_REG_EAX, 0x602e7);
	tune_cpu_set_component(cpu, 17, (TuneCpuComponent){ 64, 2752, 2 });
	tune_cpu_set_component(cpu, 18, (TuneCpuComponent){ 8192, 2816, 6 });
	tune_cpu_set_feature(cpu, "amx-tile", TRUE);
	tune_cpu_set_word(cpu, 0x1d, 0, TUNE_REG_EAX, 1);
	tune_cpu_set_word(cpu, 0x1d, 1, TUNE_REG_EAX, 0x04002000);
	tune_cpu_set_word(cpu, 0x1d, 1, TUNE_REG_EBX, 0x00080040);
	tune_cpu_set_word(cpu, 0x1d, 1, TUNE_REG_ECX, rows_of_tile);
	tune_cpu_set_word(cpu, 0x1e, 0, TUNE_REG_EBX, 0x4010);
	tune_cpu_reduce(cpu);
}

static void test_amx(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) none = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) refused = make_cpu(TUNE_CPU_KVM, INTEL, "");

	add_amx(guest, 16);
	add_amx(target, 16);
	CHECK_COMPARE(guest, target, 0, "ok");
	CHECK_COMPARE(none, target, 0, "ok");
	add_amx(target, 8);
	CHECK_COMPARE(guest, target, 0, "refuse layout:amx palette");
	target->known &= ~(G_GUINT64_CONSTANT(1) << TUNE_CPU_1D_1_EBX);
	target->words[TUNE_CPU_1D_1_EBX] = 0;
	tune_cpu_set_word(target, 0x1d, 1, TUNE_REG_ECX, 16);
	CHECK_COMPARE(guest, target, 0, "warn unknown:amx palette");
	CHECK_COMPARE(
		guest, none, 0,
		"refuse lost:amx-tile, layout:amx palette, layout:xsave component 17 missing, "
		"layout:xsave component 18 missing");
	/* The CPU has it, but the process has no permission to use its state. */
	add_amx(refused, 16);
	tune_cpu_set_word(refused, 0xd, 0, TUNE_REG_EAX, 0x2e7);
	tune_cpu_reduce(refused);
	CU_ASSERT_FALSE(tune_cpu_has_feature(refused, "amx-tile"));
	CU_ASSERT_EQUAL(tune_cpu_judge(guest, refused, 0), TUNE_CPU_REFUSE);
}

static void test_avx10(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "+avx10 +avx10-512");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+avx10 +avx10-512");

	tune_cpu_set_word(guest, 0x24, 0, TUNE_REG_EBX, 0x40002);
	tune_cpu_set_word(target, 0x24, 0, TUNE_REG_EBX, 0x40001);
	CHECK_COMPARE(guest, target, 0, "refuse lost:avx10 version 2 -> 1");
	CHECK_COMPARE(target, guest, 0, "ok");
	tune_cpu_set_word(target, 0x24, 0, TUNE_REG_EBX, 0x2);
	CHECK_COMPARE(guest, target, 0, "refuse lost:avx10-512");
}

static void test_addresses(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_phys_bits(target, 39);
	CHECK_COMPARE(guest, target, 0, "refuse addr:phys-bits 46->39");
	CHECK_COMPARE(target, guest, 0, "warn model:phys-bits 39->46");
}

static void test_makers(void)
{
	g_autoptr(TuneCpu) intel = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) amd = make_cpu(TUNE_CPU_KVM, AMD, "");
	g_autoptr(TuneCpu) hygon = make_cpu(TUNE_CPU_KVM, AMD, "");
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(intel, amd, 0);
	g_autofree char *text = tune_cpu_report_format(report);

	tune_cpu_set_vendor(hygon, "HygonGenuine");
	CHECK_COMPARE(amd, hygon, 0, "refuse vendor:AuthenticAMD->HygonGenuine");
	CHECK_HOLDS(text, "vendor:GenuineIntel->AuthenticAMD");
	CHECK_HOLDS(text, "layout:xsave component 9 size/offset 8@0xa80 -> 8@0x980");
	CHECK_HOLDS(text, "lost:spec-ctrl");
	CU_ASSERT_PTR_NULL(strstr(text, "counters:"));
}

static void test_models(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_text(guest, TUNE_CPU_MICROCODE, "0x5003901");
	tune_cpu_set_text(target, TUNE_CPU_MICROCODE, "0x5003902");
	CHECK_COMPARE(guest, target, 0, "warn model:microcode 0x5003901->0x5003902");
	tune_cpu_set_signature(target, 6, 106, 6);
	CHECK_COMPARE(guest, target, 0, "warn model:6/85/7->6/106/6");
}

/* An older kernel reports fewer immunities, but the same CPU still has them. */
static void test_same_silicon(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		const char *type; /* of a guest; NULL: a node's image */
		const char *lost, *have, *want;
		guint stepping;
		const char *expected;
	} cases[] = {
		{ "the same microcode",
		  NULL,   "-rdctl-no -mds-no", "0x5003801", "0x5003801", 7, "warn hint:rdctl-no, hint:mds-no" },
		{ "newer microcode",
		  NULL,   "-rdctl-no",  "0x5003801", "0x5003901", 7, "warn hint:rdctl-no, model:microcode 0x5003801->0x5003901" },
		{ "older microcode",
		  NULL,   "-rdctl-no",  "0x5003901", "0x5003801", 7, "refuse security:rdctl-no, model:microcode 0x5003901->0x5003801" },
		{ "microcode compared as numbers",
		  NULL,   "-rdctl-no",  "0x9",       "0x10",      7, "warn hint:rdctl-no, model:microcode 0x9->0x10" },
		{ "no microcode on the target",
		  NULL,   "-rdctl-no",  "0x5003801", NULL,        7, "warn unknown:rdctl-no" },
		{ "another stepping",
		  NULL,   "-rdctl-no",  "0x5003801", "0x5003801", 6, "refuse security:rdctl-no, model:6/85/7->6/85/6" },
		{ "what the kernel does, not the silicon",
		  NULL,   "-flush-l1d", "0x5003801", "0x5003801", 7, "refuse security:flush-l1d" },
		{ "a guest of type host",
		  "host", "-rdctl-no",  "0x5003801", "0x5003801", 7, "warn hint:rdctl-no" },
		/* These guests see the model of their type, whatever the host's is. */
		{ "a guest of a named model",
		  "Cascadelake-Server", "-rdctl-no", "0x5003801", "0x5003801", 7, "refuse security:rdctl-no" },
		{ "a guest of type host with a model of its own",
		  "host,model=85",      "-rdctl-no", "0x5003801", "0x5003801", 7, "refuse security:rdctl-no" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(TuneCpu)
			guest = make_cpu(cases[i].type ? TUNE_CPU_GUEST : TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, cases[i].lost);
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, cases[i].type);
		tune_cpu_set_text(guest, TUNE_CPU_MICROCODE, cases[i].have);
		tune_cpu_set_text(target, TUNE_CPU_MICROCODE, cases[i].want);
		tune_cpu_set_signature(target, 6, 85, cases[i].stepping);
		CHECK_COMPARE(guest, target, 0, cases[i].expected);
	}
}

static void test_counters(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "+pdcm");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+pdcm");

	tune_cpu_set_msr(guest, 0x345, 0x105);
	tune_cpu_set_msr(target, 0x345, 0x205);
	CHECK_COMPARE(guest, target, 0, "warn counters:pebs-fmt 0x1 -> 0x2");
	tune_cpu_set_msr(guest, 0x345, 5);
	tune_cpu_set_msr(target, 0x345, 0);
	CHECK_COMPARE(guest, target, 0, "warn counters:lbr-fmt 0x5 -> 0x0");
}

/* At the end of a migration QEMU loads the counters' registers; when KVM refuses them, the guest is lost. */
static void test_number_of_counters(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		guint32 guest_eax, guest_edx, target_eax, target_edx;
		const char *expected;
	} cases[] = {
		/* A CPU with hyper-threading has half the counters; to a guest, version 4 has no more than version 2. */
		{ "half the counters",            0x07300802, 0x603, 0x07300402, 0x603, "refuse pmu:8+3 counters->4+3" },
		{ "half the counters, version 4", 0x07300804, 0x603, 0x07300404, 0x603, "refuse pmu:8+3 counters->4+3" },
		{ "a fixed counter less",         0x07300402, 0x603, 0x07300402, 0x602, "refuse pmu:4+3 counters->4+2" },
		{ "twice the counters",           0x07300402, 0x603, 0x07300802, 0x603, "ok" },
		{ "version 4 after version 2",    0x07300402, 0x603, 0x07300404, 0x603, "ok" },
		/* Warnings only: nothing is loaded that KVM refuses. */
		{ "none on the target",           0x07300802, 0x603, 0,          0,     "warn counters:gone" },
		{ "version 1 on the target",      0x07300802, 0x603, 0x07300401, 0,     "warn counters:8x48 bits+3 v2 -> 4x48 bits+0 v1" },
		{ "version 1 in the guest",       0x07300801, 0,     0x07300402, 0x603, "warn counters:8x48 bits+0 v1 -> 4x48 bits+3 v2" },
		{ "counters of fewer bits",       0x07300402, 0x603, 0x07280402, 0x603, "warn counters:4x48 bits+3 v2 -> 4x40 bits+3 v2" },
		{ "none in the guest",            0,          0,     0x07300402, 0x603, "ok" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
		tune_cpu_set_word(guest, 0xa, 0, TUNE_REG_EAX, cases[i].guest_eax);
		tune_cpu_set_word(guest, 0xa, 0, TUNE_REG_EDX, cases[i].guest_edx);
		tune_cpu_set_word(target, 0xa, 0, TUNE_REG_EAX, cases[i].target_eax);
		tune_cpu_set_word(target, 0xa, 0, TUNE_REG_EDX, cases[i].target_edx);
		CHECK_COMPARE(guest, target, 0, cases[i].expected);
	}
}

/* KVM gives no more than it can handle; only of a bare CPU that is not yet known. */
static void test_counters_of_raw(void)
{
	g_autoptr(TuneCpu) raw = make_cpu(TUNE_CPU_RAW, INTEL, "");
	g_autoptr(TuneCpu) view = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_word(raw, 0xa, 0, TUNE_REG_EDX, 0x604);
	CU_ASSERT_EQUAL(tune_cpu_get_counters(raw).fixed, 3);
	tune_cpu_set_word(raw, 0xa, 0, TUNE_REG_EDX, 0x600);
	CU_ASSERT_EQUAL(tune_cpu_get_counters(raw).fixed, 3);
	tune_cpu_set_word(view, 0xa, 0, TUNE_REG_EDX, 0x604);
	CU_ASSERT_EQUAL(tune_cpu_get_counters(view).fixed, 4);
}

/* A waiver and pmu=off let fewer counters pass, another option of cpu_type does not. */
static void test_counters_switched_off(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "+pdcm");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+pdcm");

	tune_cpu_set_word(guest, 0xa, 0, TUNE_REG_EAX, 0x07300802);
	CHECK_COMPARE(guest, target, 1u << TUNE_CPU_PMU, "warn pmu:8+3 counters->4+3 (waived)");
	tune_cpu_mask(guest, "host,-rtm");
	CHECK_COMPARE(guest, target, 0, "refuse pmu:8+3 counters->4+3");
	tune_cpu_mask(guest, "host,pmu=off");
	CHECK_COMPARE(guest, target, 0, "ok");
}

/* ---- the unknown ---- */

static void forget(TuneCpu *cpu, TuneCpuWord word)
{
	cpu->known &= ~(G_GUINT64_CONSTANT(1) << word);
	cpu->words[word] = 0;
}

static void test_unknown_counters(void)
{
	g_autoptr(TuneCpu) full = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) unknown = make_cpu(TUNE_CPU_KVM, INTEL, "");

	forget(unknown, TUNE_CPU_A_EAX);
	CHECK_COMPARE(full, unknown, 0, "warn unknown:counters");
	CHECK_COMPARE(unknown, full, 0, "warn unknown:counters");
	CHECK_COMPARE(unknown, unknown, 0, "warn unknown:counters");
	tune_cpu_drop_counters(full);
	CHECK_COMPARE(full, unknown, 0, "ok");
	CHECK_COMPARE(unknown, full, 0, "ok");
}

static void test_unknown_words(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	forget(target, TUNE_CPU_MSR_10A);
	CHECK_COMPARE(guest, target, 0, "warn unknown:arch capabilities");
	CHECK_COMPARE(target, guest, 0, "warn unknown:arch capabilities");
	forget(target, TUNE_CPU_MSR_48B);
	forget(target, TUNE_CPU_MSR_48D);
	CHECK_COMPARE(guest, target, 0, "warn unknown:arch capabilities, unknown:vmx controls");
	/* A guest that has nothing of a word cannot lose it. */
	tune_cpu_set_msr(target, 0x10a, guest->words[TUNE_CPU_MSR_10A]);
	tune_cpu_set_feature(guest, "vmx", FALSE);
	tune_cpu_reduce(guest);
	CHECK_COMPARE(guest, target, 0, "ok");
	/* Words that can only warn are no loss. */
	forget(target, TUNE_CPU_80000022_EAX);
	CHECK_COMPARE(guest, target, 0, "ok");
	CHECK_COMPARE(target, target, 0, "warn unknown:vmx controls");
}

/* In a word of which the guest has nothing, the target may still have a weakness. */
static void test_unknown_gain(void)
{
	g_autoptr(TuneCpu)
		guest = make_cpu(TUNE_CPU_KVM, INTEL, "-rdctl-no -mds-no -taa-no -tsx-ctrl");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	forget(target, TUNE_CPU_MSR_10A);
	CHECK_COMPARE(guest, target, 0, "warn unknown:arch capabilities");
}

static void test_unknown_fields(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");

	target->fields = 0;
	target->phys_bits = 0;
	CHECK_COMPARE(guest, target, 0, "warn unknown:phys-bits");
	tune_cpu_set_phys_bits(target, 46);
	target->known_components &= ~(1u << 9);
	target->components[9] = (TuneCpuComponent){ 0 };
	CHECK_COMPARE(guest, target, 0, "warn unknown:xsave component 9");
	tune_cpu_set_vendor(target, NULL);
	CHECK_COMPARE(guest, target, 0, "warn unknown:vendor, unknown:xsave component 9");
}

static void test_nothing_known(void)
{
	g_autoptr(TuneCpu) guest = tune_cpu_new(TUNE_CPU_GUEST);
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);

	CU_ASSERT_EQUAL(tune_cpu_report_get_verdict(report), TUNE_CPU_VERDICT_UNKNOWN);
	CU_ASSERT(tune_cpu_report_get_length(report) > 5);
	for (guint i = 0; i < tune_cpu_report_get_length(report); i++)
		CU_ASSERT_EQUAL(tune_cpu_report_get_reason(report, i)->kind, TUNE_CPU_UNKNOWN);
}

/* ---- reports ---- */

static void test_waivers(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "-rdctl-no -vmx-ept -hle");
	g_autoptr(TuneCpu) worse = make_cpu(TUNE_CPU_KVM, INTEL, "-rdctl-no -rtm");
	guint waivers = 1u << TUNE_CPU_SECURITY | 1u << TUNE_CPU_NESTED | 1u << TUNE_CPU_HINT;

	CHECK_COMPARE(guest, target, waivers,
		      "warn hint:hle, security:rdctl-no (waived), nested:vmx-ept (waived)");
	CHECK_COMPARE(guest, target, 1u << TUNE_CPU_SECURITY,
		      "refuse hint:hle, security:rdctl-no (waived), nested:vmx-ept");
	CHECK_COMPARE(guest, worse, waivers, "refuse lost:rtm, security:rdctl-no (waived)");
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, worse, waivers);
	g_autofree char *text = tune_cpu_report_format(report);
	CHECK_TEXT(text, "lost:rtm");
	g_autoptr(TuneCpuReport) passed = tune_cpu_compare(guest, target, waivers);
	g_autofree char *warnings = tune_cpu_report_format(passed);
	CHECK_TEXT(warnings, "hint:hle, security:rdctl-no, nested:vmx-ept");
}

static void test_gained(void)
{
	g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_KVM, INTEL, "-rtm");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+gfni +monitor");
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);
	g_autofree char *gained = g_strjoinv(" ", (char **)tune_cpu_report_get_gained(report));

	CHECK_TEXT(gained, "rtm gfni");
}

/* A guest gains no feature that its cpu_type switches off, and one of a named model gains none at all. */
static void test_gained_by_type(void)
{
	static const struct {
		const char *type, *gained;
	} cases[] = {
		{ "host", "rtm gfni" },
		{ "host,-rtm", "gfni" },
		{ "host,rtm=off,-gfni", "" },
		{ "Cascadelake-Server", "" },
		{ NULL, "" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].type);
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "-rtm");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+gfni");
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, cases[i].type);
		g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);
		g_autofree char *gained = g_strjoinv(" ",
						     (char **)tune_cpu_report_get_gained(report));
		CHECK_TEXT(gained, cases[i].gained);
		CU_ASSERT_EQUAL(tune_cpu_follows_node(guest), i < 3);
	}
}

static void test_classes(void)
{
	for (guint class = 0; class < TUNE_CPU_IGNORED; class ++) {
		TuneCpuClass found = TUNE_CPU_IGNORED;
		CU_ASSERT(tune_cpu_class_from_name(tune_cpu_class_name(class), &found));
		CU_ASSERT_EQUAL(found, class);
	}
	TuneCpuClass untouched = TUNE_CPU_PMU;
	CU_ASSERT_FALSE(tune_cpu_class_from_name("ignored", &untouched));
	CU_ASSERT_EQUAL(untouched, TUNE_CPU_PMU);
}

/* ---- time ---- */

#define N_NODES 1000

/* All pairs of a large cluster: a fifth of them differ.  The limit is generous, the figures are printed. */
static void test_matrix(void)
{
	g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func((GDestroyNotify)tune_cpu_free);
	guint n_refused = 0;

	for (guint i = 0; i < N_NODES; i++)
		g_ptr_array_add(nodes, make_cpu(TUNE_CPU_KVM, INTEL, i % 10 ? "" : "-rtm -pku"));
	gint64 start = g_get_monotonic_time();
	for (guint i = 0; i < N_NODES; i++)
		for (guint k = 0; k < N_NODES; k++)
			n_refused += tune_cpu_judge(nodes->pdata[i], nodes->pdata[k], 0) ==
				     TUNE_CPU_REFUSE;
	double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	printf("# %u nodes: %.3f s, %.0f ns for a pair, %zu bytes for a node\n", N_NODES, seconds,
	       seconds * 1e9 / N_NODES / N_NODES, sizeof(TuneCpu));
	CU_ASSERT_EQUAL(n_refused, 900 * 100);
	CHECK_SOON(start);
}

int main(void)
{
	static const Check checks[] = {
		{ "features", test_rows },
		{ "two names for one thing", test_copies },
		{ "no XSAVE", test_no_xsave },
		{ "broken TSX", test_broken_tsx },
		{ "bits without a name", test_unnamed },
		{ "features that depend on KVM", test_views },
		{ "layout of state", test_layout },
		{ "AMX", test_amx },
		{ "AVX10", test_avx10 },
		{ "width of addresses", test_addresses },
		{ "makers", test_makers },
		{ "models", test_models },
		{ "the same silicon", test_same_silicon },
		{ "counters", test_counters },
		{ "number of counters", test_number_of_counters },
		{ "counters of a bare CPU", test_counters_of_raw },
		{ "counters switched off", test_counters_switched_off },
		{ "unknown counters", test_unknown_counters },
		{ "unknown words", test_unknown_words },
		{ "an unknown gain", test_unknown_gain },
		{ "unknown fields", test_unknown_fields },
		{ "nothing known", test_nothing_known },
		{ "waivers", test_waivers },
		{ "what is gained", test_gained },
		{ "what is gained by type", test_gained_by_type },
		{ "names of classes", test_classes },
		{ "a thousand nodes", test_matrix },
		{ NULL, NULL },
	};

	return check_main("cpu-compare", checks);
}
