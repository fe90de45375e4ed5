/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/bits.h>

#include "tests/unit/check.h"

/* Places of bits as in the manuals: some of each kind of word, and those whose names differ from the kernel's. */
static const struct {
	const char *name;
	guint32 leaf;
	guint32 sub;
	TuneCpuRegister reg;
	guint bit;
	TuneCpuClass class;
	guint flags;
} rows[] = {
	{ "pni", 0x1, 0, TUNE_REG_ECX, 0, TUNE_CPU_LOST, 0 },
	{ "pclmulqdq", 0x1, 0, TUNE_REG_ECX, 1, TUNE_CPU_LOST, 0 },
	{ "dtes64", 0x1, 0, TUNE_REG_ECX, 2, TUNE_CPU_COUNTERS, TUNE_BIT_KVM_DEPENDENT },
	{ "monitor", 0x1, 0, TUNE_REG_ECX, 3, TUNE_CPU_IGNORED, TUNE_BIT_HIDDEN },
	{ "vmx", 0x1, 0, TUNE_REG_ECX, 5, TUNE_CPU_NESTED, 0 },
	{ "cx16", 0x1, 0, TUNE_REG_ECX, 13, TUNE_CPU_LOST, 0 },
	{ "hypervisor", 0x1, 0, TUNE_REG_ECX, 31, TUNE_CPU_IGNORED, 0 },
	{ "sse2", 0x1, 0, TUNE_REG_EDX, 26, TUNE_CPU_LOST, 0 },
	{ "hle", 0x7, 0, TUNE_REG_EBX, 4, TUNE_CPU_HINT, 0 },
	{ "fdp-excptn-only", 0x7, 0, TUNE_REG_EBX, 6, TUNE_CPU_IGNORED, TUNE_BIT_INVERTED },
	{ "rtm", 0x7, 0, TUNE_REG_EBX, 11, TUNE_CPU_LOST, 0 },
	{ "avx512vl", 0x7, 0, TUNE_REG_EBX, 31, TUNE_CPU_LOST, 0 },
	{ "umip", 0x7, 0, TUNE_REG_ECX, 2, TUNE_CPU_IGNORED, 0 },
	{ "avx512vnni", 0x7, 0, TUNE_REG_ECX, 11, TUNE_CPU_LOST, 0 },
	{ "la57", 0x7, 0, TUNE_REG_ECX, 16, TUNE_CPU_LOST, 0 },
	{ "md-clear", 0x7, 0, TUNE_REG_EDX, 10, TUNE_CPU_SECURITY, 0 },
	{ "spec-ctrl", 0x7, 0, TUNE_REG_EDX, 26, TUNE_CPU_LOST, 0 },
	{ "ssbd", 0x7, 0, TUNE_REG_EDX, 31, TUNE_CPU_LOST, 0 },
	{ "avx512-bf16", 0x7, 1, TUNE_REG_EAX, 5, TUNE_CPU_LOST, 0 },
	{ "avx10", 0x7, 1, TUNE_REG_EDX, 19, TUNE_CPU_LOST, 0 },
	{ "mcdt-no", 0x7, 2, TUNE_REG_EDX, 5, TUNE_CPU_SECURITY, 0 },
	{ "xsaves", 0xd, 1, TUNE_REG_EAX, 3, TUNE_CPU_LOST, 0 },
	{ "avx10-512", 0x24, 0, TUNE_REG_EBX, 18, TUNE_CPU_LOST, 0 },
	{ "kvm-pv-eoi", 0x40000001, 0, TUNE_REG_EAX, 6, TUNE_CPU_LOST, 0 },
	{ "svm", 0x80000001, 0, TUNE_REG_ECX, 2, TUNE_CPU_NESTED, 0 },
	{ "perfctr-core", 0x80000001, 0, TUNE_REG_ECX, 23, TUNE_CPU_COUNTERS, 0 },
	{ "lm", 0x80000001, 0, TUNE_REG_EDX, 29, TUNE_CPU_LOST, 0 },
	{ "invtsc", 0x80000007, 0, TUNE_REG_EDX, 8, TUNE_CPU_LOST, TUNE_BIT_RUNNING },
	{ "amd-ssbd", 0x80000008, 0, TUNE_REG_EBX, 24, TUNE_CPU_LOST, 0 },
	{ "amd-no-ssb", 0x80000008, 0, TUNE_REG_EBX, 26, TUNE_CPU_SECURITY, TUNE_BIT_SILICON },
	{ "npt", 0x8000000a, 0, TUNE_REG_EDX, 0, TUNE_CPU_NESTED, 0 },
	{ "auto-ibrs", 0x80000021, 0, TUNE_REG_EAX, 8, TUNE_CPU_LOST, 0 },
	{ "srso-no", 0x80000021, 0, TUNE_REG_EAX, 29, TUNE_CPU_SECURITY, 0 },
	{ "ace2", 0xc0000001, 0, TUNE_REG_EDX, 8, TUNE_CPU_LOST, 0 },
	{ "rsba", 0x10a, 0, TUNE_REG_MSR, 2, TUNE_CPU_SECURITY, TUNE_BIT_INVERTED },
	{ "tsx-ctrl", 0x10a, 0, TUNE_REG_MSR, 7, TUNE_CPU_LOST, 0 },
	{ "its-no", 0x10a, 0, TUNE_REG_MSR, 62, TUNE_CPU_SECURITY, TUNE_BIT_SILICON },
	{ "split-lock-detect", 0xcf, 0, TUNE_REG_MSR, 5, TUNE_CPU_LOST, 0 },
	{ "vmx-ept", 0x48b, 0, TUNE_REG_MSR, 33, TUNE_CPU_NESTED, 0 },
	{ "vmx-invvpid", 0x48c, 0, TUNE_REG_MSR, 32, TUNE_CPU_NESTED, 0 },
};

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		const TuneCpuBit *row = tune_cpu_bit_find_name(rows[i].name);
		CHECK_TEXT(row ? row->name : NULL, rows[i].name);
		if (!row)
			continue;
		const TuneCpuWordInfo *info = tune_cpu_word_info(row->word);
		CU_ASSERT_EQUAL(info->leaf, rows[i].leaf);
		CU_ASSERT_EQUAL(info->sub, rows[i].sub);
		CU_ASSERT_EQUAL(info->reg, rows[i].reg);
		CU_ASSERT_EQUAL(row->bit, rows[i].bit);
		CU_ASSERT_EQUAL(row->class, rows[i].class);
		CU_ASSERT_EQUAL(row->flags, rows[i].flags);
	}
	check_row(NULL);
	CU_ASSERT_PTR_NULL(tune_cpu_bit_find_name("sse4_1"));
}

