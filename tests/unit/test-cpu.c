/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

/* A bare CPU of Intel with AVX, an MSR that the dump does not show, and answers beyond its highest leaves. */
static const char small[] =
	"# a made-up machine\n"
	"00000000 00000000 0000000d 756e6547 6c65746e 49656e69\n"
	"00000001 00000000 00050657 00800800 1c000009 078bfbff # sse3 ssse3 xsave avx\n"
	"00000007 00000000 00000000 00000820 00000000 20000000\n"
	"0000000d 00000000 00000207 00000340 00000340 00000000\n"
	"0000000d 00000002 00000100 00000240 00000000 00000000\n"
	"0000000d 00000009 00000040 00000a80 00000000 00000000\n"
	"00000024 00000000 00000001 00070001 00000000 00000000\n"
	"\n"
	"80000000 00000000 80000008 00000000 00000000 00000000\n"
	"80000001 00000000 00000000 00000000 00000001 20100000\n"
	"80000008 00000000 0000302e 01000000 00000000 00000000\n"
	"c0000000 00000000 00000207 00000340 00000340 00000000\n"
	"c0000001 00000000 00000207 00000340 00000340 ffffffff\n"
	"msr 0x480 0x1\n";

static TuneCpu *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	TuneCpu *cpu = tune_cpu_parse_dump(text, "small.cpuid", NULL, &error);

	CHECK_NO_ERROR(error);
	return cpu;
}

/* ---- dumps ---- */

static void test_dump(void)
{
	g_autoptr(TuneCpu) cpu = parse(small);

	check_round_trip(cpu);
	CU_ASSERT_EQUAL(cpu->source, TUNE_CPU_RAW);
	CHECK_TEXT(cpu->vendor, "GenuineIntel");
	CU_ASSERT_EQUAL(cpu->family, 6);
	CU_ASSERT_EQUAL(cpu->model, 85);
	CU_ASSERT_EQUAL(cpu->stepping, 7);
	CU_ASSERT_EQUAL(cpu->phys_bits, 46);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_7_0_EBX], 0x820);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_MSR_480], 1);
	CU_ASSERT_EQUAL(cpu->components[2].size, 256);
	CU_ASSERT_EQUAL(cpu->components[2].offset, 576);
	/* The guest has this MSR, by 7.0.EDX, but the dump does not show it, so its bits are unknown. */
	CU_ASSERT(tune_cpu_has_feature(cpu, "arch-capabilities"));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_MSR_10A));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_40000001_EAX));
}

/* Beyond its highest leaf a CPU answers with that leaf again, which means nothing. */
static void test_clamp(void)
{
	g_autoptr(TuneCpu) cpu = parse(small);

	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_24_0_EBX));
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_24_0_EBX], 0);
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_C0000001_EDX));
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_C0000001_EDX], 0);
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_80000021_EAX));
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_7_2_EDX));
}

static void test_reduced_dump(void)
{
	g_autoptr(TuneCpu) cpu = parse(small);

	tune_cpu_reduce(cpu);
	/* Monitor is not for guests; SYSCALL is there on every 64-bit CPU. */
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "monitor"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "syscall"));
	/* In the table, but ignored. */
	CU_ASSERT_EQUAL(cpu->components[9].size, 0);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_D_0_EAX], 7);
	CU_ASSERT_EQUAL(cpu->components[2].size, 256);
	/* Without VMX its MSRs do not exist, whatever the dump contains. */
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_MSR_48B));
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_MSR_480], 0);
	/* AMD's word on an Intel CPU. */
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_80000008_EBX], 0);
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_MSR_10A));
}

