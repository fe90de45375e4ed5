/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU as a guest sees it, and the functions that make one: tune_cpu_new(), the setters, tune_cpu_adopt(),
 * tune_cpu_reduce().  compare.h has the rule for two of them.
 */
#ifndef TUNE_CPU_H
#define TUNE_CPU_H

#include <libtune/cpu/bits.h>
#include <libtune/tune-cpu.h>

/** Where a CPU was read from. */
typedef enum {
	TUNE_CPU_RAW,   /* a dump of the bare CPU; the changes that KVM makes are deduced */
	TUNE_CPU_KVM,   /* KVM: all that it can give */
	TUNE_CPU_GUEST, /* QEMU: all that a guest sees that runs, or would run */
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
	TUNE_CPU_TYPE,      /* of a guest: the value of -cpu */
	TUNE_CPU_MACHINE,   /* of a guest: its machine type, aliases resolved */
	TUNE_CPU_ALIAS,     /* of a guest: what its machine type was named by, "pc=pc-i440fx-7.2" */
	TUNE_CPU_BASIS,     /* of a record: fingerprint of the data it was made from */
	TUNE_CPU_PROFILE,   /* of a bare CPU: the kernel and the QEMU that are assumed */
	TUNE_CPU_DIFFERS,   /* of a dump of CPUs that differ: which, and in what words */
	/* Of a node's record, the names that its QEMU knows, with blanks between: */
	TUNE_CPU_PROPERTIES, /* names that are valid after -cpu MODEL, */
	TUNE_CPU_MODELS,     /* named models */
	TUNE_CPU_OPTIONS,    /* options of the command line that have parameters */
	TUNE_CPU_ALIASES,    /* of machine types, "pc=pc-i440fx-7.2" */
	TUNE_CPU_HOST, /* "host" as its QEMU starts it, "host,-arch-capabilities"; or TUNE_CPU_NO_HOST */
	TUNE_CPU_N_TEXTS,
} TuneCpuText;

#define TUNE_CPU_NO_HOST "none"

/** Features that a guest has to switch on in a control register before it can use them; as bits of TuneCpu.unused. */
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

/** An unknown word or component is all zero, so that CPUs can be compared without a check whether it is known. */
struct TuneCpu {
	guint64 known; /* set of words */
	guint64 assumed; /* set of words with a bit that a running guest was not asked for, as both nodes give it */
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
	guint format;      /* of the record that it was read from; otherwise the newest */
	char **machines;   /* machine types the QEMU has, sorted; NULL when unknown */
	char **parameters; /* "kvm_intel.nested=Y", sorted; NULL when unknown */
};

/** tune_cpu_new: a CPU of which nothing is known. */
TuneCpu *tune_cpu_new(TuneCpuSource source) G_GNUC_WARN_UNUSED_RESULT;
TuneCpu *tune_cpu_copy(const TuneCpu *cpu) G_GNUC_WARN_UNUSED_RESULT;

/** FALSE when the table has no such word, which then does not matter to guests; nothing is changed. */
gboolean tune_cpu_set_word(TuneCpu *cpu, guint32 leaf, guint32 sub, TuneCpuRegister reg,
			   guint32 value);
gboolean tune_cpu_set_msr(TuneCpu *cpu, guint32 index, guint64 value);

/** Set or clear all bits that QEMU calls @name; makes their words known.  FALSE for an unknown name. */
gboolean tune_cpu_set_feature(TuneCpu *cpu, const char *name, gboolean is_on);

/**
 * tune_cpu_assume_rest: make all words zero that are still unknown, after a QEMU has reported all the words it has.  Its
 * guests do not have the words that it does not know (an old QEMU: 7.1.EDX, 0x80000021, ...).  Layouts and counters
 * stay unknown: QEMU takes them from its host.
 */
void tune_cpu_assume_rest(TuneCpu *cpu);

/** tune_cpu_forget_assumed: make all words unknown of which a bit was assumed. */
void tune_cpu_forget_assumed(TuneCpu *cpu);

