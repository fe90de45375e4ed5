/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/bits.h>

#define INTEL (1u << TUNE_VENDOR_INTEL)
#define AMD (1u << TUNE_VENDOR_AMD)
#define ZHAOXIN (1u << TUNE_VENDOR_ZHAOXIN)
#define ANY (~0u)

/* clang-format off */
#define EAX TUNE_REG_EAX
#define EBX TUNE_REG_EBX
#define ECX TUNE_REG_ECX
#define EDX TUNE_REG_EDX
#define MSR TUNE_REG_MSR
#define BITS  TUNE_WORD_BITS
#define EQUAL TUNE_WORD_EQUAL
#define PLAIN TUNE_WORD_PLAIN

/*
 * Sources: which words QEMU passes on, feature_word_info[] of its target/i386/cpu.c; which feature brings
 * a word, feature_dependencies[] there; what KVM derives instead of reading it from the CPU (80000008.EBX on
 * Intel), kvm_set_cpu_caps() of Linux arch/x86/kvm/cpuid.c.  80000001.EDX repeats 1.EDX on AMD; OSXSAVE and
 * OSPKE show what the guest has switched on itself.  The words of 0x40000003 and up are Hyper-V's as KVM can play it
 * (KVM_GET_SUPPORTED_HV_CPUID), where KVM has no leaves of its own.
 */