/* An unknown address width is QEMU's default; a feature whose state has no size is not there. */
static void test_old_cpu(void)
{
	g_autoptr(TuneCpu) cpu = parse("0 0 d 756e6547 6c65746e 49656e69\n"
				       "1 0 6f2 0 1c000000 20000\n"
				       "7 0 0 4000 0 0\n"
				       "d 0 7 340 340 0\n"
				       "d 2 100 240 0 0\n"
				       "80000000 0 80000004 0 0 0\n");

	CU_ASSERT(cpu->fields & TUNE_CPU_HAS_PHYS_BITS);
	CU_ASSERT_EQUAL(cpu->phys_bits, 36);
	CU_ASSERT(tune_cpu_has_feature(cpu, "mpx"));
	tune_cpu_reduce(cpu);
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "mpx"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "avx"));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_80000001_EDX));
}

/* AVX always has a size, so in a dump without it the size is unknown. */
static void test_missing_size(void)
{
	g_autoptr(TuneCpu) cpu = parse("0 0 d 756e6547 6c65746e 49656e69\n"
				       "1 0 6f2 0 1c000000 20000\n"
				       "d 0 7 340 340 0\n");

	tune_cpu_reduce(cpu);
	CU_ASSERT(tune_cpu_has_feature(cpu, "avx"));
	CU_ASSERT_FALSE(cpu->known_components >> 2 & 1);
	CU_ASSERT(cpu->known_components >> 9 & 1);
}

/* Without the first leaf of a range, which tells its highest one, the range is unknown. */
static void test_missing_range(void)
{
	g_autoptr(TuneCpu) cpu = parse("0 0 d 756e6547 6c65746e 49656e69\n1 0 6f2 0 0 20000\n");

	tune_cpu_reduce(cpu);
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_80000001_EDX));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_7_0_EBX));
	CU_ASSERT_FALSE(cpu->fields & TUNE_CPU_HAS_PHYS_BITS);
	/* Without XSAVE its words are known: there are none. */
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_D_1_EAX));
}

/* What a KVM guest reads: its own words, and KVM's leaves. */
static void test_guest_dump(void)
{
	g_autoptr(TuneCpu) cpu = parse("0 0 1 756e6547 6c65746e 49656e69\n"
				       "1 0 6f2 0 4 20200000\n"
				       "40000000 0 0 4b4d564b 564b4d56 4d\n"
				       "40000001 0 1007efb 0 0 0\n");

	CU_ASSERT_EQUAL(cpu->source, TUNE_CPU_KVM);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_40000001_EAX], 0x1007efb);
	tune_cpu_reduce(cpu);
	CU_ASSERT(tune_cpu_has_feature(cpu, "dtes64"));
	g_autoptr(TuneCpu) other = parse("0 0 1 756e6547 6c65746e 49656e69\n"
					 "1 0 6f2 0 4 20200000\n"
					 "40000000 0 40000010 61774d56 4d566572 65726177\n"
					 "40000001 0 1007efb 0 0 0\n");
	CU_ASSERT_EQUAL(other->source, TUNE_CPU_RAW);
	CU_ASSERT_FALSE(tune_cpu_knows(other, TUNE_CPU_40000001_EAX));
	tune_cpu_reduce(other);
	CU_ASSERT_FALSE(tune_cpu_has_feature(other, "dtes64"));
}

static void test_cpuid_program(void)
{
	g_autoptr(TuneCpu) cpu = parse(
		"CPU 0:\n"
		"   0x00000000 0x00: eax=0x0000000d ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n"
		"   0x00000001 0x00: eax=0x000906ea ebx=0x00100800 ecx=0x00000200 "
		"edx=0x00020000\r\n"
		"CPU 1:\n"
		"   0x00000000 0x00: eax=0x0000000d ebx=0x756e6547 ecx=0x6c65746e "
		"edx=0x49656e69\n");

	CHECK_TEXT(cpu->vendor, "GenuineIntel");
	CU_ASSERT_EQUAL(cpu->family, 6);
	CU_ASSERT_EQUAL(cpu->model, 158);
	CU_ASSERT_EQUAL(cpu->stepping, 10);
	CU_ASSERT(tune_cpu_has_feature(cpu, "ssse3"));
}

