/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtune/qemu/cpu.h>

#include "tests/unit/check.h"

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

/* A QEMU that has said @text already; @ret_peer is its end. */
static TuneQmp *talk_to(const char *text, int *ret_peer)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *all = g_strconcat(READY, text, NULL);
	int ends[2];

	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	CU_ASSERT_EQUAL_FATAL(send(ends[0], all, strlen(all), 0), (ssize_t)strlen(all));
	shutdown(ends[0], SHUT_WR);
	*ret_peer = ends[0];
	gint64 deadline = g_get_monotonic_time() + G_USEC_PER_SEC;
	TuneQmp *qmp = tune_qmp_new(ends[1], "peer", deadline, &error);
	CHECK_NO_ERROR(error);
	return qmp;
}

static void test_words(void)
{
	g_autoptr(GError) error = NULL;
	int peer;
	g_autoptr(TuneQmp) qmp = talk_to(KVM CPUS VENDOR BITS WITH_ARCH, &peer);
	g_autoptr(TuneQemuCpu) cpu = tune_qemu_cpu_ask(qmp, &error);
	guint32 word = 1;

	close(peer);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(cpu->version, "9.1.2");
	CHECK_TEXT(cpu->vendor, "GenuineIntel");
	CHECK_TEXT(cpu->path, "/cpu");
	CU_ASSERT(cpu->is_kvm);
	CU_ASSERT_EQUAL(cpu->phys_bits, 46);
	CU_ASSERT_EQUAL(cpu->tsc_hz, 2445430000);
	CU_ASSERT_EQUAL(cpu->words->len, 3);
	CU_ASSERT_FALSE(tune_qemu_cpu_get_word(cpu, 13, 0, TUNE_QEMU_EAX, &word));
	CU_ASSERT_FALSE(tune_qemu_cpu_get_word(cpu, 13, 1, TUNE_QEMU_EBX, &word));
	CU_ASSERT_EQUAL(word, 1);
	CU_ASSERT(tune_qemu_cpu_get_word(cpu, 13, 1, TUNE_QEMU_EAX, &word));
	CU_ASSERT_EQUAL(word, 7);
	CU_ASSERT(tune_qemu_cpu_get_word(cpu, 1, 0, TUNE_QEMU_ECX, &word));
	CU_ASSERT_EQUAL(word, G_MAXUINT32);
}

/* A register that is there is asked for, one that is not is off; a name that QEMU lacks says nothing. */
static void test_flags(void)
{
	static const char *const names[] = { "rdctl-no", "rsba", "bhi-no", "split-lock-detect",
					     NULL };
	g_autoptr(GError) error = NULL;
	int peer;
	g_autoptr(TuneQmp) qmp = talk_to(KVM CPUS VENDOR BITS WITH_ARCH ON OFF NO_NAME, &peer);
	g_autoptr(TuneQemuCpu) cpu = tune_qemu_cpu_ask(qmp, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "rdctl-no"), TUNE_QEMU_UNKNOWN);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "split-lock-detect"), TUNE_QEMU_OFF);
	CU_ASSERT(tune_qemu_cpu_ask_flags(cpu, qmp, names, &error));
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "rdctl-no"), TUNE_QEMU_ON);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "rsba"), TUNE_QEMU_OFF);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "bhi-no"), TUNE_QEMU_UNKNOWN);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "mds-no"), TUNE_QEMU_UNKNOWN);
	/* QEMU hangs up before the next one. */
	CU_ASSERT_FALSE(tune_qemu_cpu_ask_flags(cpu, qmp, NULL, &error));
	CHECK_ERROR(error, TUNE_ERROR_IO);
	close(peer);
}

static void test_unknown_registers(void)
{
	g_autoptr(GError) error = NULL;
	int peer;
	g_autoptr(TuneQmp)
		qmp = talk_to(KVM CPUS VENDOR BITS LIST(WORD("1", "", "EDX", "1")), &peer);
	g_autoptr(TuneQemuCpu) cpu = tune_qemu_cpu_ask(qmp, &error);

	close(peer);
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(tune_qemu_cpu_get_flag(cpu, "rdctl-no"), TUNE_QEMU_UNKNOWN);
}

