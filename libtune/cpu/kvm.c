/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks KVM which CPU it can give to guests.  Source: Linux Documentation/virt/kvm/api.rst. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

#define DEVICE "dev/kvm"

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>
#include <linux/kvm.h>

/* KVM has some sixty entries, and fails with E2BIG when the list has too little room. */
#define FIRST_ENTRIES 128
#define MOST_ENTRIES 4096

static int call_kvm(int fd, unsigned long request, void *argument)
{
	int result;

	do {
		result = ioctl(fd, request, argument);
	} while (result < 0 && errno == EINTR);
	return result;
}

static gboolean has_extension(int fd, long extension)
{
	return ioctl(fd, KVM_CHECK_EXTENSION, extension) > 0;
}

static struct kvm_cpuid2 *ask_entries(int fd, GError **error)
{
	for (guint n = FIRST_ENTRIES; n <= MOST_ENTRIES; n *= 2) {
		struct kvm_cpuid2 *list = g_malloc0(sizeof(*list) +
						    n * sizeof(struct kvm_cpuid_entry2));
		list->nent = n;
		if (call_kvm(fd, KVM_GET_SUPPORTED_CPUID, list) >= 0)
			return list;
		g_free(list);
		if (errno != E2BIG)
			break;
	}
	tune_fail_errno(error, DEVICE ": KVM_GET_SUPPORTED_CPUID");
	return NULL;
}

/* ---- Hyper-V ---- */

static void read_hyperv_leaf(TuneCpu *cpu, const struct kvm_cpuid_entry2 *entry)
{
	const guint32 registers[] = { entry->eax, entry->ebx, entry->ecx, entry->edx };

	if (entry->function < 0x40000003)
		return;
	for (guint reg = 0; reg < G_N_ELEMENTS(registers); reg++)
		tune_cpu_set_word(cpu, entry->function, 0, reg, registers[reg]);
}

static void clear_hyperv(TuneCpu *cpu)
{
	static const struct kvm_cpuid_entry2 none[] = {
		{ .function = 0x40000003 },
		{ .function = 0x40000004 },
		{ .function = 0x4000000a },
	};

	for (guint i = 0; i < G_N_ELEMENTS(none); i++)
		read_hyperv_leaf(cpu, &none[i]);
}

/*
 * The parts of Hyper-V that KVM can imitate, in Hyper-V's own leaves.  They are zero where KVM was built without
 * them, and unknown before Linux 5.11, where only a vCPU can be asked.
 */
static void read_hyperv(TuneCpu *cpu, int fd)
{
	g_autofree struct kvm_cpuid2 *list = g_malloc0(
		sizeof(*list) + FIRST_ENTRIES * sizeof(struct kvm_cpuid_entry2));

	if (!has_extension(fd, KVM_CAP_HYPERV))
		clear_hyperv(cpu);
	if (!has_extension(fd, KVM_CAP_SYS_HYPERV_CPUID))
		return;
	list->nent = FIRST_ENTRIES;
	if (call_kvm(fd, KVM_GET_SUPPORTED_HV_CPUID, list) < 0)
		return;
	clear_hyperv(cpu);
	for (guint i = 0; i < list->nent; i++)
		read_hyperv_leaf(cpu, &list->entries[i]);
}

static GArray *ask_leaves(int fd, GError **error)
{
	g_autofree struct kvm_cpuid2 *list = ask_entries(fd, error);

	if (!list)
		return NULL;
	GArray *leaves = g_array_new(FALSE, FALSE, sizeof(TuneCpuLeaf));
	for (guint i = 0; i < list->nent; i++) {
		const struct kvm_cpuid_entry2 *entry = &list->entries[i];
		TuneCpuLeaf leaf = { entry->function,
				     entry->index,
				     { entry->eax, entry->ebx, entry->ecx, entry->edx } };
		g_array_append_val(leaves, leaf);
	}
	return leaves;
}

/* ---- AMX ---- */

/* Components that KVM gives to a program that has asked for permission; its own list leaves them out before that. */
static guint64 ask_permitted(int fd)
{
	guint64 components = 0;
	struct kvm_device_attr attribute = {
		.attr = KVM_X86_XCOMP_GUEST_SUPP,
		.addr = (guint64)(gsize)&components,
	};

	if (!has_extension(fd, KVM_CAP_SYS_ATTRIBUTES) ||
	    call_kvm(fd, KVM_GET_DEVICE_ATTR, &attribute) < 0)
		return 0;
	return components;
}

static gboolean has_component(const GArray *leaves, guint component)
{
	for (guint i = 0; i < leaves->len; i++) {
		const TuneCpuLeaf *leaf = &g_array_index(leaves, TuneCpuLeaf, i);
		if (leaf->leaf == 0xd && leaf->sub == component)
			return TRUE;
	}
	return FALSE;
}

