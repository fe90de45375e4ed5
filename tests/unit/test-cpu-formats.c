/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats of CPU dumps: one CPU in each of them, and the line and column of faults. */
#include <stdio.h>
#include <string.h>

#include <libtune/cpu/cpu.h>

#include "tests/unit/check.h"

/* clang-format off */
static const TuneCpuLeaf leaves[] = {
	{ 0x0,        0x0, { 0x16, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 0x1,        0x0, { 0x50657, 0x800, 0xfffa3223, 0x178bfbff } },
	{ 0x7,        0x0, { 0x0, 0xd19f4fbb, 0x818, 0xbc000400 } },
	{ 0xd,        0x0, { 0x2e7, 0xa80, 0xa88, 0x0 } },
	{ 0xd,        0x1, { 0xf, 0xa10, 0x100, 0x0 } },
	{ 0xd,        0x2, { 0x100, 0x240, 0x0, 0x0 } },
	{ 0xd,        0x5, { 0x40, 0x440, 0x0, 0x0 } },
	{ 0xd,        0x6, { 0x200, 0x480, 0x0, 0x0 } },
	{ 0xd,        0x7, { 0x400, 0x680, 0x0, 0x0 } },
	{ 0xd,        0xb, { 0x10, 0x0, 0x1, 0x0 } },
	{ 0x80000000, 0x0, { 0x80000008, 0x0, 0x0, 0x0 } },
	{ 0x80000001, 0x0, { 0x0, 0x0, 0x121, 0x2c100800 } },
	{ 0x80000008, 0x0, { 0x302e, 0x0, 0x0, 0x0 } },
};
/* clang-format on */

typedef void Write(GString *text, const TuneCpuLeaf *leaf);

static void write_words(GString *text, const TuneCpuLeaf *leaf)
{
	g_string_append_printf(text, "%x %x %x %x %x %x\n", leaf->leaf, leaf->sub,
			       leaf->registers[0], leaf->registers[1], leaf->registers[2],
			       leaf->registers[3]);
}

static void write_cpuid(GString *text, const TuneCpuLeaf *leaf)
{
	g_string_append_printf(text,
			       "   0x%08x 0x%02x: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n",
			       leaf->leaf, leaf->sub, leaf->registers[0], leaf->registers[1],
			       leaf->registers[2], leaf->registers[3]);
}

/* As the program writes it: with remarks at the end of lines, and subleaves only where there are any. */
static void write_aida(GString *text, const TuneCpuLeaf *leaf)
{
	g_string_append_printf(text, "CPUID %08X: %08X-%08X-%08X-%08X", leaf->leaf,
			       leaf->registers[0], leaf->registers[1], leaf->registers[2],
			       leaf->registers[3]);
	if (leaf->leaf == 0xd || leaf->leaf == 7)
		g_string_append_printf(text, " [SL %02X]", leaf->sub);
	g_string_append(text, leaf->leaf ? " [x87]\r\n" : " [GenuineIntel]\r\n");
}

static void write_cpudata(GString *text, const TuneCpuLeaf *leaf)
{
	g_string_append_printf(text,
			       "  <cpuid eax_in='0x%08x' ecx_in='0x%02x' eax='0x%08x' ebx='0x%08x'"
			       " ecx='0x%08x' edx='0x%08x'/>\n",
			       leaf->leaf, leaf->sub, leaf->registers[0], leaf->registers[1],
			       leaf->registers[2], leaf->registers[3]);
}

static void append_bits(GString *text, const char *name, guint32 value)
{
	g_string_append_printf(text, "{ \"register\": \"%s\", \"bitmap\": \"0b", name);
	for (guint i = 32; i-- > 0;)
		g_string_append_c(text, value >> i & 1 ? '1' : '0');
	g_string_append(text, "\" }");
}

static void write_firecracker(GString *text, const TuneCpuLeaf *leaf)
{
	static const char *const names[] = { "eax", "ebx", "ecx", "edx" };

	g_string_append_printf(
		text,
		",\n  { \"leaf\": \"0x%x\", \"subleaf\": \"0x%x\", \"flags\": 1, \"modifiers\": [ ",
		leaf->leaf, leaf->sub);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_string_append(text, i ? ", " : "");
		append_bits(text, names[i], leaf->registers[i]);
	}
	g_string_append(text, " ] }");
}

typedef struct {
	const char *name;
	const char *head;
	Write *write;
	const char *tail;
} Format;