static const TuneCpuWordInfo infos[TUNE_CPU_N_WORDS] = {
/*	word                         leaf       sub reg  kind   vendors          gate                 ignored     label */
	[TUNE_CPU_1_ECX] =        { 0x1,        0, ECX, BITS,  ANY,             NULL,                1u << 27,   "features" },
	[TUNE_CPU_1_EDX] =        { 0x1,        0, EDX, BITS,  ANY,             NULL,                0,          "features" },
	[TUNE_CPU_6_EAX] =        { 0x6,        0, EAX, BITS,  ANY,             NULL,                0xfffffffb, "thermal features" },
	[TUNE_CPU_7_0_EBX] =      { 0x7,        0, EBX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_7_0_ECX] =      { 0x7,        0, ECX, BITS,  ANY,             NULL,                1u << 4,    "extended features" },
	[TUNE_CPU_7_0_EDX] =      { 0x7,        0, EDX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_7_1_EAX] =      { 0x7,        1, EAX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_7_1_ECX] =      { 0x7,        1, ECX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_7_1_EDX] =      { 0x7,        1, EDX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_7_2_EDX] =      { 0x7,        2, EDX, BITS,  ANY,             NULL,                0,          "extended features" },
	[TUNE_CPU_A_EAX] =        { 0xa,        0, EAX, PLAIN, INTEL | ZHAOXIN, NULL,                0,          "counters" },
	[TUNE_CPU_A_EDX] =        { 0xa,        0, EDX, PLAIN, INTEL | ZHAOXIN, NULL,                0,          "counters" },
	[TUNE_CPU_D_0_EAX] =      { 0xd,        0, EAX, PLAIN, ANY,             "xsave",             0,          "xsave components" },
	[TUNE_CPU_D_0_EDX] =      { 0xd,        0, EDX, PLAIN, ANY,             "xsave",             0,          "xsave components" },
	[TUNE_CPU_D_1_EAX] =      { 0xd,        1, EAX, BITS,  ANY,             "xsave",             0,          "xsave features" },
	[TUNE_CPU_D_1_ECX] =      { 0xd,        1, ECX, PLAIN, ANY,             "xsaves",            0,          "xsave components" },
	[TUNE_CPU_D_1_EDX] =      { 0xd,        1, EDX, PLAIN, ANY,             "xsaves",            0,          "xsave components" },
	[TUNE_CPU_1D_0_EAX] =     { 0x1d,       0, EAX, EQUAL, ANY,             "amx-tile",          0,          "amx palette" },
	[TUNE_CPU_1D_1_EAX] =     { 0x1d,       1, EAX, EQUAL, ANY,             "amx-tile",          0,          "amx palette" },
	[TUNE_CPU_1D_1_EBX] =     { 0x1d,       1, EBX, EQUAL, ANY,             "amx-tile",          0,          "amx palette" },
	[TUNE_CPU_1D_1_ECX] =     { 0x1d,       1, ECX, EQUAL, ANY,             "amx-tile",          0,          "amx palette" },
	[TUNE_CPU_1E_0_EBX] =     { 0x1e,       0, EBX, EQUAL, ANY,             "amx-tile",          0,          "amx palette" },
	[TUNE_CPU_1E_1_EAX] =     { 0x1e,       1, EAX, BITS,  ANY,             "amx-tile",          0,          "amx features" },
	[TUNE_CPU_24_0_EBX] =     { 0x24,       0, EBX, BITS,  ANY,             "avx10",             0xff,       "avx10" },
	[TUNE_CPU_24_1_ECX] =     { 0x24,       1, ECX, BITS,  ANY,             "avx10",             0,          "avx10" },
	[TUNE_CPU_29_0_EBX] =     { 0x29,       0, EBX, BITS,  ANY,             "apxf",              0,          "apx" },
	[TUNE_CPU_40000001_EAX] = { 0x40000001, 0, EAX, BITS,  ANY,             NULL,                0,          "kvm features" },
	[TUNE_CPU_40000003_EAX] = { 0x40000003, 0, EAX, PLAIN, ANY,             NULL,                0,          "hyper-v features" },
	[TUNE_CPU_40000003_EDX] = { 0x40000003, 0, EDX, PLAIN, ANY,             NULL,                0,          "hyper-v features" },
	[TUNE_CPU_40000004_EAX] = { 0x40000004, 0, EAX, PLAIN, ANY,             NULL,                0,          "hyper-v features" },
	[TUNE_CPU_4000000A_EAX] = { 0x4000000a, 0, EAX, PLAIN, ANY,             NULL,                0,          "hyper-v features" },
	[TUNE_CPU_80000001_ECX] = { 0x80000001, 0, ECX, BITS,  ANY,             NULL,                0,          "features" },
	[TUNE_CPU_80000001_EDX] = { 0x80000001, 0, EDX, BITS,  ANY,             NULL,                0x018bf3ff, "features" },
	[TUNE_CPU_80000007_EBX] = { 0x80000007, 0, EBX, BITS,  AMD,             NULL,                0,          "machine check features" },
	[TUNE_CPU_80000007_EDX] = { 0x80000007, 0, EDX, BITS,  ANY,             NULL,                0,          "power features" },
	[TUNE_CPU_80000008_EBX] = { 0x80000008, 0, EBX, BITS,  AMD,             NULL,                0,          "amd features" },
	[TUNE_CPU_8000000A_EDX] = { 0x8000000a, 0, EDX, BITS,  AMD,             "svm",               0,          "svm features" },
	[TUNE_CPU_80000021_EAX] = { 0x80000021, 0, EAX, BITS,  AMD,             NULL,                0,          "amd features" },
	[TUNE_CPU_80000021_ECX] = { 0x80000021, 0, ECX, BITS,  AMD,             NULL,                0,          "amd features" },
	[TUNE_CPU_80000022_EAX] = { 0x80000022, 0, EAX, BITS,  AMD,             NULL,                0,          "amd counters" },
	[TUNE_CPU_C0000001_EDX] = { 0xc0000001, 0, EDX, BITS,  ZHAOXIN,         NULL,                0,          "zhaoxin features" },
	[TUNE_CPU_MSR_CF] =       { 0xcf,       0, MSR, BITS,  ANY,             "core-capability",   0,          "core capabilities" },
	[TUNE_CPU_MSR_10A] =      { 0x10a,      0, MSR, BITS,  ANY,             "arch-capabilities", 0,          "arch capabilities" },
	[TUNE_CPU_MSR_345] =      { 0x345,      0, MSR, BITS,  ANY,             "pdcm",              0,          "perf capabilities" },
	[TUNE_CPU_MSR_480] =      { 0x480,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_485] =      { 0x485,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_48B] =      { 0x48b,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_48C] =      { 0x48c,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_48D] =      { 0x48d,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_48E] =      { 0x48e,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_48F] =      { 0x48f,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_490] =      { 0x490,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
	[TUNE_CPU_MSR_491] =      { 0x491,      0, MSR, BITS,  ANY,             "vmx",               0,          "vmx controls" },
};

#define W(word)  TUNE_CPU_##word
#define LOST     TUNE_CPU_LOST
#define SECURITY TUNE_CPU_SECURITY
#define NESTED   TUNE_CPU_NESTED
#define HINT     TUNE_CPU_HINT
#define PMU      TUNE_CPU_COUNTERS
#define IGNORED  TUNE_CPU_IGNORED
#define INV      TUNE_BIT_INVERTED
#define KVM      TUNE_BIT_KVM_DEPENDENT
#define RUN      TUNE_BIT_RUNNING
#define HID      TUNE_BIT_HIDDEN
#define SIL      TUNE_BIT_SILICON

/*
 * THE TABLE.  Names: QEMU 10.2, target/i386/cpu.c.  What a bit means: Intel SDM volumes 2A (CPUID), 3 A.3 to A.10
 * (VMX) and 4 (MSRs); AMD APM volume 3, appendix E.  What KVM gives, and what it makes up on any CPU (ignored here):
 * Linux 6.12 arch/x86/kvm/cpuid.c and, for MSR 0x10a, kvm_get_arch_capabilities() of x86.c; rows of later
 * kernels are KVM, of later QEMUs RUN.  Of a VMX control's MSR the upper half has the bits that may be set, the lower
 * half those that must be set.
 *
 * Old kernels pass leaf 0x80000021 through unfiltered, so that a newer kernel may take a bit away on the same CPU: bits
 * that are younger than those kernels only warn.  kvm-msi-ext-dest-id is set by QEMU, as the machine is configured.
 */
static const TuneCpuBit bits[] = {
/*	word            bit name                                  class    flags */
	{ W(1_ECX),       0, "pni",                                LOST,    0 },
	{ W(1_ECX),       1, "pclmulqdq",                          LOST,    0 },
	{ W(1_ECX),       2, "dtes64",                             PMU,     KVM },
	{ W(1_ECX),       3, "monitor",                            IGNORED, HID },
	{ W(1_ECX),       4, "ds-cpl",                             IGNORED, HID },
	{ W(1_ECX),       5, "vmx",                                NESTED,  0 },
	{ W(1_ECX),       6, "smx",                                IGNORED, HID },
	{ W(1_ECX),       7, "est",                                IGNORED, HID },
	{ W(1_ECX),       8, "tm2",                                IGNORED, HID },
	{ W(1_ECX),       9, "ssse3",                              LOST,    0 },
	{ W(1_ECX),      10, "cid",                                IGNORED, HID },
	{ W(1_ECX),      12, "fma",                                LOST,    0 },
	{ W(1_ECX),      13, "cx16",                               LOST,    0 },
	{ W(1_ECX),      14, "xtpr",                               IGNORED, HID },
	{ W(1_ECX),      15, "pdcm",                               PMU,     0 },
	{ W(1_ECX),      17, "pcid",                               LOST,    0 },
	{ W(1_ECX),      18, "dca",                                IGNORED, HID },
	{ W(1_ECX),      19, "sse4.1",                             LOST,    0 },
	{ W(1_ECX),      20, "sse4.2",                             LOST,    0 },
	{ W(1_ECX),      21, "x2apic",                             IGNORED, 0 },
	{ W(1_ECX),      22, "movbe",                              LOST,    0 },
	{ W(1_ECX),      23, "popcnt",                             LOST,    0 },
	{ W(1_ECX),      24, "tsc-deadline",                       IGNORED, 0 },
	{ W(1_ECX),      25, "aes",                                LOST,    0 },
	{ W(1_ECX),      26, "xsave",                              LOST,    0 },
	{ W(1_ECX),      28, "avx",                                LOST,    0 },
	{ W(1_ECX),      29, "f16c",                               LOST,    0 },
	{ W(1_ECX),      30, "rdrand",                             LOST,    0 },
	{ W(1_ECX),      31, "hypervisor",                         IGNORED, 0 },
	{ W(1_EDX),       0, "fpu",                                LOST,    0 },
	{ W(1_EDX),       1, "vme",                                LOST,    0 },
	{ W(1_EDX),       2, "de",                                 LOST,    0 },
	{ W(1_EDX),       3, "pse",                                LOST,    0 },
	{ W(1_EDX),       4, "tsc",                                LOST,    0 },
	{ W(1_EDX),       5, "msr",                                LOST,    0 },
	{ W(1_EDX),       6, "pae",                                LOST,    0 },
	{ W(1_EDX),       7, "mce",                                LOST,    0 },
	{ W(1_EDX),       8, "cx8",                                LOST,    0 },
	{ W(1_EDX),       9, "apic",                               LOST,    0 },
	{ W(1_EDX),      11, "sep",                                LOST,    0 },
	{ W(1_EDX),      12, "mtrr",                               LOST,    0 },
	{ W(1_EDX),      13, "pge",                                LOST,    0 },
	{ W(1_EDX),      14, "mca",                                LOST,    0 },
	{ W(1_EDX),      15, "cmov",                               LOST,    0 },
	{ W(1_EDX),      16, "pat",                                LOST,    0 },
	{ W(1_EDX),      17, "pse36",                              LOST,    0 },
	{ W(1_EDX),      18, "pn",                                 IGNORED, HID },
	{ W(1_EDX),      19, "clflush",                            LOST,    0 },
	{ W(1_EDX),      21, "ds",                                 PMU,     KVM },
	{ W(1_EDX),      22, "acpi",                               IGNORED, HID },
	{ W(1_EDX),      23, "mmx",                                LOST,    0 },
	{ W(1_EDX),      24, "fxsr",                               LOST,    0 },
	{ W(1_EDX),      25, "sse",                                LOST,    0 },
	{ W(1_EDX),      26, "sse2",                               LOST,    0 },
	{ W(1_EDX),      27, "ss",                                 HINT,    0 },
	{ W(1_EDX),      28, "ht",                                 IGNORED, 0 },
	{ W(1_EDX),      29, "tm",                                 IGNORED, HID },
	{ W(1_EDX),      30, "ia64",                               IGNORED, HID },
	{ W(1_EDX),      31, "pbe",                                IGNORED, HID },
	{ W(6_EAX),       2, "arat",                               IGNORED, 0 },
	{ W(7_0_EBX),     0, "fsgsbase",                           LOST,    0 },
	{ W(7_0_EBX),     1, "tsc-adjust",                         IGNORED, 0 },
	{ W(7_0_EBX),     2, "sgx",                                IGNORED, 0 },
	{ W(7_0_EBX),     3, "bmi1",                               LOST,    0 },
	{ W(7_0_EBX),     4, "hle",                                HINT,    0 },
	{ W(7_0_EBX),     5, "avx2",                               LOST,    0 },
	{ W(7_0_EBX),     6, "fdp-excptn-only",                    IGNORED, INV },
	{ W(7_0_EBX),     7, "smep",                               LOST,    0 },
	{ W(7_0_EBX),     8, "bmi2",                               LOST,    0 },
	{ W(7_0_EBX),     9, "erms",                               HINT,    0 },
	{ W(7_0_EBX),    10, "invpcid",                            LOST,    0 },
	{ W(7_0_EBX),    11, "rtm",                                LOST,    0 },
	{ W(7_0_EBX),    13, "zero-fcs-fds",                       IGNORED, INV },
	{ W(7_0_EBX),    14, "mpx",                                LOST,    0 },
	{ W(7_0_EBX),    16, "avx512f",                            LOST,    0 },
	{ W(7_0_EBX),    17, "avx512dq",                           LOST,    0 },
	{ W(7_0_EBX),    18, "rdseed",                             LOST,    0 },
	{ W(7_0_EBX),    19, "adx",                                LOST,    0 },
	{ W(7_0_EBX),    20, "smap",                               LOST,    0 },
	{ W(7_0_EBX),    21, "avx512ifma",                         LOST,    0 },
	{ W(7_0_EBX),    22, "pcommit",                            IGNORED, HID },
	{ W(7_0_EBX),    23, "clflushopt",                         LOST,    0 },
	{ W(7_0_EBX),    24, "clwb",                               LOST,    0 },
	{ W(7_0_EBX),    25, "intel-pt",                           IGNORED, HID },
	{ W(7_0_EBX),    26, "avx512pf",                           LOST,    0 },
	{ W(7_0_EBX),    27, "avx512er",                           LOST,    0 },
	{ W(7_0_EBX),    28, "avx512cd",                           LOST,    0 },
	{ W(7_0_EBX),    29, "sha-ni",                             LOST,    0 },
	{ W(7_0_EBX),    30, "avx512bw",                           LOST,    0 },
	{ W(7_0_EBX),    31, "avx512vl",                           LOST,    0 },
	{ W(7_0_ECX),     1, "avx512vbmi",                         LOST,    0 },
	{ W(7_0_ECX),     2, "umip",                               IGNORED, 0 },
	{ W(7_0_ECX),     3, "pku",                                LOST,    0 },
	{ W(7_0_ECX),     5, "waitpkg",                            LOST,    0 },
	{ W(7_0_ECX),     6, "avx512vbmi2",                        LOST,    0 },
	{ W(7_0_ECX),     7, "cet-ss",                             LOST,    RUN | KVM },
	{ W(7_0_ECX),     8, "gfni",                               LOST,    0 },
	{ W(7_0_ECX),     9, "vaes",                               LOST,    0 },
	{ W(7_0_ECX),    10, "vpclmulqdq",                         LOST,    0 },
	{ W(7_0_ECX),    11, "avx512vnni",                         LOST,    0 },
	{ W(7_0_ECX),    12, "avx512bitalg",                       LOST,    0 },
	{ W(7_0_ECX),    14, "avx512-vpopcntdq",                   LOST,    0 },
	{ W(7_0_ECX),    16, "la57",                               LOST,    0 },
	{ W(7_0_ECX),    22, "rdpid",                              LOST,    0 },
	{ W(7_0_ECX),    24, "bus-lock-detect",                    LOST,    0 },
	{ W(7_0_ECX),    25, "cldemote",                           HINT,    0 },
	{ W(7_0_ECX),    27, "movdiri",                            LOST,    0 },
	{ W(7_0_ECX),    28, "movdir64b",                          LOST,    0 },
	{ W(7_0_ECX),    30, "sgxlc",                              IGNORED, 0 },
	{ W(7_0_ECX),    31, "pks",                                IGNORED, HID },
	{ W(7_0_EDX),     2, "avx512-4vnniw",                      LOST,    0 },
	{ W(7_0_EDX),     3, "avx512-4fmaps",                      LOST,    0 },
	{ W(7_0_EDX),     4, "fsrm",                               HINT,    0 },
	{ W(7_0_EDX),     8, "avx512-vp2intersect",                LOST,    0 },
	{ W(7_0_EDX),    10, "md-clear",                           SECURITY, 0 },
	{ W(7_0_EDX),    14, "serialize",                          LOST,    0 },
	{ W(7_0_EDX),    16, "tsx-ldtrk",                          LOST,    0 },
	{ W(7_0_EDX),    19, "arch-lbr",                           IGNORED, HID },
	{ W(7_0_EDX),    20, "cet-ibt",                            LOST,    RUN | KVM },
	{ W(7_0_EDX),    22, "amx-bf16",                           LOST,    0 },
	{ W(7_0_EDX),    23, "avx512-fp16",                        LOST,    0 },
	{ W(7_0_EDX),    24, "amx-tile",                           LOST,    0 },
	{ W(7_0_EDX),    25, "amx-int8",                           LOST,    0 },
	{ W(7_0_EDX),    26, "spec-ctrl",                          LOST,    0 },
	{ W(7_0_EDX),    27, "stibp",                              LOST,    0 },
	{ W(7_0_EDX),    28, "flush-l1d",                          SECURITY, 0 },
	{ W(7_0_EDX),    29, "arch-capabilities",                  IGNORED, 0 },
	{ W(7_0_EDX),    30, "core-capability",                    IGNORED, HID },
	{ W(7_0_EDX),    31, "ssbd",                               LOST,    0 },
	{ W(7_1_EAX),     0, "sha512",                             LOST,    KVM },
	{ W(7_1_EAX),     1, "sm3",                                LOST,    KVM },
	{ W(7_1_EAX),     2, "sm4",                                LOST,    KVM },
	{ W(7_1_EAX),     4, "avx-vnni",                           LOST,    0 },
	{ W(7_1_EAX),     5, "avx512-bf16",                        LOST,    0 },
	{ W(7_1_EAX),     7, "cmpccxadd",                          LOST,    0 },
	{ W(7_1_EAX),    10, "fzrm",                               HINT,    0 },
	{ W(7_1_EAX),    11, "fsrs",                               HINT,    0 },
	{ W(7_1_EAX),    12, "fsrc",                               HINT,    0 },
	{ W(7_1_EAX),    17, "fred",                               LOST,    KVM },
	{ W(7_1_EAX),    18, "lkgs",                               LOST,    KVM },
	{ W(7_1_EAX),    19, "wrmsrns",                            LOST,    KVM },
	{ W(7_1_EAX),    21, "amx-fp16",                           LOST,    0 },
	{ W(7_1_EAX),    23, "avx-ifma",                           LOST,    0 },
	{ W(7_1_EAX),    26, "lam",                                LOST,    0 },
	{ W(7_1_EAX),    31, "movrs",                              LOST,    RUN | KVM },
	{ W(7_1_ECX),     5, "msr-imm",                            LOST,    RUN | KVM },
	{ W(7_1_EDX),     4, "avx-vnni-int8",                      LOST,    0 },
	{ W(7_1_EDX),     5, "avx-ne-convert",                     LOST,    0 },
	{ W(7_1_EDX),     8, "amx-complex",                        LOST,    0 },
	{ W(7_1_EDX),    10, "avx-vnni-int16",                     LOST,    KVM },
	{ W(7_1_EDX),    14, "prefetchiti",                        HINT,    0 },
	{ W(7_1_EDX),    19, "avx10",                              LOST,    0 },
	{ W(7_1_EDX),    21, "apxf",                               LOST,    RUN | KVM },
	{ W(7_2_EDX),     0, "intel-psfd",                         LOST,    0 },
	{ W(7_2_EDX),     1, "ipred-ctrl",                         LOST,    0 },
	{ W(7_2_EDX),     2, "rrsba-ctrl",                         LOST,    0 },
	{ W(7_2_EDX),     3, "ddpd-u",                             LOST,    0 },
	{ W(7_2_EDX),     4, "bhi-ctrl",                           LOST,    0 },
	{ W(7_2_EDX),     5, "mcdt-no",                            SECURITY, 0 },
	{ W(D_1_EAX),     0, "xsaveopt",                           LOST,    0 },
	{ W(D_1_EAX),     1, "xsavec",                             LOST,    0 },
	{ W(D_1_EAX),     2, "xgetbv1",                            LOST,    0 },
	{ W(D_1_EAX),     3, "xsaves",                             LOST,    0 },
	{ W(D_1_EAX),     4, "xfd",                                LOST,    0 },
	{ W(1E_1_EAX),    0, "amx-int8-alias",                     LOST,    RUN | KVM },
	{ W(1E_1_EAX),    1, "amx-bf16-alias",                     LOST,    RUN | KVM },
	{ W(1E_1_EAX),    2, "amx-complex-alias",                  LOST,    RUN | KVM },
	{ W(1E_1_EAX),    3, "amx-fp16-alias",                     LOST,    RUN | KVM },
	{ W(1E_1_EAX),    4, "amx-fp8",                            LOST,    RUN | KVM },
	{ W(1E_1_EAX),    6, "amx-tf32",                           LOST,    RUN | KVM },
	{ W(1E_1_EAX),    7, "amx-avx512",                         LOST,    RUN | KVM },
	{ W(1E_1_EAX),    8, "amx-movrs",                          LOST,    RUN | KVM },
	{ W(24_0_EBX),   16, "avx10-128",                          LOST,    0 },
	{ W(24_0_EBX),   17, "avx10-256",                          LOST,    0 },
	{ W(24_0_EBX),   18, "avx10-512",                          LOST,    0 },
	{ W(24_1_ECX),    2, "avx10-vnni-int",                     LOST,    RUN | KVM },
	{ W(29_0_EBX),    0, "apx-nci-ndd-nf",                     LOST,    RUN | KVM },
	{ W(40000001_EAX),  0, "kvmclock",                           LOST,    0 },
	{ W(40000001_EAX),  1, "kvm-nopiodelay",                     LOST,    0 },
	{ W(40000001_EAX),  2, "kvm-mmu",                            LOST,    0 },
	{ W(40000001_EAX),  3, "kvmclock",                           LOST,    0 },
	{ W(40000001_EAX),  4, "kvm-asyncpf",                        LOST,    0 },
	{ W(40000001_EAX),  5, "kvm-steal-time",                     LOST,    0 },
	{ W(40000001_EAX),  6, "kvm-pv-eoi",                         LOST,    0 },
	{ W(40000001_EAX),  7, "kvm-pv-unhalt",                      LOST,    0 },
	{ W(40000001_EAX),  9, "kvm-pv-tlb-flush",                   LOST,    0 },
	{ W(40000001_EAX), 10, "kvm-asyncpf-vmexit",                 LOST,    0 },
	{ W(40000001_EAX), 11, "kvm-pv-ipi",                         LOST,    0 },
	{ W(40000001_EAX), 12, "kvm-poll-control",                   LOST,    0 },
	{ W(40000001_EAX), 13, "kvm-pv-sched-yield",                 LOST,    0 },
	{ W(40000001_EAX), 14, "kvm-asyncpf-int",                    LOST,    0 },
	{ W(40000001_EAX), 15, "kvm-msi-ext-dest-id",                IGNORED, 0 },
	{ W(40000001_EAX), 24, "kvmclock-stable-bit",                LOST,    0 },
	{ W(80000001_ECX),  0, "lahf-lm",                            LOST,    0 },
	{ W(80000001_ECX),  1, "cmp-legacy",                         IGNORED, 0 },
	{ W(80000001_ECX),  2, "svm",                                NESTED,  0 },
	{ W(80000001_ECX),  3, "extapic",                            IGNORED, HID },
	{ W(80000001_ECX),  4, "cr8legacy",                          LOST,    0 },
	{ W(80000001_ECX),  5, "abm",                                LOST,    0 },
	{ W(80000001_ECX),  6, "sse4a",                              LOST,    0 },
	{ W(80000001_ECX),  7, "misalignsse",                        LOST,    0 },
	{ W(80000001_ECX),  8, "3dnowprefetch",                      HINT,    0 },
	{ W(80000001_ECX),  9, "osvw",                               LOST,    0 },
	{ W(80000001_ECX), 10, "ibs",                                IGNORED, HID },
	{ W(80000001_ECX), 11, "xop",                                LOST,    0 },
	{ W(80000001_ECX), 12, "skinit",                             IGNORED, HID },
	{ W(80000001_ECX), 13, "wdt",                                IGNORED, HID },
	{ W(80000001_ECX), 15, "lwp",                                IGNORED, HID },
	{ W(80000001_ECX), 16, "fma4",                               LOST,    0 },
	{ W(80000001_ECX), 17, "tce",                                IGNORED, HID },
	{ W(80000001_ECX), 19, "nodeid-msr",                         IGNORED, HID },
	{ W(80000001_ECX), 21, "tbm",                                LOST,    0 },
	{ W(80000001_ECX), 22, "topoext",                            IGNORED, 0 },
	{ W(80000001_ECX), 23, "perfctr-core",                       PMU,     0 },
	{ W(80000001_ECX), 24, "perfctr-nb",                         IGNORED, HID },
	{ W(80000001_EDX), 11, "syscall",                            LOST,    0 },
	{ W(80000001_EDX), 20, "nx",                                 LOST,    0 },
	{ W(80000001_EDX), 22, "mmxext",                             LOST,    0 },
	{ W(80000001_EDX), 25, "fxsr-opt",                           LOST,    0 },
	{ W(80000001_EDX), 26, "pdpe1gb",                            LOST,    0 },
	{ W(80000001_EDX), 27, "rdtscp",                             LOST,    0 },
	{ W(80000001_EDX), 29, "lm",                                 LOST,    0 },
	{ W(80000001_EDX), 30, "3dnowext",                           LOST,    0 },
	{ W(80000001_EDX), 31, "3dnow",                              LOST,    0 },
	{ W(80000007_EBX),  0, "overflow-recov",                     IGNORED, 0 },
	{ W(80000007_EBX),  1, "succor",                             IGNORED, 0 },
	{ W(80000007_EDX),  8, "invtsc",                             LOST,    RUN },
	{ W(80000008_EBX),  0, "clzero",                             LOST,    0 },
	{ W(80000008_EBX),  2, "xsaveerptr",                         LOST,    0 },
	{ W(80000008_EBX),  9, "wbnoinvd",                           LOST,    0 },
	{ W(80000008_EBX), 12, "ibpb",                               LOST,    0 },
	{ W(80000008_EBX), 14, "ibrs",                               LOST,    0 },
	{ W(80000008_EBX), 15, "amd-stibp",                          LOST,    0 },
	{ W(80000008_EBX), 17, "stibp-always-on",                    HINT,    0 },
	{ W(80000008_EBX), 24, "amd-ssbd",                           LOST,    0 },
	{ W(80000008_EBX), 25, "virt-ssbd",                          LOST,    0 },
	{ W(80000008_EBX), 26, "amd-no-ssb",                         SECURITY, SIL },
	{ W(80000008_EBX), 28, "amd-psfd",                           LOST,    0 },
	{ W(8000000A_EDX),  0, "npt",                                NESTED,  0 },
	{ W(8000000A_EDX),  1, "lbrv",                               NESTED,  0 },
	{ W(8000000A_EDX),  2, "svm-lock",                           IGNORED, HID },
	{ W(8000000A_EDX),  3, "nrip-save",                          NESTED,  0 },
	{ W(8000000A_EDX),  4, "tsc-scale",                          NESTED,  0 },
	{ W(8000000A_EDX),  5, "vmcb-clean",                         NESTED,  0 },
	{ W(8000000A_EDX),  6, "flushbyasid",                        NESTED,  0 },
	{ W(8000000A_EDX),  7, "decodeassists",                      NESTED,  HID },
	{ W(8000000A_EDX), 10, "pause-filter",                       NESTED,  0 },
	{ W(8000000A_EDX), 12, "pfthreshold",                        NESTED,  0 },
	{ W(8000000A_EDX), 13, "avic",                               IGNORED, HID },
	{ W(8000000A_EDX), 15, "v-vmsave-vmload",                    NESTED,  0 },
	{ W(8000000A_EDX), 16, "vgif",                               NESTED,  0 },
	{ W(8000000A_EDX), 25, "vnmi",                               NESTED,  0 },
	{ W(8000000A_EDX), 28, "svme-addr-chk",                      NESTED,  0 },
	{ W(80000021_EAX),  0, "no-nested-data-bp",                  LOST,    0 },
	{ W(80000021_EAX),  1, "fs-gs-base-ns",                      LOST,    0 },
	{ W(80000021_EAX),  2, "lfence-always-serializing",          IGNORED, 0 },
	{ W(80000021_EAX),  5, "verw-clear",                         HINT,     KVM },
	{ W(80000021_EAX),  6, "null-sel-clr-base",                  IGNORED, 0 },
	{ W(80000021_EAX),  8, "auto-ibrs",                          LOST,    0 },
	{ W(80000021_EAX), 20, "prefetchi",                          HINT,    0 },
	{ W(80000021_EAX), 24, "eraps",                              HINT,    KVM },
	{ W(80000021_EAX), 27, "sbpb",                               SECURITY, 0 },
	{ W(80000021_EAX), 28, "ibpb-brtype",                        SECURITY, 0 },
	{ W(80000021_EAX), 29, "srso-no",                            SECURITY, 0 },
	{ W(80000021_EAX), 30, "srso-user-kernel-no",                HINT,     KVM },
	{ W(80000021_ECX),  1, "tsa-sq-no",                          HINT,     KVM },
	{ W(80000021_ECX),  2, "tsa-l1-no",                          HINT,     KVM },
	{ W(80000022_EAX),  0, "perfmon-v2",                         PMU,     0 },
	{ W(C0000001_EDX),  2, "xstore",                             LOST,    0 },
	{ W(C0000001_EDX),  3, "xstore-en",                          LOST,    0 },
	{ W(C0000001_EDX),  6, "xcrypt",                             LOST,    0 },
	{ W(C0000001_EDX),  7, "xcrypt-en",                          LOST,    0 },
	{ W(C0000001_EDX),  8, "ace2",                               LOST,    0 },
	{ W(C0000001_EDX),  9, "ace2-en",                            LOST,    0 },
	{ W(C0000001_EDX), 10, "phe",                                LOST,    0 },
	{ W(C0000001_EDX), 11, "phe-en",                             LOST,    0 },
	{ W(C0000001_EDX), 12, "pmm",                                LOST,    0 },
	{ W(C0000001_EDX), 13, "pmm-en",                             LOST,    0 },
	{ W(MSR_10A),     0, "rdctl-no",                           SECURITY, SIL },
	{ W(MSR_10A),     1, "ibrs-all",                           SECURITY, 0 },
	{ W(MSR_10A),     2, "rsba",                               SECURITY, INV },
	{ W(MSR_10A),     3, "skip-l1dfl-vmentry",                 IGNORED, 0 },
	{ W(MSR_10A),     4, "ssb-no",                             SECURITY, SIL },
	{ W(MSR_10A),     5, "mds-no",                             SECURITY, SIL },
	{ W(MSR_10A),     6, "pschange-mc-no",                     IGNORED, 0 },
	{ W(MSR_10A),     7, "tsx-ctrl",                           LOST,    0 },
	{ W(MSR_10A),     8, "taa-no",                             SECURITY, SIL },
	{ W(MSR_10A),    13, "sbdr-ssdp-no",                       SECURITY, 0 },
	{ W(MSR_10A),    14, "fbsdp-no",                           SECURITY, 0 },
	{ W(MSR_10A),    15, "psdp-no",                            SECURITY, 0 },
	{ W(MSR_10A),    17, "fb-clear",                           SECURITY, 0 },
	{ W(MSR_10A),    19, "rrsba",                              SECURITY, INV | HID },
	{ W(MSR_10A),    20, "bhi-no",                             SECURITY, 0 },
	{ W(MSR_10A),    24, "pbrsb-no",                           SECURITY, 0 },
	{ W(MSR_10A),    26, "gds-no",                             SECURITY, SIL },
	{ W(MSR_10A),    27, "rfds-no",                            SECURITY, SIL },
	{ W(MSR_10A),    28, "rfds-clear",                         SECURITY, 0 },
	{ W(MSR_10A),    62, "its-no",                             SECURITY, SIL },
	{ W(MSR_CF),      5, "split-lock-detect",                  LOST,    0 },
	{ W(MSR_345),    13, "full-width-write",                   PMU,     0 },
	{ W(MSR_480),    54, "vmx-ins-outs",                       NESTED,  0 },
	{ W(MSR_480),    55, "vmx-true-ctls",                      NESTED,  0 },
	{ W(MSR_480),    56, "vmx-any-errcode",                    NESTED,  KVM },
	{ W(MSR_480),    58, "vmx-nested-exception",               NESTED,  0 },
	{ W(MSR_485),     5, "vmx-store-lma",                      NESTED,  0 },
	{ W(MSR_485),     6, "vmx-activity-hlt",                   NESTED,  0 },
	{ W(MSR_485),     7, "vmx-activity-shutdown",              NESTED,  KVM },
	{ W(MSR_485),     8, "vmx-activity-wait-sipi",             NESTED,  0 },
	{ W(MSR_485),    29, "vmx-vmwrite-vmexit-fields",          NESTED,  0 },
	{ W(MSR_485),    30, "vmx-zero-len-inject",                NESTED,  KVM },
	{ W(MSR_48B),    32, "vmx-apicv-xapic",                    NESTED,  0 },
	{ W(MSR_48B),    33, "vmx-ept",                            NESTED,  0 },
	{ W(MSR_48B),    34, "vmx-desc-exit",                      NESTED,  0 },
	{ W(MSR_48B),    35, "vmx-rdtscp-exit",                    NESTED,  0 },
	{ W(MSR_48B),    36, "vmx-apicv-x2apic",                   NESTED,  0 },
	{ W(MSR_48B),    37, "vmx-vpid",                           NESTED,  0 },
	{ W(MSR_48B),    38, "vmx-wbinvd-exit",                    NESTED,  0 },
	{ W(MSR_48B),    39, "vmx-unrestricted-guest",             NESTED,  0 },
	{ W(MSR_48B),    40, "vmx-apicv-register",                 NESTED,  0 },
	{ W(MSR_48B),    41, "vmx-apicv-vid",                      NESTED,  0 },
	{ W(MSR_48B),    42, "vmx-ple",                            NESTED,  KVM },
	{ W(MSR_48B),    43, "vmx-rdrand-exit",                    NESTED,  0 },
	{ W(MSR_48B),    44, "vmx-invpcid-exit",                   NESTED,  0 },
	{ W(MSR_48B),    45, "vmx-vmfunc",                         NESTED,  0 },
	{ W(MSR_48B),    46, "vmx-shadow-vmcs",                    NESTED,  0 },
	{ W(MSR_48B),    47, "vmx-encls-exit",                     NESTED,  0 },
	{ W(MSR_48B),    48, "vmx-rdseed-exit",                    NESTED,  0 },
	{ W(MSR_48B),    49, "vmx-pml",                            NESTED,  0 },
	{ W(MSR_48B),    52, "vmx-xsaves",                         NESTED,  0 },
	{ W(MSR_48B),    54, "vmx-mbec",                           NESTED,  KVM },
	{ W(MSR_48B),    57, "vmx-tsc-scaling",                    NESTED,  0 },
	{ W(MSR_48B),    58, "vmx-enable-user-wait-pause",         NESTED,  0 },
	{ W(MSR_48C),     0, "vmx-ept-execonly",                   NESTED,  0 },
	{ W(MSR_48C),     6, "vmx-page-walk-4",                    NESTED,  0 },
	{ W(MSR_48C),     7, "vmx-page-walk-5",                    NESTED,  0 },
	{ W(MSR_48C),    16, "vmx-ept-2mb",                        NESTED,  0 },
	{ W(MSR_48C),    17, "vmx-ept-1gb",                        NESTED,  0 },
	{ W(MSR_48C),    20, "vmx-invept",                         NESTED,  0 },
	{ W(MSR_48C),    21, "vmx-eptad",                          NESTED,  0 },
	{ W(MSR_48C),    22, "vmx-ept-advanced-exitinfo",          NESTED,  KVM },
	{ W(MSR_48C),    25, "vmx-invept-single-context",          NESTED,  0 },
	{ W(MSR_48C),    26, "vmx-invept-all-context",             NESTED,  0 },
	{ W(MSR_48C),    32, "vmx-invvpid",                        NESTED,  0 },
	{ W(MSR_48C),    40, "vmx-invvpid-single-addr",            NESTED,  0 },
	{ W(MSR_48C),    41, "vmx-invept-single-context",          NESTED,  0 },
	{ W(MSR_48C),    42, "vmx-invvpid-all-context",            NESTED,  0 },
	{ W(MSR_48C),    43, "vmx-invept-single-context-noglobals", NESTED,  0 },
	{ W(MSR_48D),    32, "vmx-intr-exit",                      NESTED,  0 },
	{ W(MSR_48D),    35, "vmx-nmi-exit",                       NESTED,  0 },
	{ W(MSR_48D),    37, "vmx-vnmi",                           NESTED,  0 },
	{ W(MSR_48D),    38, "vmx-preemption-timer",               NESTED,  0 },
	{ W(MSR_48D),    39, "vmx-posted-intr",                    NESTED,  0 },
	{ W(MSR_48E),    34, "vmx-vintr-pending",                  NESTED,  0 },
	{ W(MSR_48E),    35, "vmx-tsc-offset",                     NESTED,  0 },
	{ W(MSR_48E),    39, "vmx-hlt-exit",                       NESTED,  0 },
	{ W(MSR_48E),    41, "vmx-invlpg-exit",                    NESTED,  0 },
	{ W(MSR_48E),    42, "vmx-mwait-exit",                     NESTED,  0 },
	{ W(MSR_48E),    43, "vmx-rdpmc-exit",                     NESTED,  0 },
	{ W(MSR_48E),    44, "vmx-rdtsc-exit",                     NESTED,  0 },
	{ W(MSR_48E),    47, "vmx-cr3-load-noexit",                NESTED,  0 },
	{ W(MSR_48E),    48, "vmx-cr3-store-noexit",               NESTED,  0 },
	{ W(MSR_48E),    51, "vmx-cr8-load-exit",                  NESTED,  0 },
	{ W(MSR_48E),    52, "vmx-cr8-store-exit",                 NESTED,  0 },
	{ W(MSR_48E),    53, "vmx-flexpriority",                   NESTED,  0 },
	{ W(MSR_48E),    54, "vmx-vnmi-pending",                   NESTED,  0 },
	{ W(MSR_48E),    55, "vmx-movdr-exit",                     NESTED,  0 },
	{ W(MSR_48E),    56, "vmx-io-exit",                        NESTED,  0 },
	{ W(MSR_48E),    57, "vmx-io-bitmap",                      NESTED,  0 },
	{ W(MSR_48E),    59, "vmx-mtf",                            NESTED,  0 },
	{ W(MSR_48E),    60, "vmx-msr-bitmap",                     NESTED,  0 },
	{ W(MSR_48E),    61, "vmx-monitor-exit",                   NESTED,  0 },
	{ W(MSR_48E),    62, "vmx-pause-exit",                     NESTED,  0 },
	{ W(MSR_48E),    63, "vmx-secondary-ctls",                 NESTED,  0 },
	{ W(MSR_48F),    34, "vmx-exit-nosave-debugctl",           NESTED,  0 },
	{ W(MSR_48F),    44, "vmx-exit-load-perf-global-ctrl",     NESTED,  0 },
	{ W(MSR_48F),    47, "vmx-exit-ack-intr",                  NESTED,  0 },
	{ W(MSR_48F),    50, "vmx-exit-save-pat",                  NESTED,  0 },
	{ W(MSR_48F),    51, "vmx-exit-load-pat",                  NESTED,  0 },
	{ W(MSR_48F),    52, "vmx-exit-save-efer",                 NESTED,  0 },
	{ W(MSR_48F),    53, "vmx-exit-load-efer",                 NESTED,  0 },
	{ W(MSR_48F),    54, "vmx-exit-save-preemption-timer",     NESTED,  0 },
	{ W(MSR_48F),    55, "vmx-exit-clear-bndcfgs",             NESTED,  0 },
	{ W(MSR_48F),    57, "vmx-exit-clear-rtit-ctl",            NESTED,  KVM },
	{ W(MSR_48F),    60, "vmx-exit-save-cet",                  NESTED,  KVM },
	{ W(MSR_48F),    61, "vmx-exit-load-pkrs",                 NESTED,  KVM },
	{ W(MSR_48F),    63, "vmx-exit-secondary-ctls",            NESTED,  0 },
	{ W(MSR_490),    34, "vmx-entry-noload-debugctl",          NESTED,  0 },
	{ W(MSR_490),    41, "vmx-entry-ia32e-mode",               NESTED,  0 },
	{ W(MSR_490),    45, "vmx-entry-load-perf-global-ctrl",    NESTED,  0 },
	{ W(MSR_490),    46, "vmx-entry-load-pat",                 NESTED,  0 },
	{ W(MSR_490),    47, "vmx-entry-load-efer",                NESTED,  0 },
	{ W(MSR_490),    48, "vmx-entry-load-bndcfgs",             NESTED,  0 },
	{ W(MSR_490),    50, "vmx-entry-load-rtit-ctl",            NESTED,  KVM },
	{ W(MSR_490),    52, "vmx-entry-load-cet",                 NESTED,  KVM },
	{ W(MSR_490),    54, "vmx-entry-load-pkrs",                NESTED,  KVM },
	{ W(MSR_490),    55, "vmx-entry-load-fred",                NESTED,  KVM },
	{ W(MSR_491),     0, "vmx-eptp-switching",                 NESTED,  0 },
};

/*
 * On AMD, KVM sets these bits for features that the CPU has under another name (kvm_set_cpu_caps(), until Linux 6.18 all
 * of them): only the originals count.
 */
static const struct {
	const char *copy;
	guint vendors;
	const char *originals;
} copy_rows[] = {
	{ "spec-ctrl", AMD, "ibpb ibrs" },
	{ "stibp",     AMD, "amd-stibp" },
	{ "ssbd",      AMD, "amd-ssbd" },
};

/*
 * Losses that do no harm.  Sources: clearing buffers has no use on a CPU that does not leak (Linux
 * Documentation/admin-guide/hw-vuln: mds, processor_mmio_stale_data, reg-file-data-sampling; QEMU offers fb-clear
 * on the same condition, target/i386/kvm/kvm.c); KVM drops taa-no with rtm (kvm_get_arch_capabilities()).
 */
static const struct {
	const char *lost;
	const char *target_has;
	const char *target_lacks;
	const char *guest_lacks;
} tolerance_rows[] = {
	{ "md-clear",   "mds-no",                                      NULL,  NULL },
	{ "rfds-clear", "rfds-no",                                     NULL,  NULL },
	{ "fb-clear",   "mds-no sbdr-ssdp-no fbsdp-no psdp-no taa-no", NULL,  NULL },
	{ "fb-clear",   "mds-no sbdr-ssdp-no fbsdp-no psdp-no",        "rtm", NULL },
	{ "taa-no",     "",                                            NULL,  "rtm" },
	{ "verw-clear", "tsa-sq-no tsa-l1-no",                         NULL,  NULL },
};

/*
 * Without XSAVE no operating system can use features whose registers are XSAVE components (Intel SDM volume 1, 13.1
 * to 13.5, 14.3).
 */
static const struct {
	const char *feature;
	const char *needs;
} need_rows[] = {
	{ "avx",                 "xsave" },
	{ "mpx",                 "xsave" },
	{ "pku",                 "xsave" },
	{ "amx-tile",            "xsave" },
	{ "f16c",                "avx" },
	{ "fma",                 "avx" },
	{ "fma4",                "avx" },
	{ "xop",                 "avx" },
	{ "avx2",                "avx" },
	{ "vaes",                "avx" },
	{ "vpclmulqdq",          "avx" },
	{ "avx-vnni",            "avx2" },
	{ "avx-ifma",            "avx2" },
	{ "avx-vnni-int8",       "avx2" },
	{ "avx-vnni-int16",      "avx2" },
	{ "avx-ne-convert",      "avx2" },
	{ "avx512f",             "avx2" },
	{ "avx512dq",            "avx512f" },
	{ "avx512cd",            "avx512f" },
	{ "avx512bw",            "avx512f" },
	{ "avx512vl",            "avx512f" },
	{ "avx512pf",            "avx512f" },
	{ "avx512er",            "avx512f" },
	{ "avx512ifma",          "avx512f" },
	{ "avx512vbmi",          "avx512f" },
	{ "avx512vbmi2",         "avx512f" },
	{ "avx512vnni",          "avx512f" },
	{ "avx512bitalg",        "avx512f" },
	{ "avx512-vpopcntdq",    "avx512f" },
	{ "avx512-4vnniw",       "avx512f" },
	{ "avx512-4fmaps",       "avx512f" },
	{ "avx512-vp2intersect", "avx512f" },
	{ "avx512-bf16",         "avx512f" },
	{ "avx512-fp16",         "avx512f" },
	{ "amx-bf16",            "amx-tile" },
	{ "amx-int8",            "amx-tile" },
	{ "amx-fp16",            "amx-tile" },
	{ "amx-complex",         "amx-tile" },
};

/* Source: x86_ext_save_areas[] of QEMU's target/i386/cpu.c; Intel SDM volume 1, 13.1. */
static const struct {
	guint number;
	const char *feature;
	const char *other;
} component_rows[] = {
	{ 2,  "avx",      NULL },
	{ 3,  "mpx",      NULL },
	{ 4,  "mpx",      NULL },
	{ 5,  "avx512f",  "avx10" },
	{ 6,  "avx512f",  "avx10" },
	{ 7,  "avx512f",  "avx10" },
	{ 9,  "pku",      NULL },
	{ 11, "cet-ss",   "cet-ibt" },
	{ 12, "cet-ss",   "cet-ibt" },
	{ 17, "amx-tile", NULL },
	{ 18, "amx-tile", NULL },
	{ 19, "apxf",     NULL },
};

static const struct {
	const char *text;
	TuneCpuVendor vendor;
} vendors[] = {
	{ "",             TUNE_VENDOR_UNKNOWN },
	{ "GenuineIntel", TUNE_VENDOR_INTEL },
	{ "AuthenticAMD", TUNE_VENDOR_AMD },
	{ "HygonGenuine", TUNE_VENDOR_AMD },
	{ "CentaurHauls", TUNE_VENDOR_ZHAOXIN },
	{ "  Shanghai  ", TUNE_VENDOR_ZHAOXIN },
};
/* clang-format on */

TuneCpuVendor tune_cpu_vendor_from_text(const char *text)
{
	for (guint i = 0; i < G_N_ELEMENTS(vendors); i++)
		if (strcmp(vendors[i].text, text) == 0)
			return vendors[i].vendor;
	return TUNE_VENDOR_OTHER;
}

/* ---- derived tables, made once ---- */

static struct {
	char names[TUNE_CPU_N_WORDS][24];
	const TuneCpuBit *rows[TUNE_CPU_N_WORDS][64];
	TuneCpuMasks masks;
	TuneCpuCopy copies[G_N_ELEMENTS(copy_rows)];
	TuneCpuTolerance tolerances[G_N_ELEMENTS(tolerance_rows)];
	TuneCpuNeed needs[G_N_ELEMENTS(need_rows)];
	TuneCpuComponentInfo components[G_N_ELEMENTS(component_rows)];
} tables;

const TuneCpuBit *tune_cpu_bit_find_name(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(bits); i++)
		if (strcmp(bits[i].name, name) == 0)
			return &bits[i];
	return NULL;
}