static void test_bad_dumps(void)
{
	/* clang-format off */
	static const struct {
		const char *text;
		const char *message;
	} dumps[] = {
		{ "",                                "x.cpuid:1:1: none of the formats that are read" },
		{ "1 0 1 2 3 4\n",                   "x.cpuid:1:1: CPU 0: leaf 0 is missing" },
		{ "0 0 1 2 3\n",                     "x.cpuid:1:10: expected a hexadecimal number" },
		{ "# a\n  0 0 1 2 3 4 5\n",          "x.cpuid:2:15: more than four registers" },
		{ "0 0 1 2 3 4\n0 0 1 2 3 4\n",      "x.cpuid:2:1: duplicate leaf" },
		{ "0 0 1 2 3 zz\n",                  "x.cpuid:1:11: expected a hexadecimal number" },
		{ "0 0 1 2 3 4z\n",                  "x.cpuid:1:11: expected a hexadecimal number" },
		{ "0 0 1 2 3 123456789\n",           "x.cpuid:1:11: the number is too large" },
		{ "0 0 1 2 3 -1\n",                  "x.cpuid:1:11: expected a hexadecimal number" },
		{ "0 0 1 2 3 00000000000000001\n",   "x.cpuid:1:11: the number is too large" },
		{ "msr 10a\n",                       "x.cpuid:1:8: expected a hexadecimal number" },
		{ "msr 10a 1 2\n",                   "x.cpuid:1:11: more than a number and a value" },
		{ "msr 10a 10000000000000000\n",     "x.cpuid:1:9: the number is too large" },
		{ "0x0 0x0: eax=0x1 ecx=0x2\n",      "x.cpuid:1:18: expected a register" },
		{ "processor : 0\n",                 "x.cpuid:1:1: none of the formats that are read" },
		{ "CPU 0:\nCPU 1:\n0 0 1 2 3 g\n",  "x.cpuid:3:11: expected a hexadecimal number" },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(dumps); i++) {
		check_row(dumps[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneCpu)
			cpu = tune_cpu_parse_dump(dumps[i].text, "x.cpuid", NULL, &error);
		CU_ASSERT_PTR_NULL(cpu);
		CHECK_HOLDS(error ? error->message : NULL, dumps[i].message);
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

/* ---- levels ---- */

static void test_levels(void)
{
	/* clang-format off */
	static const struct {
		const char *names;
		const char *level;
	} steps[] = {
		{ "lm cmov cx8 fpu fxsr mmx syscall sse",            "none" },
		{ "sse2",                                            "x86-64-v1" },
		{ "cx16 lahf-lm popcnt pni ssse3 sse4.1",            "x86-64-v1" },
		{ "sse4.2",                                          "x86-64-v2" },
		{ "avx avx2 bmi1 bmi2 f16c fma movbe xsave",         "x86-64-v2" },
		{ "abm",                                             "x86-64-v3" },
		{ "avx512f avx512bw avx512cd avx512dq",              "x86-64-v3" },
		{ "avx512vl",                                        "x86-64-v4" },
	};
	/* clang-format on */
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_GUEST);

	CU_ASSERT_PTR_NULL(tune_cpu_get_level(cpu));
	tune_cpu_assume_rest(cpu);
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		check_row(steps[i].names);
		g_auto(GStrv) names = g_strsplit(steps[i].names, " ", -1);
		for (char **name = names; *name; name++)
			CU_ASSERT(tune_cpu_set_feature(cpu, *name, TRUE));
		CHECK_TEXT(tune_cpu_get_level(cpu), steps[i].level);
	}
	check_row(NULL);
	/* A feature that is missing in a lower level excludes all higher ones. */
	tune_cpu_set_feature(cpu, "ssse3", FALSE);
	CHECK_TEXT(tune_cpu_get_level(cpu), "x86-64-v1");
}

/* ---- images ---- */

static void test_reduce_twice(void)
{
	static const char *const changes[] = {
		"", "-xsave", "-avx", "-vmx", "+cet-ss +avx10", "-lm"
	};

	for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
		check_row(changes[i]);
		g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_RAW, "GenuineIntel", changes[i]);
		g_autofree char *before = tune_cpu_to_yaml(cpu);
		tune_cpu_reduce(cpu);
		g_autofree char *after = tune_cpu_to_yaml(cpu);
		CHECK_TEXT(after, before);
	}
}