/* clang-format off */
static const Format formats[] = {
	{ "words", "# a machine\n", write_words, "msr 10a 400000000c000c2b\n" },
	{ "cpuid", "CPU 0:\n", write_cpuid, "msr 10a 400000000c000c2b\n" },
	{ "aida", "------[ Versions ]------\r\n\r\nProgram Version : 7\r\n\r\n------[ CPU Info ]------\r\n\r\n"
		  "CPUID Manufacturer: GenuineIntel\r\nCPUID Revision    : 00050657h\r\n\r\n"
		  "------[ CPUID Registers / Logical CPU #0 ]------\r\n\r\nallcpu: Package 0 / Core 0 / Thread 0: Valid\r\n\r\n",
	  write_aida,
	  "\r\n------[ MSR Registers ]------\r\n\r\nMSR 00000010: < FAILED >\r\n"
	  "MSR 0000010A: 4000-0000-0C00-0C2B [S200]\r\n\r\nMSR Registers are read.\r\n" },
	{ "older aida", "CPU#000 AffMask: 0x0000000000000001\n", write_aida, "MSR 0000010A: 4000-0000-0C00-0C2B\n" },
	{ "cpudata", "<!-- a machine -->\n<cpudata arch='x86'>\n", write_cpudata,
	  "  <msr index='0x10a' edx='0x40000000' eax='0x0c000c2b'/>\n</cpudata>\n" },
	{ "firecracker", "{ \"kvm_capabilities\": [], \"cpuid_modifiers\": [\n"
			 "  { \"leaf\": \"0x2\", \"subleaf\": \"0x0\", \"flags\": 0, \"modifiers\": [] }",
	  write_firecracker,
	  "\n  ], \"msr_modifiers\": [ { \"addr\": \"0x10a\", \"bitmap\":\n"
	  "\"0b0100000000000000000000000000000000001100000000000000110000101011\" } ], \"vcpu_features\": [] }\n" },
	{ "a fingerprint", "{ \"firecracker_version\": \"1\", \"guest_cpu_config\": { \"cpuid_modifiers\": [\n"
			   "  { \"leaf\": \"0b10\", \"subleaf\": \"0\", \"flags\": 0, \"modifiers\": [] }",
	  write_firecracker,
	  "\n  ], \"msr_modifiers\": [ { \"addr\": \"0x10a\", \"bitmap\":\n"
	  "\"0b01000000000000000000000000000000_00001100000000000000110000101011\" } ] } }\n" },
};
/* clang-format on */

static char *write_all(const Format *format)
{
	GString *text = g_string_new(format->head);

	for (guint i = 0; i < G_N_ELEMENTS(leaves); i++)
		format->write(text, &leaves[i]);
	g_string_append(text, format->tail);
	return g_string_free(text, FALSE);
}

static TuneCpu *parse(const char *text, const char *name)
{
	g_autoptr(GError) error = NULL;
	TuneCpu *cpu = tune_cpu_parse_dump(text, name, NULL, &error);

	CHECK_NO_ERROR(error);
	tune_cpu_reduce(cpu);
	return cpu;
}

static void test_same(void)
{
	g_autofree char *first = write_all(&formats[0]);
	g_autoptr(TuneCpu) wanted_cpu = parse(first, formats[0].name);
	g_autofree char *wanted = tune_cpu_to_yaml(wanted_cpu);

	CU_ASSERT(tune_cpu_has_feature(wanted_cpu, "avx512f"));
	CU_ASSERT_EQUAL(wanted_cpu->words[TUNE_CPU_MSR_10A] & 0x2b, 0x2b);
	CU_ASSERT_EQUAL(wanted_cpu->components[7].size, 0x400);
	for (guint i = 1; i < G_N_ELEMENTS(formats); i++) {
		check_row(formats[i].name);
		g_autofree char *text = write_all(&formats[i]);
		g_autoptr(TuneCpu) cpu = parse(text, formats[i].name);
		g_autofree char *yaml = tune_cpu_to_yaml(cpu);
		CHECK_TEXT(yaml, wanted);
	}
}

/* A text that is cut anywhere gives a CPU or an error. */
static void test_cut(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
		check_row(formats[i].name);
		g_autofree char *text = write_all(&formats[i]);
		for (size_t length = strlen(text); length-- > 0;) {
			g_autofree char *cut = g_strndup(text, length);
			g_autoptr(GError) error = NULL;
			g_autoptr(TuneCpu) cpu = tune_cpu_parse_dump(cut, "cut", NULL, &error);
			CU_ASSERT_NOT_EQUAL(cpu == NULL, error == NULL);
			if (error)
				CHECK_HOLDS(error->message, "cut:");
		}
	}
}

/* ---- several CPUs ---- */

#define CPU_HEAD(n)                                                                                \
	"CPU " #n ":\n0 0 1a 756e6547 6c65746e 49656e69\n80000000 0 80000008 0 0 0\n80000001 0 0 " \
	"0 0 20000000\n"