/* As QEMU does, take size and offset from the CPU of this host. */
static void add_component(GArray *leaves, guint component)
{
	TuneCpuLeaf leaf = { .leaf = 0xd, .sub = component };

	__cpuid_count(0xd, component, leaf.registers[0], leaf.registers[1], leaf.registers[2],
		      leaf.registers[3]);
	g_array_append_val(leaves, leaf);
}

static void permit_components(GArray *leaves, guint64 permitted)
{
	for (guint i = 0; i < leaves->len; i++) {
		TuneCpuLeaf *leaf = &g_array_index(leaves, TuneCpuLeaf, i);
		if (leaf->leaf != 0xd || leaf->sub != 0)
			continue;
		leaf->registers[TUNE_REG_EAX] |= (guint32)permitted;
		leaf->registers[TUNE_REG_EDX] |= (guint32)(permitted >> 32);
	}
	for (guint i = 2; i < TUNE_CPU_MAX_COMPONENT; i++)
		if ((permitted >> i & 1) && !has_component(leaves, i))
			add_component(leaves, i);
}

/* ---- MSRs ---- */

static struct kvm_msr_list *ask_msrs(int fd)
{
	struct kvm_msr_list size = { 0 };

	if (call_kvm(fd, KVM_GET_MSR_FEATURE_INDEX_LIST, &size) < 0 && errno != E2BIG)
		return NULL;
	struct kvm_msr_list *list = g_malloc0(sizeof(*list) + size.nmsrs * sizeof(guint32));
	list->nmsrs = size.nmsrs;
	if (call_kvm(fd, KVM_GET_MSR_FEATURE_INDEX_LIST, list) >= 0)
		return list;
	g_free(list);
	return NULL;
}

static gboolean is_listed(const struct kvm_msr_list *list, guint32 index)
{
	for (guint i = 0; i < list->nmsrs; i++)
		if (list->indices[i] == index)
			return TRUE;
	return FALSE;
}

static void read_msr(TuneCpu *cpu, int fd, guint32 index)
{
	/* The structure ends in an array of no length. */
	g_autofree struct kvm_msrs *request = g_malloc0(sizeof(*request) +
							sizeof(struct kvm_msr_entry));

	request->nmsrs = 1;
	request->entries[0].index = index;
	if (call_kvm(fd, KVM_GET_MSRS, request) == 1)
		tune_cpu_set_msr(cpu, index, request->entries[0].data);
}

/* KVM does not give an MSR that it does not list: it is zero.  Without the list (before Linux 4.17) all are unknown. */
static void read_msrs(TuneCpu *cpu, int fd)
{
	g_autofree struct kvm_msr_list *list = ask_msrs(fd);

	for (guint word = 0; list && word < TUNE_CPU_N_WORDS; word++) {
		const TuneCpuWordInfo *info = tune_cpu_word_info(word);
		if (info->reg != TUNE_REG_MSR)
			continue;
		if (is_listed(list, info->leaf))
			read_msr(cpu, fd, info->leaf);
		else
			tune_cpu_set_msr(cpu, info->leaf, 0);
	}
}

/* ---- the rest ---- */

/* Features that QEMU adds where the CPU has them, whether KVM lists them or not: kvm_arch_get_supported_cpuid(). */
static const TuneCpuLeaf additions[] = {
	{ 7, 0, { 0, 1u << 9, 0, 1u << 4 } }, /* erms, fsrm */
	{ 7, 1, { 7u << 10, 0, 0, 0 } },      /* fzrm, fsrs, fsrc */
	{ 7, 2, { 0, 0, 0, 1u << 5 } },       /* mcdt-no */
};

static void add_word(TuneCpu *cpu, const TuneCpuLeaf *mask, TuneCpuRegister reg, guint32 value)
{
	TuneCpuWord word = tune_cpu_word_find(mask->leaf, mask->sub, reg);

	if (word != TUNE_CPU_N_WORDS)
		tune_cpu_set_word(cpu, mask->leaf, mask->sub, reg,
				  (guint32)cpu->words[word] | (value & mask->registers[reg]));
}

static void read_additions(TuneCpu *cpu)
{
	guint32 highest, ebx, ecx, edx, own[4];

	if (!__get_cpuid_count(7, 0, &highest, &ebx, &ecx, &edx))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(additions) && additions[i].sub <= highest; i++) {
		__cpuid_count(7, additions[i].sub, own[0], own[1], own[2], own[3]);
		for (guint reg = 0; reg < 4; reg++)
			add_word(cpu, &additions[i], reg, own[reg]);
	}
}