/* An empty mask for NULL.  A name that is not in the table is an error in a row above. */
static TuneCpuMask make_mask(const char *name)
{
	const TuneCpuBit *row = name ? tune_cpu_bit_find_name(name) : NULL;

	if (name && !row)
		g_error("no CPU feature '%s' in the table", name);
	return row ? (TuneCpuMask){ row->word, BIT(row->bit) } : (TuneCpuMask){ TUNE_CPU_1_ECX, 0 };
}

static gboolean is_refusing(TuneCpuClass class)
{
	return class == TUNE_CPU_LOST || class == TUNE_CPU_SECURITY || class == TUNE_CPU_NESTED;
}

static void add_row(TuneCpuMasks *masks, const TuneCpuBit *row)
{
	guint64 bit = BIT(row->bit);
	TuneCpuWord word = row->word;

	tables.rows[word][row->bit] = row;
	masks->unnamed[word] &= ~bit;
	if (row->flags & TUNE_BIT_HIDDEN)
		return;
	masks->shown[word] |= bit;
	masks->shown_raw[word] |= row->flags & TUNE_BIT_KVM_DEPENDENT ? 0 : bit;
	if (row->class == TUNE_CPU_IGNORED)
		return;
	if (row->flags & TUNE_BIT_INVERTED)
		masks->gained[word] |= bit;
	else if (row->flags & TUNE_BIT_RUNNING)
		masks->lost_running[word] |= bit;
	else
		masks->lost[word] |= bit;
	if (is_refusing(row->class) && !(row->flags & TUNE_BIT_RUNNING))
		masks->refused_words |= BIT(word);
	if (is_refusing(row->class) && !(row->flags & TUNE_BIT_INVERTED))
		masks->refused[word] |= bit;
}

