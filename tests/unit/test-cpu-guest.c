/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest sees, from what its QEMU says and what its host has. */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/qemu/cpu.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"
#include "tests/unit/qmp-peer.h"

#define INTEL "GenuineIntel"

#define WORD(leaf, reg, value)                                                                     \
	"{\"cpuid-input-eax\": " leaf ", \"cpuid-input-ecx\": 0, \"cpuid-register\": \"" reg       \
	"\", \"features\": " value "}"
/* CPUID.1:ECX with vmx, and a CPU without it. */
#define VMX WORD("1", "ECX", "32") "," WORD("7", "EDX", "0")
#define PLAIN WORD("1", "ECX", "1") "," WORD("7", "EDX", "0")
#define LA57 WORD("1", "ECX", "1") "," WORD("7", "EDX", "0") "," WORD("7", "ECX", "65536")
/* CPUID.7.0:EDX with arch-capabilities. */
#define ARCH WORD("1", "ECX", "1") "," WORD("7", "EDX", "536870912")

#define ON "{\"return\": true}\n"
#define REGISTERS(cr4, efer)                                                                       \
	"{\"return\": \"CPU#0\\r\\nCR0=60000010 CR2=0 CR3=0 CR4=" cr4 "\\r\\nEFER=" efer           \
	"\\r\\n\"}\n"
#define OFF "{\"return\": false}\n"
#define MODEL(model) "{\"return\": 6}\n{\"return\": " model "}\n{\"return\": 7}\n"

/* A QEMU with one CPU under KVM; @ret_peer is its end. */
static TuneQmp *start_qemu(const char *vendor, guint phys_bits, const char *words,
			   const char *answers, int *ret_peer)
{
	g_autofree char *all = g_strdup_printf(
		"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": "
		"10}}}}\n"
		"{\"return\": {}}\n{\"return\": {\"enabled\": true}}\n"
		"{\"return\": [{\"qom-path\": \"/cpu\"}]}\n{\"return\": \"%s\"}\n"
		"{\"return\": %u}\n{\"return\": 2500000000}\n{\"return\": [%s]}\n%s",
		vendor, phys_bits, words, answers);
	g_autoptr(GError) error = NULL;
	TuneQmp *qmp = peer_start(all, TRUE, check_in_s(CHECK_LATE_S), ret_peer, &error);

	CHECK_NO_ERROR(error);
	return qmp;
}

/* Vendor, phys-bits, tsc-frequency and feature-words, which are always asked for. */
#define N_ALWAYS 4

/* ---- which questions are asked, and the verdict ---- */

typedef struct {
	const char *name;
	const char *words;
	const char *host;
	const char *target;
	const char *answers;
	const char *asked;
	const char *expected;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "target with all that the guest has",
	  VMX,   "",           "",           "",     "",        "ok" },
	/* The controls of nested guests are MSRs, not words of CPUID. */
	{ "a control of nested guests that the guest has",
	  VMX,   "",           "-vmx-ept",   ON,     "vmx-ept registers", "refuse nested:vmx-ept" },
	{ "a control that the guest has not",
	  VMX,   "",           "-vmx-ept",   OFF,    "vmx-ept", "ok" },
	{ "two controls that the guest has",
	  VMX,   "",           "-vmx-ept -vmx-vpid", ON ON, "vmx-ept vmx-vpid registers", "refuse nested:vmx-ept, nested:vmx-vpid" },
	/* A feature that the guest has not switched on is a hint; one that it has switched on, or may have, refuses. */
	{ "VMX and SVM are off in the registers",
	  VMX,   "",           "-vmx-ept",   ON REGISTERS("000006f0", "0000000000000d01"), "vmx-ept registers", "warn hint:vmx-ept (not in use)" },
	{ "VMX is on in CR4",
	  VMX,   "",           "-vmx-ept",   ON REGISTERS("000026f0", "0000000000000d01"), "vmx-ept registers", "refuse nested:vmx-ept" },
	{ "SVM is on in EFER",
	  VMX,   "",           "-vmx-ept",   ON REGISTERS("000006f0", "0000000000001d01"), "vmx-ept registers", "refuse nested:vmx-ept" },
	{ "registers that are cut short",
	  VMX,   "",           "-vmx-ept",   ON REGISTERS("000006f0", ""), "vmx-ept registers", "refuse nested:vmx-ept" },
	{ "no VMX at all on the target, and none in use",
	  VMX,   "",           "-vmx",       ON ON REGISTERS("00000000", "0000000000000000"), "vmx-ept vmx-vpid registers", "warn hint:vmx (not in use)" },
	{ "LA57 is off in CR4",
	  LA57,  "",           "",           REGISTERS("000026f0", "0000000000000d01"), " registers", "warn hint:la57 (not in use)" },
	{ "LA57 is on in CR4",
	  LA57,  "",           "",           REGISTERS("000016f0", "0000000000000d01"), " registers", "refuse lost:la57" },
	/* Not asked where the migration is refused anyway, or the loss only warns. */
	{ "refused anyway by another feature",
	  WORD("1", "ECX", "33"), "",        "-pni -vmx-ept", ON REGISTERS("0", "0"), "vmx-ept", "refuse lost:pni, nested:vmx-ept" },
	{ "a control that only warns is not asked for",
	  WORD("1", "ECX", "33"), "",        "-vmx-ept", OFF REGISTERS("0", "0"), "vmx-ept", "ok" },
	/* A guest has nothing that its host lacks, and without VMX there is nothing to ask. */
	{ "a control that the host has not",
	  VMX,   "-vmx-ept",   "-vmx-ept",   "",     "",        "ok" },
	{ "a guest without VMX",
	  PLAIN, "",           "-vmx-ept",   "",     "",        "ok" },
	/* Another CPU of the same model has the same immunities. */
	{ "immunity on the same model",
	  ARCH,  "",           "-rdctl-no",  ON MODEL("85"), "rdctl-no family model stepping", "warn hint:rdctl-no" },
	{ "immunity on another model",
	  ARCH,  "",           "-rdctl-no",  ON MODEL("86"), "rdctl-no family model stepping", "refuse security:rdctl-no, model:6/86/7->6/85/7" },
	{ "immunity that the host has not",
	  ARCH,  "-rdctl-no",  "-rdctl-no",  "",     "",        "ok" },
	{ "a weakness of the target",
	  ARCH,  "",           "+rsba",      "",     "",        "refuse security:rsba" },
};
/* clang-format on */

