/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * libtune: compare a Ganeti node with its policy, tune it, check it, put it back.
 *
 * The flow is one line: a TunePolicy is loaded, a TunePlan compares it with the host below a TuneRoot,
 * the plan is printed or applied, and every step ends in a TuneVerdict.  Only tune_plan_apply() writes.
 *
 * Conventions
 *  - The library never prints and never logs; whoever calls it speaks.
 *  - A function that can fail takes `GError **error` last and returns FALSE or NULL; its out-parameters
 *    are then untouched.  Errors are of TUNE_ERROR; their messages name the file or value they are about.
 *  - What `_new`, `_load` and `_open` return belongs to the caller, who gives it to the matching `_free`;
 *    `_free` takes NULL.  Pointers to const are borrowed from the object they were asked of.
 *  - Names and values are the kernel's own: an admin can paste them from sysfs and its documentation.
 *  - An object may be used by one thread at a time.
 */
#ifndef TUNE_H
#define TUNE_H

#include <glib.h>

G_BEGIN_DECLS

/* ---- errors ---- */

/**
 * What can go wrong, as far as a caller would act on the difference.
 *
 * @TUNE_ERROR_INVALID: a name or a value that cannot be meant, wherever it came from
 * @TUNE_ERROR_POLICY: the policy is not acceptable; the message starts with FILE:LINE:COLUMN
 * @TUNE_ERROR_ABSENT: this host has no such thing (ENOENT, ENODEV, ...)
 * @TUNE_ERROR_DENIED: not permitted here (EACCES, EPERM, EROFS)
 * @TUNE_ERROR_REFUSED: the kernel does not take the value now (EINVAL, EBUSY, ...)
 * @TUNE_ERROR_IO: anything else a system call said
 * @TUNE_ERROR_TIMEOUT: a deadline passed
 */
typedef enum {
	TUNE_ERROR_INVALID,
	TUNE_ERROR_POLICY,
	TUNE_ERROR_ABSENT,
	TUNE_ERROR_DENIED,
	TUNE_ERROR_REFUSED,
	TUNE_ERROR_IO,
	TUNE_ERROR_TIMEOUT,
} TuneErrorCode;

#define TUNE_ERROR (tune_error_quark())
GQuark tune_error_quark(void);

/* ---- the host ---- */

typedef struct TuneRoot TuneRoot;

/**
 * tune_root_open: the host, seen from @directory.
 *
 * "/" is the running host; any other directory is treated as if it were one: no path and no symbolic
 * link below it leads out of it (openat2(2), RESOLVE_IN_ROOT; Linux 5.6).
 */
