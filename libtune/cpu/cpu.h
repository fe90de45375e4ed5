/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU as a guest sees it, whatever it was learnt from.  Knows no rule: cpu-compare does.
 * For whoever fills one: tune_cpu_new(), the setters, tune_cpu_adopt(), tune_cpu_reduce().
 */
#ifndef TUNE_CPU_H
#define TUNE_CPU_H

#include <libtune/cpu/bits.h>
#include <libtune/tune-cpu.h>

/** What an image was learnt from. */
typedef enum {
	TUNE_CPU_RAW,   /* the bare CPU: what KVM would make of it is deduced */
	TUNE_CPU_KVM,   /* what KVM gives */
	TUNE_CPU_GUEST, /* what QEMU shows to a guest that runs, or would run */
} TuneCpuSource;

/** Numbers that may be unknown, as bits of TuneCpu.fields. */
typedef enum {
	TUNE_CPU_HAS_SIGNATURE = 1 << 0,
	TUNE_CPU_HAS_PHYS_BITS = 1 << 1,
	TUNE_CPU_HAS_TSC_KHZ = 1 << 2,
	TUNE_CPU_HAS_TSC_SCALING = 1 << 3,
	TUNE_CPU_HAS_TIME = 1 << 4,
} TuneCpuFields;

/** Texts; NULL is unknown. */
typedef enum {
	TUNE_CPU_NODE,
	TUNE_CPU_KERNEL,    /* release of the node's kernel */
	TUNE_CPU_MICROCODE, /* revision as /proc/cpuinfo shows it */
	TUNE_CPU_QEMU,      /* version */
	TUNE_CPU_TYPE,      /* of a guest: all that stands behind -cpu */
	TUNE_CPU_MACHINE,   /* of a guest: its machine type, no alias */
	TUNE_CPU_BASIS,     /* of a node's record: fingerprint of all that it was made from */
	TUNE_CPU_PROFILE,   /* of a bare CPU: the kernel and the QEMU that are taken for granted */
	TUNE_CPU_DIFFERS,   /* of several CPUs that are not the same: which, and in what */
	/* Of a node's record, what its QEMU knows; words with blanks between: */
	TUNE_CPU_PROPERTIES, /* names that can stand behind -cpu MODEL, */
	TUNE_CPU_MODELS,     /* named models */
	TUNE_CPU_OPTIONS,    /* options of the command line that have parameters */
	TUNE_CPU_ALIASES,    /* of machine types, "pc=pc-i440fx-7.2" */
	TUNE_CPU_HOST, /* "host" as its QEMU starts it, "host,-arch-capabilities"; or TUNE_CPU_NO_HOST */
	TUNE_CPU_N_TEXTS,
} TuneCpuText;

#define TUNE_CPU_NO_HOST "none"

/** What a guest switches on in a control register before it makes use of it, as bits of TuneCpu.unused. */
typedef enum {
	TUNE_CPU_NESTING = 1 << 0, /* guests of its own: CR4.VMXE, EFER.SVME */
	TUNE_CPU_LA57 = 1 << 1,    /* page tables of five levels: CR4.LA57 */
	TUNE_CPU_ALL_SWITCHES = 3,
} TuneCpuSwitches;

#define TUNE_CPU_MAX_COMPONENT 32

/**
 * Where a component of XSAVE's area is (CPUID 0xd, sub-leaf 2 and up).
 *
 * @size: bytes; 0 when the guest does not have it
 * @flags: ECX: 1 supervisor, 2 aligned to 64 bytes in the compact form, 4 can be switched off (XFD)
 */
typedef struct {
	guint32 size;
	guint32 offset;
	guint32 flags;
} TuneCpuComponent;

/** An unknown word or component is all zero, so that images can be compared without asking first. */
struct TuneCpu {
	guint64 known; /* set of words */
	guint64 words[TUNE_CPU_N_WORDS];
	guint32 known_components;
	TuneCpuComponent components[TUNE_CPU_MAX_COMPONENT];
	TuneCpuSource source;
	TuneCpuVendor maker;
	char vendor[13]; /* empty when unknown */
	guint fields;    /* set of TuneCpuFields */
	guint family, model, stepping;
	guint phys_bits;
	guint64 tsc_khz;
	gboolean tsc_scaling;
	guint unused; /* set of TuneCpuSwitches that are known to be off on all CPUs of a running guest */
	gint64 time;
	char *texts[TUNE_CPU_N_TEXTS];
	guint format; /* of the record that it was read from; what is newly made has the newest */
	char **machines;   /* machine types the QEMU has, sorted; NULL when unknown */
	char **parameters; /* "kvm_intel.nested=Y", sorted; NULL when unknown */
};

