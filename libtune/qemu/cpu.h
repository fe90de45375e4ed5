/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU that a guest sees, asked of its QEMU.  Judges nothing.
 *
 * The first CPU stands for all.  CPUID words come at once ("feature-words", a property of QEMU's x86 CPU,
 * target/i386/cpu.c); what stands in MSRs has no such list, so each bit is a boolean property of its own.
 */
#ifndef TUNE_CPU_QEMU_H
#define TUNE_CPU_QEMU_H

#include <libtune/cpu/bits.h>
#include <libtune/qemu/qmp.h>

typedef enum {
	TUNE_QEMU_EAX,
	TUNE_QEMU_EBX,
	TUNE_QEMU_ECX,
	TUNE_QEMU_EDX,
} TuneQemuRegister;

/** One word of CPUID; @sub is 0 for a leaf without sub-leaves.  Unlisted words are unknown to this QEMU. */
typedef struct {
	guint32 leaf;
	guint32 sub;
	TuneQemuRegister reg;
	guint32 value;
} TuneQemuWord;

/** Whether a bit is set; unknown when it was not asked for, or this QEMU has no name for it. */
typedef enum {
	TUNE_QEMU_UNKNOWN,
	TUNE_QEMU_OFF,
	TUNE_QEMU_ON,
} TuneQemuState;

/** One bit of the model-specific register that @word is; @name is QEMU's. */
typedef struct {
	const char *name;
	TuneCpuWord word;
	TuneQemuState state;
} TuneQemuFlag;

/**
 * @version: of QEMU, "7.2.22"
 * @is_kvm: it uses KVM
 * @vendor: twelve letters, "GenuineIntel"
 * @phys_bits: physical address bits; 0 unknown
 * @tsc_hz: frequency of the time stamp counter, whether asked for or the host's; 0 unknown
 * @words: what the guest sees
 * @flags: all that are in our table of bits
 *
 * The rest is NULL, 0 and empty before tune_qemu_cpu_ask_details():
 *
 * @type: of the CPU object, "host-x86_64-cpu", "Westmere-x86_64-cpu"
 * @family, @model, @stepping: as CPUID shows them, extended parts included
 * @level, @xlevel: highest basic and extended leaf
 * @filtered: what its model names and KVM did not give
 */
typedef struct {
	char *version;
	gboolean is_kvm;
	char *vendor;
	gint64 phys_bits;
	gint64 tsc_hz;
	GArray *words; /* of TuneQemuWord */
	GArray *flags; /* of TuneQemuFlag */
	char *type;
	gint64 family;
	gint64 model;
	gint64 stepping;
	gint64 level;
	gint64 xlevel;
	GArray *filtered; /* of TuneQemuWord */
	char *path;       /* of the CPU object in QEMU */
} TuneQemuCpu;

/**
 * tune_qemu_cpu_ask: what a guest may depend on, but for flags, in six commands.
 *
 * The flags of a register that the guest does not have (its CPUID says so) are off; the others are unknown
 * until they are asked for.  Fails as tune_qmp_receive(), and with TUNE_ERROR_INVALID when an answer makes
 * no sense: no CPU, or none of x86.
 */
TuneQemuCpu *tune_qemu_cpu_ask(TuneQmp *qmp, GError **error);
void tune_qemu_cpu_free(TuneQemuCpu *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQemuCpu, tune_qemu_cpu_free)

/**
 * tune_qemu_cpu_ask_flags: find out those flags that are still unknown.
 *
 * @names: the ones to ask for, NULL-terminated; or NULL for all.  One command each: on the way of a
 * migration ask for those only whose absence on the target would matter.
 */
gboolean tune_qemu_cpu_ask_flags(TuneQemuCpu *cpu, TuneQmp *qmp, const char *const *names,
				 GError **error);

/** tune_qemu_cpu_ask_details: what no refusal depends on, in seven commands. */
gboolean tune_qemu_cpu_ask_details(TuneQemuCpu *cpu, TuneQmp *qmp, GError **error);

/** tune_qemu_cpu_get_word: FALSE when this QEMU has no such word. */
gboolean tune_qemu_cpu_get_word(const TuneQemuCpu *cpu, guint32 leaf, guint32 sub,
				TuneQemuRegister reg, guint32 *ret_value);

/** tune_qemu_cpu_get_flag: the state of the flag of that name; unknown when there is none. */
TuneQemuState tune_qemu_cpu_get_flag(const TuneQemuCpu *cpu, const char *name);

#endif