static void prepare_words(TuneCpuMasks *masks)
{
	static const char *const registers[] = { "eax", "ebx", "ecx", "edx" };

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		const TuneCpuWordInfo *info = &infos[word];
		if (info->reg == TUNE_REG_MSR)
			g_snprintf(tables.names[word], sizeof(tables.names[word]), "msr.0x%x",
				   info->leaf);
		else
			g_snprintf(tables.names[word], sizeof(tables.names[word]), "0x%x.%u.%s",
				   info->leaf, info->sub, registers[info->reg]);
		masks->gates[word] = make_mask(info->gate);
		if (info->kind == TUNE_WORD_EQUAL)
			masks->refused_words |= BIT(word);
		/* A guest has only named bits of an MSR, and numbers and layouts have no names for bits. */
		if (info->kind != TUNE_WORD_BITS)
			masks->shown[word] = masks->shown_raw[word] = G_MAXUINT64;
		else if (info->reg != TUNE_REG_MSR)
			masks->unnamed[word] = G_MAXUINT32 & ~info->ignored;
	}
}

static void parse_masks(TuneCpuMask *masks, const char *text)
{
	g_auto(GStrv) names = g_strsplit(text, " ", -1);

	for (guint i = 0; names[i] && *names[i]; i++)
		masks[i] = make_mask(names[i]);
}