static void test_setters(void)
{
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_GUEST);

	CU_ASSERT_FALSE(tune_cpu_set_word(cpu, 0x4, 0, TUNE_REG_EAX, 1));
	CU_ASSERT_FALSE(tune_cpu_set_msr(cpu, 0x8b, 1));
	CU_ASSERT_FALSE(tune_cpu_set_feature(cpu, "flying", TRUE));
	CU_ASSERT_EQUAL(cpu->known, 0);
	CU_ASSERT(tune_cpu_set_feature(cpu, "kvmclock", TRUE));
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_40000001_EAX], 9);
	CU_ASSERT(tune_cpu_set_feature(cpu, "kvmclock", FALSE));
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_40000001_EAX], 0);
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_40000001_EAX));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_80000021_EAX));
	tune_cpu_assume_rest(cpu);
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_80000021_EAX));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_1D_1_EAX));
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_A_EAX));
}

/* A guest has its host's layout, not its host's features. */
static void test_adopt(void)
{
	g_autoptr(TuneCpu) host = make_full_cpu();
	g_autoptr(TuneCpu) cpu = tune_cpu_new(TUNE_CPU_GUEST);

	tune_cpu_set_component(cpu, 5, (TuneCpuComponent){ 1, 2, 0 });
	tune_cpu_set_text(cpu, TUNE_CPU_KERNEL, "own");
	tune_cpu_adopt(cpu, host);
	CU_ASSERT_EQUAL(cpu->components[2].size, 256);
	CU_ASSERT_EQUAL(cpu->components[5].size, 1);
	CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_A_EAX], host->words[TUNE_CPU_A_EAX]);
	CU_ASSERT_FALSE(tune_cpu_knows(cpu, TUNE_CPU_1_ECX));
	CU_ASSERT_FALSE(cpu->fields & TUNE_CPU_HAS_PHYS_BITS);
	CHECK_TEXT(cpu->texts[TUNE_CPU_KERNEL], "own");
	CHECK_TEXT(cpu->texts[TUNE_CPU_MICROCODE], "0x5003901");
}

/* QEMU shows guests only features that it has names for, whatever KVM gives. */
static void test_named(void)
{
	static const char *const names[] = { "sse2",    "xsave", "avx", "rtm", "arch-capabilities",
					     "rdctl-no" };
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, "GenuineIntel", "");
	g_autoptr(GPtrArray) known = g_ptr_array_new();

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		g_ptr_array_add(known, (gpointer)names[i]);
	CU_ASSERT(tune_cpu_has_feature(cpu, "taa-no"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "pku"));
	tune_cpu_keep_named(cpu, known);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		CU_ASSERT(tune_cpu_has_feature(cpu, names[i]));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "taa-no"));
	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "pku"));
	CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_7_0_ECX));
	/* Without the feature its registers are gone as well. */
	CU_ASSERT_EQUAL(cpu->components[2].size, 256);
	CU_ASSERT_EQUAL(cpu->components[9].size, 0);
}

static void check_fingerprint(const TuneCpu *cpu, const char *other, gboolean is_same)
{
	g_autofree char *found = tune_cpu_fingerprint(cpu);

	CU_ASSERT_EQUAL(strlen(found), 16);
	CU_ASSERT_EQUAL(strcmp(found, other) == 0, is_same);
}

