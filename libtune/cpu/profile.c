/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The changes that KVM and QEMU make to a bare CPU: bits that guests see on any CPU, bits that KVM hides, and bits
 * that an older kernel or QEMU does not know.  Only for dumps; on a running host, KVM itself is asked.
 *
 * The tables are those of Linux 6.12, with the names of QEMU 10.2; for older ones, the features in a list are taken away.
 * Stable kernels learn of new bugs: that of Debian 12 (6.1.176) knows GDS, RFDS and ITS as 6.12 does, earlier ones
 * did not.
 *
 * Sources, of Linux 6.12 where no other is named: cpu_vuln_whitelist[], cpu_vuln_blacklist[] and cpu_set_bug_bits() of
 * arch/x86/kernel/cpu/common.c, early_init_amd() of amd.c there; kvm_get_arch_capabilities() of
 * arch/x86/kvm/x86.c, kvm_set_cpu_caps() of cpuid.c, svm_set_cpu_caps() of svm/svm.c, nested_vmx_setup_ctls_msrs()
 * of vmx/nested.c.
 */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/profile.h>

#define INTEL (1u << TUNE_VENDOR_INTEL)
#define AMD (1u << TUNE_VENDOR_AMD)

/* Bugs of CPUs that the kernel knows. */
typedef enum {
	MELTDOWN = 1 << 0,
	SSB = 1 << 1,
	MDS = 1 << 2,
	GDS = 1 << 3,
	RFDS = 1 << 4,
	ITS = 1 << 5,
} Bugs;

/* A CPU has these bugs unless a row spares it, and other bugs only when a row names them. */
#define BUGS_BY_DEFAULT (MELTDOWN | SSB | MDS)

#define ANY_MODEL 0x100

/* clang-format off */
static const struct {
	guint vendors;
	guint first_family, last_family;
	guint model;
	guint first_stepping; /* and later */
	guint spared; /* set of Bugs */
	guint bugs;   /* set of Bugs */
} models[] = {
	{ AMD,   0x0f, 0x12, ANY_MODEL, 0,   SSB,                  0 },
	{ INTEL, 6, 6, 0x0e,            0,   SSB,                  0 },          /* Yonah */
	{ INTEL, 6, 6, 0x1c,            0,   MELTDOWN | SSB | MDS, 0 },          /* Bonnell */
	{ INTEL, 6, 6, 0x26,            0,   MELTDOWN | SSB | MDS, 0 },
	{ INTEL, 6, 6, 0x27,            0,   MELTDOWN | SSB | MDS, 0 },          /* Saltwell */
	{ INTEL, 6, 6, 0x35,            0,   MELTDOWN | SSB | MDS, 0 },
	{ INTEL, 6, 6, 0x36,            0,   MELTDOWN | SSB | MDS, 0 },
	{ INTEL, 6, 6, 0x37,            0,   SSB,                  0 },          /* Silvermont */
	{ INTEL, 6, 6, 0x4a,            0,   SSB,                  0 },
	{ INTEL, 6, 6, 0x4d,            0,   SSB,                  0 },
	{ INTEL, 6, 6, 0x4c,            0,   SSB,                  0 },          /* Airmont */
	{ INTEL, 6, 6, 0x57,            0,   SSB,                  0 },          /* Knights Landing */
	{ INTEL, 6, 6, 0x85,            0,   SSB,                  0 },          /* Knights Mill */
	{ INTEL, 6, 6, 0x5c,            0,   MDS,                  RFDS },       /* Goldmont */
	{ INTEL, 6, 6, 0x5f,            0,   MDS,                  RFDS },
	{ INTEL, 6, 6, 0x7a,            0,   MDS,                  RFDS },
	{ INTEL, 6, 6, 0x86,            0,   0,                    RFDS },       /* Tremont */
	{ INTEL, 6, 6, 0x96,            0,   0,                    RFDS },
	{ INTEL, 6, 6, 0x9c,            0,   0,                    RFDS },
	{ INTEL, 6, 6, 0x97,            0,   0,                    RFDS },       /* Alder Lake */
	{ INTEL, 6, 6, 0x9a,            0,   0,                    RFDS },
	{ INTEL, 6, 6, 0xbe,            0,   0,                    RFDS },       /* Gracemont */
	{ INTEL, 6, 6, 0xb7,            0,   0,                    RFDS },       /* Raptor Lake */
	{ INTEL, 6, 6, 0xba,            0,   0,                    RFDS },
	{ INTEL, 6, 6, 0xbf,            0,   0,                    RFDS },
	{ INTEL, 6, 6, 0x4e,            0,   0,                    GDS },        /* Skylake */
	{ INTEL, 6, 6, 0x5e,            0,   0,                    GDS },
	{ INTEL, 6, 6, 0x55,            0,   0,                    GDS },        /* and its servers; from 6 on */
	{ INTEL, 6, 6, 0x55,            6,   0,                    ITS },        /* Cascade Lake */
	{ INTEL, 6, 6, 0x8e,            0,   0,                    GDS },        /* Kaby Lake */
	{ INTEL, 6, 6, 0x8e,            0xc, 0,                    ITS },
	{ INTEL, 6, 6, 0x9e,            0,   0,                    GDS },
	{ INTEL, 6, 6, 0x9e,            0xd, 0,                    ITS },
	{ INTEL, 6, 6, 0xa5,            0,   0,                    GDS | ITS },  /* Comet Lake */
	{ INTEL, 6, 6, 0xa6,            0,   0,                    ITS },
	{ INTEL, 6, 6, 0xa6,            1,   0,                    GDS },
	{ INTEL, 6, 6, 0x6a,            0,   0,                    GDS | ITS },  /* Ice Lake */
	{ INTEL, 6, 6, 0x6c,            0,   0,                    GDS | ITS },
	{ INTEL, 6, 6, 0x7e,            0,   0,                    GDS | ITS },
	{ INTEL, 6, 6, 0x8c,            0,   0,                    GDS | ITS },  /* Tiger Lake */
	{ INTEL, 6, 6, 0x8d,            0,   0,                    GDS | ITS },
	{ INTEL, 6, 6, 0xa7,            0,   0,                    GDS | ITS },  /* Rocket Lake */
};