/* Each further question is answered with false. */
static char *fill(const char *answers)
{
	g_autoptr(GString) all = g_string_new(answers);

	for (guint i = 0; i < 64; i++)
		g_string_append(all, OFF);
	return g_string_free(g_steal_pointer(&all), FALSE);
}

static void check_compared(const Row *row)
{
	g_autoptr(TuneCpu) host = make_cpu(TUNE_CPU_KVM, INTEL, row->host);
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, row->target);
	g_autofree char *answers = fill(row->answers);
	check_row(row->name);
	g_autoptr(GError) error = NULL;
	gboolean is_kvm;
	int peer;
	g_autoptr(TuneQmp) qmp = start_qemu(INTEL, 46, row->words, answers, &peer);
	tune_cpu_set_text(host, TUNE_CPU_MICROCODE, "0x5003901");
	tune_cpu_set_text(target, TUNE_CPU_MICROCODE, "0x5003901");
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, target, &is_kvm, &error);

	CHECK_NO_ERROR(error);
	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, "host");
	g_autofree char *asked = peer_read_asked(peer, N_ALWAYS);
	CHECK_TEXT(asked, row->asked);
	tune_cpu_set_text(cpu, TUNE_CPU_QEMU, NULL);
	check_compare(cpu, target, 0, row->expected, __FILE__, __LINE__);
}

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		check_compared(&rows[i]);
}

/* A feature that was not asked for, because host and target have it, is not gained at the target. */
static void test_gained(void)
{
	g_autoptr(TuneCpu) host = make_cpu(TUNE_CPU_KVM, INTEL, "");
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "+ssb-no");
	g_autofree char *answers = fill("");
	g_autoptr(GError) error = NULL;
	gboolean is_kvm;
	int peer;
	g_autoptr(TuneQmp) qmp = start_qemu(INTEL, 46, ARCH, answers, &peer);
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, target, &is_kvm, &error);

	close(peer);
	CHECK_NO_ERROR(error);
	CU_ASSERT(tune_cpu_has_feature(cpu, "rdctl-no"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "tsx-ctrl"));
	CU_ASSERT(tune_cpu_get_counters(cpu).version);
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "ssb-no"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "vmx-ept"));
	tune_cpu_forget_assumed(cpu);
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "rdctl-no"));
	CU_ASSERT_FALSE(tune_cpu_get_counters(cpu).version);
	CU_ASSERT(tune_cpu_has_feature(cpu, "arch-capabilities"));
}

/* ---- what a guest sees of its host, whatever its type ---- */

typedef struct {
	const char *name;
	const char *vendor;
	guint phys_bits;
	guint host_bits;
	guint target_bits;
	const char *words;
	const char *host;
	const char *target;
	const char *expected;
} Own;

/* clang-format off */
static const Own own[] = {
	/* Named models have 40 address bits, also on CPUs of 39 bits, where the guest could never use the last one. */
	{ "more bits than its host has, on a target of the same",
	  INTEL, 40, 39, 39, PLAIN, "", "", "ok" },
	{ "fewer bits than its host has, more than the target has",
	  INTEL, 40, 46, 39, PLAIN, "", "", "refuse addr:phys-bits 40->39" },
	{ "more bits than both have",
	  INTEL, 52, 48, 48, PLAIN, "", "", "ok" },
	{ "more bits than its host has, on a target of fewer",
	  INTEL, 52, 48, 46, PLAIN, "", "", "refuse addr:phys-bits 48->46" },
	{ "fewer bits than both have",
	  INTEL, 40, 46, 46, PLAIN, "", "", "ok" },
	/* A guest of a named model sees no weakness, on the host or the target. */
	{ "a weakness of both",
	  INTEL, 46, 46, 46, ARCH, "+rsba", "+rsba", "ok" },
	{ "a weakness of the target",
	  INTEL, 46, 46, 46, ARCH, "", "+rsba", "refuse security:rsba" },
	{ "a weakness of the host",
	  INTEL, 46, 46, 46, ARCH, "+rsba", "", "ok" },
	/* -cpu qemu64,vendor=AuthenticAMD */
	{ "another vendor than the host",
	  "AuthenticAMD", 46, 46, 46, PLAIN, "", "", "ok" },
};
/* clang-format on */

