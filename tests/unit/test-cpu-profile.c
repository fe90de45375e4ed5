/* SPDX-License-Identifier: BSD-2-Clause */
/* Features that KVM adds and hides, for CPUs of which only a dump is known. */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/compare.h>

#include "tests/unit/check.h"

#define INTEL_ID "756e6547 6c65746e 49656e69"
#define AMD_ID "68747541 444d4163 69746e65"

/* KVM's own leaves: what a guest sees, and not the bare CPU. */
#define VIEW                                                                                       \
	"40000000 0 40000001 4b4d564b 564b4d56 0000004d\n"                                         \
	"40000001 0 01007afb 0 0 0\n"

#define VMX_480 "msr 480 00da050000000013\n"
#define VMX_48C "msr 48c 00000f0106334141\n"

/**
 * One end of a case: as much of a CPU as it takes.
 *
 * @signature: CPUID 1.EAX; @vmx: 1 for the feature; @less: what CPUID 1.ECX lacks
 * @ebx, @edx: of CPUID 7
 * @amd: CPUID 80000008.EBX; @svm: CPUID 8000000A.EDX; @amd21: CPUID 80000021.EAX
 */
typedef struct {
	guint32 signature;
	guint32 vmx;
	guint32 less;
	guint32 ebx, edx;
	guint32 amd, svm, amd21;
	const char *more;
} Words;

static char *write_intel(const Words *words)
{
	return g_strdup_printf("0 0 24 " INTEL_ID "\n1 0 %x 0 %x 0783fbff\n7 0 1 %x 0 %x\n"
			       "d 0 e7 a88 a88 0\nd 1 0 0 0 0\nd 2 100 240 0 0\nd 5 40 440 0 0\n"
			       "d 6 200 480 0 0\nd 7 400 680 0 0\n"
			       "80000000 0 80000008 0 0 0\n80000001 0 0 0 1 28100800\n"
			       "80000008 0 302e 0 0 0\n%s",
			       words->signature, (0x14982201 & ~words->less) | words->vmx << 5,
			       words->ebx, words->edx, words->more ? words->more : "");
}

static char *write_amd(const Words *words)
{
	return g_strdup_printf(
		"0 0 d " AMD_ID "\n1 0 %x 0 982201 0783fbff\n7 0 0 0 %x 0\nd 0 0 0 0 0\n"
		"80000000 0 80000021 " AMD_ID "\n80000001 0 0 0 %x 28100800\n"
		"80000008 0 3030 %x 0 0\n8000000a 0 1 8000 0 %x\n80000021 0 %x 0 0 0\n%s",
		words->signature, words->ebx, words->svm ? 5 : 1, words->amd, words->svm,
		words->amd21, words->more ? words->more : "");
}

typedef struct {
	const char *name;
	gboolean is_amd;
	Words from, to;
	const char *expected; /* the reasons that refuse */
} Case;

