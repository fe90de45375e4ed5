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
 * tune_root_open_listed: open a file that somebody else has named, for reading.
 *
 * @directories: absolute paths, NULL-terminated; the first of them that @path begins with counts
 * @path: absolute
 *
 * A descriptor to be closed, of a regular file; -1 with TUNE_ERROR_REFUSED where @path is below none of @directories,
 * leads out of its directory (by "..", or a link, which may be there otherwise), or is something else than a file.
 */
int tune_root_open_listed(TuneRoot *root, const char *const *directories, const char *path,
			  GError **error);

/**
 * tune_root_save: a file with @text in the place of what is there; a reader sees the old one or the new one.
 *
 * Owner and permissions stay; a new file is 0644.  Directories are made.
 */
gboolean tune_root_save(TuneRoot *root, const char *path, const char *text, GError **error);

/* ---- programs ---- */

/**
 * tune_standard_open: what a program does first, so that no file of its own becomes standard input, output or error.
 *
 * Each of them that is not open becomes /dev/null, for which the other direction is open: who uses it gets the error
 * (EBADF) that he would have got without it.
 */
void tune_standard_open(void);

/* ---- commands of the host ---- */

/**
 * @argv: [0] is the program's path below the root
 * @timeout_ms: then it and its children are killed, and TUNE_ERROR_TIMEOUT
 * @envp: as environ(7); NULL is PATH and LC_ALL=C
 * @directory: where it is started, below the root; NULL is the running host's /
 * @input: what it reads, or -1 for nothing
 * @output: where its answer goes, or -1 where that is a part of what it says
 * @log: gets a copy of what it says, or -1.  With a log there is no limit to that; the command dies with its caller, its
 *   end is that of the process, and what it leaves behind in its process group has a second before it is killed
 * @memory: bytes of address space that each of its processes may have (RLIMIT_AS), or 0
 * @cpu_s: seconds that each may compute (RLIMIT_CPU), or 0
 */
typedef struct {
	const char *const *argv;
	guint timeout_ms;
	const char *const *envp;
	const char *directory;
	int input;
	int output;
	int log;
	guint64 memory;
	guint cpu_s;
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

/**
 * tune_root_set_deadline: from now on, nothing that is asked of this host is waited for beyond @deadline.
 *
 * Commands, ssh, QEMU, locks and the proof of a new MTU have limits of their own; the earlier one holds.
 * @deadline: g_get_monotonic_time(), microseconds; 0 takes it away
 */
void tune_root_set_deadline(TuneRoot *root, gint64 deadline);

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

/** tune_param_path: where it is below the root; "{}" stands for the disk or interface.  Free it. */
char *tune_param_path(const TuneParam *param);

/** tune_param_compares: how a value is held against the wanted one: "number", "at-least", "choice", ... */
const char *tune_param_compares(const TuneParam *param);

/**
 * tune_param_get_advice: what is known of it beyond its meaning: costs, gains, surprises.  One sentence each,
 * "(measured)" behind what was; NULL ends them.  Static texts.
 */
const char *const *tune_param_get_advice(const TuneParam *param);

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

/** What runs the virtual machine that opens guests' disks. */
typedef enum {
	TUNE_ACCELERATOR_AUTO, /* KVM where it works, else TCG */
	TUNE_ACCELERATOR_KVM,
	TUNE_ACCELERATOR_TCG,
} TuneAccelerator;

/**
 * What a policy says of the OS definition.
 *
 * @images: absolute paths (char *, NULL-terminated) of the directories whose files may be installed; may be empty
 * @deadline_s: seconds that a verb may work in guests' disks; copying an image has a deadline of its own
 */
typedef struct {
	GPtrArray *images;
	guint deadline_s;
	TuneAccelerator accelerator;
} TuneGuestPolicy;

/** tune_policy_get_guests: borrowed from @policy. */
const TuneGuestPolicy *tune_policy_get_guests(const TunePolicy *policy);

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
 * @TUNE_VERDICT_NOT_PERMITTED: may not be written here: a container, a read-only /sys
 * @TUNE_VERDICT_OVERRIDDEN: was written and read back well, then something else changed it; or, in a plan
 *   to revert: somebody changed it after us, so it is left alone
 * @TUNE_VERDICT_PENDING_RECONNECT: written, reads back as wanted, and is in force when DRBD connects the next
 *   time
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
	TUNE_VERDICT_PENDING_RECONNECT,
	TUNE_VERDICT_UNKNOWN,
} TuneVerdict;