/*
 * @denial, @proof: bits by which the CPU reports that it does not have the bug, or has it; without @needs it is
 * harmless
 */
static const struct {
	guint bug;
	const char *denial;
	const char *proof;
	const char *needs;
} words[] = {
	{ MELTDOWN, "rdctl-no",   NULL,         NULL },
	{ SSB,      "ssb-no",     NULL,         NULL },
	{ SSB,      "amd-no-ssb", NULL,         NULL },
	{ MDS,      "mds-no",     NULL,         NULL },
	{ GDS,      "gds-no",     NULL,         "avx" },
	{ RFDS,     "rfds-no",    "rfds-clear", NULL },
	{ ITS,      "its-no",     NULL,         NULL },
	{ ITS,      "bhi-ctrl",   NULL,         NULL },
};

/* The bit by which KVM tells guests that their CPU does not have a bug. */
static const struct {
	guint bug;
	guint vendors;
	const char *name;
} denials[] = {
	{ MELTDOWN, INTEL, "rdctl-no" },
	{ SSB,      INTEL, "ssb-no" },
	{ SSB,      AMD,   "amd-no-ssb" },
	{ MDS,      INTEL, "mds-no" },
	{ GDS,      INTEL, "gds-no" },
	{ RFDS,     INTEL, "rfds-no" },
	{ ITS,      INTEL, "its-no" },
};

/*
 * Features that KVM gives on any CPU with @needs (NULL: any CPU).  sbpb comes with microcode, which a dump does not tell:
 * a recent one is assumed.  Those of VMX and SVM KVM provides to nested guests itself.
 */
static const struct {
	const char *name;
	const char *needs;
	guint vendors;
	guint first_family, last_family;
} made_up[] = {
	{ "virt-ssbd",                      "amd-ssbd", AMD,   0,    0xff },
	{ "virt-ssbd",                      NULL,       AMD,   0x15, 0x18 },
	{ "ibpb-brtype",                    "ibpb",     AMD,   0x17, 0x17 },
	{ "ibpb-brtype",                    NULL,       AMD,   0x19, 0xff },
	{ "sbpb",                           NULL,       AMD,   0x19, 0xff },
	{ "vmcb-clean",                     "svm",      AMD,   0,    0xff },
	{ "flushbyasid",                    "svm",      AMD,   0,    0xff },
	{ "svme-addr-chk",                  "svm",      AMD,   0,    0xff },
	{ "vmx-shadow-vmcs",                "vmx",      INTEL, 0,    0xff },
	{ "vmx-activity-hlt",               "vmx",      INTEL, 0,    0xff },
	{ "vmx-activity-wait-sipi",         "vmx",      INTEL, 0,    0xff },
	{ "vmx-vmwrite-vmexit-fields",      "vmx",      INTEL, 0,    0xff },
	{ "vmx-preemption-timer",           "vmx",      INTEL, 0,    0xff },
	{ "vmx-exit-save-preemption-timer", "vmx",      INTEL, 0,    0xff },
	{ "vmx-msr-bitmap",                 "vmx",      INTEL, 0,    0xff },
	{ "vmx-exit-save-efer",             "vmx",      INTEL, 0,    0xff },
	{ "vmx-exit-load-efer",             "vmx",      INTEL, 0,    0xff },
	{ "vmx-entry-load-efer",            "vmx",      INTEL, 0,    0xff },
	{ "vmx-exit-load-perf-global-ctrl", "vmx",      INTEL, 0,    0xff },
	{ "vmx-entry-load-perf-global-ctrl", "vmx",     INTEL, 0,    0xff },
	{ "vmx-ept-2mb",                    "vmx-ept",  INTEL, 0,    0xff },
	{ "vmx-ept-1gb",                    "vmx-ept",  INTEL, 0,    0xff },
	{ "vmx-invvpid",                    "vmx-vpid", INTEL, 0,    0xff },
	{ "vmx-invvpid-single-addr",        "vmx-vpid", INTEL, 0,    0xff },
	{ "vmx-invvpid-all-context",        "vmx-vpid", INTEL, 0,    0xff },
	{ "vmx-invept-single-context-noglobals", "vmx-vpid", INTEL, 0, 0xff },
};

