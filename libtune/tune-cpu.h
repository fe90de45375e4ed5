/* SPDX-License-Identifier: BSD-2-Clause */
/** CPUs as guests see them: read, compared, asked of QEMU.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_CPU_H
#define TUNE_PUBLIC_CPU_H

#include <glib.h>

#include <libtune/tune-base.h>

G_BEGIN_DECLS

/* ---- CPUs ---- */

/**
 * What a difference between two CPUs means to a guest that moves from one to the other.
 * The first six refuse the move; of the last but one it is not known whether it does; the others only warn.
 *
 * @TUNE_CPU_LOST: a feature the guest has seen is not there
 * @TUNE_CPU_SECURITY: a mitigation, or the word that none is needed, is not there; or a weakness is new
 * @TUNE_CPU_LAYOUT: the registers' state is stored in another way
 * @TUNE_CPU_ADDR: physical addresses are narrower
 * @TUNE_CPU_VENDOR: another maker
 * @TUNE_CPU_NESTED: the guest could not go on running guests of its own
 * @TUNE_CPU_HINT: slower, or otherwise not quite the same, and safe
 * @TUNE_CPU_PMU: fewer performance counters than QEMU will load into KVM: it would end with the guest
 * @TUNE_CPU_COUNTERS: other performance counters, or none, and safe
 * @TUNE_CPU_MODEL: another model
 * @TUNE_CPU_BUG: guests are known to be lost between these two kernels
 * @TUNE_CPU_UNKNOWN: what the rule needs was not there to be asked
 * @TUNE_CPU_IGNORED: of no consequence; never a reason
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

/** FALSE when @name is no class that a reason can have. */
gboolean tune_cpu_class_from_name(const char *name, TuneCpuClass *ret_class);

/**
 * tune_cpu_waiver_from_name: the bit for a set of waivers, of a class that may be waived: a guest can go on
 * without "security" and "nested", with "pmu" one that has not switched its counters on (Linux has, for its
 * watchdog); without the others it crashes.  0 for any other name.
 */
guint tune_cpu_waiver_from_name(const char *name);

/** tune_cpu_class_refuses: whether a reason of class @kind refuses a move, unless it is waived. */
gboolean tune_cpu_class_refuses(TuneCpuClass kind);

/**
 * A CPU as a guest sees it, or would see it: features, layout of its state, address width, and what of
 * the host has a part in that (kernel, microcode, KVM's parameters, QEMU).
 *
 * What its source did not say is unknown, never zero.
 */
typedef struct TuneCpu TuneCpu;

/**
 * tune_cpu_find_foreign_machine: what `uname -m` says on the host below @root where that is no x86 machine, "aarch64"; NULL
 * on x86.  Free it.  CPUs of other machines are not compared: Ganeti migrates no guest between unlike machines, and what KVM
 * gives there is described by other means than CPUID.
 */
