/* SPDX-License-Identifier: BSD-2-Clause */
/** Policies, plans, writing and reverting.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_TUNING_H
#define TUNE_PUBLIC_TUNING_H

#include <glib.h>

#include <libtune/tune-base.h>
#include <libtune/tune-cpu.h>
#include <libtune/tune-host.h>

G_BEGIN_DECLS

/* ---- the table of parameters ---- */

/** The risk of changing a parameter on a node that runs guests. */
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
 * @key: the kernel's name; a key that ends in "*" matches any other name that begins so
 * @codec: how its values are shown and compared
 * @domain: its valid values ("0..2", "always|madvise|never"), or NULL when only the kernel knows them
 * @after: key of the row whose write resets this one, or NULL
 * @pair: key of the row that is the same setting in another unit (writing one clears the other), or NULL
 * @summary: its effect, one line
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

/** tune_param_name: the full name, e.g. "ksm.run", "vm.swappiness", "disk.scheduler".  Free it. */
char *tune_param_name(const TuneParam *param);

/** tune_param_path: its path below the root; "{}" stands for the disk or interface.  Free it. */
char *tune_param_path(const TuneParam *param);

/** tune_param_compares: how a value is compared with the wanted one: "number", "at-least", "choice", ... */
const char *tune_param_compares(const TuneParam *param);

/**
 * tune_param_get_advice: costs, gains and surprises of a parameter, one sentence each; "(measured)" marks measurements;
 * NULL ends them.  Static texts.
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
 *   built-in policy (examples/default.yaml) counts
 *
 * Fails with TUNE_ERROR_SYNTAX and FILE:LINE:COLUMN on an unknown or repeated key, a wrong type, a value
 * outside its domain; the message names the nearest known key.  It also fails when root reads a file that others may
 * write.
 */
