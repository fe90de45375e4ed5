/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * THE TABLE of CPU features: which word and bit, what QEMU calls it, and what its loss means to a guest
 * that has seen it.  compare.c has the rule that uses it.  A new CPU needs a few rows here.
 */
#ifndef TUNE_CPU_BITS_H
#define TUNE_CPU_BITS_H

#include <libtune/tune-cpu.h>

#define BIT(n) (G_GUINT64_CONSTANT(1) << (n))

/** Makers whose CPUs differ in words and layouts.  Hygon counts as AMD. */
typedef enum {
	TUNE_VENDOR_UNKNOWN,
	TUNE_VENDOR_INTEL,
	TUNE_VENDOR_AMD,
	TUNE_VENDOR_ZHAOXIN,
	TUNE_VENDOR_OTHER,
} TuneCpuVendor;

/** By the twelve letters of CPUID leaf 0; an empty text is unknown. */
TuneCpuVendor tune_cpu_vendor_from_text(const char *text);

/** A register of a CPUID leaf, in the order in which dumps show them; or a whole MSR. */
typedef enum {
	TUNE_REG_EAX,
	TUNE_REG_EBX,
	TUNE_REG_ECX,
	TUNE_REG_EDX,
	TUNE_REG_MSR,
} TuneCpuRegister;

/** The words that matter to a guest, named leaf, sub-leaf, register.  Every CPU image has the same ones. */
typedef enum {
	TUNE_CPU_1_ECX,
	TUNE_CPU_1_EDX,
	TUNE_CPU_6_EAX,
	TUNE_CPU_7_0_EBX,
	TUNE_CPU_7_0_ECX,
	TUNE_CPU_7_0_EDX,
	TUNE_CPU_7_1_EAX,
	TUNE_CPU_7_1_ECX,
	TUNE_CPU_7_1_EDX,
	TUNE_CPU_7_2_EDX,
	TUNE_CPU_A_EAX,
	TUNE_CPU_A_EDX,
	TUNE_CPU_D_0_EAX,
	TUNE_CPU_D_0_EDX,
	TUNE_CPU_D_1_EAX,
	TUNE_CPU_D_1_ECX,
	TUNE_CPU_D_1_EDX,
	TUNE_CPU_1D_0_EAX,
	TUNE_CPU_1D_1_EAX,
	TUNE_CPU_1D_1_EBX,
	TUNE_CPU_1D_1_ECX,
	TUNE_CPU_1E_0_EBX,
	TUNE_CPU_1E_1_EAX,
	TUNE_CPU_24_0_EBX,
	TUNE_CPU_24_1_ECX,
	TUNE_CPU_29_0_EBX,
	TUNE_CPU_40000001_EAX,
	TUNE_CPU_40000003_EAX,
	TUNE_CPU_40000003_EDX,
	TUNE_CPU_40000004_EAX,
	TUNE_CPU_4000000A_EAX,
	TUNE_CPU_80000001_ECX,
	TUNE_CPU_80000001_EDX,
	TUNE_CPU_80000007_EBX,
	TUNE_CPU_80000007_EDX,
	TUNE_CPU_80000008_EBX,
	TUNE_CPU_8000000A_EDX,
	TUNE_CPU_80000021_EAX,
	TUNE_CPU_80000021_ECX,
	TUNE_CPU_80000022_EAX,
	TUNE_CPU_C0000001_EDX,
	TUNE_CPU_MSR_CF,
	TUNE_CPU_MSR_10A,
	TUNE_CPU_MSR_345,
	TUNE_CPU_MSR_480,
	TUNE_CPU_MSR_485,
	TUNE_CPU_MSR_48B,
	TUNE_CPU_MSR_48C,
	TUNE_CPU_MSR_48D,
	TUNE_CPU_MSR_48E,
	TUNE_CPU_MSR_48F,
	TUNE_CPU_MSR_490,
	TUNE_CPU_MSR_491,
	TUNE_CPU_N_WORDS,
} TuneCpuWord;

/** How a word of two CPUs is compared. */
typedef enum {
	TUNE_WORD_BITS,  /* bit by bit, as its rows say */
	TUNE_WORD_EQUAL, /* a layout: equal where the guest has it */
	TUNE_WORD_PLAIN, /* numbers and lists that have a rule of their own */
} TuneCpuWordKind;

/**
 * One word.
 *
 * @leaf: CPUID leaf, or the number of the MSR
 * @vendors: set of (1 << TuneCpuVendor) on whose CPUs it has a meaning for guests
 * @gate: the feature without which the word is not there (so it is zero, not unknown), or NULL
 * @ignored: bits without a row that do not depend on the CPU
 * @label: a name of its content for messages; unknown words with the same label are one reason
 */
typedef struct {
	guint32 leaf;
	guint32 sub;
	TuneCpuRegister reg;
	TuneCpuWordKind kind;
	guint vendors;
	const char *gate;
	guint64 ignored;
	const char *label;
} TuneCpuWordInfo;