/* A bit has one row, the rows are in order, and a CPUID register has 32 bits. */
static void test_order(void)
{
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++) {
		gboolean is_msr = tune_cpu_word_info(bits[i].word)->reg == TUNE_REG_MSR;
		CU_ASSERT(bits[i].bit < (is_msr ? 64 : 32));
		CU_ASSERT_PTR_EQUAL(tune_cpu_bit_find(bits[i].word, bits[i].bit), &bits[i]);
		if (i > 0 && bits[i].word == bits[i - 1].word)
			CU_ASSERT(bits[i].bit > bits[i - 1].bit);
	}
	CU_ASSERT_PTR_NULL(tune_cpu_bit_find(TUNE_CPU_1_EDX, 10));
}

static void test_words(void)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		const TuneCpuWordInfo *info = tune_cpu_word_info(word);
		CU_ASSERT_EQUAL(tune_cpu_word_find(info->leaf, info->sub, info->reg), word);
		CU_ASSERT_PTR_NOT_NULL(info->label);
	}
	CHECK_TEXT(tune_cpu_word_name(TUNE_CPU_7_0_EBX), "0x7.0.ebx");
	CHECK_TEXT(tune_cpu_word_name(TUNE_CPU_MSR_10A), "msr.0x10a");
	CU_ASSERT_EQUAL(tune_cpu_word_find(0x4, 0, TUNE_REG_EAX), TUNE_CPU_N_WORDS);
	CU_ASSERT_EQUAL(tune_cpu_word_find(0x1, 0, TUNE_REG_EAX), TUNE_CPU_N_WORDS);
}

/* An ignored bit is in no mask of reasons; an inverted one counts when the target has it, not when it lacks it. */
static void test_masks(void)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	CU_ASSERT(masks->lost[TUNE_CPU_7_0_EBX] >> 11 & 1);
	CU_ASSERT_FALSE(masks->lost[TUNE_CPU_7_0_EBX] >> 6 & 1);
	CU_ASSERT_FALSE(masks->gained[TUNE_CPU_7_0_EBX] >> 6 & 1);
	CU_ASSERT_FALSE(masks->lost[TUNE_CPU_MSR_10A] >> 2 & 1);
	CU_ASSERT(masks->gained[TUNE_CPU_MSR_10A] >> 2 & 1);
	/* QEMU has no name for RRSBA, so no guest sees it. */
	CU_ASSERT_FALSE(masks->shown[TUNE_CPU_MSR_10A] >> 19 & 1);
	CU_ASSERT(masks->shown[TUNE_CPU_1_ECX] >> 2 & 1);
	CU_ASSERT_FALSE(masks->shown_raw[TUNE_CPU_1_ECX] >> 2 & 1);
	CU_ASSERT_FALSE(masks->shown[TUNE_CPU_1_ECX] >> 3 & 1);
	CU_ASSERT_FALSE(masks->refused[TUNE_CPU_7_0_EBX] >> 4 & 1);
	CU_ASSERT(masks->refused[TUNE_CPU_7_0_EBX] >> 11 & 1);
	/* OSXSAVE is set by the guest itself; bit 11 of the same word is a feature. */
	CU_ASSERT_FALSE(masks->unnamed[TUNE_CPU_1_ECX] >> 27 & 1);
	CU_ASSERT(masks->unnamed[TUNE_CPU_1_ECX] >> 11 & 1);
}

static void test_vendors(void)
{
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text(""), TUNE_VENDOR_UNKNOWN);
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text("GenuineIntel"), TUNE_VENDOR_INTEL);
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text("AuthenticAMD"), TUNE_VENDOR_AMD);
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text("HygonGenuine"), TUNE_VENDOR_AMD);
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text("  Shanghai  "), TUNE_VENDOR_ZHAOXIN);
	CU_ASSERT_EQUAL(tune_cpu_vendor_from_text("TransmetaCPU"), TUNE_VENDOR_OTHER);
}

int main(void)
{
	static const Check checks[] = {
		{ "rows", test_rows },   { "order of rows", test_order }, { "words", test_words },
		{ "masks", test_masks }, { "vendors", test_vendors },     { NULL, NULL },
	};

	return check_main("cpu-bits", checks);
}
