/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes from a CPU the features that KVM and QEMU do not pass on to guests. */
#include <libtune/cpu/cpu.h>

/* x87 and SSE state are part of every XSAVE area. */
#define LEGACY_COMPONENTS 3u

static void clear_word(TuneCpu *cpu, guint word)
{
	cpu->words[word] = 0;
	cpu->known |= BIT(word);
}

/* Words that only CPUs of other vendors have. */
static void clear_foreign_words(TuneCpu *cpu)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (!(tune_cpu_word_info(word)->vendors >> cpu->maker & 1))
			clear_word(cpu, word);
}

/* Intel shows SYSCALL only to 64-bit programs, but 32-bit programs take dumps, too (Intel SDM, 80000001.EDX). */
static void restore_syscall(TuneCpu *cpu)
{
	if (tune_cpu_has_feature(cpu, "lm"))
		tune_cpu_set_feature(cpu, "syscall", TRUE);
}

static void mask_words(TuneCpu *cpu)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	gboolean is_raw = cpu->source == TUNE_CPU_RAW;

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		cpu->words[word] &= is_raw ? masks->shown_raw[word] : masks->shown[word];
}

static void drop_copies(TuneCpu *cpu)
{
	guint n_copies;
	const TuneCpuCopy *copies = tune_cpu_copies(&n_copies);

	for (guint i = 0; i < n_copies; i++)
		if ((copies[i].vendors >> cpu->maker & 1) &&
		    tune_cpu_has_all(cpu, copies[i].originals))
			cpu->words[copies[i].copy.word] &= ~copies[i].copy.mask;
}

/* Whether XCR0 or IA32_XSS may hold the component; TRUE when that is unknown. */
static gboolean is_listed(const TuneCpu *cpu, guint number)
{
	if (!tune_cpu_knows(cpu, TUNE_CPU_D_0_EAX) || !tune_cpu_knows(cpu, TUNE_CPU_D_1_ECX))
		return TRUE;
	return ((cpu->words[TUNE_CPU_D_0_EAX] | cpu->words[TUNE_CPU_D_1_ECX]) & BIT(number)) != 0;
}

/*
 * A feature whose state cannot be saved is not passed on: Ice Lake reports MPX, but has no components for its registers
 * (kvm_mpx_supported() of Linux arch/x86/kvm/cpuid.h), and AMX may need a permission.
 */
static void drop_stateless(TuneCpu *cpu)
{
	guint n_infos;
	const TuneCpuComponentInfo *infos = tune_cpu_component_infos(&n_infos);

	for (guint i = 0; i < n_infos; i++) {
		if (is_listed(cpu, infos[i].number))
			continue;
		for (guint k = 0; k < G_N_ELEMENTS(infos[i].features); k++)
			cpu->words[infos[i].features[k].word] &= ~infos[i].features[k].mask;
	}
}

/* QEMU hides TSX on Haswells on which it is broken, even if KVM gives it: host_tsx_broken() of target/i386/kvm/kvm.c. */
static void drop_broken_tsx(TuneCpu *cpu)
{
	gboolean is_haswell = cpu->model == 60 || cpu->model == 69 || cpu->model == 70 ||
			      (cpu->model == 63 && cpu->stepping < 4);

	if (cpu->maker != TUNE_VENDOR_INTEL || cpu->family != 6 || !is_haswell)
		return;
	cpu->words[TUNE_CPU_7_0_EBX] &= ~(BIT(4) | BIT(11)); /* hle, rtm */
}

static void drop_unusable(TuneCpu *cpu)
{
	guint n_needs;
	const TuneCpuNeed *needs = tune_cpu_needs(&n_needs);

	for (guint i = 0; i < n_needs; i++)
		if (tune_cpu_knows(cpu, needs[i].needs.word) && !tune_cpu_has(cpu, needs[i].needs))
			cpu->words[needs[i].feature.word] &= ~needs[i].feature.mask;
}

static void close_gates(TuneCpu *cpu)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		TuneCpuMask gate = masks->gates[word];
		if (gate.mask && tune_cpu_knows(cpu, gate.word) && !tune_cpu_has(cpu, gate))
			clear_word(cpu, word);
	}
}

/* ---- XSAVE components ---- */

static gboolean uses_component(const TuneCpu *cpu, const TuneCpuComponentInfo *info)
{
	return tune_cpu_has(cpu, info->features[0]) || tune_cpu_has(cpu, info->features[1]);
}

/* No guest has a component that no feature of the table uses. */
static void drop_unnamed_components(TuneCpu *cpu, const TuneCpuComponentInfo *infos, guint n_infos)
{
	guint32 named = 0;

	for (guint i = 0; i < n_infos; i++)
		named |= 1u << infos[i].number;
	cpu->known_components &= named;
	for (guint i = 0; i < TUNE_CPU_MAX_COMPONENT; i++)
		if (!(named >> i & 1))
			cpu->components[i] = (TuneCpuComponent){ 0 };
}

/*
 * A guest has a component only when a feature uses it.  The lists are not enough: Zen 2 lists the component of protection
 * keys, which it does not have.
 */
static void reduce_components(TuneCpu *cpu)
{
	guint n_infos;
	const TuneCpuComponentInfo *infos = tune_cpu_component_infos(&n_infos);
	guint64 used = LEGACY_COMPONENTS, undecided = 0;

	drop_unnamed_components(cpu, infos, n_infos);
	for (guint i = 0; i < n_infos; i++) {
		guint number = infos[i].number;
		const TuneCpuMask *features = infos[i].features;
		if (uses_component(cpu, &infos[i]) && is_listed(cpu, number)) {
			used |= BIT(number);
			/* A component in use has a size: without one in the source, it is unknown. */
			if (!cpu->components[number].size) {
				cpu->components[number] = (TuneCpuComponent){ 0 };
				cpu->known_components &= ~(1u << number);
			}
		} else if (!uses_component(cpu, &infos[i]) &&
			   (!tune_cpu_knows(cpu, features[0].word) ||
			    !tune_cpu_knows(cpu, features[1].word))) {
			undecided |= BIT(number);
		}
	}
	for (guint i = 0; i < n_infos; i++)
		if (!((used | undecided) & BIT(infos[i].number)))
			tune_cpu_set_component(cpu, infos[i].number, (TuneCpuComponent){ 0 });
	cpu->words[TUNE_CPU_D_0_EAX] &= used | undecided;
	cpu->words[TUNE_CPU_D_1_ECX] &= used | undecided;
}

void tune_cpu_reduce(TuneCpu *cpu)
{
	if (cpu->maker != TUNE_VENDOR_UNKNOWN)
		clear_foreign_words(cpu);
	if (cpu->source != TUNE_CPU_GUEST) {
		restore_syscall(cpu);
		mask_words(cpu);
		drop_copies(cpu);
		drop_stateless(cpu);
	}
	if (cpu->source == TUNE_CPU_KVM)
		drop_broken_tsx(cpu);
	drop_unusable(cpu);
	close_gates(cpu);
	reduce_components(cpu);
}

void tune_cpu_keep_named(TuneCpu *cpu, const GPtrArray *names)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < names->len; i++)
		g_hash_table_add(known, names->pdata[i]);
	for (guint i = 0; i < n_bits; i++)
		if (!g_hash_table_contains(known, bits[i].name))
			cpu->words[bits[i].word] &= ~BIT(bits[i].bit);
	tune_cpu_reduce(cpu);
}
