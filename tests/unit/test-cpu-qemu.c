/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/qemu/cpu.h>

#include "tests/unit/check.h"
#include "tests/unit/qmp-peer.h"

#define READY                                                                                      \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 1, \"major\": 9}}}}\n"       \
	"{\"return\": {}}\n"
#define KVM "{\"return\": {\"enabled\": true, \"present\": true}}\n"
#define CPUS "{\"return\": [{\"cpu-index\": 0, \"qom-path\": \"/cpu\"}]}\n"
#define VENDOR "{\"return\": \"GenuineIntel\"}\n"
#define BITS "{\"return\": 46}\n{\"return\": 2445430000}\n"
#define WORD(leaf, sub, reg, value)                                                                \
	"{\"cpuid-register\": \"" reg "\", \"cpuid-input-eax\": " leaf sub                         \
	", \"features\": " value "}"
#define SUB(sub) ", \"cpuid-input-ecx\": " sub
#define LIST(words) "{\"return\": [" words "]}\n"
#define ON "{\"return\": true}\n"
#define OFF "{\"return\": false}\n"
#define NO_NAME "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not found\"}}\n"

/* CPUID.7.0:EDX with arch-capabilities, and a leaf whose sub-leaves differ. */
#define WITH_ARCH                                                                                  \
	LIST(WORD("7", SUB("0"), "EDX", "536870912") "," WORD(                                     \
		"13", SUB("1"), "EAX", "7") "," WORD("1", "", "ECX", "4294967295"))

/* A QEMU that is connected and has written @text; @ret_peer is its end. */
static TuneQmp *start_qemu(const char *text, int *ret_peer)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *all = g_strconcat(READY, text, NULL);
	TuneQmp *qmp = peer_start(all, TRUE, check_in_s(CHECK_LATE_S), ret_peer, &error);

	CHECK_NO_ERROR(error);
	return qmp;
}

static void test_words(void)
{
	g_autoptr(GError) error = NULL;
	gboolean is_kvm = FALSE;
	int peer;
	g_autoptr(TuneQmp) qmp = start_qemu(KVM CPUS VENDOR BITS WITH_ARCH, &peer);
	g_autoptr(TuneCpu) target = tune_cpu_new(TUNE_CPU_KVM);
	g_autoptr(TuneCpu) host = tune_cpu_new(TUNE_CPU_KVM);
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, host, target, &is_kvm, &error);

	close(peer);
	CHECK_NO_ERROR(error);
	CU_ASSERT(is_kvm);
	CHECK_TEXT(cpu->texts[TUNE_CPU_QEMU], "9.1.2");
	CHECK_TEXT(cpu->vendor, "GenuineIntel");
	CU_ASSERT_EQUAL(cpu->phys_bits, 46);
	CU_ASSERT_EQUAL(cpu->tsc_khz, 2445430);
	CU_ASSERT(tune_cpu_has_feature(cpu, "arch-capabilities"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "xsavec"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "pclmulqdq"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "fpu"));
	CU_ASSERT_FALSE(cpu->fields & TUNE_CPU_HAS_SIGNATURE);
}

/* Only registers that the guest has are asked for; a name that QEMU does not know is a bit that is off. */
static void test_flags(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) answers = g_string_new(KVM CPUS VENDOR BITS WITH_ARCH ON OFF NO_NAME ON);
	gboolean is_kvm;
	int peer;

	for (guint i = 0; i < 200; i++)
		g_string_append(answers, NO_NAME);
	g_autoptr(TuneQmp) qmp = start_qemu(answers->str, &peer);
	g_autoptr(TuneCpu) target = tune_cpu_new(TUNE_CPU_KVM);
	tune_cpu_set_msr(target, 0x10a, 0x9);
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, NULL, target, &is_kvm, &error);
	g_autofree char *asked = peer_read_asked(peer, 0);

	CHECK_NO_ERROR(error);
	/* The target has rdctl-no and skip-l1dfl-vmentry; rsba is a weakness that it lacks. */
	CU_ASSERT(g_str_has_prefix(asked, "vendor phys-bits tsc-frequency feature-words ibrs-all "
					  "ssb-no mds-no pschange-mc-no "));
	CU_ASSERT_PTR_NULL(strstr(asked, "split-lock-detect"));
	CU_ASSERT_PTR_NULL(strstr(asked, "rsba"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "ibrs-all"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "ssb-no"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "mds-no"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "pschange-mc-no"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "rdctl-no"));
}

/* The word that tells whether the guest has a register may be unknown: an old QEMU does not have it. */
static void test_unknown_registers(void)
{
	g_autoptr(GError) error = NULL;
	gboolean is_kvm;
	int peer;
	g_autoptr(TuneQmp)
		qmp = start_qemu(KVM CPUS VENDOR BITS LIST(WORD("1", "", "EDX", "1")) ON, &peer);
	g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, NULL, NULL, &is_kvm, &error);
	g_autofree char *asked = peer_read_asked(peer, 0);

	CHECK_HOLDS(asked, "rdctl-no");
	CHECK_ERROR(error, TUNE_ERROR_IO);
	CU_ASSERT_PTR_NULL(cpu);
}