static TuneCpuCopy make_copy(guint i)
{
	TuneCpuCopy copy = {
		.copy = make_mask(copy_rows[i].copy),
		.vendors = copy_rows[i].vendors,
	};

	parse_masks(copy.originals, copy_rows[i].originals);
	return copy;
}

static TuneCpuTolerance make_tolerance(guint i)
{
	TuneCpuTolerance rule = {
		.lost = tune_cpu_bit_find_name(tolerance_rows[i].lost),
		.target_lacks = make_mask(tolerance_rows[i].target_lacks),
		.guest_lacks = make_mask(tolerance_rows[i].guest_lacks),
	};

	parse_masks(rule.target_has, tolerance_rows[i].target_has);
	return rule;
}

static TuneCpuComponentInfo make_component(guint i)
{
	TuneCpuComponentInfo info = {
		.number = component_rows[i].number,
		.features = { make_mask(component_rows[i].feature),
			      make_mask(component_rows[i].other) },
	};
	const TuneCpuBit *row = tune_cpu_bit_find_name(component_rows[i].feature);

	info.is_running = (row->flags & TUNE_BIT_RUNNING) != 0;
	return info;
}

static void prepare_tables(void)
{
	static gsize is_ready;

	if (!g_once_init_enter(&is_ready))
		return;
	prepare_words(&tables.masks);
	for (guint i = 0; i < G_N_ELEMENTS(bits); i++)
		add_row(&tables.masks, &bits[i]);
	/* A newer QEMU may have a name for a bit without a row, so guests keep it where KVM gives it. */
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		tables.masks.shown[word] |= tables.masks.unnamed[word];
	/* The version in AVX10's word is a number that must not become smaller. */
	tables.masks.shown[TUNE_CPU_24_0_EBX] |= 0xff;
	tables.masks.shown_raw[TUNE_CPU_24_0_EBX] |= 0xff;
	/* The formats of branch and event records, which QEMU passes on from the host. */
	tables.masks.shown[TUNE_CPU_MSR_345] |= 0xfff;
	tables.masks.shown_raw[TUNE_CPU_MSR_345] |= 0xfff;
	for (guint i = 0; i < G_N_ELEMENTS(copy_rows); i++)
		tables.copies[i] = make_copy(i);
	for (guint i = 0; i < G_N_ELEMENTS(tolerance_rows); i++)
		tables.tolerances[i] = make_tolerance(i);
	for (guint i = 0; i < G_N_ELEMENTS(need_rows); i++)
		tables.needs[i] = (TuneCpuNeed){ make_mask(need_rows[i].feature),
						 make_mask(need_rows[i].needs) };
	for (guint i = 0; i < G_N_ELEMENTS(component_rows); i++)
		tables.components[i] = make_component(i);
	g_once_init_leave(&is_ready, 1);
}

