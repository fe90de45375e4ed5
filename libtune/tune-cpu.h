/* SPDX-License-Identifier: BSD-2-Clause */
/** CPUs as guests see them: reading, comparing, asking QEMU.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_CPU_H
#define TUNE_PUBLIC_CPU_H

#include <glib.h>

#include <libtune/tune-base.h>

G_BEGIN_DECLS

/* ---- CPUs ---- */

/**
 * The meaning of a difference between two CPUs for a guest that moves from one to the other.
 *
 * The first six and TUNE_CPU_PMU refuse the move; TUNE_CPU_UNKNOWN means that it may have to be refused; the others
 * only warn.
 *
 * @TUNE_CPU_LOST: the target lacks a feature that the guest has seen
 * @TUNE_CPU_SECURITY: the target lacks a mitigation, or an immunity that makes one needless; or a weakness is new
 * @TUNE_CPU_LAYOUT: the state of the registers is stored in another way
 * @TUNE_CPU_ADDR: physical addresses are narrower
 * @TUNE_CPU_VENDOR: another vendor
 * @TUNE_CPU_NESTED: the guest could not go on running guests of its own
 * @TUNE_CPU_HINT: the guest runs on safely, but slower or somewhat differently
 * @TUNE_CPU_PMU: fewer performance counters than QEMU will load into KVM: QEMU would end, and the guest with it
 * @TUNE_CPU_COUNTERS: other performance counters, or none; the guest runs on safely
 * @TUNE_CPU_MODEL: another model
 * @TUNE_CPU_BUG: guests are known to be lost between these two kernels
 * @TUNE_CPU_UNKNOWN: data that the rule needs is unknown
 * @TUNE_CPU_IGNORED: does not matter; never a reason
 */
typedef enum {
	TUNE_CPU_LOST,
	TUNE_CPU_SECURITY,
	TUNE_CPU_LAYOUT,
	TUNE_CPU_ADDR,
	TUNE_CPU_VENDOR,
	TUNE_CPU_NESTED,
	TUNE_CPU_HINT,
	TUNE_CPU_PMU,
	TUNE_CPU_COUNTERS,
	TUNE_CPU_MODEL,
	TUNE_CPU_BUG,
	TUNE_CPU_UNKNOWN,
	TUNE_CPU_IGNORED,
} TuneCpuClass;

/** "lost", "security", "layout", "addr", "vendor", "nested", "hint", "pmu", "counters", "model", "bug",
 * "unknown". */
const char *tune_cpu_class_name(TuneCpuClass kind);

/** tune_cpu_class_from_name: FALSE when @name is not the class of any reason. */
gboolean tune_cpu_class_from_name(const char *name, TuneCpuClass *ret_class);

/**
 * tune_cpu_waiver_from_name: the bit of a class for a set of waivers; 0 when the class cannot be waived.
 *
 * "security", "nested" and "pmu" can: a guest can go on without the first two, and with the third when it has not enabled
 * its counters (Linux has, for its watchdog).  After a loss of another class it crashes.
 */
guint tune_cpu_waiver_from_name(const char *name);

/** tune_cpu_class_refuses: whether a reason of class @kind refuses a move, unless it is waived. */
gboolean tune_cpu_class_refuses(TuneCpuClass kind);

/**
 * A CPU as a guest sees it, or would see it: features, layout of its state, width of addresses, and the parts of the host
 * that these depend on (kernel, microcode, KVM's parameters, QEMU).
 *
 * Data that its source did not have is unknown, never zero.
 */
typedef struct TuneCpu TuneCpu;

/**
 * tune_cpu_find_foreign_machine: the machine of the host below @root as `uname -m` shows it, "aarch64"; NULL on x86.
 * Free it.  CPUs of other machines are not compared: Ganeti migrates no guest between unlike machines, and their CPUs
 * are described by other means than CPUID.
 */