char *tune_cpu_find_foreign_machine(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_kvm: what KVM on the host below @root can give, reduced to what a guest would see.
 *
 * Asks dev/kvm below the root, and the CPU that runs this program for the width of its addresses and
 * its XSAVE layout.  TUNE_ERROR_ABSENT without KVM.  The parameters of KVM's modules and QEMU's part are not in it:
 * see tune_cpu_read_parameters(), tune_cpu_set_qemu() and tune_cpu_set_machines().
 */
TuneCpu *tune_cpu_load_kvm(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_read_parameters: give @cpu the parameters of the KVM modules on the host below @root, "kvm_intel.nested=Y", but
 * those that only tune how KVM runs a guest.  A record and its fingerprint hold them; no comparison needs them.
 */
void tune_cpu_read_parameters(TuneCpu *cpu, TuneRoot *root);

/**
 * tune_cpu_load_dump: a CPU's words as another program shows them: lines of `leaf sub-leaf eax ebx ecx edx` and
 * `msr index value`, all hexadecimal, `#` before a comment; what `cpuid -r` prints; the text of AIDA64 and InstLatx64;
 * libvirt's <cpudata>; Firecracker's JSON.  Which of them, its content tells.  Of several CPUs that differ counts what all of them have,
 * see tune_cpu_get_differences().  Not reduced; with what the newest kernel and QEMU that are known make of it.
 * Errors: TUNE_ERROR_INVALID with FILE:LINE:COLUMN; of another format's file with the list of these.
 *
 * @path: below @root
 */
TuneCpu *tune_cpu_load_dump(TuneRoot *root, const char *path,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_record: what tune_cpu_save_record() wrote.
 *
 * Errors: those of reading it; TUNE_ERROR_SYNTAX with FILE:LINE:COLUMN for a record that is damaged,
 * cut short, or of a newer format.  To a caller all of them mean that the CPU is unknown.
 */
TuneCpu *tune_cpu_load_record(TuneRoot *root, const char *path,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Under which kernel and QEMU a bare CPU is thought of, by their versions ("6.12", "10.2"); static texts. */
typedef struct {
	const char *kernel;
	const char *qemu;
} TuneCpuProfile;

/**
 * tune_cpu_profile_find: the profile of that name.  TUNE_ERROR_ABSENT, with the list of those that are known, for any
 * other.
 *
 * @kernel, @qemu: NULL: the newest that is known; of longer versions the first two numbers count
 */
gboolean tune_cpu_profile_find(const char *kernel, const char *qemu, TuneCpuProfile *ret_profile,
			       GError **error);

/**
 * tune_cpu_load_file: a dump or a record, as its content says; reduced.
 *
 * @path: of the running host, as people name it; may be a pipe
 * @profile: for a dump of a bare CPU; NULL: the newest kernel and QEMU that are known
 */
TuneCpu *tune_cpu_load_file(const char *path, const TuneCpuProfile *profile,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_get_profile: of a bare CPU, what it was reduced for: "Linux 6.12, QEMU 10.2"; NULL for others.  Borrowed. */
const char *tune_cpu_get_profile(const TuneCpu *cpu);

/**
 * tune_cpu_get_level: the level that compilers and distributions count in: "x86-64-v1" to "x86-64-v4"; "none" below
 * these; NULL when that is not known.  Static text.
 */
const char *tune_cpu_get_level(const TuneCpu *cpu);

/**
 * tune_cpu_get_differences: of a dump of CPUs that are not the same, which differ from the first, and in what: "CPU 4 to
 * 7: 0x7.0.ebx"; NULL where all are the same.  Borrowed.
 */
const char *tune_cpu_get_differences(const TuneCpu *cpu);

/** tune_cpu_save_record: in place of what is there; a reader sees the old record or the new one. */
gboolean tune_cpu_save_record(const TuneCpu *cpu, TuneRoot *root, const char *path, GError **error);

/** tune_cpu_to_yaml: the record as text; free it. */
char *tune_cpu_to_yaml(const TuneCpu *cpu);

void tune_cpu_free(TuneCpu *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneCpu, tune_cpu_free)

/**
 * tune_cpu_reduce: leave of @cpu what KVM gives a guest and QEMU has a name for.  Twice is as once.
 *
 * What can be told from the rest becomes known: words that this vendor, or a CPU without the feature
 * they belong to, does not have.  A running guest's own words are not cut down.
 */
void tune_cpu_reduce(TuneCpu *cpu);

/**
 * tune_cpu_fingerprint: a short text that changes with anything of the CPU that matters to a guest, and
 * with kernel, microcode, KVM's parameters and QEMU; free it.  Not with node, time and clock.
 */
char *tune_cpu_fingerprint(const TuneCpu *cpu);

/* What a QEMU adds to an image; NULL makes it unknown. */

/** tune_cpu_set_node: whose it is, for people. */
void tune_cpu_set_node(TuneCpu *cpu, const char *node);
const char *tune_cpu_get_node(const TuneCpu *cpu);

/** tune_cpu_set_time: when it was taken, seconds since the epoch; 0 when unknown. */
void tune_cpu_set_time(TuneCpu *cpu, gint64 seconds);
gint64 tune_cpu_get_time(const TuneCpu *cpu);

/** tune_cpu_set_qemu: version of the QEMU that runs, or would run, the guest ("10.0.2"). */
void tune_cpu_set_qemu(TuneCpu *cpu, const char *version);

/** tune_cpu_set_machines: the machine types this QEMU has, without aliases. */
void tune_cpu_set_machines(TuneCpu *cpu, const char *const *machines);

/**
 * One line on a CPU.
 *
 * @name: "vendor", "kernel", a word as records call it ("0x7.0.ebx"), ...
 * @value: of a word: its features in QEMU's names, with blanks between; NULL when unknown
 */
typedef struct {
	char *name;
	char *value;
} TuneCpuFact;

/** tune_cpu_describe: all that is worth reading, array of TuneCpuFact; unref it. */
GPtrArray *tune_cpu_describe(const TuneCpu *cpu) G_GNUC_WARN_UNUSED_RESULT;

/**
 * How a comparison ended, from good to bad.
 *
 * @TUNE_CPU_VERDICT_UNKNOWN: nothing refuses, and something that could have was not known
 */
typedef enum {
	TUNE_CPU_OK,
	TUNE_CPU_WARN,
	TUNE_CPU_VERDICT_UNKNOWN,
	TUNE_CPU_REFUSE,
} TuneCpuVerdict;

/** "ok", "warn", "refuse"; TUNE_CPU_VERDICT_UNKNOWN is a warning, too. */
const char *tune_cpu_verdict_name(TuneCpuVerdict verdict);

/**
 * One reason; prints as `class:name`, e.g. "lost:rtm".
 *
 * @name: QEMU's name of the feature, or a few words
 * @is_waived: would refuse, and the caller said that this class may pass
 * @way_out: what an administrator can do about it, static text; NULL: nothing that is this reason's own
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
 * @guest: a running guest, or a node's reduced image for its guests of cpu_type "host"
 * @target: what the same `-cpu` and machine would give on the other node, reduced
 * @waivers: set of (1 << TuneCpuClass) whose reasons warn instead of refusing; each stays marked
 *
 * Unknown data is a reason only where it could have refused.
 */
TuneCpuReport *tune_cpu_compare(const TuneCpu *guest, const TuneCpu *target,
				guint waivers) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_is_guest: whether @cpu is what a running guest sees, and not what a node gives. */
gboolean tune_cpu_is_guest(const TuneCpu *cpu);

/**
 * tune_cpu_follows_node: whether a guest that sees @cpu sees another node's whole CPU once it is there: FALSE for a
 * guest of a named model, that stays what it is.
 */
gboolean tune_cpu_follows_node(const TuneCpu *cpu);

/** tune_cpu_copy_for: a copy of @node, without what the cpu_type of @guest switches off; free it. */
TuneCpu *tune_cpu_copy_for(const TuneCpu *node, const TuneCpu *guest) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_judge: the verdict alone, without allocating anything: for many pairs. */
TuneCpuVerdict tune_cpu_judge(const TuneCpu *guest, const TuneCpu *target, guint waivers);

void tune_cpu_report_free(TuneCpuReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneCpuReport, tune_cpu_report_free)

TuneCpuVerdict tune_cpu_report_get_verdict(const TuneCpuReport *report);
guint tune_cpu_report_get_length(const TuneCpuReport *report);
const TuneCpuReason *tune_cpu_report_get_reason(const TuneCpuReport *report, guint index);

/** tune_cpu_report_format: all reasons of what decided the verdict: "lost:rtm, lost:hle".  Free it. */
char *tune_cpu_report_format(const TuneCpuReport *report);

/** tune_cpu_report_get_gained: names of features that only @target has, and the cpu_type of the guest does not
 * switch off; none for a named model; NULL ends them.  A guest that is started anew there sees them, and cannot come
 * back. */
const char *const *tune_cpu_report_get_gained(const TuneCpuReport *report);

/**
 * tune_cpu_baseline: the cpu_type with which guests can move among all of @cpus: "host" less what not
 * all of them have, e.g. "host,-rtm,host-phys-bits-limit=46".  Free it.
 *
 * @cpus: reduced images of nodes
 * @ret_costs: NULL, or for each of them, in their order, what it gives up: names with blanks between;
 * a NULL ends them; g_strfreev() it
 *
 * TUNE_ERROR_INVALID when they have nothing in common, or too little is known of one of them.  What a
 * dump cannot know (KVM's own features, MSRs), it does not restrict.
 */
char *tune_cpu_baseline(const TuneCpu *const *cpus, guint n_cpus, char ***ret_costs,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_find_model: the named model of this host's QEMU with the most features that all of @cpus can
 * run, and what they have in common beyond it: "Skylake-Server-v1,+vaes".  Free it.
 *
 * A guest of such a type is the same everywhere, so it can also go back to an older node.  QEMU is started
 * and asked for all its models, which takes some 0.5 s.
 *
 * @cpus: reduced images of nodes
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
 * tune_cpu_is_current: whether all that the @record of this node was made from is as it was: KVM, kernel,
 * microcode, parameters, the file of QEMU.  Starts nothing.  FALSE also when it cannot be told.
 */
gboolean tune_cpu_is_current(const TuneCpu *record, TuneRoot *root, const char *binary);

/**
 * tune_cpu_load_guest: what the running guest of @instance sees, asked of its QEMU on the host below @root.
 *
 * @target: when it will be compared with this image, questions that cannot matter then are not asked
 *   (QEMU takes 0.7 ms for each bit of an MSR); NULL asks all
 *
 * NULL without an error when there is nothing to compare: it does not run, or not under KVM.  Any error
 * means that its CPU is unknown.  The connection is closed before this returns: Ganeti cannot migrate a
 * guest whose socket is held by somebody else.
 */
TuneCpu *tune_cpu_load_guest(TuneRoot *root, const char *instance, const TuneCpu *target,
			     gint64 deadline, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_socket: what the guest of any QEMU under KVM sees; @path of its QMP socket, below @root.
 *
 * QMP serves one client at a time: TUNE_ERROR_TIMEOUT while there is another.
 */
TuneCpu *tune_cpu_load_socket(TuneRoot *root, const char *path, gint64 deadline,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_try: whether this node can give a guest all that @cpu_type names, by starting a QEMU with it.
 *
 * TUNE_ERROR_REFUSED, in QEMU's words, when it cannot; after any other error it is not known.
 */
gboolean tune_cpu_try(TuneRoot *root, const char *binary, const char *cpu_type, gint64 deadline,
		      GError **error);

/* ---- running guests ---- */

/**
 * A guest that runs.
 * @cpu_type: value of -cpu, empty for QEMU's default; NULL when it cannot be told
 * @is_kvm: its QEMU was told to use KVM
 * @note: why nothing can be told of it, or NULL
 */
typedef struct {
	char *instance;
	char *cpu_type;
	gboolean is_kvm;
	char *note;
} TuneRunningGuest;

/** tune_guest_list: what Ganeti's KVM hypervisor runs on this node; array of TuneRunningGuest, unref it. */
GPtrArray *tune_guest_list(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * A guest that runs with another cpu_type than the configured one, which comes with its next start.
 * @runs: value of -cpu, empty for QEMU's default; @configured: of Ganeti
 */
typedef struct {
	char *instance;
	char *runs;
	char *configured;
} TuneGuestDrift;

/**
 * tune_guest_list_drift: such guests on this node; array of TuneGuestDrift, unref it.
 *
 * Asks gnt-instance below @root, which answers on the master only: fails everywhere else.
 */
GPtrArray *tune_guest_list_drift(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