/* clang-format off */
static const Case cases[] = {
	{ "an immunity that no CPU tells of, and the kernel knows", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 400000000c02e07b\n" },
	  { .signature = 0x806f8, .edx = 0xac000000, .more = "msr 10a c02e07b\n" }, "" },
	{ "and a CPU that is not immune", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 400000000c02e07b\n" },
	  { .signature = 0x50657, .edx = 0xac000000, .more = "msr 10a c02e07b\n" }, "security:its-no" },
	{ "Skylake before Cascade Lake is immune", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 400000000c02e07b\n" },
	  { .signature = 0x50654, .edx = 0xac000000, .more = "msr 10a c02e07b\n" }, "" },
	{ "gathering and register files", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 0c02e07b\n" },
	  { .signature = 0x806f8, .edx = 0xac000000, .more = "msr 10a 0002e07b\n" }, "" },
	{ "register files leak on Goldmont", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 0c02e07b\n" },
	  { .signature = 0x506c9, .edx = 0xac000000, .more = "msr 10a 0002e07b\n" }, "security:rfds-no" },
	{ "what the CPU says of itself counts", FALSE,
	  { .signature = 0x806f8, .edx = 0xac000000, .more = VIEW "msr 10a 0c02e07b\n" },
	  { .signature = 0x906a4, .edx = 0xac000000, .more = "msr 10a 0802e07b\n" }, "" },
	{ "an old CPU has no register, and its guests have one", FALSE,
	  { .signature = 0x306f2, .edx = 0x8c000000 },
	  { .signature = 0x506e3, .edx = 0x8c000000 }, "security:gds-no" },
	{ "no AVX, nothing to gather", FALSE,
	  { .signature = 0x806f8, .less = 0x10000000, .edx = 0xac000000, .more = VIEW "msr 10a 4000000\n" },
	  { .signature = 0x506e3, .less = 0x10000000, .edx = 0xac000000, .more = "msr 10a 0\n" }, "" },
	{ "TSX switched off", FALSE,
	  { .signature = 0x806f8, .ebx = 0x800, .edx = 0xac000000, .more = "msr 10a 2e1fb\n" },
	  { .signature = 0x606a6, .edx = 0xac000000, .more = "msr 10a 4002e1fb\n" },
	  "lost:rtm security:taa-no security:gds-no security:its-no" },
	{ "today's microcode", TRUE,
	  { .signature = 0xa10f11, .amd = 0x0100d005, .amd21 = 0x18000145, .more = VIEW },
	  { .signature = 0xa10f11, .amd = 0x0100d005, .amd21 = 0x145 }, "" },
	{ "and that of a CPU before", TRUE,
	  { .signature = 0xa10f11, .amd = 0x0100d005, .amd21 = 0x18000145, .more = VIEW },
	  { .signature = 0x830f10, .amd = 0x0100d005, .amd21 = 0x145 }, "security:sbpb" },
	{ "SSBD for guests", TRUE,
	  { .signature = 0xa10f11, .amd = 0x0300d005, .more = VIEW },
	  { .signature = 0xa10f11, .amd = 0x0100d005 }, "" },
	{ "SSBD of Bulldozer", TRUE,
	  { .signature = 0x600f12, .amd = 0x02000000, .more = VIEW },
	  { .signature = 0x600f12 }, "" },
	{ "no SSBD", TRUE,
	  { .signature = 0x600f12, .amd = 0x02000000, .more = VIEW },
	  { .signature = 0x100f42 }, "lost:virt-ssbd" },
	{ "SVM as KVM does it itself", TRUE,
	  { .signature = 0xa00f11, .amd = 0x0100d005, .svm = 0x100194fb },
	  { .signature = 0xa00f11, .amd = 0x0100d005, .svm = 0x0001941b }, "" },
	{ "SVM as the CPU does it", TRUE,
	  { .signature = 0xa00f11, .amd = 0x0100d005, .svm = 0x100194fb },
	  { .signature = 0xa00f11, .amd = 0x0100d005, .svm = 0x0000941b }, "nested:vgif" },
	{ "bus locks are not told of on AMD", TRUE,
	  { .signature = 0xb00f21, .ebx = 0x01000000 }, { .signature = 0xb00f21 }, "" },
	{ "shadows of VMX are KVM's", FALSE,
	  { .signature = 0x306f2, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 7fff00000000\n" VMX_48C },
	  { .signature = 0x306f2, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 3fff00000000\n" VMX_48C }, "" },
	{ "scaling of the clock is the CPU's", FALSE,
	  { .signature = 0x306f2, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 2007fff00000000\n" VMX_48C },
	  { .signature = 0x306f2, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 7fff00000000\n" VMX_48C },
	  "nested:vmx-tsc-scaling" },
	{ "SGX switched off", FALSE,
	  { .signature = 0x606a6, .vmx = 1, .ebx = 4, .edx = 0x8c000000,
	    .more = "12 0 0 0 0 0\n" VMX_480 "msr 48b ffff00000000\n" VMX_48C },
	  { .signature = 0x606a6, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 7fff00000000\n" VMX_48C }, "" },
	{ "SGX switched on", FALSE,
	  { .signature = 0x606a6, .vmx = 1, .ebx = 4, .edx = 0x8c000000,
	    .more = "12 0 3 0 0 0\n" VMX_480 "msr 48b ffff00000000\n" VMX_48C },
	  { .signature = 0x606a6, .vmx = 1, .edx = 0x8c000000, .more = VMX_480 "msr 48b 7fff00000000\n" VMX_48C },
	  "nested:vmx-encls-exit" },
	{ "what this KVM gives nobody", FALSE,
	  { .signature = 0x606a6, .vmx = 1, .edx = 0x8c000000,
	    .more = "msr 480 01da050000000013\nmsr 485 700481e7\nmsr 48b 407fff00000000\nmsr 48c f0106734141\n" },
	  { .signature = 0x606a6, .vmx = 1, .edx = 0x8c000000,
	    .more = VMX_480 "msr 485 300481a5\nmsr 48b 7bff00000000\n" VMX_48C }, "" },
	{ "AVX10 goes by its parts", FALSE,
	  { .signature = 0xa06d1, .ebx = 0x10020, .edx = 0x8c000000, .more = "7 1 0 0 0 80000\n24 0 0 70001 0 0\n" },
	  { .signature = 0xa06d1, .ebx = 0x10020, .edx = 0x8c000000, .more = "7 1 0 0 0 0\n" },
	  "lost:avx10 lost:avx10-128 lost:avx10-256 lost:avx10-512" },
};
/* clang-format on */

static TuneCpu *make(const Case *row, const Words *words)
{
	g_autofree char *text = row->is_amd ? write_amd(words) : write_intel(words);
	g_autoptr(GError) error = NULL;
	TuneCpu *cpu = tune_cpu_parse_dump(text, row->name, NULL, &error);

	CHECK_NO_ERROR(error);
	tune_cpu_reduce(cpu);
	return cpu;
}

static char *list_refusing(const TuneCpuReport *report)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (tune_cpu_class_refuses(reason->kind))
			g_string_append_printf(text, "%s%s:%s", text->len ? " " : "",
					       tune_cpu_class_name(reason->kind), reason->name);
	}
	return g_string_free(text, FALSE);
}

static void test_cases(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(TuneCpu) from = make(&cases[i], &cases[i].from);
		g_autoptr(TuneCpu) to = make(&cases[i], &cases[i].to);
		g_autoptr(TuneCpuReport) report = tune_cpu_compare(from, to, 0);
		g_autofree char *found = list_refusing(report);
		CHECK_TEXT(found, cases[i].expected);
	}
}

/* Whether QEMU shows AMD guests KVM's immunities of Intel bugs, a bare CPU does not tell. */
static void test_amd_register(void)
{
	static const Case row = { "amd", TRUE, { 0 }, { 0 }, NULL };
	static const Words seen = { .signature = 0xa10f11, .more = VIEW "msr 10a 21\n" };
	static const Words bare = { .signature = 0xa00f11 };
	g_autoptr(TuneCpu) guest = make(&row, &seen);
	g_autoptr(TuneCpu) target = make(&row, &bare);

	tune_cpu_set_feature(guest, "arch-capabilities", TRUE);
	tune_cpu_set_msr(guest, 0x10a, 0x21);
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, 0);
	CU_ASSERT_EQUAL(tune_cpu_report_get_verdict(report), TUNE_CPU_VERDICT_UNKNOWN);
	g_autofree char *text = tune_cpu_report_format(report);
	CHECK_HOLDS(text, "unknown:rdctl-no");
	CHECK_HOLDS(text, "unknown:mds-no");
}

/* Of two bare CPUs it is unknown what KVM adds, but KVM adds the same to both. */
static void test_two_raw(void)
{
	static const Case row = { "amd", TRUE, { 0 }, { 0 }, NULL };
	static const Words words = { .signature = 0xa10f11 };
	static const Words seen = { .signature = 0xa10f11, .more = VIEW };
	g_autoptr(TuneCpu) one = make(&row, &words);
	g_autoptr(TuneCpu) view = make(&row, &seen);

	CU_ASSERT_EQUAL(tune_cpu_judge(one, one, 0), TUNE_CPU_OK);
	CU_ASSERT_EQUAL(tune_cpu_judge(view, one, 0), TUNE_CPU_VERDICT_UNKNOWN);
}

/* ---- kernels and QEMUs ---- */

#define ZEN4                                                                                       \
	"0 0 d " AMD_ID "\n1 0 a10f11 0 982201 0783fbff\n7 0 0 0 0 0\nd 0 0 0 0 0\n"               \
	"80000000 0 80000022 " AMD_ID                                                              \
	"\n80000001 0 0 0 5 28100800\n80000008 0 3030 1100d000 0 0\n"                              \
	"8000000a 0 1 8000 0 02000001\n80000021 0 147 0 0 0\n80000022 0 1 0 0 0\n"

static void test_versions(void)
{
	/* clang-format off */
	static const struct {
		const char *kernel, *qemu;
		const char *name;
		const char *given, *kept;
	} versions[] = {
		{ NULL,            NULL,           "Linux 6.12, QEMU 10.2", "auto-ibrs sbpb vnmi flushbyasid fs-gs-base-ns amd-psfd", "" },
		{ "6.12",          "10.2",         "Linux 6.12, QEMU 10.2", "auto-ibrs sbpb vnmi", "" },
		{ "6.12.30-1",     "10.0.2 (D 1)", "Linux 6.12, QEMU 10.0", "auto-ibrs sbpb vnmi amd-psfd", "fs-gs-base-ns" },
		{ "6.1",           NULL,           "Linux 6.1, QEMU 10.2",  "amd-psfd no-nested-data-bp", "auto-ibrs sbpb vnmi flushbyasid fs-gs-base-ns" },
		{ "6.1.0-40-amd64", "7.2",         "Linux 6.1, QEMU 7.2",   "ibpb", "auto-ibrs sbpb vnmi amd-psfd no-nested-data-bp" },
		{ "6.12",          "7.2.22",       "Linux 6.12, QEMU 7.2",  "flushbyasid", "auto-ibrs sbpb vnmi amd-psfd" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		check_row_format("Linux %s, QEMU %s", versions[i].kernel, versions[i].qemu);
		g_autoptr(GError) error = NULL;
		TuneCpuProfile profile;
		CU_ASSERT(tune_cpu_profile_find(versions[i].kernel, versions[i].qemu, &profile,
						&error));
		CHECK_NO_ERROR(error);
		g_autoptr(TuneCpu) cpu = tune_cpu_parse_dump(ZEN4, "zen4", &profile, &error);
		CHECK_NO_ERROR(error);
		tune_cpu_reduce(cpu);
		CHECK_TEXT(tune_cpu_get_profile(cpu), versions[i].name);
		g_auto(GStrv) given = g_strsplit(versions[i].given, " ", -1);
		g_auto(GStrv) kept = g_strsplit(versions[i].kept, " ", -1);
		for (char **name = given; *name; name++)
			CHECK_TEXT(tune_cpu_has_feature(cpu, *name) ? *name : "missing", *name);
		for (char **name = kept; *name; name++)
			CHECK_TEXT(tune_cpu_has_feature(cpu, *name) ? *name : NULL, NULL);
	}
}

static void test_unknown_versions(void)
{
	static const char *const versions[][3] = {
		{ "6.6", NULL, "no profile of Linux 6.6, these are known: 6.1, 6.12" },
		{ "6", NULL, "no profile of Linux 6," },
		{ "6.120", NULL, "no profile of Linux 6.120," },
		{ NULL, "9.1", "no profile of QEMU 9.1, these are known: 7.2, 10.0, 10.2" },
		{ "", NULL, "no profile of Linux ," },
	};

	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		check_row(versions[i][2]);
		g_autoptr(GError) error = NULL;
		TuneCpuProfile profile;
		CU_ASSERT_FALSE(
			tune_cpu_profile_find(versions[i][0], versions[i][1], &profile, &error));
		CHECK_HOLDS(error ? error->message : NULL, versions[i][2]);
		CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	}
}

/* Two CPUs that differ by what the older kernel keeps back are the same under it, both ways. */
static void test_pair_of_profile(void)
{
	g_autofree char *less = g_strdup(ZEN4);
	g_autoptr(GError) error = NULL;
	TuneCpuProfile old;

	*strstr(less, " 147 ") = '\0';
	g_autofree char *text = g_strconcat(less, " 47 0 0 0\n80000022 0 1 0 0 0\n", NULL);
	for (guint i = 0; i < 2; i++) {
		tune_cpu_profile_find(i ? "6.1" : "6.12", NULL, &old, &error);
		g_autoptr(TuneCpu) from = tune_cpu_parse_dump(ZEN4, "from", &old, &error);
		g_autoptr(TuneCpu) to = tune_cpu_parse_dump(text, "to", &old, &error);
		CHECK_NO_ERROR(error);
		tune_cpu_reduce(from);
		tune_cpu_reduce(to);
		CU_ASSERT_EQUAL(tune_cpu_judge(from, to, 0), i ? TUNE_CPU_OK : TUNE_CPU_REFUSE);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "what KVM makes up and hides", test_cases },
		{ "a register that AMD does not have", test_amd_register },
		{ "two bare CPUs", test_two_raw },
		{ "what an older kernel and QEMU keep back", test_versions },
		{ "versions that are not known", test_unknown_versions },
		{ "a pair of CPUs under an older kernel", test_pair_of_profile },
		{ NULL, NULL },
	};

	return check_main("cpu-profile", checks);
}