#define BIG(n)                                                                                     \
	CPU_HEAD(n)                                                                                \
	"1 0 90672 0 100200 1\n7 0 0 20 0 8000\na 0 7300805 0 0 8603\n1a 0 40000001 0 0 0\n"       \
	"80000008 0 302e 0 0 0\n"
#define SMALL(n)                                                                                   \
	CPU_HEAD(n)                                                                                \
	"1 0 90672 0 200 1\n7 0 0 20 0 8000\na 0 7300605 0 0 8603\n1a 0 20000001 0 0 0\n"          \
	"80000008 0 3027 0 0 0\n"

static void test_differing(void)
{
	static const struct {
		const char *name;
		const char *text;
		const char *differing;
		gboolean has_big;
		guint phys_bits;
	} cases[] = {
		{ "all alike", BIG(0) BIG(1), NULL, TRUE, 46 },
		{ "small ones after the first", BIG(0) BIG(1) SMALL(2) SMALL(3) SMALL(4),
		  "CPU 2 to 4: phys-bits 0x1.0.ecx 0xa.0.eax 0x1a.0.eax", FALSE, 39 },
		{ "small and big by turns", SMALL(0) BIG(1) SMALL(2) BIG(3),
		  "CPU 1: phys-bits 0x1.0.ecx 0xa.0.eax 0x1a.0.eax; "
		  "CPU 3: phys-bits 0x1.0.ecx 0xa.0.eax 0x1a.0.eax",
		  FALSE, 39 },
		{ "one of which nothing is told", BIG(0) "CPU 1:\n" BIG(2), NULL, TRUE, 46 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(TuneCpu) cpu = parse(cases[i].text, "hybrid");
		CHECK_TEXT(tune_cpu_get_differences(cpu), cases[i].differing);
		CU_ASSERT_EQUAL(tune_cpu_has_feature(cpu, "sse4.2"), cases[i].has_big);
		CU_ASSERT_EQUAL(cpu->phys_bits, cases[i].phys_bits);
		/* Where there are two kinds of cores, guests get no counters. */
		CU_ASSERT_EQUAL(cpu->words[TUNE_CPU_A_EAX], 0);
		CU_ASSERT(tune_cpu_knows(cpu, TUNE_CPU_A_EAX));
	}
}

/* A feature counts when all CPUs have it, a weakness when one has it. */
static void test_joined(void)
{
	g_autoptr(TuneCpu) cpu = parse(
		BIG(0) "msr 10a 25\n" BIG(1) "msr 10a 21\n" BIG(2) "msr 10a 24\n", "weak");

	CU_ASSERT_FALSE(tune_cpu_has_feature(cpu, "rdctl-no"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "rsba"));
	CU_ASSERT(tune_cpu_has_feature(cpu, "mds-no"));
}

static void test_many_differ(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < 12; i++)
		g_string_append(text, i % 2 ? SMALL(1) : BIG(0));
	g_autoptr(TuneCpu) few = parse(BIG(0) SMALL(1) BIG(2), "few");
	CU_ASSERT_PTR_NULL(strstr(tune_cpu_get_differences(few), "and more"));
	for (guint i = 0; i < 12; i++)
		g_string_append(text, i % 2 ? SMALL(1) : BIG(0));
	g_autoptr(TuneCpu) many = parse(text->str, "many");
	CU_ASSERT(g_str_has_suffix(tune_cpu_get_differences(many), "; and more"));
}

#define LEAF0 "CPUID 00000000: 00000016-756E6547-6C65746E-49656E69\n"
#define XML0 "<cpudata>\n<cpuid eax_in='0' eax='0x16' ebx='1' ecx='2' edx='3'/>\n"
#define FC(leaf, bits, name)                                                                        \
	"{ \"cpuid_modifiers\": [ { \"leaf\": \"0x0\", \"subleaf\": \"0x0\", \"modifiers\": [] }, " \
	"{ \"leaf\": \"" leaf "\", \"subleaf\": \"0x0\", \"modifiers\": [ { \"register\": \"" name  \
	"\", \"bitmap\": \"" bits "\" } ] } ] }"
#define LIST                                                                                       \
	"x:1:1: none of the formats that are read: a record of gnt-tune; text of AIDA64 or "       \
	"InstLatx64; lines "                                                                       \
	"'leaf sub-leaf eax ebx ecx edx', cpuid -r; libvirt's <cpudata>; Firecracker's JSON"