/* Family, model and stepping are asked for with everything else, and where a bit of an immunity is lost. */
static void test_signature(void)
{
	static const char numbers[] = "{\"return\": 6}\n{\"return\": 85}\n{\"return\": 7}\n";
	static const char *const words[] = {
		"{\"return\": {\"enabled\": false}}\n" CPUS VENDOR BITS LIST(
			WORD("1", "", "EDX", "1")),
		KVM CPUS VENDOR BITS LIST(WORD("2147483656", "", "EBX", "67108864")),
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		check_row(i ? "asked for where an immunity is lost" : "asked for by who wants all");
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat(words[i], numbers, NULL);
		g_autoptr(TuneCpu) other = tune_cpu_new(TUNE_CPU_KVM);
		gboolean is_kvm;
		int peer;
		g_autoptr(TuneQmp) qmp = start_qemu(text, &peer);
		g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, i ? other : NULL, i ? other : NULL,
							   &is_kvm, &error);
		close(peer);
		CHECK_NO_ERROR(error);
		CU_ASSERT_EQUAL(is_kvm, i == 1);
		CU_ASSERT(cpu->fields & TUNE_CPU_HAS_SIGNATURE);
		CU_ASSERT_EQUAL(cpu->family, 6);
		CU_ASSERT_EQUAL(cpu->model, 85);
		CU_ASSERT_EQUAL(cpu->stepping, 7);
	}
}

static const struct {
	const char *name;
	const char *said;
	TuneErrorCode code;
	const char *message;
} nonsense[] = {
	{ "nothing", "", TUNE_ERROR_IO, "peer: QEMU hung up" },
	{ "query-kvm without an answer", "{\"return\": {}}\n", TUNE_ERROR_INVALID,
	  "QEMU's answer to query-kvm makes no sense" },
	{ "no vCPU", KVM "{\"return\": []}\n", TUNE_ERROR_INVALID,
	  "answer to query-cpus-fast makes no sense" },
	{ "vCPUs that are no list", KVM "{\"return\": {}}\n", TUNE_ERROR_INVALID,
	  "answer to query-cpus-fast makes no sense" },
	{ "vendor that is a number", KVM CPUS "{\"return\": 1}\n", TUNE_ERROR_INVALID,
	  "answer to vendor makes no sense" },
	{ "property that is not found", KVM CPUS NO_NAME, TUNE_ERROR_REFUSED, "peer: not found" },
	{ "phys-bits that are a text", KVM CPUS VENDOR "{\"return\": \"46\"}\n", TUNE_ERROR_INVALID,
	  "phys-bits makes no sense" },
	{ "no words", KVM CPUS VENDOR BITS LIST(""), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
	{ "words that are no list", KVM CPUS VENDOR BITS "{\"return\": {}}\n", TUNE_ERROR_INVALID,
	  "feature-words makes" },
	{ "unknown register", KVM CPUS VENDOR BITS LIST(WORD("1", "", "ESP", "1")),
	  TUNE_ERROR_INVALID, "feature-words makes no sense" },
	{ "negative leaf", KVM CPUS VENDOR BITS LIST(WORD("-1", "", "EAX", "1")),
	  TUNE_ERROR_INVALID, "feature-words makes no sense" },
	{ "word of more than 32 bits",
	  KVM CPUS VENDOR BITS LIST(WORD("1", "", "EAX", "4294967296")), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
	{ "subleaf that is a text", KVM CPUS VENDOR BITS LIST(WORD("7", SUB("\"0\""), "EAX", "1")),
	  TUNE_ERROR_INVALID, "feature-words makes no sense" },
};

static void test_nonsense(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		check_row(nonsense[i].name);
		g_autoptr(GError) error = NULL;
		int peer;
		g_autoptr(TuneQmp) qmp = start_qemu(nonsense[i].said, &peer);
		gboolean is_kvm;
		g_autoptr(TuneCpu) cpu = tune_cpu_ask_qemu(qmp, NULL, NULL, &is_kvm, &error);
		close(peer);
		CU_ASSERT_PTR_NULL(cpu);
		CHECK_HOLDS(error ? error->message : NULL, nonsense[i].message);
		CHECK_ERROR(error, nonsense[i].code);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "words", test_words },
		{ "flags", test_flags },
		{ "unknown registers", test_unknown_registers },
		{ "signature", test_signature },
		{ "nonsense", test_nonsense },
		{ NULL, NULL },
	};

	return check_main("cpu-qemu", checks);
}