static void test_details(void)
{
	static const char details[] =
		"{\"return\": \"host-x86_64-cpu\"}\n{\"return\": 6}\n{\"return\": 85}\n"
		"{\"return\": 7}\n{\"return\": 13}\n{\"return\": 2147483656}\n" LIST(
			WORD("1", "", "ECX", "4096"));
	g_autofree char *text = g_strconcat(KVM CPUS VENDOR BITS WITH_ARCH, details, details, NULL);
	g_autoptr(GError) error = NULL;
	int peer;
	g_autoptr(TuneQmp) qmp = talk_to(text, &peer);
	g_autoptr(TuneQemuCpu) cpu = tune_qemu_cpu_ask(qmp, &error);

	CHECK_NO_ERROR(error);
	CU_ASSERT(tune_qemu_cpu_ask_details(cpu, qmp, &error));
	CU_ASSERT(tune_qemu_cpu_ask_details(cpu, qmp, &error));
	close(peer);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(cpu->type, "host-x86_64-cpu");
	CU_ASSERT_EQUAL(cpu->family, 6);
	CU_ASSERT_EQUAL(cpu->model, 85);
	CU_ASSERT_EQUAL(cpu->stepping, 7);
	CU_ASSERT_EQUAL(cpu->level, 13);
	CU_ASSERT_EQUAL(cpu->xlevel, 2147483656);
	CU_ASSERT_EQUAL(cpu->filtered->len, 1);
	CU_ASSERT_EQUAL(cpu->words->len, 3);
}

static const struct {
	const char *said;
	TuneErrorCode code;
	const char *message;
} nonsense[] = {
	{ "", TUNE_ERROR_IO, "peer: QEMU hung up" },
	{ "{\"return\": {}}\n", TUNE_ERROR_INVALID, "QEMU's answer to query-kvm makes no sense" },
	{ KVM "{\"return\": []}\n", TUNE_ERROR_INVALID,
	  "answer to query-cpus-fast makes no sense" },
	{ KVM "{\"return\": {}}\n", TUNE_ERROR_INVALID,
	  "answer to query-cpus-fast makes no sense" },
	{ KVM CPUS "{\"return\": 1}\n", TUNE_ERROR_INVALID, "answer to vendor makes no sense" },
	{ KVM CPUS NO_NAME, TUNE_ERROR_REFUSED, "peer: not found" },
	{ KVM CPUS VENDOR "{\"return\": \"46\"}\n", TUNE_ERROR_INVALID,
	  "phys-bits makes no sense" },
	{ KVM CPUS VENDOR BITS LIST(""), TUNE_ERROR_INVALID, "feature-words makes no sense" },
	{ KVM CPUS VENDOR BITS "{\"return\": {}}\n", TUNE_ERROR_INVALID, "feature-words makes" },
	{ KVM CPUS VENDOR BITS LIST(WORD("1", "", "ESP", "1")), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
	{ KVM CPUS VENDOR BITS LIST(WORD("-1", "", "EAX", "1")), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
	{ KVM CPUS VENDOR BITS LIST(WORD("1", "", "EAX", "4294967296")), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
	{ KVM CPUS VENDOR BITS LIST(WORD("7", SUB("\"0\""), "EAX", "1")), TUNE_ERROR_INVALID,
	  "feature-words makes no sense" },
};

static void test_nonsense(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		g_autoptr(GError) error = NULL;
		int peer;
		g_autoptr(TuneQmp) qmp = talk_to(nonsense[i].said, &peer);
		g_autoptr(TuneQemuCpu) cpu = tune_qemu_cpu_ask(qmp, &error);
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
		{ "details", test_details },
		{ "nonsense", test_nonsense },
		{ NULL, NULL },
	};

	return check_main("cpu-qemu", checks);
}
