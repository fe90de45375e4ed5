/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options hv-NAME of -cpu, for guests that run Windows, need KVM's support for a part of Hyper-V.  Where KVM
 * lacks it, QEMU does not start, and the migration fails.  The guest stays on its node; but the reason is better told
 * before.
 *
 * Source: kvm_hyperv_properties[] of QEMU's target/i386/kvm/kvm.c (7.2, 10.0), and hyperv-proto.h there.
 */
#include <string.h>

#include <libtune/cpu/compare.h>

/* clang-format off */
static const struct {
	const char *name;
	TuneCpuMask needs[2];
} options[] = {
	{ "hv-relaxed",         { { TUNE_CPU_40000004_EAX, 1u << 5 } } },
	{ "hv-vapic",           { { TUNE_CPU_40000003_EAX, 1u << 4 } } },
	{ "hv-time",            { { TUNE_CPU_40000003_EAX, 1u << 1 | 1u << 9 } } },
	{ "hv-crash",           { { TUNE_CPU_40000003_EDX, 1u << 10 } } },
	{ "hv-reset",           { { TUNE_CPU_40000003_EAX, 1u << 7 } } },
	{ "hv-vpindex",         { { TUNE_CPU_40000003_EAX, 1u << 6 } } },
	{ "hv-runtime",         { { TUNE_CPU_40000003_EAX, 1u << 0 } } },
	{ "hv-synic",           { { TUNE_CPU_40000003_EAX, 1u << 2 } } },
	{ "hv-stimer",          { { TUNE_CPU_40000003_EAX, 1u << 3 } } },
	{ "hv-frequencies",     { { TUNE_CPU_40000003_EAX, 1u << 11 }, { TUNE_CPU_40000003_EDX, 1u << 8 } } },
	{ "hv-reenlightenment", { { TUNE_CPU_40000003_EAX, 1u << 13 } } },
	{ "hv-tlbflush",        { { TUNE_CPU_40000004_EAX, 1u << 2 | 1u << 11 } } },
	{ "hv-evmcs",           { { TUNE_CPU_40000004_EAX, 1u << 14 } } },
	{ "hv-ipi",             { { TUNE_CPU_40000004_EAX, 1u << 10 | 1u << 11 } } },
	{ "hv-stimer-direct",   { { TUNE_CPU_40000003_EDX, 1u << 19 } } },
	{ "hv-avic",            { { TUNE_CPU_40000004_EAX, 1u << 9 } } },
	{ "hv-apicv",           { { TUNE_CPU_40000004_EAX, 1u << 9 } } },
	{ "hv-syndbg",          { { TUNE_CPU_40000003_EDX, 1u << 11 } } },
	{ "hv-emsr-bitmap",     { { TUNE_CPU_4000000A_EAX, 1u << 19 } } },
	{ "hv-xmm-input",       { { TUNE_CPU_40000003_EDX, 1u << 4 } } },
	{ "hv-tlbflush-ext",    { { TUNE_CPU_40000003_EDX, 1u << 14 } } },
	{ "hv-tlbflush-direct", { { TUNE_CPU_4000000A_EAX, 1u << 17 } } },
};
/* clang-format on */

#define WAY_OUT "take it out of its cpu_type and restart it"

static void compare_option(guint option, const TuneCpu *target, TuneCpuFindings *findings)
{
	for (guint i = 0; i < G_N_ELEMENTS(options[option].needs); i++) {
		TuneCpuMask needs = options[option].needs[i];
		if (!needs.mask)
			return;
		if (!tune_cpu_knows(target, needs.word))
			tune_findings_add(findings, TUNE_CPU_UNKNOWN, "%s",
					  tune_cpu_word_info(needs.word)->label);
		else if ((target->words[needs.word] & needs.mask) != needs.mask)
			tune_findings_add_with(findings, TUNE_CPU_LOST, WAY_OUT, "%s",
					       options[option].name);
	}
}

void tune_cpu_compare_hyperv(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const char *type = guest->texts[TUNE_CPU_TYPE];

	if (!type || !strstr(type, "hv"))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(options); i++)
		if (tune_cpu_type_has_option(type, options[i].name))
			compare_option(i, target, findings);
}