/* Features that KVM hides on a CPU without @needs (NULL: on any CPU of @vendors). */
static const struct {
	const char *name;
	const char *needs;
	guint vendors;
} hidden[] = {
	{ "bus-lock-detect", NULL,  AMD },
	{ "taa-no",          "rtm", INTEL | AMD },
	{ "vmx-encls-exit",  "sgx", INTEL },
};

/* From old to new; Debian 12 has the first of each, Debian 13 the second. */
static const char *const kernels[] = { "6.1", "6.12" };
static const char *const qemus[] = { "7.2", "10.0", "10.2" };

enum { LINUX_6_1, LINUX_6_12 };
enum { QEMU_7_2, QEMU_10_0, QEMU_10_2 };

/*
 * Features that not all of these have: the first kernel that gives it, and the first QEMU with a name for it.
 * Sources: kvm_set_cpu_caps() of arch/x86/kvm/cpuid.c and svm_set_cpu_caps() of svm/svm.c, in Linux 6.1.176 and
 * 6.12.117; feature_word_info[] of target/i386/cpu.c, in QEMU 7.2.22 and 10.0.13.
 */
static const struct {
	const char *name;
	guint kernel;
	guint qemu;
} news[] = {
	{ "fdp-excptn-only",           LINUX_6_1,  QEMU_10_0 },
	{ "zero-fcs-fds",              LINUX_6_1,  QEMU_10_0 },
	{ "flush-l1d",                 LINUX_6_12, QEMU_10_0 },
	{ "cmpccxadd",                 LINUX_6_12, QEMU_10_0 },
	{ "fzrm",                      LINUX_6_12, QEMU_10_0 },
	{ "fsrs",                      LINUX_6_12, QEMU_10_0 },
	{ "fsrc",                      LINUX_6_12, QEMU_10_0 },
	{ "amx-fp16",                  LINUX_6_12, QEMU_10_0 },
	{ "avx-ifma",                  LINUX_6_12, QEMU_10_0 },
	{ "lam",                       LINUX_6_12, QEMU_10_0 },
	{ "avx-vnni-int8",             LINUX_6_12, QEMU_10_0 },
	{ "avx-ne-convert",            LINUX_6_12, QEMU_10_0 },
	{ "amx-complex",               LINUX_6_12, QEMU_10_0 },
	{ "prefetchiti",               LINUX_6_12, QEMU_10_0 },
	{ "avx10",                     LINUX_6_12, QEMU_10_0 },
	{ "avx10-128",                 LINUX_6_12, QEMU_10_0 },
	{ "avx10-256",                 LINUX_6_12, QEMU_10_0 },
	{ "avx10-512",                 LINUX_6_12, QEMU_10_0 },
	{ "intel-psfd",                LINUX_6_1,  QEMU_10_0 },
	{ "ipred-ctrl",                LINUX_6_1,  QEMU_10_0 },
	{ "rrsba-ctrl",                LINUX_6_1,  QEMU_10_0 },
	{ "ddpd-u",                    LINUX_6_1,  QEMU_10_0 },
	{ "bhi-ctrl",                  LINUX_6_1,  QEMU_10_0 },
	{ "mcdt-no",                   LINUX_6_1,  QEMU_10_0 },
	{ "overflow-recov",            LINUX_6_1,  QEMU_10_0 },
	{ "succor",                    LINUX_6_1,  QEMU_10_0 },
	{ "stibp-always-on",           LINUX_6_1,  QEMU_10_0 },
	{ "amd-psfd",                  LINUX_6_1,  QEMU_10_0 },
	{ "flushbyasid",               LINUX_6_12, QEMU_7_2 },
	{ "vnmi",                      LINUX_6_12, QEMU_10_0 },
	{ "no-nested-data-bp",         LINUX_6_1,  QEMU_10_0 },
	{ "fs-gs-base-ns",             LINUX_6_12, QEMU_10_2 },
	{ "lfence-always-serializing", LINUX_6_1,  QEMU_10_0 },
	{ "null-sel-clr-base",         LINUX_6_1,  QEMU_10_0 },
	{ "auto-ibrs",                 LINUX_6_12, QEMU_10_0 },
	{ "prefetchi",                 LINUX_6_12, QEMU_10_2 },
	{ "sbpb",                      LINUX_6_12, QEMU_10_0 },
	{ "ibpb-brtype",               LINUX_6_12, QEMU_10_0 },
	{ "srso-no",                   LINUX_6_1,  QEMU_10_0 },
	{ "perfmon-v2",                LINUX_6_12, QEMU_10_0 },
	{ "sbdr-ssdp-no",              LINUX_6_1,  QEMU_10_0 },
	{ "fbsdp-no",                  LINUX_6_1,  QEMU_10_0 },
	{ "psdp-no",                   LINUX_6_1,  QEMU_10_0 },
	{ "fb-clear",                  LINUX_6_1,  QEMU_10_0 },
	{ "bhi-no",                    LINUX_6_1,  QEMU_10_0 },
	{ "pbrsb-no",                  LINUX_6_1,  QEMU_10_0 },
	{ "gds-no",                    LINUX_6_1,  QEMU_10_0 },
	{ "rfds-no",                   LINUX_6_1,  QEMU_10_0 },
	{ "rfds-clear",                LINUX_6_1,  QEMU_10_0 },
	{ "its-no",                    LINUX_6_1,  QEMU_10_2 },
	{ "vmx-nested-exception",      LINUX_6_1,  QEMU_10_0 },
	{ "vmx-enable-user-wait-pause", LINUX_6_1, QEMU_10_0 },
	{ "vmx-exit-secondary-ctls",   LINUX_6_1,  QEMU_10_0 },
};
/* clang-format on */