TunePolicy *tune_policy_load(TuneRoot *root, const char *file,
			     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_policy_free(TunePolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TunePolicy, tune_policy_free)

/** tune_policy_get_file: the file that it was read from, or TUNE_POLICY_BUILTIN; borrowed. */
const char *tune_policy_get_file(const TunePolicy *policy);

/** TuneCpuPolicy.type when guests keep their cpu_type, or get the features that all nodes have in common. */
#define TUNE_CPU_TYPE_KEEP "keep"
#define TUNE_CPU_TYPE_BASELINE "baseline"

/**
 * The section of a policy on CPUs.
 *
 * @is_gate_on: migrations are checked
 * @is_unknown_refused: a migration is refused when data is unknown; otherwise it is permitted, with a message in the log
 * @waivers: set of (1 << TuneCpuClass) whose reasons do not refuse
 * @type: cpu_type for new instances: TUNE_CPU_TYPE_KEEP, TUNE_CPU_TYPE_BASELINE, or the value itself
 * @sets_cluster_default: the type becomes the cluster's default, too
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

/** tune_cpu_policy_judge: @verdict, but a warning instead of unknown where @policy does not refuse that. */
TuneCpuVerdict tune_cpu_policy_judge(const TuneCpuPolicy *policy, TuneCpuVerdict verdict);

/** The accelerator of the virtual machine that opens guests' disks. */
typedef enum {
	TUNE_ACCELERATOR_AUTO, /* KVM where it works, else TCG */
	TUNE_ACCELERATOR_KVM,
	TUNE_ACCELERATOR_TCG,
} TuneAccelerator;

/**
 * The section of a policy on the OS definition.
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
 * The state or the result of a step.
 *
 * @TUNE_VERDICT_SAME: the value is as wanted
 * @TUNE_VERDICT_WOULD_CHANGE: the value differs, and was not written (yet)
 * @TUNE_VERDICT_CHANGED: written, and reads back as wanted
 * @TUNE_VERDICT_CLAMPED: written, but the kernel kept another value
 * @TUNE_VERDICT_REFUSED: the kernel did not accept the value, or would not; the note tells why
 * @TUNE_VERDICT_ABSENT: this host does not have the parameter: nothing to do, and no fault
 * @TUNE_VERDICT_NOT_PERMITTED: cannot be written here: a container, a read-only /sys
 * @TUNE_VERDICT_OVERRIDDEN: was as wanted, then something else changed it; in a plan to revert: something else changed
 *   it after our write, so it is left alone
 * @TUNE_VERDICT_PENDING_RECONNECT: written, reads back as wanted, and comes into force when DRBD connects the next time
 * @TUNE_VERDICT_CONTESTED: somebody else sets it, too, and otherwise; only after tune_plan_mark_contested()
 * @TUNE_VERDICT_UNKNOWN: the value could not be read
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
	TUNE_VERDICT_CONTESTED,
	TUNE_VERDICT_UNKNOWN,
} TuneVerdict;

const char *tune_verdict_name(TuneVerdict verdict);

/**
 * One value of one object, and its verdict.  Borrowed from its plan.
 *
 * @name: as tune_param_name(), with the real name in place of a "*"
 * @object: the disk, network interface or DRBD minor, or NULL where the host itself is the object
 * @path: below the root; "ethtool/..." for a value that is no file
 * @have: the current value, as a policy would write it; NULL when it could not be read
 * @want: the wanted value, resolved for this host where possible; NULL where the step only reads the current value
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
 * @volumes: the minors by their data volumes, "VG/LV", NULL-terminated; NULL: all minors
 */
TunePlan *tune_plan_new_devices(TuneRoot *root, const TunePolicy *policy,
				const char *const *volumes,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_plan_new_of: the current value of one parameter on all its objects, and the value that @policy wants.
 *
 * @name: as tune_param_name(), or any other sysctl or attribute
 *
 * Where the policy does not set it, the @want of the steps is NULL.  TUNE_ERROR_INVALID, with the nearest name, for an
 * unknown name.
 */
TunePlan *tune_plan_new_of(TuneRoot *root, const TunePolicy *policy, const char *name,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_plan_new_revert: the plan that puts back, from the journal, all values that were changed since this host booted
 * and were not put back yet.  An empty plan when there are none.  Reads only.
 */
TunePlan *tune_plan_new_revert(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tune_plan_free(TunePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TunePlan, tune_plan_free)

/** tune_plan_get_facts: the facts that the plan was made from; borrowed, until it is applied. */
TuneFacts *tune_plan_get_facts(const TunePlan *plan);

/**
 * tune_plan_get_findings: what the policy says and this host has nothing for, array of strings, one sentence each with
 * the line of the policy; borrowed.  A rule that names a disk or an interface that is not here sets nothing.
 */
const GPtrArray *tune_plan_get_findings(const TunePlan *plan);

guint tune_plan_get_length(const TunePlan *plan);
const TuneStep *tune_plan_get_step(const TunePlan *plan, guint index);

/** tune_plan_count: how many steps have @verdict. */
guint tune_plan_count(const TunePlan *plan, TuneVerdict verdict);

/** tune_step_is_fault: whether the value is not as wanted, although this host has the parameter and permits the write. */
gboolean tune_step_is_fault(const TuneStep *step);

/** tune_plan_is_fulfilled: whether no step is a fault. */
gboolean tune_plan_is_fulfilled(const TunePlan *plan);

/**
 * tune_plan_apply: write the values that differ, in order, and read all of them back.
 *
 * @wait_ms: how long to wait while another process applies or reverts; then TUNE_ERROR_TIMEOUT.
 *
 * Before each write the old value is recorded on disk (run/ganeti-tune/journal below the root), so that a revert works
 * even when this process ends in the middle.  Fails only when a value cannot be recorded; then it was not written.  The
 * kernel's answer to a value is a verdict, not an error.  A plan to revert is made anew under the lock, so steps that
 * were borrowed from it before are no longer valid.
 */
gboolean tune_plan_apply(TunePlan *plan, guint wait_ms, GError **error);

/* ---- the journal ---- */

/**
 * @count: values that differ from what they were before the first apply since boot
 * @time: of the newest write, seconds since the epoch; 0 when there was none
 */
typedef struct {
	guint count;
	gint64 time;
} TuneJournalSummary;

/** tune_journal_summarise: a summary of the journal below @root; all zero without a journal. */
gboolean tune_journal_summarise(TuneRoot *root, TuneJournalSummary *ret_summary, GError **error);

/**
 * tune_journal_rest: set whether devices that appear on this host from now on are left untuned, until it boots.
 *
 * Makes or removes run/ganeti-tune/reverted below the root, which the udev rule checks.  Plans are applied all the same.
 */
gboolean tune_journal_rest(TuneRoot *root, gboolean is_resting, GError **error);

/* ---- DRBD ---- */

/**
 * One minor, with the data that an administrator asks for.  Unknown data is NULL, or -1.
 *
 * @name: "drbd3"; @instance, @disk: the instance that it belongs to, and the index of its disk
 * @connection, @role, @disk_state: as in /proc/drbd: "Connected", "Primary/Secondary", "UpToDate/UpToDate"
 * @volume: the backing device, "VG/LV"
 * @ceiling: KiB/s that a resync can reach; @limit: the option that limits it, or "link"; static
 * @latency, @volume_latency: mean microseconds of a write since the device was made, of the minor and of its volume; the
 *   difference is the cost of replication
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

/** tune_drbd_list: all minors in @facts, array of TuneDrbdMinor; unref it.  Empty without DRBD. */
GPtrArray *tune_drbd_list(TuneFacts *facts, const TunePolicy *policy,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Options that contradict each other, the link, other minors or the cluster's disk parameters.
 *
 * @text: one sentence; @objects: names of the minors that it is about, array of strings
 */
typedef struct {
	char *text;
	GPtrArray *objects;
} TuneDrbdFinding;

/**
 * tune_drbd_check: faults in the options of running minors, array of TuneDrbdFinding; unref it.
 *
 * Options that @policy sets are not compared with other minors or the cluster: a plan tells more about them.
 * The cluster's parameters are known on master candidates only.
 */
GPtrArray *tune_drbd_check(TuneFacts *facts, const TunePolicy *policy,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_drbd_finding_format: "drbd0 and 3 more: ..."; free it. */
char *tune_drbd_finding_format(const TuneDrbdFinding *finding);

/** tune_policy_has_drbd: whether @policy has a section "drbd", so that findings of tune_drbd_check() matter. */
gboolean tune_policy_has_drbd(const TunePolicy *policy);

/** One disk parameter for gnt-cluster modify -D drbd:@key=@value, and why. */
typedef struct {
	char *key;
	char *value;
	char *reason;
} TuneDrbdAdvice;

/**
 * tune_drbd_advise: the disk parameters that Ganeti should have; array of TuneDrbdAdvice, unref it.
 *
 * @link: "10G", "100M" or a number of Mb/s; NULL: the speed of this node's replication interface
 *
 * TUNE_ERROR_INVALID when @link is not a speed, TUNE_ERROR_ABSENT when the interface does not show its speed.
 */
GPtrArray *tune_drbd_advise(TuneRoot *root, const char *link,
			    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_drbd_advice_format: the command that sets all of @advice; free it. */
char *tune_drbd_advice_format(const GPtrArray *advice);

G_END_DECLS

#endif