TuneRoot *tune_root_open(const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_root_free(TuneRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneRoot, tune_root_free)

/* Files of the host: @path is below the root; a leading slash means the same. */

/** tune_root_exists: whether there is something. */
gboolean tune_root_exists(TuneRoot *root, const char *path);

/**
 * tune_root_read: the whole text without the newline at its end; free it.  Files of more than 16 MiB are
 * refused.
 */
char *tune_root_read(TuneRoot *root, const char *path, GError **error);

/**
 * tune_root_save: a file with @text in the place of what is there; a reader sees the old one or the new one.
 *
 * Owner and permissions stay; a new file is 0644.  Directories are made.
 */
gboolean tune_root_save(TuneRoot *root, const char *path, const char *text, GError **error);

/* ---- commands of the host ---- */

/**
 * @argv: [0] is the program's path below the root
 * @timeout_ms: then it and its children are killed, and TUNE_ERROR_TIMEOUT
 * @envp: as environ(7); NULL is PATH and LC_ALL=C
 * @directory: where it is started, below the root; NULL is the running host's /
 * @input: what it reads, or -1 for nothing
 * @output: where its answer goes, or -1 where that is a part of what it says
 * @log: gets a copy of what it says, or -1
 */
typedef struct {
	const char *const *argv;
	guint timeout_ms;
	const char *const *envp;
	const char *directory;
	int input;
	int output;
	int log;
} TuneCommand;

/* clang-format off */
/** An ordinary command; for the initialiser of a TuneCommand. */
#define TUNE_COMMAND(words, timeout) \
	{ .argv = (words), .timeout_ms = (timeout), .input = -1, .output = -1, .log = -1 }
/* clang-format on */

/**
 * tune_command_run: run it and wait.
 *
 * When it fails, the last line of what it said, to standard output or error, is in the error.  It has no
 * other file descriptors than these three, and a process group of its own.
 */
gboolean tune_command_run(TuneRoot *root, const TuneCommand *command, GError **error);

/* ---- the table of parameters ---- */

/** What an administrator risks by changing a parameter on a node that runs guests. */
typedef enum {
	TUNE_RISK_SAFE,
	TUNE_RISK_LATENCY,      /* guests may notice it in response times */
	TUNE_RISK_CPU,          /* costs processor time */
	TUNE_RISK_MEMORY,       /* costs memory, or can run the node out of it */
	TUNE_RISK_SIDE_CHANNEL, /* one guest may learn something about another */
	TUNE_RISK_UNKNOWN,      /* named by the administrator, not known to the table */
} TuneRisk;

/**
 * One tunable: a row of the table that `gnt-tune list` prints.  Rows live as long as the program.
 *
 * @section: its part of a policy and of the host (KSM, sysctls, disks, ...)
 * @key: its name there, the kernel's own; one that ends in "*" stands for any other of its kind
 * @codec: how its values are shown and compared
 * @domain: the values it takes ("0..2", "always|madvise|never"), or NULL when only the kernel knows
 * @after: key of the row whose write resets this one, or NULL
 * @pair: key of the row that is the same setting in another unit (writing one clears the other), or NULL
 * @summary: what it does, one line
 * @source: where its meaning is documented
 */
typedef struct {
	const struct TuneSection *section;
	const char *key;
	const struct TuneCodec *codec;
	const char *domain;
	const char *after;
	const char *pair;
	TuneRisk risk;
	const char *summary;
	const char *source;
} TuneParam;

/** tune_params: the table in the order in which its rows must be written; @n_params counts its rows. */
const TuneParam *tune_params(guint *n_params);

/** tune_param_name: the name people see, e.g. "ksm.run", "vm.swappiness", "disk.scheduler".  Free it. */
char *tune_param_name(const TuneParam *param);

/** tune_param_path: where it is below the root; "{}" stands for the disk.  Free it. */
char *tune_param_path(const TuneParam *param);

/** tune_param_compares: how a value is held against the wanted one: "number", "at-least", "choice", ... */
const char *tune_param_compares(const TuneParam *param);

const char *tune_risk_name(TuneRisk risk);

/* ---- policies ---- */

typedef struct TunePolicy TunePolicy;

#define TUNE_POLICY_FILE "etc/ganeti/tune.yaml"
#define TUNE_POLICY_BUILTIN "built-in"

/**
 * tune_policy_load: read the policy of the host below @root.
 *
 * @file: a path of the running host, or NULL for TUNE_POLICY_FILE below @root; without that file the
 * built-in policy (examples/default.yaml) holds.
 *
 * Fails with TUNE_ERROR_POLICY and FILE:LINE:COLUMN on an unknown or repeated key, a wrong type, a value
 * outside its domain; names the nearest known key.  Also when run as root and others may write the file.
 */
TunePolicy *tune_policy_load(TuneRoot *root, const char *file,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_policy_free(TunePolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TunePolicy, tune_policy_free)

/** tune_policy_get_file: the file it came from, or TUNE_POLICY_BUILTIN. */
const char *tune_policy_get_file(const TunePolicy *policy);

/** TuneCpuPolicy.type when guests keep the cpu_type they have, or get what all nodes have in common. */
#define TUNE_CPU_TYPE_KEEP "keep"
#define TUNE_CPU_TYPE_BASELINE "baseline"

/**
 * What a policy says of CPUs.
 *
 * @is_gate_on: migrations are checked
 * @is_unknown_refused: what cannot be found out is refused; otherwise it passes with a word in the log
 * @waivers: set of (1 << TuneCpuClass) that an administrator lets pass
 * @type: cpu_type for new instances: TUNE_CPU_TYPE_KEEP, TUNE_CPU_TYPE_BASELINE, or the value itself
 * @sets_cluster_default: it is to be the cluster's default, too
 */
typedef struct {
	gboolean is_gate_on;
	gboolean is_unknown_refused;
	guint waivers;
	char *type;
	gboolean sets_cluster_default;
} TuneCpuPolicy;

/** tune_policy_get_cpu: borrowed from @policy. */
const TuneCpuPolicy *tune_policy_get_cpu(const TunePolicy *policy);

/* ---- plans ---- */

/**
 * How a step stands, or ended.
 *
 * @TUNE_VERDICT_SAME: is as wanted
 * @TUNE_VERDICT_WOULD_CHANGE: differs, and was not written (yet)
 * @TUNE_VERDICT_CHANGED: written, and reads back as wanted
 * @TUNE_VERDICT_CLAMPED: written, and the kernel kept another value
 * @TUNE_VERDICT_REFUSED: the kernel did not take it, or would not; the note says why
 * @TUNE_VERDICT_ABSENT: this host has no such knob: nothing to do, and no fault
 * @TUNE_VERDICT_NOT_PERMITTED: may not be written (or read) here: a container, a read-only /sys
 * @TUNE_VERDICT_OVERRIDDEN: was written and read back well, then something else changed it; or, in a plan
 *   to revert: somebody changed it after us, so it is left alone
 * @TUNE_VERDICT_UNKNOWN: could not be read, so nothing is claimed about it
 */
typedef enum {
	TUNE_VERDICT_SAME,
	TUNE_VERDICT_WOULD_CHANGE,
	TUNE_VERDICT_CHANGED,
	TUNE_VERDICT_CLAMPED,
	TUNE_VERDICT_REFUSED,
	TUNE_VERDICT_ABSENT,
	TUNE_VERDICT_NOT_PERMITTED,
	TUNE_VERDICT_OVERRIDDEN,
	TUNE_VERDICT_UNKNOWN,
} TuneVerdict;

const char *tune_verdict_name(TuneVerdict verdict);

/**
 * One value of one object, and how it stands.  Borrowed from its plan.
 *
 * @name: as tune_param_name(), with the real name in place of a "*"
 * @object: the disk, or NULL where the host itself is the object
 * @path: below the root
 * @have: what stands, in the policy's words; NULL when it could not be read
 * @want: what should stand: the policy's words as far as they could be resolved on this host; NULL
 *   where it is only asked what stands
 * @note: one sentence on the verdict, or NULL
 * @origin: FILE:LINE of the policy that asks for it
 */
typedef struct {
	const TuneParam *param;
	char *name;
	char *object;
	char *path;
	char *have;
	char *want;
	char *note;
	char *origin;
	TuneVerdict verdict;
} TuneStep;

typedef struct TunePlan TunePlan;

/** tune_plan_new: compare the host with @policy.  Reads only.  Borrows @root, which must outlive the plan. */
TunePlan *tune_plan_new(TuneRoot *root, const TunePolicy *policy,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_plan_new_of: what stands of one parameter, on all its objects, and what @policy makes of it.
 *
 * @name: as tune_param_name() says it, or any other sysctl or attribute.  Where the policy does not ask
 * for it, the steps have no want (NULL).  TUNE_ERROR_INVALID names the nearest name when there is none.
 */
TunePlan *tune_plan_new_of(TuneRoot *root, const TunePolicy *policy, const char *name,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_plan_new_revert: what would put back all that was changed on this host since it booted and was
 * not put back yet, from the journal.  An empty plan when there is nothing.  Reads only.
 */
TunePlan *tune_plan_new_revert(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_plan_free(TunePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TunePlan, tune_plan_free)

guint tune_plan_get_length(const TunePlan *plan);
const TuneStep *tune_plan_get_step(const TunePlan *plan, guint index);

/** tune_plan_count: how many steps have @verdict. */
guint tune_plan_count(const TunePlan *plan, TuneVerdict verdict);

/** tune_step_is_fault: not as wanted, and not for the good reason that this host has or permits no such knob. */
gboolean tune_step_is_fault(const TuneStep *step);

/** tune_plan_is_fulfilled: no step is a fault. */
gboolean tune_plan_is_fulfilled(const TunePlan *plan);

/**
 * tune_plan_apply: write what differs, in order, and read everything back.
 *
 * @wait_ms: how long to wait while another process applies or reverts; then TUNE_ERROR_TIMEOUT.
 *
 * Before each write the old value is on record (run/ganeti-tune/journal below the root, fsynced), so
 * that a revert works whenever this process ends.  Fails only when the record cannot be kept: what was
 * not on record was not written.  What the kernel does with a value is a verdict, not an error.
 * A plan to revert is made anew once nobody else is at work: steps asked of it before are gone then.
 */
gboolean tune_plan_apply(TunePlan *plan, guint wait_ms, GError **error);

/* ---- what has been changed ---- */

/**
 * @count: values that differ from what they were before the first apply since boot
 * @time: of the newest write, seconds since the epoch; 0 when there was none
 */
typedef struct {
	guint count;
	gint64 time;
} TuneJournalSummary;

/** tune_journal_summarise: what the journal below @root holds.  No journal is no error: all zero. */
gboolean tune_journal_summarise(TuneRoot *root, TuneJournalSummary *ret_summary, GError **error);

/* ---- KSM ---- */

/**
 * Kernel samepage merging, in pages unless said otherwise.
 * Source: Documentation/admin-guide/mm/ksm.rst, "KSM daemon sysfs interface" and "Monitoring KSM profit".
 *
 * @run: 0 stopped, 1 running, 2 unmerged
 * @shared: pages in use for merged content; @sharing: sites that share them
 * @unshared: unique but checked again and again; @volatiles: changing too fast
 * @zero: merged with the kernel's zero page (0 on kernels that do not say)
 * @full_scans: times all mergeable memory was scanned
 * @saved: bytes that merging saves; F9 of the kernel: splitting huge pages can free more than this
 * @profit: @saved less the 64 bytes each tracked page costs; may be negative
 */
typedef struct {
	gint64 run;
	gint64 shared;
	gint64 sharing;
	gint64 unshared;
	gint64 volatiles;
	gint64 zero;
	gint64 full_scans;
	gint64 saved;
	gint64 profit;
} TuneKsm;

/** tune_ksm_read: TUNE_ERROR_ABSENT where the kernel has no KSM. */
gboolean tune_ksm_read(TuneRoot *root, TuneKsm *ret_ksm, GError **error);

/** tune_ksm_rate: one sentence on what unshared/sharing means for this node.  Static text. */
const char *tune_ksm_rate(const TuneKsm *ksm);

/* ---- who else sets it ---- */

/**
 * Somebody other than us who sets a value.
 *
 * @who: "sysctl.d", "udev", "tmpfiles.d", "sysfs.conf", "TuneD", "ksmtuned"
 * @place: FILE:LINE; FILE alone where no line of it says so
 * @value: what it would set, or NULL when it decides at run time
 * @wins: of its kind this one is the last word at boot
 */
typedef struct {
	const char *who;
	char *place;
	char *value;
	gboolean wins;
} TuneOrigin;

/** tune_origins_find: all who set what @step is about, by kind.  Array of TuneOrigin; unref it. */
GPtrArray *tune_origins_find(TuneRoot *root, const TuneStep *step,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what is on a disk ---- */

/**
 * What lies on a disk or a part of it, as libblkid knows it; printable.
 *
 * @kind: "a file system", "a partition table", "a part of a RAID or volume group", ...
 * @type: "ext4", "gpt", "LVM2_member", ...
 * @label, @uuid: NULL where it has none
 */
typedef struct {
	const char *kind;
	char *type;
	char *label;
	char *uuid;
} TuneSignature;

/**
 * tune_signature_read: the first that is found; *@ret_signature is NULL where there is nothing that libblkid knows.
 *
 * @path: a device or file of the running host
 * @offset, @size: the part of it, in bytes; a size of 0 is all the rest
 */
gboolean tune_signature_read(const char *path, guint64 offset, guint64 size,
			     TuneSignature **ret_signature, GError **error);
void tune_signature_free(TuneSignature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneSignature, tune_signature_free)

/** tune_signature_describe: "a file system of type ext4, label root, UUID 0a1b..."; free it. */
char *tune_signature_describe(const TuneSignature *signature);

/** @number: as in the name of its device; @start, @size: in bytes. */
typedef struct {
	guint number;
	guint64 start;
	guint64 size;
} TunePartition;

/**
 * tune_partitions_read: those that can hold something, by their start; array of TunePartition, unref it.
 * Empty without a partition table.
 */
GPtrArray *tune_partitions_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * How a disk likes to be written, in bytes; 0 where it does not say, as a file.
 * Source: Documentation/ABI/stable/sysfs-block (minimum_io_size, optimal_io_size, alignment_offset).
 *
 * @sector: the logical one, never 0
 * @offset: of the first whole piece of @minimum_io
 */
typedef struct {
	guint64 size;
	guint64 sector;
	guint64 minimum_io;
	guint64 optimal_io;
	guint64 offset;
} TuneTopology;

/** tune_topology_read: of the whole device; a loop device or partition of it knows nothing of that. */
gboolean tune_topology_read(const char *path, TuneTopology *ret_topology, GError **error);

/** tune_topology_get_grain: what writes should be a multiple of: the optimal size where it can be one, or the minimum. */
guint64 tune_topology_get_grain(const TuneTopology *topology);

/** tune_topology_align: the first good place at or after @offset. */
guint64 tune_topology_align(const TuneTopology *topology, guint64 offset);

/** tune_topology_get_start: where a first partition should start: not before 1 MiB, where boot loaders keep theirs. */
guint64 tune_topology_get_start(const TuneTopology *topology);

/**
 * tune_topology_get_stripe: what a file system of blocks of @block bytes should be told: a piece on one disk and a
 * stripe over all of them; both 0 where there is nothing to tell.
 */
void tune_topology_get_stripe(const TuneTopology *topology, guint64 block, guint64 *ret_piece,
			      guint64 *ret_stripe);

/* ---- guests, as files ---- */

/** One thing that is done to a guest's files. */
typedef struct {
	const char *name;
	const char *summary;
} TuneDropin;

/** tune_dropin_get: a row of the table; NULL after the last. */
const TuneDropin *tune_dropin_get(guint index);

/**
 * tune_dropins_from_names: a set of rows: bit N is row N.
 *
 * @names: with commas between, or "default" or "none".  TUNE_ERROR_INVALID names what is no row.
 */
gboolean tune_dropins_from_names(const char *names, guint *ret_set, GError **error);

/**
 * What is known of a guest that its files do not tell.
 *
 * @serial_speed: of its serial console; 0 when it has none
 * @has_loader: it boots by a boot loader of its own
 * @root_uuid: of its root file system, or NULL
 * @is_discarded: what it trims is freed on the node
 */
typedef struct {
	gint64 serial_speed;
	gboolean has_loader;
	const char *root_uuid;
	gboolean is_discarded;
} TuneGuestFacts;

/**
 * tune_dropins_apply: do what is in @set to the guest whose files are @tree.
 *
 * A second time changes nothing.  Runs nothing of the guest's, and no link of it leads out of the tree.
 *
 * @log: array of strings to free, gets a line for each file that was changed, and for what could not apply
 */
gboolean tune_dropins_apply(TuneRoot *tree, guint set, const TuneGuestFacts *facts, GPtrArray *log,
			    GError **error);

/**
 * tune_hostname_change: give the guest whose files are @tree another name.
 *
 * Where hostname, hosts and mailname have @old_name as a word, long or up to its first dot, they get @new_name in
 * the same form; the machine ID is emptied, so that the next boot makes a new one (machine-id(5)).  Files that are
 * not there, say something else or are links are left alone: that is no error.  Nothing at all is done when the
 * names are the same.
 *
 * @log: array of strings to free, gets a line for each file that was changed, and for what was left alone
 */
gboolean tune_hostname_change(TuneRoot *tree, const char *old_name, const char *new_name,
			      GPtrArray *log, GError **error);

/* ---- Ganeti ---- */

/**
 * tune_ganeti_node_name: this node's name as the cluster knows it; free it.
 *
 * The kernel's host name; where that is short, the one name of ssconf_node_list that starts with it.
 */
char *tune_ganeti_node_name(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_ganeti_get_cpu_type: the cluster's own cpu_type for KVM, which instances without one of their own
 * start with; free it.  "" is QEMU's default.  From ssconf_hvparams_kvm, which may lag by a few seconds.
 */
char *tune_ganeti_get_cpu_type(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_ganeti_set_cpu_type: submit the job that makes @type the cpu_type of @instance, or the cluster's own
 * when that is NULL.  Only on the master.
 *
 * The job is not waited for: a hook's own operation may hold the lock it needs.  Running guests keep the
 * CPU they have until they are started anew.  Errors: TUNE_ERROR_INVALID for what cannot be the name of an
 * instance or a type; else the command's last line, or TUNE_ERROR_TIMEOUT.
 */
gboolean tune_ganeti_set_cpu_type(TuneRoot *root, const char *instance, const char *type,
				  GError **error);

/* ---- CPUs ---- */

/**
 * What a difference between two CPUs means to a guest that moves from one to the other.
 * The first six refuse the move, the others only warn.
 *
 * @TUNE_CPU_LOST: a feature the guest has seen is not there
 * @TUNE_CPU_SECURITY: a mitigation, or the word that none is needed, is not there; or a weakness is new
 * @TUNE_CPU_LAYOUT: the registers' state is stored in another way
 * @TUNE_CPU_ADDR: physical addresses are narrower
 * @TUNE_CPU_VENDOR: another maker
 * @TUNE_CPU_NESTED: the guest could not go on running guests of its own
 * @TUNE_CPU_HINT: slower, or otherwise not quite the same, and safe
 * @TUNE_CPU_PMU: fewer or other performance counters
 * @TUNE_CPU_MODEL: another model
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
	TUNE_CPU_MODEL,
	TUNE_CPU_UNKNOWN,
	TUNE_CPU_IGNORED,
} TuneCpuClass;

/** "lost", "security", "layout", "addr", "vendor", "nested", "hint", "pmu", "model", "unknown". */
const char *tune_cpu_class_name(TuneCpuClass kind);

/** FALSE when @name is no class that a reason can have. */
gboolean tune_cpu_class_from_name(const char *name, TuneCpuClass *ret_class);

/**
 * tune_cpu_waiver_from_name: the bit for a set of waivers, of a class that may be waived: a guest can go on
 * without "security" and "nested", and crashes without the others.  0 for any other name.
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
 * tune_cpu_load_kvm: what KVM on the host below @root can give, reduced to what a guest would see.
 *
 * Asks dev/kvm below the root, and the CPU that runs this program for the width of its addresses and
 * its XSAVE layout.  TUNE_ERROR_ABSENT without KVM.  QEMU's part is not in it: see
 * tune_cpu_set_qemu() and tune_cpu_set_machines().
 */
TuneCpu *tune_cpu_load_kvm(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_dump: a text of CPUID words, as a machine shows them: lines of `leaf sub-leaf eax ebx
 * ecx edx` and `msr index value`, all hexadecimal, `#` before a comment; or what `cpuid -r` prints, of
 * which the first CPU counts.  Not reduced.  Errors: TUNE_ERROR_INVALID with FILE:LINE:COLUMN.
 *
 * @path: below @root
 */
TuneCpu *tune_cpu_load_dump(TuneRoot *root, const char *path,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_record: what tune_cpu_save_record() wrote.
 *
 * Errors: those of reading it; TUNE_ERROR_POLICY with FILE:LINE:COLUMN for a record that is damaged,
 * cut short, or of a newer format.  To a caller all of them mean that the CPU is unknown.
 */
TuneCpu *tune_cpu_load_record(TuneRoot *root, const char *path,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_load_file: a dump or a record, as its content says; reduced.
 *
 * @path: of the running host, as people name it; may be a pipe
 */
TuneCpu *tune_cpu_load_file(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

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

/** How a comparison ended. */
typedef enum {
	TUNE_CPU_OK,
	TUNE_CPU_WARN,
	TUNE_CPU_REFUSE,
} TuneCpuVerdict;

/** "ok", "warn", "refuse". */
const char *tune_cpu_verdict_name(TuneCpuVerdict verdict);

/**
 * One reason; prints as `class:name`, e.g. "lost:rtm".
 *
 * @name: QEMU's name of the feature, or a few words
 * @is_waived: would refuse, and the caller said that this class may pass
 */
typedef struct {
	TuneCpuClass kind;
	char *name;
	gboolean is_waived;
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

/** tune_cpu_judge: the verdict alone, without allocating anything: for many pairs. */
TuneCpuVerdict tune_cpu_judge(const TuneCpu *guest, const TuneCpu *target, guint waivers);

void tune_cpu_report_free(TuneCpuReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneCpuReport, tune_cpu_report_free)

TuneCpuVerdict tune_cpu_report_get_verdict(const TuneCpuReport *report);
guint tune_cpu_report_get_length(const TuneCpuReport *report);
const TuneCpuReason *tune_cpu_report_get_reason(const TuneCpuReport *report, guint index);

/** tune_cpu_report_format: all reasons that refuse, else all others: "lost:rtm, lost:hle".  Free it. */
char *tune_cpu_report_format(const TuneCpuReport *report);

/** tune_cpu_report_get_gained: names of features that only @target has; NULL ends them.  A guest that
 * is started anew there sees them, and cannot come back. */
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

/** Where the records of all nodes are, as NODE.yaml. */
#define TUNE_CPU_RECORDS "var/lib/ganeti-tune/nodes"

/** QEMU as Ganeti starts it when nothing else is set (hypervisor parameter kvm_path). */
#define TUNE_CPU_QEMU_BINARY "usr/bin/kvm"

/**
 * tune_cpu_load_node: what the host below @root can give to a guest of cpu_type "host": its promise.
 *
 * @binary: QEMU, below the root; it is started for its version and machine types
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
 * tune_cpu_load_promise: the published record of @node.
 *
 * TUNE_ERROR_INVALID when the name is none of a node or the record is another node's.
 */
TuneCpu *tune_cpu_load_promise(TuneRoot *root, const char *node,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_list_promises: names of the nodes that have a published record; g_strfreev() it. */
char **tune_cpu_list_promises(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_type_of_policy: the cpu_type that @policy wants guests to have, as QEMU takes it; free it.
 *
 * NULL without an error where they keep what they have.  TUNE_CPU_TYPE_BASELINE is worked out from all
 * records in TUNE_CPU_RECORDS; one that cannot be read is an error that names it.  A node without a record
 * has no part in it.
 */
char *tune_cpu_type_of_policy(TuneRoot *root, const TunePolicy *policy,
			      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_type_escape: as `gnt-instance modify -H` wants it: a backslash before "," and "\"; free it. */
char *tune_cpu_type_escape(const char *type);

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

/* ---- the gate ---- */

/**
 * A migration, as Ganeti tells its hooks.
 *
 * @node: the node that is asked; @source, @target, @master: the nodes of the operation.  One node may be
 *   several of them
 * @cpu_type: of the instance, as configured: what it runs with may differ
 * @tags: of the instance, separated by blanks; NULL is none.  "tune:cpu-gate:off" lets it pass,
 *   "tune:cpu-allow:CLASS" waives a class of reasons
 * @binary: QEMU, below the root
 */
typedef struct {
	const char *instance;
	const char *node;
	const char *source;
	const char *target;
	const char *master;
	const char *cpu_type;
	const char *tags;
	const char *binary;
} TuneMigration;

/**
 * @reason: why not, one line that names instance and target; NULL when it may go
 * @log: what is worth a line in the log, array of strings: waivers, what could not be known, what is
 *   gained and so shuts the way back
 */
typedef struct {
	char *reason;
	GPtrArray *log;
} TuneGateAnswer;

/**
 * tune_gate_ask: may this guest move, as far as @migration's node can know?
 *
 * The source compares what the guest sees with what the target has promised; the target, what it has
 * promised with what it can give now; the master, promise with promise.  Where all three agree, the guest
 * finds on the target all that it saw on the source.  What cannot be known is refused, unless @policy
 * says to warn.  Never fails: that, too, is an answer.
 *
 * @deadline: g_get_monotonic_time() at which what is not known yet is unknown
 */
TuneGateAnswer *tune_gate_ask(TuneRoot *root, const TunePolicy *policy,
			      const TuneMigration *migration,
			      gint64 deadline) G_GNUC_WARN_UNUSED_RESULT;
void tune_gate_answer_free(TuneGateAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneGateAnswer, tune_gate_answer_free)

G_END_DECLS

#endif