/**
 * tune_cpu_adopt: complete @cpu, of a guest, with data of its @host.
 *
 * Taken where @cpu does not know it: all that QEMU takes from the host for any guest and does not report, namely XSAVE
 * layout, AMX palette and counters; and kernel, microcode and KVM's parameters.  Source: kvm_cpu_xsave_init(),
 * cpu_x86_cpuid() of QEMU's target/i386.
 *
 * Taken always, since a guest can be told something else: the vendor (vendor=), weaknesses, and the limit of the
 * address bits.
 */
void tune_cpu_adopt(TuneCpu *cpu, const TuneCpu *host);

/**
 * tune_cpu_keep_named: take from @cpu the features that are not among @names (array of strings): a QEMU does not pass on
 * what it has no name for.  Reduces @cpu.
 */
void tune_cpu_keep_named(TuneCpu *cpu, const GPtrArray *names);

void tune_cpu_set_component(TuneCpu *cpu, guint number, TuneCpuComponent component);
void tune_cpu_set_vendor(TuneCpu *cpu, const char *vendor);
void tune_cpu_set_signature(TuneCpu *cpu, guint family, guint model, guint stepping);
void tune_cpu_set_phys_bits(TuneCpu *cpu, guint bits);
void tune_cpu_set_tsc(TuneCpu *cpu, guint64 khz);
void tune_cpu_set_tsc_scaling(TuneCpu *cpu, gboolean can_scale);

/** tune_cpu_set_text: @text is copied, with blanks instead of control characters, so that it is one line. */
void tune_cpu_set_text(TuneCpu *cpu, TuneCpuText which, const char *text);

/** tune_cpu_text_has: whether @word is one of the words in the text @which; FALSE when that is unknown. */
gboolean tune_cpu_text_has(const TuneCpu *cpu, TuneCpuText which, const char *word);

/** tune_cpu_take_parameters: array of "module.name=value"; it is taken over, and sorted. */
void tune_cpu_take_parameters(TuneCpu *cpu, GPtrArray *parameters);

static inline gboolean tune_cpu_knows(const TuneCpu *cpu, TuneCpuWord word)
{
	return (cpu->known >> word & 1) != 0;
}

/** Whether @cpu has any bit of @mask; FALSE when unknown. */
static inline gboolean tune_cpu_has(const TuneCpu *cpu, TuneCpuMask mask)
{
	return (cpu->words[mask.word] & mask.mask) != 0;
}

/** Whether @cpu has a bit of each of @masks; a mask of 0 ends them. */
static inline gboolean tune_cpu_has_all(const TuneCpu *cpu, const TuneCpuMask *masks)
{
	for (; masks->mask; masks++)
		if (!tune_cpu_has(cpu, *masks))
			return FALSE;
	return TRUE;
}

/** tune_cpu_has_feature: by QEMU's name; FALSE when unknown. */
gboolean tune_cpu_has_feature(const TuneCpu *cpu, const char *name);

/** tune_cpu_name_node: the node of @cpu for messages; "a node" when unknown.  Borrowed. */
static inline const char *tune_cpu_name_node(const TuneCpu *cpu)
{
	return cpu->texts[TUNE_CPU_NODE] ? cpu->texts[TUNE_CPU_NODE] : "a node";
}

/** A CPUID leaf; registers in the order of TuneCpuRegister. */
typedef struct {
	guint32 leaf;
	guint32 sub;
	guint32 registers[4];
} TuneCpuLeaf;

/**
 * tune_cpu_read_leaves: fill @cpu from @leaves: words, layout, vendor, model, width of addresses.
 *
 * @is_complete: any leaf that is not among @leaves is zero, and not unknown
 *
 * Leaves beyond the highest one of the CPU are zero, whatever @leaves has for them (Intel SDM, CPUID: the CPU answers
 * with the data of the highest leaf).
 */
void tune_cpu_read_leaves(TuneCpu *cpu, const TuneCpuLeaf *leaves, guint n_leaves,
			  gboolean is_complete);

/** As tune_cpu_load_dump() and tune_cpu_load_record(), from a text; @file is for messages. */
TuneCpu *tune_cpu_parse_dump(const char *text, const char *file, const TuneCpuProfile *profile,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
TuneCpu *tune_cpu_parse_record(const char *text, gsize length, const char *file,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