const TuneCpuWordInfo *tune_cpu_word_info(TuneCpuWord word);

/** TUNE_CPU_N_WORDS where the table has no such word. */
TuneCpuWord tune_cpu_word_find(guint32 leaf, guint32 sub, TuneCpuRegister reg);

/** The name a record uses: "0x7.0.ebx", "msr.0x10a".  Static text. */
const char *tune_cpu_word_name(TuneCpuWord word);

typedef enum {
	TUNE_BIT_INVERTED = 1 << 0, /* a weakness: its loss does no harm, its appearance does */
	TUNE_BIT_KVM_DEPENDENT = 1 << 1, /* whether a guest has it depends on KVM's version or
					  * configuration, so a bare CPU does not tell it */
	TUNE_BIT_RUNNING = 1 << 2, /* no guest has it by default: counts only for a running guest */
	TUNE_BIT_HIDDEN = 1 << 3,  /* KVM does not give it, or QEMU has no name for it */
	TUNE_BIT_SILICON =
		1 << 4, /* an immunity: a property of the silicon that the kernel only reports */
} TuneCpuBitFlags;

/**
 * One bit: a row.
 *
 * @class: of the reason when a guest loses it; TUNE_CPU_IGNORED where the loss does not matter, mostly because KVM gives
 *   the feature on any CPU
 * @flags: set of TuneCpuBitFlags
 */
typedef struct {
	TuneCpuWord word;
	guint bit;
	const char *name;
	TuneCpuClass class;
	guint flags;
} TuneCpuBit;

/** The table, in the order of words and bits. */
const TuneCpuBit *tune_cpu_bits(guint *ret_n_bits);

/** The row of a bit, or NULL. */
const TuneCpuBit *tune_cpu_bit_find(TuneCpuWord word, guint bit);

/** The first row of that name (QEMU has two bits for "kvmclock"), or NULL. */
const TuneCpuBit *tune_cpu_bit_find_name(const char *name);

/** Part of a word. */
typedef struct {
	TuneCpuWord word;
	guint64 mask;
} TuneCpuMask;

/** A bit that KVM sets where the CPU has all of @originals (a mask of 0 ends them), so that only these count. */
typedef struct {
	TuneCpuMask copy;
	guint vendors;
	TuneCpuMask originals[3];
} TuneCpuCopy;

const TuneCpuCopy *tune_cpu_copies(guint *ret_n_copies);

/**
 * A loss that does no harm.
 *
 * @target_has: the target has to have all of these; a mask of 0 ends them
 * @target_lacks, @guest_lacks: they may have none of this; a mask of 0 sets no condition
 */
typedef struct {
	const TuneCpuBit *lost;
	TuneCpuMask target_has[6];
	TuneCpuMask target_lacks;
	TuneCpuMask guest_lacks;
} TuneCpuTolerance;

/** A loss is tolerated when one of the rules for its bit holds. */
const TuneCpuTolerance *tune_cpu_tolerances(guint *ret_n_tolerances);

/** A CPU that lacks @needs counts as one without @feature. */
typedef struct {
	TuneCpuMask feature;
	TuneCpuMask needs;
} TuneCpuNeed;

/** Sorted so that one pass is enough: a feature comes after what it needs. */
const TuneCpuNeed *tune_cpu_needs(guint *ret_n_needs);

/** An XSAVE component and the features that use it; a guest has it when it has one of them. */
typedef struct {
	guint number;
	TuneCpuMask features[2];
	gboolean is_running; /* its features are TUNE_BIT_RUNNING and TUNE_BIT_KVM_DEPENDENT */
} TuneCpuComponentInfo;

const TuneCpuComponentInfo *tune_cpu_component_infos(guint *ret_n_infos);

/**
 * The table as masks, one for each word.
 *
 * @shown: bits that KVM may show a guest, also those without a name; @shown_raw: those of them that a bare CPU tells
 * @lost: bits whose loss is a reason; @lost_running: only where a running guest has them
 * @refused: bits whose loss is a reason to refuse
 * @gained: bits whose appearance is a reason
 * @unnamed: bits without a row that may have a meaning
 */
typedef struct {
	guint64 shown[TUNE_CPU_N_WORDS];
	guint64 shown_raw[TUNE_CPU_N_WORDS];
	guint64 lost[TUNE_CPU_N_WORDS];
	guint64 lost_running[TUNE_CPU_N_WORDS];
	guint64 refused[TUNE_CPU_N_WORDS];
	guint64 gained[TUNE_CPU_N_WORDS];
	guint64 unnamed[TUNE_CPU_N_WORDS];
	TuneCpuMask gates[TUNE_CPU_N_WORDS];
	guint64 refused_words; /* set of words with a bit in @refused or @gained, and of layouts */
} TuneCpuMasks;

const TuneCpuMasks *tune_cpu_masks(void);

#endif
