/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rule: may a guest that has seen one CPU go on with another?  Pure functions of two CPUs.
 * tune-cpu.h has the functions for programs.
 */
#ifndef TUNE_CPU_COMPARE_H
#define TUNE_CPU_COMPARE_H

#include <libtune/cpu/cpu.h>

/** Classes whose reasons refuse, unless waived. */
#define TUNE_CPU_REFUSING                                                                          \
	(1u << TUNE_CPU_LOST | 1u << TUNE_CPU_SECURITY | 1u << TUNE_CPU_LAYOUT |                   \
	 1u << TUNE_CPU_ADDR | 1u << TUNE_CPU_VENDOR | 1u << TUNE_CPU_NESTED | 1u << TUNE_CPU_PMU)

/** How much two clocks may differ, as in QEMU and libvirt: parts per million. */
#define TUNE_CPU_TSC_TOLERANCE 250

/** The reasons that were found.  Without a list only the verdict is kept, which costs less. */
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

/** tune_cpu_report_new: an empty report. */
TuneCpuReport *tune_cpu_report_new(guint waivers);

/** tune_findings_add: add a reason; its text is made only where @findings has a list. */
void tune_findings_add(TuneCpuFindings *findings, TuneCpuClass class, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/** tune_findings_add_with: the same, with @way_out, what an administrator can do: static text. */
void tune_findings_add_with(TuneCpuFindings *findings, TuneCpuClass class, const char *way_out,
			    const char *format, ...) G_GNUC_PRINTF(4, 5);

/** tune_cpu_compare_into: the whole rule. */
void tune_cpu_compare_into(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** Whether @target refuses @guest only for features that the guest may not have switched on (TuneCpuSwitches). */
gboolean tune_cpu_use_matters(const TuneCpu *guest, const TuneCpu *target);

/** The part of the rule for all that is in no word: clock, QEMU, machine type, options of -cpu. */
void tune_cpu_compare_setup(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** The part of the rule for two kernels between which guests are known to be lost. */
void tune_cpu_compare_known(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings);

/** The part of the rule for Hyper-V: the hv-NAME of the guest's cpu_type, and those that the target's KVM can give. */
void tune_cpu_compare_hyperv(const TuneCpu *guest, const TuneCpu *target,
			     TuneCpuFindings *findings);

/** tune_cpu_copy_machine: give @cpu, of a node, the machine type of @guest. */
void tune_cpu_copy_machine(TuneCpu *cpu, const TuneCpu *guest);

/** tune_cpu_find_alias: which machine type @name is to the QEMU of a record, "pc=pc-i440fx-7.2"; NULL: not known.  Free it. */
char *tune_cpu_find_alias(const TuneCpu *cpu, const char *name);

/** Whether @type, a value of -cpu, switches the option @name on: "name", "+name", "name=on"; "_" counts as "-". */
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

/** Whether QEMU loads the enable bits of all counters: from version 2 on.  KVM refuses the bit of a counter it lacks. */
static inline gboolean tune_cpu_loads_counters(TuneCpuCounters counters)
{
	return counters.version >= 2;
}

/** tune_cpu_drop_counters: take from @cpu what "pmu=off" takes from a guest. */
void tune_cpu_drop_counters(TuneCpu *cpu);

/** Whether a guest with @type behind -cpu (NULL: none) sees counters: by default only "host" and "max" do. */
gboolean tune_cpu_type_has_counters(const char *type);

/** Whether a guest with @type behind -cpu (NULL: none) gets the CPU of its node, and not that of a named model. */
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
 * tune_cpu_type_keep: @type with the options of @have (NULL: none) that a site has chosen itself: hv-*, kvm=,
 * migratable=, pmu= and features that "+" switches on; not those whose property @type has itself.  Free it.
 */
char *tune_cpu_type_keep(const char *type, const char *have);

/**
 * tune_cpu_mask: make @cpu, of a node, the CPU that a guest sees whose cpu_type @type is "host" with options: without
 * the features that these switch off, and with no more address bits than they allow.
 */
void tune_cpu_mask(TuneCpu *cpu, const char *type);

/**
 * tune_cpu_make_key: "intel-0a1b2c3d"; free it.  Between nodes with the same key no CPU refuses a move.  Nodes with
 * different keys may fit as well: only a comparison tells.
 */
char *tune_cpu_make_key(const TuneCpu *cpu);

#endif