/* A guest of cpu_type host gets the width of the CPUID instruction, not that of KVM (QEMU target/i386/host-cpu.c). */
static void read_phys_bits(TuneCpu *cpu)
{
	guint32 eax, ebx, ecx, edx;

	__cpuid(0x80000000, eax, ebx, ecx, edx);
	if (eax < 0x80000008)
		return;
	__cpuid(0x80000008, eax, ebx, ecx, edx);
	tune_cpu_set_phys_bits(cpu, eax & 0xff);
}

/*
 * A VM that does not ask for a frequency has the host's, and only a VM can be asked for it (Linux 5.19).  It answers also
 * where KVM cannot scale the clock: KVM_CAP_VM_TSC_CONTROL tells the same as KVM_CAP_TSC_CONTROL (arch/x86/kvm/x86.c).
 */
static void read_clock(TuneCpu *cpu, int fd)
{
	tune_cpu_set_tsc_scaling(cpu, has_extension(fd, KVM_CAP_TSC_CONTROL));
	g_auto(filedesc) vm = ioctl(fd, KVM_CREATE_VM, 0L);
	int khz = vm < 0 ? -1 : ioctl(vm, KVM_GET_TSC_KHZ, 0L);
	if (khz > 0)
		tune_cpu_set_tsc(cpu, (guint64)khz);
}

static gboolean read_kvm(TuneCpu *cpu, TuneRoot *root, GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(root, DEVICE, O_RDWR, 0, error);

	if (fd < 0)
		return FALSE;
	g_autoptr(GArray) leaves = ask_leaves(fd, error);
	if (!leaves)
		return FALSE;
	permit_components(leaves, ask_permitted(fd));
	tune_cpu_read_leaves(cpu, (const TuneCpuLeaf *)(void *)leaves->data, leaves->len, TRUE);
	read_additions(cpu);
	read_hyperv(cpu, fd);
	read_msrs(cpu, fd);
	read_phys_bits(cpu);
	read_clock(cpu, fd);
	return TRUE;
}

#else

static gboolean read_kvm(TuneCpu *cpu G_GNUC_UNUSED, TuneRoot *root G_GNUC_UNUSED, GError **error)
{
	return tune_fail(error, TUNE_ERROR_ABSENT,
			 "CPUs are compared on x86 only, and this is another machine");
}

#endif

/* ---- microcode, and the parameters of KVM's modules ---- */

static void read_microcode(TuneCpu *cpu, TuneRoot *root)
{
	g_autofree char *text = tune_root_read(root, "proc/cpuinfo", NULL);
	const char *line = text ? strstr(text, "\nmicrocode") : NULL;
	const char *value = line ? strchr(line, ':') : NULL;

	if (!value)
		return;
	g_autofree char *revision = g_strndup(value + 1, strcspn(value + 1, "\n"));
	tune_cpu_set_text(cpu, TUNE_CPU_MICROCODE, g_strstrip(revision));
}

/* Parameters that change how KVM runs guests, but not what guests see; some of them change while guests run. */
static gboolean is_tuning(const char *name)
{
	static const char *const patterns[] = { "halt_poll_*",   "nx_huge_pages*",
						"ple_*",         "pause_filter_*",
						"lapic_timer_*", "min_timer_period_*",
						"mmu_*",         "*_mmu" };

	for (guint i = 0; i < G_N_ELEMENTS(patterns); i++)
		if (g_pattern_match_simple(patterns[i], name))
			return TRUE;
	return FALSE;
}

static void add_parameter(GPtrArray *parameters, TuneRoot *root, const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	guint n = g_strv_length(parts);

	/* .../MODULE/parameters/NAME */
	if (n < 3 || is_tuning(parts[n - 1]))
		return;
	g_autofree char *value = tune_root_read(root, path, NULL);
	if (value)
		g_ptr_array_add(parameters,
				g_strdup_printf("%s.%s=%s", parts[n - 3], parts[n - 1], value));
}

void tune_cpu_read_parameters(TuneCpu *cpu, TuneRoot *root)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(root, "sys/module/kvm*/parameters/*");
	GPtrArray *parameters = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < paths->len; i++)
		add_parameter(parameters, root, paths->pdata[i]);
	tune_cpu_take_parameters(cpu, parameters);
}

TuneCpu *tune_cpu_load_kvm(TuneRoot *root, GError **error)
{
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_KVM);

	if (!read_kvm(cpu, root, error))
		return NULL;
	g_autofree char *release = tune_root_read(root, "proc/sys/kernel/osrelease", NULL);
	tune_cpu_set_text(cpu, TUNE_CPU_KERNEL, release);
	read_microcode(cpu, root);
	tune_cpu_set_time(cpu, g_get_real_time() / G_USEC_PER_SEC);
	tune_cpu_reduce(cpu);
	return g_steal_pointer(&cpu);
}