static gboolean matches_family(const TuneCpu *cpu, guint vendors, guint first_family,
			       guint last_family)
{
	return (vendors >> cpu->maker & 1) && cpu->family >= first_family &&
	       cpu->family <= last_family;
}

static guint find_bugs_of_model(const TuneCpu *cpu)
{
	guint bugs = BUGS_BY_DEFAULT;

	for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
		if (!matches_family(cpu, models[i].vendors, models[i].first_family,
				    models[i].last_family) ||
		    (models[i].model != ANY_MODEL && models[i].model != cpu->model) ||
		    cpu->stepping < models[i].first_stepping)
			continue;
		bugs = (bugs & ~models[i].spared) | models[i].bugs;
	}
	return bugs;
}

/* The bugs of the model, corrected by the CPU's own report. */
static guint find_bugs(const TuneCpu *cpu)
{
	guint bugs = find_bugs_of_model(cpu);

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (words[i].proof && tune_cpu_has_feature(cpu, words[i].proof))
			bugs |= words[i].bug;
		if (tune_cpu_has_feature(cpu, words[i].denial) ||
		    (words[i].needs && !tune_cpu_has_feature(cpu, words[i].needs)))
			bugs &= ~words[i].bug;
	}
	return bugs;
}

/* An unknown word stays unknown, since its other bits are. */
static void add_feature(TuneCpu *cpu, const char *name)
{
	if (tune_cpu_knows(cpu, tune_cpu_bit_find_name(name)->word))
		tune_cpu_set_feature(cpu, name, TRUE);
}

static void drop_feature(TuneCpu *cpu, const char *name)
{
	if (tune_cpu_knows(cpu, tune_cpu_bit_find_name(name)->word))
		tune_cpu_set_feature(cpu, name, FALSE);
}

/*
 * KVM shows the MSR to every guest, so where the CPU does not have it, its value is known to be zero.  On AMD QEMU
 * hides it from version 10.1 on.
 */
static void show_arch_capabilities(TuneCpu *cpu)
{
	if (!tune_cpu_knows(cpu, TUNE_CPU_7_0_EDX))
		return;
	if (cpu->maker == TUNE_VENDOR_AMD) {
		tune_cpu_set_feature(cpu, "arch-capabilities", FALSE);
		return;
	}
	if (!tune_cpu_has_feature(cpu, "arch-capabilities") &&
	    !tune_cpu_knows(cpu, TUNE_CPU_MSR_10A))
		tune_cpu_set_msr(cpu, 0x10a, 0);
	tune_cpu_set_feature(cpu, "arch-capabilities", TRUE);
}