const char *tune_verdict_name(TuneVerdict verdict);

/**
 * One value of one object, and how it stands.  Borrowed from its plan.
 *
 * @name: as tune_param_name(), with the real name in place of a "*"
 * @object: the disk, network interface or DRBD minor, or NULL where the host itself is the object
 * @path: below the root; "ethtool/..." for what is no file
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
 * tune_plan_new_devices: the same for block devices alone: all disks, and DRBD's minors.
 *
 * @volumes: data volumes as "VG/LV" of the minors that are meant, NULL-terminated; NULL: all minors
 */
TunePlan *tune_plan_new_devices(TuneRoot *root, const TunePolicy *policy,
				const char *const *volumes,
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

/**
 * tune_journal_rest: say whether what appears on this host from now on is left untuned, until it boots.
 *
 * udev's rule heeds the file that this makes or takes away, run/ganeti-tune/reverted below the root; a plan
 * is carried out all the same.
 */
gboolean tune_journal_rest(TuneRoot *root, gboolean is_resting, GError **error);

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

/* ---- DRBD ---- */

/**
 * One minor, as an administrator thinks of it.  What is not known is NULL, or -1.
 *
 * @name: "drbd3"; @instance, @disk: whose disk it is, and the disk's index
 * @connection, @role, @disk_state: as in /proc/drbd: "Connected", "Primary/Secondary", "UpToDate/UpToDate"
 * @volume: the backing device, "VG/LV"
 * @ceiling: KiB/s at which a resync ends at most; @limit: the option that bounds it, or "link"; static
 * @latency, @volume_latency: mean microseconds of a write since the device came, of the minor and of its
 *   volume: what lies between is the price of replication
 */
typedef struct {
	char *name;
	char *instance;
	char *disk;
	char *connection;
	char *role;
	char *disk_state;
	char *volume;
	gint64 ceiling;
	const char *limit;
	gint64 latency;
	gint64 volume_latency;
} TuneDrbdMinor;

/** tune_drbd_list: all minors of the host below @root, array of TuneDrbdMinor; unref it.  No DRBD: empty. */
GPtrArray *tune_drbd_list(TuneRoot *root, const TunePolicy *policy,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Options that contradict each other, the link, other minors or the cluster's disk parameters.
 *
 * @text: one sentence; @objects: names of the minors of which it is true, array of strings
 */
typedef struct {
	char *text;
	GPtrArray *objects;
} TuneDrbdFinding;

/**
 * tune_drbd_check: what of running minors makes no sense, array of TuneDrbdFinding; unref it.
 *
 * Options that @policy names are not compared with other minors or the cluster: a plan says more of them.
 * The cluster's parameters are known on candidates for master alone.
 */
GPtrArray *tune_drbd_check(TuneRoot *root, const TunePolicy *policy,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_drbd_finding_format: "drbd0 and 3 more: ..."; free it. */
char *tune_drbd_finding_format(const TuneDrbdFinding *finding);

/** tune_policy_has_drbd: whether @policy has a section "drbd", and so cares for what tune_drbd_check() finds. */
gboolean tune_policy_has_drbd(const TunePolicy *policy);

/** One disk parameter for gnt-cluster modify -D drbd:@key=@value, and why. */
typedef struct {
	char *key;
	char *value;
	char *reason;
} TuneDrbdAdvice;

/**
 * tune_drbd_advise: what Ganeti's disk parameters should be; array of TuneDrbdAdvice, unref it.
 *
 * @link: "10G", "100M" or a number of Mb/s; NULL: the speed of this node's replication interface
 *
 * TUNE_ERROR_INVALID when @link is no speed, TUNE_ERROR_ABSENT when the interface does not tell.
 */
GPtrArray *tune_drbd_advise(TuneRoot *root, const char *link,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_drbd_advice_format: the command that sets all of @advice; free it. */
char *tune_drbd_advice_format(const GPtrArray *advice);

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

/**
 * tune_udev_match: what a rule of udev says to mean @disk and no other, e.g. `ENV{ID_WWN}=="0x5000c500"`; free it.
 *
 * From udev's database below @root; `KERNEL=="sda"` where that knows nothing better.
 */
char *tune_udev_match(TuneRoot *root, const char *disk);

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
 * @fd: of a device or file, open for reading; @name: of it, for messages
 */
gboolean tune_signature_read(int fd, const char *name, TuneSignature **ret_signature,
			     GError **error);
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
GPtrArray *tune_partitions_read(int fd, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

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

/* ---- Ganeti ---- */

/**
 * tune_ganeti_node_name: this node's name as the cluster knows it; free it.
 *
 * The kernel's host name; where that is short, the one name of ssconf_node_list that starts with it.
 */
char *tune_ganeti_node_name(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_ganeti_has_address: whether an interface of the host below @root, other than the loopback, has the address @ip. */
gboolean tune_ganeti_has_address(TuneRoot *root, const char *ip);

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

/* ---- hooks ---- */

/**
 * What Ganeti makes of one of our hooks.
 *
 * @TUNE_HOOK_ENABLED: there is a link to it, and Ganeti runs it
 * @TUNE_HOOK_DISABLED: switched off; `make install` leaves it so
 * @TUNE_HOOK_ABSENT: nothing links to it
 * @TUNE_HOOK_BROKEN: there is a link, and Ganeti skips it, or it is another hook's; the note says why
 * @TUNE_HOOK_FOREIGN: what has its place is somebody else's
 */
typedef enum {
	TUNE_HOOK_ENABLED,
	TUNE_HOOK_DISABLED,
	TUNE_HOOK_ABSENT,
	TUNE_HOOK_BROKEN,
	TUNE_HOOK_FOREIGN,
} TuneHookState;

/** "enabled", "disabled", "absent", "broken", "foreign". */
const char *tune_hook_state_name(TuneHookState state);

/**
 * @name: "instance-migrate-pre"; lives as long as the program
 * @link: below the root, where it is or should be
 * @target: what the link says; NULL when it is none
 * @note: why Ganeti does not run it, and the way out; NULL when it does, or should not
 */
typedef struct {
	const char *name;
	TuneHookState state;
	char *link;
	char *target;
	char *note;
} TuneHook;

/**
 * tune_hooks_list: all our hooks; array of TuneHook, unref it.
 *
 * One that is linked twice stands there twice.  Looks where Ganeti does, as far as its own constants can be
 * read (Debian), else where this was built to install hooks.
 */
GPtrArray *tune_hooks_list(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_hook_enable: link @name where Ganeti finds it.
 *
 * Only links of ours are ever replaced or removed: TUNE_ERROR_REFUSED names what is somebody else's.
 * TUNE_ERROR_INVALID: there is no such hook.
 */
gboolean tune_hook_enable(TuneRoot *root, const char *name, GError **error);

/** tune_hook_disable: give its link a name that Ganeti skips; also where there was none.  Errors as above. */
gboolean tune_hook_disable(TuneRoot *root, const char *name, GError **error);

/** tune_hook_try: whether one of these two could, by @state; their errors, and nothing is written. */
gboolean tune_hook_try(TuneRoot *root, const char *name, TuneHookState state, GError **error);

/**
 * tune_hook_make_environment: what Ganeti would give to the hook @name, and nothing else; g_strfreev() it.
 *
 * @assignments: "KEY=VALUE", with or without "GANETI_" before it; a NULL ends them.  They come on top of
 * what is always there; cluster and master are from ssconf, as far as that is there.
 *
 * TUNE_ERROR_INVALID names what the hook needs and was not given.
 */
char **tune_hook_make_environment(TuneRoot *root, const char *name, const char *const *assignments,
				  GError **error);

/**
 * tune_hook_exec: become the hook @name, as Ganeti starts it: working directory, umask, no input.  Returns
 * only when that fails.  It works on the host below @root.
 */
gboolean tune_hook_exec(TuneRoot *root, const char *name, const char *const *environment,
			gboolean is_dry_run, GError **error);

/**
 * tune_hook_run_on: run a hook on another node, over the ssh of the cluster; only the master can.
 *
 * @link: what Ganeti runs, "/etc/ganeti/hooks/mirrors-replace-post.d/50-tune"
 * @environment: "NAME=VALUE", what it finds beside what ssh gives; a NULL ends them
 *
 * A node that has no such program has switched the hook off, as for Ganeti: TRUE.  When the hook fails, the error
 * says what it has printed; when it cannot be run, why not, with the node.
 */
gboolean tune_hook_run_on(TuneRoot *root, const char *node, const char *link,
			  const char *const *environment, guint timeout_ms, GError **error);

/* ---- the cluster ---- */

/**
 * A node, as Ganeti has it in its configuration.
 *
 * @role: "M" master, "C" candidate for it, "R" regular, "D" drained, "O" offline
 * @secondary_ip: where replication goes; the primary one where there is no other
 * @ssh_port: 0 when Ganeti does not say
 * @tags: in Ganeti's order; NULL ends them
 */
typedef struct {
	char *name;
	char role;
	gboolean is_master;
	gboolean is_offline;
	gboolean is_drained;
	gboolean is_vm_capable;
	char *secondary_ip;
	guint ssh_port;
	char *group;
	char **tags;
} TuneNode;

/**
 * An instance.
 *
 * @primary: its node; @secondaries: where DRBD holds a copy of its disks; NULL ends them
 * @status: "running", "ERROR_down", "ADMIN_down", ... as gnt-instance(8) lists them; NULL when not known
 * @hypervisor: "kvm", "xen-pvm", "fake", ...
 * @cpu_type: as configured, of its own or of the cluster; "" is QEMU's default, NULL when the hypervisor has none
 */
typedef struct {
	char *name;
	char *primary;
	char **secondaries;
	char *status;
	char *hypervisor;
	char *disk_template;
	char **tags;
	char *cpu_type;
} TuneInstance;

/**
 * tune_cluster_check_master: that the host below @root is the master, which alone answers for the cluster.
 *
 * TUNE_ERROR_INVALID names the one that is; TUNE_ERROR_ABSENT on what is no node of a cluster.
 */
gboolean tune_cluster_check_master(TuneRoot *root, GError **error);

/** tune_cluster_list_nodes: asked of gnt-node; array of TuneNode, unref it.  Only on the master. */
GPtrArray *tune_cluster_list_nodes(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cluster_list_instances: asked of gnt-instance; array of TuneInstance, unref it.  Only on the master.
 *
 * @is_live: Ganeti asks the nodes what runs, which one that is down can hold up: TUNE_ERROR_TIMEOUT.
 *   Otherwise status is what the administrator wants: "up", "down", "offline".
 */
GPtrArray *tune_cluster_list_instances(TuneRoot *root, gboolean is_live,
				       GError **error) G_GNUC_WARN_UNUSED_RESULT;

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
 * tune_cpu_load_kvm: what KVM on the host below @root can give, reduced to what a guest would see.
 *
 * Asks dev/kvm below the root, and the CPU that runs this program for the width of its addresses and
 * its XSAVE layout.  TUNE_ERROR_ABSENT without KVM.  QEMU's part is not in it: see
 * tune_cpu_set_qemu() and tune_cpu_set_machines().
 */
TuneCpu *tune_cpu_load_kvm(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

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
 * Errors: those of reading it; TUNE_ERROR_POLICY with FILE:LINE:COLUMN for a record that is damaged,
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
 * @TUNE_CPU_DOUBT: nothing refuses, and something that could have was not known
 */
typedef enum {
	TUNE_CPU_OK,
	TUNE_CPU_WARN,
	TUNE_CPU_DOUBT,
	TUNE_CPU_REFUSE,
} TuneCpuVerdict;

/** "ok", "warn", "refuse"; TUNE_CPU_DOUBT is a warning, too. */
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

/** tune_cpu_policy_settle: what the gate makes of @verdict: where @policy lets pass what is not known, it warns. */
TuneCpuVerdict tune_cpu_policy_settle(const TuneCpuPolicy *policy, TuneCpuVerdict verdict);

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

/**
 * tune_cpu_choose_type: the cpu_type with which guests start on all nodes whose records @cpus are, and can move among
 * them: tune_cpu_baseline(), or that and what hosts like this one have to switch off, or tune_cpu_find_model().
 * Free it.
 *
 * Each is taken only when the QEMU of every node knows its names, and that of this node starts it under KVM; a node
 * without KVM or QEMU is not asked to.
 *
 * @have: NULL, or the cpu_type of today: what a site has chosen in it (hv_*, +pcid, kvm=, migratable=, pmu=) is kept
 * @ret_refused: NULL, or "TYPE: reason" of each candidate that was not taken; a NULL ends them; g_strfreev() it
 *
 * TUNE_ERROR_REFUSED when none fits, else as the two, and TUNE_ERROR_INVALID when a record does not tell which names
 * its QEMU knows.
 */
char *tune_cpu_choose_type(TuneRoot *root, const char *binary, const TuneCpu *const *cpus,
			   guint n_cpus, const char *have, gint64 deadline, char ***ret_refused,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_check_records: whether each node of the cluster that can have guests has a record here that can be read.
 * Fails with a reason that names the first that has none.
 */
gboolean tune_cpu_check_records(TuneRoot *root, GError **error);

/** Where the records of all nodes are, as NODE.yaml. */
#define TUNE_CPU_RECORDS "var/lib/ganeti-tune/nodes"

/** QEMU as Ganeti starts it when nothing else is set (hypervisor parameter kvm_path). */
#define TUNE_CPU_QEMU_BINARY "usr/bin/kvm"

/**
 * tune_cpu_load_node: what the host below @root can give to a guest of cpu_type "host": its promise.
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
 * tune_cpu_load_promise: the published record of @node.
 *
 * TUNE_ERROR_INVALID when the name is none of a node or the record is another node's.
 */
TuneCpu *tune_cpu_load_promise(TuneRoot *root, const char *node,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_list_promises: names of the nodes that have a published record; g_strfreev() it. */
char **tune_cpu_list_promises(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_digest_promises: a text that is the same on two nodes when they hold the same records; free it. */
char *tune_cpu_digest_promises(TuneRoot *root);

/**
 * tune_cpu_store_promises: what a publishing master sends: the records of all nodes, in place of those
 * that are here.  TUNE_ERROR_INVALID or TUNE_ERROR_POLICY, and nothing changed, when it is not whole.
 */
gboolean tune_cpu_store_promises(TuneRoot *root, const char *text, GError **error);

/**
 * What publishing has done with the record of a node.
 *
 * @TUNE_PUBLISH_UNCHANGED: it is as it was
 * @TUNE_PUBLISH_NEW: there was none that could be read
 * @TUNE_PUBLISH_CHANGED: the note says in what
 * @TUNE_PUBLISH_REMOVED: it is no node of the cluster, or not vm_capable, so its record is gone
 * @TUNE_PUBLISH_OFFLINE: it was not asked: its record stays
 * @TUNE_PUBLISH_FAILED: the note says why and what to do.  An old record stays
 */
typedef enum {
	TUNE_PUBLISH_UNCHANGED,
	TUNE_PUBLISH_NEW,
	TUNE_PUBLISH_CHANGED,
	TUNE_PUBLISH_REMOVED,
	TUNE_PUBLISH_OFFLINE,
	TUNE_PUBLISH_FAILED,
} TunePublishVerdict;

/** "unchanged", "new", "changed", "removed", "offline", "failed". */
const char *tune_publish_verdict_name(TunePublishVerdict verdict);

/** @note: one line, or NULL */
typedef struct {
	char *node;
	TunePublishVerdict verdict;
	char *note;
} TunePublishResult;

/**
 * tune_cpu_publish: collect the records of all online nodes, and copy them to all of these.
 *
 * Only on the master, over the ssh that Ganeti has set up, all nodes at once; no job is waited for.  What
 * goes wrong with one node is its result, and the others are done.
 *
 * @timeout_ms: for each node, to give its record; and again to take those of the others
 *
 * Array of TunePublishResult, unref it.  Fails when no node could be asked: not on the master, Ganeti does
 * not answer, another publishing does not end.
 */
GPtrArray *tune_cpu_publish(TuneRoot *root, guint timeout_ms,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_type_of_policy: the cpu_type that @policy wants guests to have, as QEMU takes it; free it.
 *
 * NULL without an error where they keep what they have.  TUNE_CPU_TYPE_BASELINE is worked out from all
 * records in TUNE_CPU_RECORDS by tune_cpu_choose_type(); one that cannot be read, and a node without one, is an
 * error that names it.
 *
 * @have: the cpu_type of today, or NULL
 */
char *tune_cpu_type_of_policy(TuneRoot *root, const TunePolicy *policy, const char *have,
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

/* ---- the planners' tags ---- */

/**
 * @TUNE_TAG_KEEP: is there as it should be
 * @TUNE_TAG_ADD, @TUNE_TAG_REMOVE: what tune_tags_apply() would submit
 * @TUNE_TAG_FOREIGN: is not ours, so it stays, and yet planners take it for a CPU class
 */
typedef enum {
	TUNE_TAG_KEEP,
	TUNE_TAG_ADD,
	TUNE_TAG_REMOVE,
	TUNE_TAG_FOREIGN,
} TuneTagAction;

/** "keep", "add", "remove", "foreign". */
const char *tune_tag_action_name(TuneTagAction action);

/** A tag of a node, or of the cluster where @node is NULL. */
typedef struct {
	char *node;
	char *tag;
	TuneTagAction action;
} TuneTag;

/**
 * tune_tags_plan: what would tell hbal, hail and hroller where guests can move by the published records.
 *
 * A node gets the class of its CPU ("cpu:intel-0a1b2c3d"), the cluster htools:migration:cpu, and
 * htools:allowmigration:A::B for each two classes where a guest of A may go to B.  A node whose record cannot
 * be read is alone in its class: nothing is planned from or to it; so is one whose record lacks what the gate
 * of @policy has to know.  Source: hbal(1), "Migration tags".
 *
 * @is_removal: all of ours go
 *
 * Only on the master; asks gnt-node and gnt-cluster, changes nothing.  TUNE_ERROR_ABSENT where no record can be
 * read.  Array of TuneTag, those of each object together; unref it.
 */
GPtrArray *tune_tags_plan(TuneRoot *root, const TuneCpuPolicy *policy, gboolean is_removal,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_tags_apply: submit the jobs that make it so.  They are not waited for.  @error is the first one's. */
gboolean tune_tags_apply(TuneRoot *root, const GPtrArray *tags, GError **error);

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
 * @is_down: marked down, so that Ganeti does not migrate it but fails it over (--allow-failover, hbal): whether it
 *   runs nevertheless, its source knows
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
	gboolean is_down;
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

/* ---- the cluster, seen from its master ---- */

/**
 * What a node says of itself.
 *
 * @reason: why it says nothing, one line; NULL when it was asked and did answer
 * @n_settings: that its policy asks for
 * @drifts: those that are not as wanted, array of strings: "vm.swappiness have 60 want 10"
 * @cpu: what it can give now; NULL when it runs no guests, or could not say
 * @digest: of the records it holds, as tune_cpu_digest_promises(); NULL when it could not say
 * @guests: that run there, array of TuneRunningGuest
 * @n_hooks: of our hooks that Ganeti runs there
 * @hooks: those that neither run nor are switched off, array of strings: "NAME is STATE: NOTE"
 * @lvm_config: how its LVM chooses devices, as lvmconfig(8) prints it; "" where it has no volume group; NULL when it could
 *   not say
 * @faults: what else it could not say, and why, array of strings
 */
typedef struct {
	char *node;
	char *reason;
	guint n_settings;
	GPtrArray *drifts;
	TuneCpu *cpu;
	char *digest;
	GPtrArray *guests;
	guint n_hooks;
	GPtrArray *hooks;
	char *lvm_config;
	GPtrArray *faults;
} TuneNodeReport;

/**
 * tune_cluster_survey: ask all of @nodes that are not offline, at once; array of TuneNodeReport in their order,
 * unref it.
 *
 * Over the ssh that Ganeti has set up: no lock is taken, no job is waited for.
 *
 * @nodes: as tune_cluster_list_nodes()
 * @timeout_ms: for each node; who does not answer by then has said nothing
 */
GPtrArray *tune_cluster_survey(TuneRoot *root, const GPtrArray *nodes, guint timeout_ms,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Something that is not as it should be, or that nobody could tell.
 *
 * @node: NULL where it is about the cluster
 * @object: of what: "settings", "record", a guest, a parameter, ...
 * @what: one line; @way_out: what to do, NULL where @what says it
 */
typedef struct {
	char *node;
	char *object;
	char *what;
	char *way_out;
} TuneFinding;

/**
 * tune_cluster_audit: all that is not as it should be; array of TuneFinding, unref it; empty when nothing was
 * found.
 *
 * Nodes that did not answer, settings that differ, hooks that Ganeti skips, records that are missing, stale or
 * not everywhere the same, guests that do not run as configured, guests that no other node could take, and
 * parameters of the cluster that contradict something else.  Guests are asked what they see where records do
 * not tell whether another node could take them.
 *
 * @policy: of the master
 * @nodes, @reports, @instances: as tune_cluster_list_nodes(), tune_cluster_survey() of these, and
 *   tune_cluster_list_instances()
 * @timeout_ms: for each node that is asked
 */
GPtrArray *tune_cluster_audit(TuneRoot *root, const TunePolicy *policy, const GPtrArray *nodes,
			      const GPtrArray *reports, const GPtrArray *instances,
			      guint timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * What the gate would say to a migration.
 *
 * @TUNE_MOVE_ALLOWED: of all nodes that take part, none would refuse it
 * @TUNE_MOVE_UNKNOWN: one of them could not be asked
 * @TUNE_MOVE_REFUSED: one of them would refuse it, or Ganeti itself
 */
typedef enum {
	TUNE_MOVE_ALLOWED,
	TUNE_MOVE_UNKNOWN,
	TUNE_MOVE_REFUSED,
} TuneMoveVerdict;

/** "allowed", "unknown", "refused". */
const char *tune_move_verdict_name(TuneMoveVerdict verdict);

/** @note: why; of one that is allowed, what the gate would log; or NULL */
typedef struct {
	char *target;
	TuneMoveVerdict verdict;
	char *note;
} TuneMove;

/**
 * tune_cluster_rehearse: what the gate would say if @instance were migrated to each of @targets; array of
 * TuneMove in their order, unref it.  Nothing is moved.
 *
 * Source, target and master run the hook instance-migrate-pre, whether or not it is enabled there.
 *
 * @nodes: as tune_cluster_list_nodes()
 * @targets: names of nodes; a NULL ends them
 */
GPtrArray *tune_cluster_rehearse(TuneRoot *root, const GPtrArray *nodes,
				 const TuneInstance *instance, const char *const *targets,
				 guint timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cluster_list_targets: names of the nodes that Ganeti would migrate @instance to by itself: DRBD's
 * secondaries, else the others of its group; g_strfreev() it.  TUNE_ERROR_INVALID when it can migrate nowhere.
 */
char **tune_cluster_list_targets(const GPtrArray *nodes, const TuneInstance *instance,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
