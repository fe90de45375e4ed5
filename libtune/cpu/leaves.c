/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/cpu.h>

/* QEMU's default for CPUs that do not report it: host_cpu_phys_bits() of target/i386/host-cpu.c. */
#define OLD_PHYS_BITS 36

#define KVM_LEAF 0x40000000u

typedef struct {
	const TuneCpuLeaf *leaves;
	guint n_leaves;
} Leaves;

static const guint32 *find_registers(const Leaves *all, guint32 leaf, guint32 sub)
{
	for (guint i = 0; i < all->n_leaves; i++)
		if (all->leaves[i].leaf == leaf && all->leaves[i].sub == sub)
			return all->leaves[i].registers;
	return NULL;
}

/* The highest leaf in the range of @leaf (0, 0x40000000, 0x80000000, 0xc0000000); 0 without such a range. */
static guint32 find_highest(const Leaves *all, guint32 leaf)
{
	guint32 start = leaf & 0xf0000000;
	const guint32 *first = find_registers(all, start, 0);
	guint32 highest = first ? first[TUNE_REG_EAX] : 0;

	/* Old KVM leaves its own range's highest leaf at zero (Documentation/virt/kvm/x86/cpuid.rst). */
	if (start == KVM_LEAF && highest == 0)
		highest = KVM_LEAF + 1;
	return (highest & 0xf0000000) == start ? highest : 0;
}

static gboolean has_range(const Leaves *all, guint32 leaf)
{
	return find_registers(all, leaf & 0xf0000000, 0) != NULL;
}

/* Leaves whose sub-leaf 0 says in EAX how many more there are (Intel SDM, CPUID). */
static gboolean is_sub_beyond(const Leaves *all, guint32 leaf, guint32 sub)
{
	const guint32 *first = find_registers(all, leaf, 0);

	if (sub == 0 || (leaf != 0x7 && leaf != 0x1d && leaf != 0x1e && leaf != 0x24))
		return FALSE;
	return first && first[TUNE_REG_EAX] < sub;
}

/* Whether KVM's own leaves are there: then the others are as KVM gives them, and not those of the bare CPU. */
static gboolean has_kvm_leaves(const Leaves *all)
{
	const guint32 *first = find_registers(all, KVM_LEAF, 0);

	return first && memcmp(&first[TUNE_REG_EBX], "KVMKVMKVM\0\0\0", 12) == 0;
}

static gboolean read_word(TuneCpu *cpu, const Leaves *all, const TuneCpuWordInfo *info,
			  gboolean is_complete)
{
	const guint32 *registers = find_registers(all, info->leaf, info->sub);
	guint32 leaf = info->leaf;

	/* Leaves beyond KVM's own two are Hyper-V's, for which tune_cpu_load_kvm() asks KVM separately. */
	if ((leaf & 0xf0000000) == KVM_LEAF && (!has_kvm_leaves(all) || leaf > KVM_LEAF + 1))
		return FALSE;
	gboolean is_beyond = is_complete || has_range(all, leaf) || leaf >= 0xc0000000;
	if (is_beyond && (leaf > find_highest(all, leaf) || is_sub_beyond(all, leaf, info->sub)))
		return tune_cpu_set_word(cpu, leaf, info->sub, info->reg, 0);
	/* Dumps leave out sub-leaves that are zero, but not sub-leaf 0: without it the whole leaf is unknown. */
	if (!registers && !is_complete && !find_registers(all, leaf, 0))
		return FALSE;
	return tune_cpu_set_word(cpu, leaf, info->sub, info->reg,
				 registers ? registers[info->reg] : 0);
}

static void read_components(TuneCpu *cpu, const Leaves *all, gboolean is_complete)
{
	gboolean is_beyond = has_range(all, 0) && find_highest(all, 0) < 0xd;

	for (guint i = 2; i < TUNE_CPU_MAX_COMPONENT; i++) {
		const guint32 *registers = is_beyond ? NULL : find_registers(all, 0xd, i);
		if (registers)
			tune_cpu_set_component(cpu, i,
					       (TuneCpuComponent){ registers[TUNE_REG_EAX],
								   registers[TUNE_REG_EBX],
								   registers[TUNE_REG_ECX] & 7 });
		else if (is_beyond || is_complete || find_registers(all, 0xd, 0))
			tune_cpu_set_component(cpu, i, (TuneCpuComponent){ 0 });
	}
}

/* Source: Intel SDM volume 2A, CPUID leaf 1; AMD APM volume 3, E.3.2. */
static void read_signature(TuneCpu *cpu, guint32 eax)
{
	guint family = eax >> 8 & 0xf, model = eax >> 4 & 0xf;

	if (family == 6 || family == 0xf)
		model += (eax >> 16 & 0xf) << 4;
	if (family == 0xf)
		family += eax >> 20 & 0xff;
	tune_cpu_set_signature(cpu, family, model, eax & 0xf);
}

static void read_vendor(TuneCpu *cpu, const guint32 *registers)
{
	char vendor[13] = "";

	memcpy(vendor, &registers[TUNE_REG_EBX], 4);
	memcpy(vendor + 4, &registers[TUNE_REG_EDX], 4);
	memcpy(vendor + 8, &registers[TUNE_REG_ECX], 4);
	tune_cpu_set_vendor(cpu, vendor);
}

static void read_phys_bits(TuneCpu *cpu, const Leaves *all)
{
	const guint32 *sizes = find_registers(all, 0x80000008, 0);

	if (has_range(all, 0x80000000) && find_highest(all, 0x80000000) < 0x80000008)
		tune_cpu_set_phys_bits(cpu, OLD_PHYS_BITS);
	else if (sizes && (sizes[TUNE_REG_EAX] & 0xff))
		tune_cpu_set_phys_bits(cpu, sizes[TUNE_REG_EAX] & 0xff);
}

/* When the firmware has switched SGX off, CPUID 7 still has it, but leaf 0x12 does not (cpu_has_sgx() of KVM). */
static void read_sgx(TuneCpu *cpu, const Leaves *all)
{
	const guint32 *sgx = find_registers(all, 0x12, 0);

	if (cpu->source == TUNE_CPU_RAW && !(sgx && (sgx[TUNE_REG_EAX] & 1)) &&
	    tune_cpu_knows(cpu, TUNE_CPU_7_0_EBX))
		tune_cpu_set_feature(cpu, "sgx", FALSE);
}

void tune_cpu_read_leaves(TuneCpu *cpu, const TuneCpuLeaf *leaves, guint n_leaves,
			  gboolean is_complete)
{
	Leaves all = { leaves, n_leaves };
	const guint32 *first = find_registers(&all, 0, 0);
	const guint32 *signature = find_registers(&all, 1, 0);

	if (first)
		read_vendor(cpu, first);
	if (signature)
		read_signature(cpu, signature[TUNE_REG_EAX]);
	read_phys_bits(cpu, &all);
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		const TuneCpuWordInfo *info = tune_cpu_word_info(word);
		if (info->reg != TUNE_REG_MSR)
			read_word(cpu, &all, info, is_complete);
	}
	read_components(cpu, &all, is_complete);
	read_sgx(cpu, &all);
	if (cpu->source == TUNE_CPU_RAW && has_kvm_leaves(&all))
		cpu->source = TUNE_CPU_KVM;
}