/* ---- looking up ---- */

const TuneCpuWordInfo *tune_cpu_word_info(TuneCpuWord word)
{
	return &infos[word];
}

TuneCpuWord tune_cpu_word_find(guint32 leaf, guint32 sub, TuneCpuRegister reg)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (infos[word].leaf == leaf && infos[word].sub == sub && infos[word].reg == reg)
			return word;
	return TUNE_CPU_N_WORDS;
}

const char *tune_cpu_word_name(TuneCpuWord word)
{
	prepare_tables();
	return tables.names[word];
}

const TuneCpuBit *tune_cpu_bits(guint *ret_n_bits)
{
	*ret_n_bits = G_N_ELEMENTS(bits);
	return bits;
}

const TuneCpuBit *tune_cpu_bit_find(TuneCpuWord word, guint bit)
{
	prepare_tables();
	return tables.rows[word][bit];
}

const TuneCpuCopy *tune_cpu_copies(guint *ret_n_copies)
{
	prepare_tables();
	*ret_n_copies = G_N_ELEMENTS(copy_rows);
	return tables.copies;
}

const TuneCpuTolerance *tune_cpu_tolerances(guint *ret_n_tolerances)
{
	prepare_tables();
	*ret_n_tolerances = G_N_ELEMENTS(tolerance_rows);
	return tables.tolerances;
}

const TuneCpuNeed *tune_cpu_needs(guint *ret_n_needs)
{
	prepare_tables();
	*ret_n_needs = G_N_ELEMENTS(need_rows);
	return tables.needs;
}

const TuneCpuComponentInfo *tune_cpu_component_infos(guint *ret_n_infos)
{
	prepare_tables();
	*ret_n_infos = G_N_ELEMENTS(component_rows);
	return tables.components;
}

const TuneCpuMasks *tune_cpu_masks(void)
{
	prepare_tables();
	return &tables.masks;
}
