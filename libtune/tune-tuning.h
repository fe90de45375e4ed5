/* SPDX-License-Identifier: BSD-2-Clause */
/** From a policy to a plan, to what is written, and back.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_TUNING_H
#define TUNE_PUBLIC_TUNING_H

#include <glib.h>

#include <libtune/tune-base.h>
#include <libtune/tune-cpu.h>
#include <libtune/tune-host.h>

G_BEGIN_DECLS

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
 * Fails with TUNE_ERROR_SYNTAX and FILE:LINE:COLUMN on an unknown or repeated key, a wrong type, a value
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

/** tune_cpu_policy_judge: what the gate makes of @verdict: where @policy lets pass what is not known, it warns. */
TuneCpuVerdict tune_cpu_policy_judge(const TuneCpuPolicy *policy, TuneCpuVerdict verdict);

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

/** tune_plan_get_facts: what the plan was made from; borrowed, until it is applied. */
TuneFacts *tune_plan_get_facts(const TunePlan *plan);

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

/** tune_drbd_list: all minors that @facts tell of, array of TuneDrbdMinor; unref it.  No DRBD: empty. */
GPtrArray *tune_drbd_list(TuneFacts *facts, const TunePolicy *policy,
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
GPtrArray *tune_drbd_check(TuneFacts *facts, const TunePolicy *policy,
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

G_END_DECLS

#endif