static void test_wrong(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		const char *text;
		const char *message;
	} cases[] = {
		{ "AIDA64: three registers",
		  LEAF0 "CPUID 00000001: 00050657-00000800-FFFA3223\n", "x:2:43: expected four registers" },
		{ "AIDA64: not hexadecimal",
		  LEAF0 "CPUID 00000001: 0005065g-0-0-0\n",             "x:2:17: expected a hexadecimal number" },
		{ "AIDA64: more than 32 bits",
		  LEAF0 "CPUID 00000001: 100000000-0-0-0\n",            "x:2:17: the number is too large" },
		{ "AIDA64: subleaf not hexadecimal",
		  LEAF0 "CPUID 00000001: 1-0-0-0 [SL x]\n",             "x:2:29: expected a hexadecimal number" },
		{ "AIDA64: MSR of three parts",
		  LEAF0 "MSR 0000010A: 0-0-0\n",                        "x:2:20: expected four parts" },
		{ "AIDA64: MSR without a value",
		  LEAF0 "MSR 0000010A\n",                               "x:2:13: expected a value" },
		{ "cpudata: two documents",
		  XML0 "</cpudata>\n<cpudata>",                         "x:4:" },
		{ "cpudata: leaf without registers",
		  XML0 "<cpuid eax_in='1'/>\n</cpudata>",               "x:3:20: <cpuid>: expected eax_in, eax" },
		{ "cpudata: leaf given twice",
		  XML0 "<cpuid eax_in='0' eax='1' ebx='1' ecx='2' edx='3'/>", "<cpuid>: duplicate leaf" },
		{ "cpudata: MSR not hexadecimal",
		  XML0 "<msr index='0x10a' eax='0y0' edx='0'/>",        "<msr>: expected index, eax and edx" },
		{ "cpudata: MSR of more than 32 bits",
		  XML0 "<msr index='0x10a' eax='1ffffffff' edx='0'/>",  "<msr>: expected index, eax and edx" },
		{ "cpudata: cut inside an element",
		  XML0 "<cpuid",                                        "x:3:" },
		{ "cpudata: end of another element",
		  XML0 "</cpu>",                                        "x:3:" },
		{ "cpudata: below another element",
		  "<other><cpudata/></other>",                          "x:1:8: <other>: expected <cpudata>" },
		{ "cpudata: empty",
		  "<cpudata></cpudata>",                                "x:1:1: CPU 0: leaf 0 is missing" },
		{ "Firecracker: open bits",
		  FC("0x1", "0b1x", "eax"),                             "x:1:1: cpuid_modifiers[1]: has open bits ('x')" },
		{ "Firecracker: not binary",
		  FC("0x1", "0b12", "eax"),                             "x:1:1: cpuid_modifiers[1]: expected leaf, subleaf" },
		{ "Firecracker: unknown register",
		  FC("0x1", "0b1", "rax"),                              "x:1:1: cpuid_modifiers[1]: expected a register" },
		{ "Firecracker: leaf given twice",
		  FC("0x0", "0b1", "eax"),                              "x:1:1: cpuid_modifiers[1]: duplicate leaf" },
		{ "Firecracker: number of a leaf too large",
		  FC("0x100000000", "0b1", "eax"),                      "x:1:1: cpuid_modifiers[1]: expected leaf, subleaf" },
		{ "Firecracker: leaf that is a number",
		  "{ \"cpuid_modifiers\": [ 1 ] }",                     "x:1:1: cpuid_modifiers[0]: expected leaf" },
		{ "Firecracker: MSR without an address",
		  "{ \"cpuid_modifiers\": [], \"msr_modifiers\": [ {} ] }", "x:1:1: msr_modifiers[0]: expected leaf" },
		{ "Firecracker: no leaves",
		  "{ \"cpuid_modifiers\": [] }",                        "x:1:1: CPU 0: leaf 0 is missing" },
		{ "Firecracker: cut",
		  "{\n \"cpuid_modifiers\": [",                         "x:" },
		{ "empty",
		  "",                                                   LIST },
		{ "libvirt's capabilities",
		  "<capabilities><host/></capabilities>",               LIST },
		{ "/proc/cpuinfo",
		  "processor\t: 0\n",                                   LIST },
		{ "lscpu's JSON",
		  "{ \"lscpu\": [] }",                                  LIST },
		{ "libcpuid's dump",
		  "version=0.5.0\nbasic_cpuid[0]=1 2 3 4\n",            LIST },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(TuneCpu) cpu = tune_cpu_parse_dump(cases[i].text, "x", NULL, &error);
		CU_ASSERT_PTR_NULL(cpu);
		CHECK_HOLDS(error ? error->message : NULL, cases[i].message);
		CHECK_ERROR(error, TUNE_ERROR_INVALID);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "one CPU in every format", test_same },
		{ "cut anywhere", test_cut },
		{ "CPUs that differ are named, and what all have counts", test_differing },
		{ "features that all CPUs have", test_joined },
		{ "too many that differ", test_many_differ },
		{ "what is wrong, at its place", test_wrong },
		{ NULL, NULL },
	};

	return check_main("cpu-formats", checks);
}
