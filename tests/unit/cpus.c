/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

static const char features[] =
	"fpu tsc msr pae cx8 sse sse2 ss pni ssse3 cx16 sse4.1 sse4.2 popcnt aes xsave avx f16c "
	"fma "
	"rdrand bmi1 bmi2 avx2 erms rtm smep smap hle avx512f avx512vl pku md-clear flush-l1d "
	"arch-capabilities xsaveopt xsavec xsaves lahf-lm syscall nx lm rdctl-no mds-no taa-no "
	"tsx-ctrl kvmclock kvm-pv-eoi x2apic hypervisor";

static const char intel[] = "vmx vmx-ept vmx-vpid spec-ctrl stibp ssbd";
static const char amd[] = "svm npt nrip-save ibpb ibrs amd-stibp amd-ssbd perfctr-core";

static void set_features(TuneCpu *cpu, const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, " ", -1);

	for (char **word = words; *word; word++) {
		const char *name = **word == '-' || **word == '+' ? *word + 1 : *word;
		if (*name && !tune_cpu_set_feature(cpu, name, **word != '-'))
			CU_assertImplementation(CU_FALSE, __LINE__, name, __FILE__, "", CU_FALSE);
	}
}

TuneCpu *make_cpu(TuneCpuSource source, const char *vendor, const char *changes)
{
	TuneCpu *cpu = tune_cpu_new(source);
	gboolean is_amd = strcmp(vendor, "AuthenticAMD") == 0;

	tune_cpu_set_vendor(cpu, vendor);
	tune_cpu_set_signature(cpu, 6, 85, 7);
	tune_cpu_set_phys_bits(cpu, 46);
	tune_cpu_set_tsc(cpu, 2500000);
	tune_cpu_set_tsc_scaling(cpu, FALSE);
	tune_cpu_set_component(cpu, 2, (TuneCpuComponent){ 256, 576, 0 });
	tune_cpu_set_component(cpu, 5, (TuneCpuComponent){ 64, is_amd ? 832 : 1088, 0 });
	tune_cpu_set_component(cpu, 6, (TuneCpuComponent){ 512, is_amd ? 896 : 1152, 0 });
	tune_cpu_set_component(cpu, 7, (TuneCpuComponent){ 1024, is_amd ? 1408 : 1664, 0 });
	tune_cpu_set_component(cpu, 9, (TuneCpuComponent){ 8, is_amd ? 2432 : 2688, 0 });
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EAX, is_amd ? 0 : 0x07300402);
	tune_cpu_set_word(cpu, 0xa, 0, TUNE_REG_EDX, is_amd ? 0 : 0x603);
	tune_cpu_set_word(cpu, 0xd, 0, TUNE_REG_EAX, 0x2e7);
	tune_cpu_set_word(cpu, 0xd, 0, TUNE_REG_EDX, 0);
	tune_cpu_set_word(cpu, 0xd, 1, TUNE_REG_ECX, 0);
	tune_cpu_set_word(cpu, 0xd, 1, TUNE_REG_EDX, 0);
	set_features(cpu, features);
	set_features(cpu, is_amd ? amd : intel);
	tune_cpu_assume_rest(cpu);
	set_features(cpu, changes);
	tune_cpu_reduce(cpu);
	return cpu;
}

void set_all_names(TuneCpu *cpu)
{
	g_autoptr(GString)
		names = g_string_new("host-phys-bits-limit hv-relaxed migratable phys-bits pmu");
	guint n_bits;
	const TuneCpuBit *bits = tune_cpu_bits(&n_bits);

	for (guint i = 0; i < n_bits; i++)
		g_string_append_printf(names, " %s", bits[i].name);
	tune_cpu_set_text(cpu, TUNE_CPU_PROPERTIES, names->str);
	tune_cpu_set_text(cpu, TUNE_CPU_MODELS, "host qemu64 Westmere-v1 Westmere-v2");
	tune_cpu_set_text(cpu, TUNE_CPU_HOST, "host");
}

TuneCpu *make_full_cpu(void)
{
	static const char *const machines[] = { "pc-q35-9.2", "pc-i440fx-9.2", NULL };
	TuneCpu *cpu = make_cpu(TUNE_CPU_GUEST, "GenuineIntel", "+pku +gfni");
	GPtrArray *parameters = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(parameters, g_strdup("kvm_intel.nested=Y"));
	g_ptr_array_add(parameters, g_strdup("kvm.ignore_msrs=N"));
	tune_cpu_take_parameters(cpu, parameters);
	cpu->unused = TUNE_CPU_NESTING;
	tune_cpu_set_node(cpu, "node1.example.com");
	tune_cpu_set_time(cpu, 1700000000);
	tune_cpu_set_text(cpu, TUNE_CPU_KERNEL, "6.1.0-18-amd64");
	tune_cpu_set_text(cpu, TUNE_CPU_MICROCODE, "0x5003901");
	tune_cpu_set_qemu(cpu, "10.0.2 (Debian 1:10.0.2+ds-2)");
	tune_cpu_set_machines(cpu, machines);
	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, "host,-rtm,model-id=\"a\\b\": #c\n");
	tune_cpu_set_text(cpu, TUNE_CPU_MACHINE, "pc-q35-9.2");
	tune_cpu_set_msr(cpu, 0x10a, G_MAXUINT64);
	return cpu;
}

void check_round_trip(const TuneCpu *cpu)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *yaml = tune_cpu_to_yaml(cpu);
	g_autoptr(TuneCpu) loaded = tune_cpu_parse_record(yaml, strlen(yaml), "n.yaml", &error);

	CHECK_NO_ERROR(error);
	g_autofree char *again = tune_cpu_to_yaml(loaded);
	CHECK_TEXT(again, yaml);
	CU_ASSERT_EQUAL(loaded->known, cpu->known);
	CU_ASSERT_EQUAL(memcmp(loaded->words, cpu->words, sizeof(cpu->words)), 0);
	CU_ASSERT_EQUAL(loaded->known_components, cpu->known_components);
	CU_ASSERT_EQUAL(memcmp(loaded->components, cpu->components, sizeof(cpu->components)), 0);
	CU_ASSERT_EQUAL(loaded->source, cpu->source);
	CU_ASSERT_EQUAL(loaded->maker, cpu->maker);
	CU_ASSERT_EQUAL(loaded->fields, cpu->fields);
	CU_ASSERT_EQUAL(loaded->tsc_khz, cpu->tsc_khz);
	CU_ASSERT_EQUAL(loaded->time, cpu->time);
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++)
		CHECK_TEXT(loaded->texts[i], cpu->texts[i]);
	g_autofree char *before = tune_cpu_fingerprint(cpu);
	g_autofree char *after = tune_cpu_fingerprint(loaded);
	CHECK_TEXT(after, before);
}

static char *list_reasons(const TuneCpuReport *report)
{
	GString *text = g_string_new(tune_cpu_verdict_name(tune_cpu_report_get_verdict(report)));

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		g_string_append_printf(text, "%s %s:%s", i ? "," : "",
				       tune_cpu_class_name(reason->kind), reason->name);
		if (reason->is_waived)
			g_string_append(text, " (waived)");
	}
	return g_string_free(text, FALSE);
}

void check_compare(const TuneCpu *guest, const TuneCpu *target, guint waivers, const char *expected,
		   const char *file, int line)
{
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, target, waivers);
	g_autofree char *found = list_reasons(report);

	check_text(found, expected, "the comparison", file, line);
	CU_ASSERT_EQUAL(tune_cpu_judge(guest, target, waivers),
			tune_cpu_report_get_verdict(report));
}