char *tune_cpu_find_foreign_machine(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_kvm: the CPU that KVM on the host below @root can give, reduced to the part that guests see.
 *
 * Asks dev/kvm below the root, and the CPU that runs this program for the width of its addresses and
 * its XSAVE layout.  TUNE_ERROR_ABSENT without KVM.  The parameters of KVM's modules and the data of QEMU are added by
 * tune_cpu_read_parameters(), tune_cpu_set_qemu() and tune_cpu_set_machines().
 */
TuneCpu *tune_cpu_load_kvm(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_read_parameters: give @cpu the parameters of the KVM modules on the host below @root, "kvm_intel.nested=Y",
 * without those that only tune how KVM runs guests.  A record and its fingerprint hold them; no comparison needs them.
 */
void tune_cpu_read_parameters(TuneCpu *cpu, TuneRoot *root);

/**
 * tune_cpu_load_dump: a CPU from the output of another program.
 *
 * @path: below @root
 *
 * The content tells the format: lines of `leaf sub-leaf eax ebx ecx edx` and `msr index value`, all hexadecimal, `#`
 * before a comment; the output of `cpuid -r`; the text of AIDA64 and InstLatx64; libvirt's <cpudata>; Firecracker's
 * JSON.  Of several CPUs that differ, the features that all of them have count: see tune_cpu_get_differences().  The
 * CPU is not reduced, and has the changes that the newest known kernel and QEMU make.
 * Errors: TUNE_ERROR_INVALID with FILE:LINE:COLUMN; for an unknown format with the list of these.
 */
TuneCpu *tune_cpu_load_dump(TuneRoot *root, const char *path,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_record: read a record that tune_cpu_save_record() has written.
 *
 * Errors: those of reading it; TUNE_ERROR_SYNTAX with FILE:LINE:COLUMN for a record that is damaged,
 * cut short, or of a newer format.  To a caller all of them mean that the CPU is unknown.
 */
TuneCpu *tune_cpu_load_record(TuneRoot *root, const char *path,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The kernel and the QEMU that are assumed for a dump of a bare CPU: versions ("6.12", "10.2"); static texts. */
typedef struct {
	const char *kernel;
	const char *qemu;
} TuneCpuProfile;

/**
 * tune_cpu_profile_find: the profile of these versions.  TUNE_ERROR_ABSENT, with the list of known ones, where there is
 * none.
 *
 * @kernel, @qemu: NULL: the newest one that is known; of longer versions the first two numbers count
 */
gboolean tune_cpu_profile_find(const char *kernel, const char *qemu, TuneCpuProfile *ret_profile,
			       GError **error);

/**
 * tune_cpu_load_file: a dump or a record, which its content tells; reduced.
 *
 * @path: of the running host, absolute or relative; may be a pipe
 * @profile: for a dump of a bare CPU; NULL: the newest kernel and QEMU that are known
 */
TuneCpu *tune_cpu_load_file(const char *path, const TuneCpuProfile *profile,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_get_profile: of a bare CPU, the profile it was reduced for: "Linux 6.12, QEMU 10.2"; NULL for others.
 * Borrowed.
 */
const char *tune_cpu_get_profile(const TuneCpu *cpu);

/**
 * tune_cpu_get_level: the level by which compilers and distributions name CPUs: "x86-64-v1" to "x86-64-v4"; "none" below
 * these; NULL when unknown.  Static text.
 */
const char *tune_cpu_get_level(const TuneCpu *cpu);

/**
 * tune_cpu_get_differences: of a dump of several CPUs, which ones differ from the first, and in which words: "CPU 4 to
 * 7: 0x7.0.ebx"; NULL when all are the same.  Borrowed.
 */
const char *tune_cpu_get_differences(const TuneCpu *cpu);

/** tune_cpu_save_record: replace the file at @path; a reader sees the old record or the new one. */
gboolean tune_cpu_save_record(const TuneCpu *cpu, TuneRoot *root, const char *path, GError **error);

/** tune_cpu_to_yaml: the record as text; free it. */
char *tune_cpu_to_yaml(const TuneCpu *cpu);

void tune_cpu_free(TuneCpu *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneCpu, tune_cpu_free)

/**
 * tune_cpu_reduce: take from @cpu all features that KVM does not give to guests, or that QEMU has no name for.  To reduce
 * it again changes nothing.
 *
 * Words that CPUs of this vendor do not have, or that belong to a feature which @cpu lacks, become known to be zero.
 * From the CPU of a running guest only these are taken.
 */
void tune_cpu_reduce(TuneCpu *cpu);

/**
 * tune_cpu_fingerprint: a short text that changes with all data of the CPU that matters to guests, and with kernel,
 * microcode, KVM's parameters and QEMU, but not with node, time and clock; free it.
 */
char *tune_cpu_fingerprint(const TuneCpu *cpu);

/* Data from elsewhere; NULL makes it unknown. */

/** tune_cpu_set_node: the name of its node. */
void tune_cpu_set_node(TuneCpu *cpu, const char *node);
const char *tune_cpu_get_node(const TuneCpu *cpu);

/** tune_cpu_set_time: when it was read, seconds since the epoch; 0 when unknown. */
void tune_cpu_set_time(TuneCpu *cpu, gint64 seconds);
gint64 tune_cpu_get_time(const TuneCpu *cpu);

/** tune_cpu_set_qemu: version of the QEMU that runs, or would run, the guest ("10.0.2"). */
void tune_cpu_set_qemu(TuneCpu *cpu, const char *version);

/** tune_cpu_set_machines: the machine types that this QEMU has, without aliases. */
void tune_cpu_set_machines(TuneCpu *cpu, const char *const *machines);

/**
 * One line on a CPU.
 *
 * @name: "vendor", "kernel", a word by its name in records ("0x7.0.ebx"), ...
 * @value: of a word, QEMU's names of its features with blanks between; NULL when unknown
 */
typedef struct {
	char *name;
	char *value;
} TuneCpuFact;

/** tune_cpu_describe: @cpu for people to read, array of TuneCpuFact; unref it. */
GPtrArray *tune_cpu_describe(const TuneCpu *cpu) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The result of a comparison, from good to bad.
 *
 * @TUNE_CPU_VERDICT_UNKNOWN: nothing known refuses, but unknown data might
 */
typedef enum {
	TUNE_CPU_OK,
	TUNE_CPU_WARN,
	TUNE_CPU_VERDICT_UNKNOWN,
	TUNE_CPU_REFUSE,
} TuneCpuVerdict;

/** "ok", "warn", "refuse"; "warn" for TUNE_CPU_VERDICT_UNKNOWN, too. */
const char *tune_cpu_verdict_name(TuneCpuVerdict verdict);

/**
 * One reason; prints as `class:name`, e.g. "lost:rtm".
 *
 * @name: QEMU's name of the feature, or a few words
 * @is_waived: it would refuse, but the caller has waived its class
 * @way_out: what an administrator can do about this reason in particular, static text; or NULL
 */
typedef struct {
	TuneCpuClass kind;
	char *name;
	gboolean is_waived;
	const char *way_out;
} TuneCpuReason;

typedef struct TuneCpuReport TuneCpuReport;

/**
 * tune_cpu_compare: may a guest that sees @guest go on with what @target can give?  Never fails.
 *
 * @guest: of a running guest, or of a node, reduced, for its guests of cpu_type "host"
 * @target: the CPU that the same `-cpu` and machine would give on the other node, reduced
 * @waivers: set of (1 << TuneCpuClass) whose reasons warn instead of refusing; each stays marked
 *
 * Unknown data is a reason only where it could refuse.
 */
TuneCpuReport *tune_cpu_compare(const TuneCpu *guest, const TuneCpu *target,
				guint waivers) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_is_guest: whether @cpu is that of a running guest, and not that of a node. */
gboolean tune_cpu_is_guest(const TuneCpu *cpu);

/**
 * tune_cpu_follows_node: whether a guest that sees @cpu will see the whole CPU of the node that it moves to; FALSE for a
 * guest of a named model, which keeps its CPU.
 */
gboolean tune_cpu_follows_node(const TuneCpu *cpu);

/**
 * tune_cpu_copy_for: what @guest sees once it is on @node: a copy without the features that its cpu_type switches off,
 * with its machine type; free it.
 */
TuneCpu *tune_cpu_copy_for(const TuneCpu *node, const TuneCpu *guest) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_start_as: make @record, of a node, the CPU of the guests that the node starts as this machine, a type or an
 * alias as "pc".
 *
 * @machine: NULL or empty: it stays unknown, so a comparison allows no older QEMU
 */
void tune_cpu_start_as(TuneCpu *record, const char *machine);

/** tune_cpu_judge: the verdict alone, without allocations: fast enough for many pairs. */
TuneCpuVerdict tune_cpu_judge(const TuneCpu *guest, const TuneCpu *target, guint waivers);

void tune_cpu_report_free(TuneCpuReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneCpuReport, tune_cpu_report_free)

TuneCpuVerdict tune_cpu_report_get_verdict(const TuneCpuReport *report);
guint tune_cpu_report_get_length(const TuneCpuReport *report);
const TuneCpuReason *tune_cpu_report_get_reason(const TuneCpuReport *report, guint index);

/** tune_cpu_report_format: the reasons that decided the verdict: "lost:rtm, lost:hle".  Free it. */
char *tune_cpu_report_format(const TuneCpuReport *report);

/** tune_cpu_report_get_gained: names of features that only @target has, and the cpu_type of the guest does not
 * switch off; none for a named model; NULL ends them.  A guest that is restarted there sees them, and cannot move
 * back. */
const char *const *tune_cpu_report_get_gained(const TuneCpuReport *report);

/**
 * tune_cpu_baseline: the cpu_type with which guests can move among all of @cpus: "host" without the features that one of
 * them lacks, e.g. "host,-rtm,host-phys-bits-limit=46".  Free it.
 *
 * @cpus: of nodes, reduced
 * @ret_costs: NULL, or for each of @cpus, in their order, the features that it gives up: names with blanks between;
 *   a NULL ends them; g_strfreev() it
 *
 * TUNE_ERROR_INVALID when they have nothing in common, or too little is known of one of them.  A dump does not restrict
 * the features that it does not tell (KVM's own, MSRs).
 */
char *tune_cpu_baseline(const TuneCpu *const *cpus, guint n_cpus, char ***ret_costs,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_find_model: the named model of this host's QEMU with the most features among those that all of @cpus can run,
 * and the features that they have in common beyond it: "Skylake-Server-v1,+vaes".  Free it.
 *
 * A guest of such a type sees the same CPU everywhere, so it can also move to an older node.  QEMU is started and
 * asked for all its models, which takes some 0.5 s.
 *
 * @cpus: of nodes, reduced
 * @binary, @deadline: as tune_cpu_load_node()
 */
char *tune_cpu_find_model(TuneRoot *root, const char *binary, const TuneCpu *const *cpus,
			  guint n_cpus, gint64 deadline, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The QEMU of Debian's Ganeti (hypervisor parameter kvm_path). */
#define TUNE_CPU_QEMU_BINARY "usr/bin/kvm"

/**
 * tune_cpu_find_qemu: the QEMU that Ganeti starts on the host below @root: what the cluster has set as kvm_path; where
 * Ganeti does not tell, the first one that is installed.  TUNE_CPU_QEMU_BINARY where there is none.  Free it.
 */
char *tune_cpu_find_qemu(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_node: the CPU that the host below @root can give to a guest of cpu_type "host".
 *
 * @binary: QEMU, below the root; it is started for its version, its machine types and the features that it has
 *   names for: what else KVM may give, it does not show to a guest (target/i386/cpu.c, feature_word_info)
 * @deadline: g_get_monotonic_time() at which to give up
 */
TuneCpu *tune_cpu_load_node(TuneRoot *root, const char *binary, gint64 deadline,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_is_current: whether nothing has changed that the @record of this node was made from: KVM, kernel, microcode,
 * parameters, the file of QEMU.  Starts no QEMU.  FALSE also when this is unknown.
 */
gboolean tune_cpu_is_current(const TuneCpu *record, TuneRoot *root, const char *binary);

/**
 * tune_cpu_load_guest: the CPU that the running guest of @instance sees, asked of its QEMU on the host below @root.
 *
 * @target: the CPU that it will be compared with: questions that cannot change that verdict are left out (QEMU takes
 *   0.7 ms for each bit of an MSR); NULL asks all
 *
 * NULL without an error when there is nothing to compare: the guest does not run, or not under KVM.  Any error means that
 * its CPU is unknown.  The connection is closed before this returns: Ganeti cannot migrate a guest whose socket another
 * client uses.
 */
TuneCpu *tune_cpu_load_guest(TuneRoot *root, const char *instance, const TuneCpu *target,
			     gint64 deadline, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_socket: the CPU that the guest of any QEMU under KVM sees; @path: of its QMP socket, below @root.
 *
 * QMP serves one client at a time: TUNE_ERROR_TIMEOUT while there is another.
 */
TuneCpu *tune_cpu_load_socket(TuneRoot *root, const char *path, gint64 deadline,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_try: whether this node can give a guest all that @cpu_type names, by starting a QEMU with it.
 *
 * TUNE_ERROR_REFUSED with QEMU's message when it cannot; after any other error it is unknown.
 */
gboolean tune_cpu_try(TuneRoot *root, const char *binary, const char *cpu_type, gint64 deadline,
		      GError **error);

/* ---- running guests ---- */

#define TUNE_QEMU_REPLACED "replaced"
#define TUNE_QEMU_INSTALLED "installed"

/**
 * A guest that runs.
 * @cpu_type: value of -cpu, empty for QEMU's default; NULL when unknown
 * @is_kvm: its command line asks QEMU to use KVM
 * @started: when its QEMU was started here, by a start or a migration, seconds since the epoch; 0 when unknown
 * @qemu: TUNE_QEMU_REPLACED when the file that it was started from is there no more, TUNE_QEMU_INSTALLED when it is; NULL
 *   when unknown
 * @hvparams: the hypervisor parameters that Ganeti has started it with, one JSON object; NULL when unknown
 * @note: why its data is unknown, or NULL
 */
typedef struct {
	char *instance;
	char *cpu_type;
	gboolean is_kvm;
	gint64 started;
	char *qemu;
	char *hvparams;
	char *note;
} TuneRunningGuest;

/** tune_guest_list: the guests that Ganeti's KVM hypervisor runs on this node; array of TuneRunningGuest, unref it. */
GPtrArray *tune_guest_list(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