static void check_own(const Own *row)
{
	g_autoptr(TuneCpu) host = make_cpu(TUNE_CPU_KVM, INTEL, row->host);
	g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, row->target);
	g_autofree char *answers = fill("");
	check_row(row->name);
	g_autoptr(GError) error = NULL;
	gboolean is_kvm;
	int peer;
	g_autoptr(TuneQmp)
		qmp = start_qemu(row->vendor, row->phys_bits, row->words, answers, &peer);
	tune_cpu_set_phys_bits(host, row->host_bits);
	tune_cpu_set_phys_bits(target, row->target_bits);
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, target, &is_kvm, &error);

	close(peer);
	CHECK_NO_ERROR(error);
	tune_cpu_set_text(cpu, TUNE_CPU_QEMU, NULL);
	check_compare(cpu, target, 0, row->expected, __FILE__, __LINE__);
}

static void test_own(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(own); i++)
		check_own(&own[i]);
}

/* ---- the counters of its host ---- */

/* CPUID.0AH:EAX of a CPU with four general counters, as make_cpu() has them, and of one with two. */
#define FOUR_COUNTERS 0x07300402
#define TWO_COUNTERS 0x07300202

/* clang-format off */
static const struct {
	const char *name;
	guint32 target; /* CPUID.0AH:EAX */
	const char *answers;
	const char *asked;
	const char *expected;
} counters[] = {
	{ "fewer on the target, and QEMU shows them",
	  TWO_COUNTERS,  ON,  "pmu", "refuse pmu:4+3 counters->2+3" },
	{ "fewer on the target, and QEMU hides them",
	  TWO_COUNTERS,  OFF, "pmu", "ok" },
	{ "fewer on the target, and QEMU has no such property",
	  TWO_COUNTERS,  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Property 'pmu' not found\"}}\n", "pmu",
	  "refuse pmu:4+3 counters->2+3" },
	{ "as many on the target",
	  FOUR_COUNTERS, "",  "",    "ok" },
};
/* clang-format on */

static void test_counters(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(counters); i++) {
		check_row(counters[i].name);
		g_autoptr(TuneCpu) host = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) target = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(GError) error = NULL;
		gboolean is_kvm;
		int peer;
		g_autoptr(TuneQmp) qmp = start_qemu(INTEL, 46, PLAIN, counters[i].answers, &peer);
		tune_cpu_set_word(target, 0xa, 0, TUNE_REG_EAX, counters[i].target);
		g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, target, &is_kvm, &error);
		CHECK_NO_ERROR(error);
		g_autofree char *asked = peer_read_asked(peer, N_ALWAYS);
		CHECK_TEXT(asked, counters[i].asked);
		tune_cpu_set_text(cpu, TUNE_CPU_QEMU, NULL);
		check_compare(cpu, target, 0, counters[i].expected, __FILE__, __LINE__);
	}
}

/* ---- its machine type ---- */

/* clang-format off */
static const struct {
	const char *name;
	const char *answer;
	const char *machine; /* NULL: not told */
	gboolean is_nonsense;
} machines[] = {
	{ "a machine type",
	  "{\"return\": \"pc-q35-7.2-machine\"}\n",                         "pc-q35-7.2", FALSE },
	{ "QEMU refuses to tell",
	  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n", NULL,         FALSE },
	{ "a type without -machine",
	  "{\"return\": \"pc-q35-7.2\"}\n",                                 NULL,         TRUE },
	{ "a number",
	  "{\"return\": 7}\n",                                              NULL,         TRUE },
	{ "QEMU hangs up",
	  "",                                                               NULL,         TRUE },
};
/* clang-format on */

static void test_machine(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(machines); i++) {
		check_row(machines[i].name);
		g_autoptr(TuneCpu) host = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(GError) error = NULL;
		g_autofree char *machine = NULL;
		int peer;
		g_autoptr(TuneQmp) qmp = start_qemu(INTEL, 46, PLAIN, machines[i].answer, &peer);
		gboolean is_kvm;
		g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, host, &is_kvm, &error);
		CU_ASSERT_PTR_NOT_NULL_FATAL(cpu);
		gboolean good = tune_cpu_ask_machine(qmp, &machine, &error);
		close(peer);
		CU_ASSERT_EQUAL(good, !machines[i].is_nonsense);
		CHECK_TEXT(machine, machines[i].machine);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "the machine type, aliases resolved", test_machine },
		{ "what is asked", test_rows },
		{ "what is not gained", test_gained },
		{ "what it sees of its host", test_own },
		{ "the counters of its host", test_counters },
		{ NULL, NULL },
	};

	return check_main("cpu-guest", checks);
}
