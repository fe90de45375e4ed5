/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The levels that compilers and distributions count in: x86-64-v1 to -v4.
 *
 * Source: System V Application Binary Interface, AMD64 Architecture Processor Supplement, version 1.0, table 3.1
 * "Micro-Architecture Levels".  Its OSFXSR and OSXSAVE are switched on by the guest's kernel; the CPU needs fxsr and
 * xsave for them.  LZCNT is QEMU's "abm", SCE its "syscall", SSE3 "pni".
 */
#include <libtune/cpu/cpu.h>

/* clang-format off */
static const struct {
	guint level;
	const char *feature;
} needs[] = {
	{ 1, "lm" },      { 1, "cmov" },    { 1, "cx8" },    { 1, "fpu" },    { 1, "fxsr" },   { 1, "mmx" },
	{ 1, "syscall" }, { 1, "sse" },     { 1, "sse2" },
	{ 2, "cx16" },    { 2, "lahf-lm" }, { 2, "popcnt" }, { 2, "pni" },    { 2, "ssse3" },  { 2, "sse4.1" },
	{ 2, "sse4.2" },
	{ 3, "avx" },     { 3, "avx2" },    { 3, "bmi1" },   { 3, "bmi2" },   { 3, "f16c" },   { 3, "fma" },
	{ 3, "abm" },     { 3, "movbe" },   { 3, "xsave" },
	{ 4, "avx512f" }, { 4, "avx512bw" }, { 4, "avx512cd" }, { 4, "avx512dq" }, { 4, "avx512vl" },
};
/* clang-format on */

static const char *const names[] = { "none", "x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4" };

const char *tune_cpu_get_level(const TuneCpu *cpu)
{
	for (guint i = 0; i < G_N_ELEMENTS(needs); i++) {
		if (tune_cpu_has_feature(cpu, needs[i].feature))
			continue;
		return tune_cpu_knows(cpu, tune_cpu_bit_find_name(needs[i].feature)->word)
			       ? names[needs[i].level - 1]
			       : NULL;
	}
	return names[G_N_ELEMENTS(names) - 1];
}
