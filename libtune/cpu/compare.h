/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rule: may a guest that has seen one CPU go on with another?  Pure functions of two images.
 * What only the library needs of it.
 */
#ifndef TUNE_CPU_COMPARE_H
#define TUNE_CPU_COMPARE_H

#include <libtune/cpu/cpu.h>

/** Classes whose reasons refuse, unless waived. */
#define TUNE_CPU_REFUSING                                                                          \
	(1u << TUNE_CPU_LOST | 1u << TUNE_CPU_SECURITY | 1u << TUNE_CPU_LAYOUT |                   \
	 1u << TUNE_CPU_ADDR | 1u << TUNE_CPU_VENDOR | 1u << TUNE_CPU_NESTED | 1u << TUNE_CPU_PMU)

/** How far two clocks may be apart: what QEMU and libvirt let pass, in parts per million. */
#define TUNE_CPU_TSC_TOLERANCE 250

/** Where reasons go; without a list they are only counted. */
typedef struct {
	guint waivers;
	TuneCpuVerdict verdict;
	GPtrArray *reasons; /* of TuneCpuReason, or NULL */
} TuneCpuFindings;

/** @gained: names of the features that only the target has, NULL at the end */
struct TuneCpuReport {
	TuneCpuFindings findings;
	GPtrArray *gained;
};

/** Nothing found yet. */
TuneCpuReport *tune_cpu_report_new(guint waivers);

/** Add a reason; formats it only when somebody wants to read it. */
void tune_findings_add(TuneCpuFindings *findings, TuneCpuClass class, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/** The same, with what an administrator can do: static text. */
void tune_cpu_find_with(TuneCpuFindings *findings, TuneCpuClass class, const char *way_out,
			const char *format, ...) G_GNUC_PRINTF(4, 5);

/** The whole rule. */
void tune_cpu_compare_into(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** Whether it depends on what @guest makes use of that it may not move to @target. */
gboolean tune_cpu_use_matters(const TuneCpu *guest, const TuneCpu *target);

/** What is in no word: clock, QEMU, machine type, options of -cpu. */
void tune_cpu_compare_setup(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** What is known to go wrong between two kernels. */
void tune_cpu_compare_known(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** Enlightenments (hv-NAME) of the guest's cpu_type against those that the target's KVM can give. */
void tune_cpu_compare_hyperv(const TuneCpu *guest, const TuneCpu *target,
			     TuneCpuFindings *findings);

/** Whether @type, what stands behind -cpu, switches the option @name on: "name", "+name", "name=on"; "_" counts as "-". */
gboolean tune_cpu_type_has_option(const char *type, const char *name);

/**
 * Performance counters of CPUID leaf 0xa as far as KVM gives them: up to version 2, of a bare CPU as many as KVM
 * can handle.
 *
 * @width: bits of a general counter
 */
typedef struct {
	guint version, general, width, fixed;
} TuneCpuCounters;

TuneCpuCounters tune_cpu_get_counters(const TuneCpu *cpu);

/** Whether QEMU writes the switches of all counters: so it does from version 2 on, and KVM takes no unknown one. */
static inline gboolean tune_cpu_loads_counters(TuneCpuCounters counters)
{
	return counters.version >= 2;
}

/** Make @cpu what "pmu=off" makes of it. */
void tune_cpu_drop_counters(TuneCpu *cpu);

/** Whether a guest with @type behind -cpu (NULL: none) sees counters: by default only "host" and "max" do. */
gboolean tune_cpu_type_has_counters(const char *type);

/** Whether a guest with @type behind -cpu (NULL: none) gets what its node has, and not what a model names. */
gboolean tune_cpu_type_is_host(const char *type);

/** Whether a guest with @type behind -cpu (NULL: none) is told another family, model or stepping than its host's. */
gboolean tune_cpu_type_sets_model(const char *type);

/**
 * Whether the QEMU of the node whose record @cpu is knows the model and each property in @type ("host,-rtm"), and KVM
 * there gives what it switches on.
 *
 * Fails with TUNE_ERROR_REFUSED, which names the first that it lacks, and with TUNE_ERROR_INVALID when the record does
 * not tell: it is of an older format, or QEMU would not say.
 */
gboolean tune_cpu_type_check_names(const char *type, const TuneCpu *cpu, GError **error);

/**
 * @type, and of @have (NULL: none) what a site has chosen itself: hv-*, kvm=, migratable=, pmu= and what is switched
 * on by "+", unless @type has the same property.  Free it.
 */
char *tune_cpu_type_keep(const char *type, const char *have);

/**
 * What @cpu, of a node, is to a guest whose cpu_type is "host" with options: without the features that
 * they switch off, and with no more address bits than they allow.
 */
void tune_cpu_mask(TuneCpu *cpu, const char *type);

/**
 * tune_cpu_make_key: "intel-0a1b2c3d", the same for two nodes' images that have no reason to refuse a move in
 * either way; free it.  Others may be as good for each other: only comparing tells.
 */
char *tune_cpu_make_key(const TuneCpu *cpu);

#endif