static void test_fingerprint(void)
{
	g_autoptr(TuneCpu) cpu = make_full_cpu();
	g_autofree char *first = tune_cpu_fingerprint(cpu);

	tune_cpu_set_node(cpu, "node2");
	tune_cpu_set_time(cpu, 1);
	tune_cpu_set_tsc(cpu, 1);
	check_fingerprint(cpu, first, TRUE);
	tune_cpu_set_text(cpu, TUNE_CPU_KERNEL, "6.1.0-19-amd64");
	check_fingerprint(cpu, first, FALSE);
	tune_cpu_set_text(cpu, TUNE_CPU_KERNEL, "6.1.0-18-amd64");
	check_fingerprint(cpu, first, TRUE);
	tune_cpu_take_parameters(cpu, g_ptr_array_new());
	check_fingerprint(cpu, first, FALSE);
	g_autoptr(TuneCpu) word = make_full_cpu();
	tune_cpu_set_feature(word, "gfni", FALSE);
	check_fingerprint(word, first, FALSE);
	g_autoptr(TuneCpu) unknown = make_full_cpu();
	unknown->known &= ~(G_GUINT64_CONSTANT(1) << TUNE_CPU_C0000001_EDX);
	check_fingerprint(unknown, first, FALSE);
}

/* ---- KVM ---- */

static void test_no_kvm(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("");
	g_autoptr(TuneCpu) cpu = tune_cpu_load_kvm(root, &error);

	CU_ASSERT_PTR_NULL(cpu);
	CHECK_HOLDS(error->message, "dev/kvm");
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
}

static void test_not_kvm(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("");
	g_autoptr(TuneCpu) nothing = NULL;

	tune_root_make_directory(root, "dev", &error);
	g_auto(filedesc)
		fd = tune_root_open_file(root, "dev/kvm", O_WRONLY | O_CREAT, 0644, &error);
	CU_ASSERT(fd >= 0);
	CHECK_NO_ERROR(error);
	nothing = tune_cpu_load_kvm(root, &error);
	CU_ASSERT_PTR_NULL(nothing);
	CHECK_HOLDS(error->message, "dev/kvm: KVM_GET_SUPPORTED_CPUID");
	CHECK_ERROR(error, TUNE_ERROR_IO);
}

static void test_kvm(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open("/", &error);
	g_autoptr(TuneCpu) cpu = tune_cpu_load_kvm(root, &error);

	if (g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT) ||
	    g_error_matches(error, TUNE_ERROR, TUNE_ERROR_DENIED)) {
		check_skip("no KVM here");
		return;
	}
	CHECK_NO_ERROR(error);
	CU_ASSERT_EQUAL(strlen(cpu->vendor), 12);
	CU_ASSERT(cpu->phys_bits >= 32);
	CU_ASSERT(tune_cpu_has_feature(cpu, "lm"));
	CU_ASSERT_EQUAL(tune_cpu_judge(cpu, cpu, 0), TUNE_CPU_OK);
	check_round_trip(cpu);
	g_autofree char *before = tune_cpu_to_yaml(cpu);
	tune_cpu_reduce(cpu);
	g_autofree char *after = tune_cpu_to_yaml(cpu);
	CHECK_TEXT(after, before);
}

int main(void)
{
	static const Check checks[] = {
		{ "a dump", test_dump },
		{ "leaves beyond the highest", test_clamp },
		{ "a dump, reduced", test_reduced_dump },
		{ "an old CPU", test_old_cpu },
		{ "a size that is not there", test_missing_size },
		{ "a range that is not there", test_missing_range },
		{ "a guest's dump", test_guest_dump },
		{ "what cpuid -r prints", test_cpuid_program },
		{ "bad dumps", test_bad_dumps },
		{ "levels", test_levels },
		{ "reduced twice", test_reduce_twice },
		{ "setters", test_setters },
		{ "what a guest has of its host", test_adopt },
		{ "what QEMU has a name for", test_named },
		{ "fingerprint", test_fingerprint },
		{ "no KVM", test_no_kvm },
		{ "a file that is not KVM", test_not_kvm },
		{ "KVM", test_kvm },
		{ NULL, NULL },
	};

	return check_main("cpu", checks);
}