/** Everything unknown. */
TuneCpu *tune_cpu_new(TuneCpuSource source) G_GNUC_WARN_UNUSED_RESULT;
TuneCpu *tune_cpu_copy(const TuneCpu *cpu) G_GNUC_WARN_UNUSED_RESULT;

/** FALSE, and nothing done, when the table has no such word: then it does not matter. */
gboolean tune_cpu_set_word(TuneCpu *cpu, guint32 leaf, guint32 sub, TuneCpuRegister reg,
			   guint32 value);
gboolean tune_cpu_set_msr(TuneCpu *cpu, guint32 index, guint64 value);

/** Set or clear all bits that QEMU calls @name; makes their words known.  FALSE for an unknown name. */
gboolean tune_cpu_set_feature(TuneCpu *cpu, const char *name, gboolean is_on);

/**
 * Words that are still unknown are zero: for a QEMU that has told all the words it has.  What it has no
 * word for (an old QEMU: 7.1.EDX, 0x80000021, ...), its guests do not have.  Leaves the layouts and
 * counters alone, which QEMU takes from its host.
 */
void tune_cpu_assume_rest(TuneCpu *cpu);

/**
 * Take from @host what QEMU takes from its host for any guest and does not tell: XSAVE layout, AMX
 * palette, counters; and kernel, microcode, KVM's parameters.  Only what @cpu does not know itself.
 * Source: kvm_cpu_xsave_init(), cpu_x86_cpuid() of QEMU's target/i386.
 *
 * And, whatever the guest is told: vendor (vendor=), weaknesses, no more address bits than there are.
 */
void tune_cpu_adopt(TuneCpu *cpu, const TuneCpu *host);

/**
 * tune_cpu_keep_named: of @cpu, what a QEMU that knows the features @names (array of strings) shows a guest:
 * what it has no name for, it does not pass on.  Reduces @cpu.
 */
void tune_cpu_keep_named(TuneCpu *cpu, const GPtrArray *names);

void tune_cpu_set_component(TuneCpu *cpu, guint number, TuneCpuComponent component);
void tune_cpu_set_vendor(TuneCpu *cpu, const char *vendor);
void tune_cpu_set_signature(TuneCpu *cpu, guint family, guint model, guint stepping);
void tune_cpu_set_phys_bits(TuneCpu *cpu, guint bits);
void tune_cpu_set_tsc(TuneCpu *cpu, guint64 khz);
void tune_cpu_set_tsc_scaling(TuneCpu *cpu, gboolean can_scale);

/** A copy is taken; control characters become blanks, so that it is one line everywhere. */
void tune_cpu_set_text(TuneCpu *cpu, TuneCpuText which, const char *text);

/** Whether @word is one of those in the text @which; FALSE when that is unknown. */
gboolean tune_cpu_text_has(const TuneCpu *cpu, TuneCpuText which, const char *word);

/** "module.name=value" each; taken over and sorted. */
void tune_cpu_take_parameters(TuneCpu *cpu, GPtrArray *parameters);

static inline gboolean tune_cpu_knows(const TuneCpu *cpu, TuneCpuWord word)
{
	return (cpu->known >> word & 1) != 0;
}

/** Any of @mask; FALSE when unknown. */
static inline gboolean tune_cpu_has(const TuneCpu *cpu, TuneCpuMask mask)
{
	return (cpu->words[mask.word] & mask.mask) != 0;
}

/** All of @masks, up to one of 0. */
static inline gboolean tune_cpu_has_all(const TuneCpu *cpu, const TuneCpuMask *masks)
{
	for (; masks->mask; masks++)
		if (!tune_cpu_has(cpu, *masks))
			return FALSE;
	return TRUE;
}

/** By QEMU's name; FALSE when unknown. */
gboolean tune_cpu_has_feature(const TuneCpu *cpu, const char *name);

/** A CPUID leaf; registers in the order of TuneCpuRegister. */
typedef struct {
	guint32 leaf;
	guint32 sub;
	guint32 registers[4];
} TuneCpuLeaf;

/**
 * Fill @cpu from leaves: words, layout, vendor, model, width of addresses.
 *
 * Leaves beyond the highest that the CPU has are zero, whatever it answered there (Intel SDM, CPUID:
 * the highest leaf's data is returned).  @is_complete: so is any other that is not among them.
 */
void tune_cpu_take_leaves(TuneCpu *cpu, const TuneCpuLeaf *leaves, guint n_leaves,
			  gboolean is_complete);

/** The texts behind tune_cpu_load_dump() and tune_cpu_load_record(); @file is for messages. */
TuneCpu *tune_cpu_parse_dump(const char *text, const char *file, const TuneCpuProfile *profile,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
TuneCpu *tune_cpu_parse_record(const char *text, gsize length, const char *file,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