static void add_denials(TuneCpu *cpu)
{
	guint bugs = find_bugs(cpu);

	for (guint i = 0; i < G_N_ELEMENTS(denials); i++)
		if (!(bugs & denials[i].bug) && (denials[i].vendors >> cpu->maker & 1))
			add_feature(cpu, denials[i].name);
}

static void add_made_up(TuneCpu *cpu)
{
	for (guint i = 0; i < G_N_ELEMENTS(made_up); i++)
		if (matches_family(cpu, made_up[i].vendors, made_up[i].first_family,
				   made_up[i].last_family) &&
		    (!made_up[i].needs || tune_cpu_has_feature(cpu, made_up[i].needs)))
			add_feature(cpu, made_up[i].name);
}

static void drop_hidden(TuneCpu *cpu)
{
	for (guint i = 0; i < G_N_ELEMENTS(hidden); i++)
		if ((hidden[i].vendors >> cpu->maker & 1) &&
		    (!hidden[i].needs || !tune_cpu_has_feature(cpu, hidden[i].needs)))
			drop_feature(cpu, hidden[i].name);
}

/* On a machine with CPUs of two kinds KVM gives guests no counters (kvm_init_pmu_capability() of pmu.h). */
#define HYBRID (1u << 15) /* of CPUID 7.EDX */

static void drop_hybrid_counters(TuneCpu *cpu)
{
	if (!(cpu->words[TUNE_CPU_7_0_EDX] & HYBRID))
		return;
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EAX, 0);
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EDX, 0);
	drop_feature(cpu, "pdcm");
}

/* ---- kernels and QEMUs ---- */

/* "6.12" of "6.12.30-1-amd64". */
static gboolean matches_version(const char *text, const char *version)
{
	size_t length = strlen(version);

	return strncmp(text, version, length) == 0 && !g_ascii_isdigit(text[length]);
}

static gboolean find_version(const char *const *versions, guint n_versions, const char *what,
			     const char *text, const char **ret_version, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	*ret_version = versions[n_versions - 1];
	for (guint i = 0; text && i < n_versions; i++) {
		*ret_version = versions[i];
		if (matches_version(text, versions[i]))
			return TRUE;
		g_string_append_printf(known, "%s%s", i ? ", " : "", versions[i]);
	}
	return !text ||
	       tune_fail(error, TUNE_ERROR_ABSENT, "no profile of %s %s, these are known: %s", what,
			 text, known->str);
}

gboolean tune_cpu_profile_find(const char *kernel, const char *qemu, TuneCpuProfile *ret_profile,
			       GError **error)
{
	return find_version(kernels, G_N_ELEMENTS(kernels), "Linux", kernel, &ret_profile->kernel,
			    error) &&
	       find_version(qemus, G_N_ELEMENTS(qemus), "QEMU", qemu, &ret_profile->qemu, error);
}

static guint get_index(const char *const *versions, guint n_versions, const char *version)
{
	guint i = 0;

	while (i < n_versions - 1 && strcmp(versions[i], version) != 0)
		i++;
	return i;
}

static void drop_newer_features(TuneCpu *cpu, const TuneCpuProfile *profile)
{
	guint kernel = get_index(kernels, G_N_ELEMENTS(kernels), profile->kernel);
	guint qemu = get_index(qemus, G_N_ELEMENTS(qemus), profile->qemu);

	for (guint i = 0; i < G_N_ELEMENTS(news); i++)
		if (news[i].kernel > kernel || news[i].qemu > qemu)
			drop_feature(cpu, news[i].name);
}

void tune_cpu_apply_profile(TuneCpu *cpu, const TuneCpuProfile *profile)
{
	TuneCpuProfile newest;

	if (!profile) {
		tune_cpu_profile_find(NULL, NULL, &newest, NULL);
		profile = &newest;
	}
	if (((INTEL | AMD) >> cpu->maker & 1) && (cpu->fields & TUNE_CPU_HAS_SIGNATURE)) {
		show_arch_capabilities(cpu);
		add_denials(cpu);
		add_made_up(cpu);
		drop_hidden(cpu);
	}
	drop_hybrid_counters(cpu);
	drop_newer_features(cpu, profile);
	g_autofree char *name = g_strdup_printf("Linux %s, QEMU %s", profile->kernel,
						profile->qemu);
	tune_cpu_set_text(cpu, TUNE_CPU_PROFILE, name);
}
