/* SPDX-License-Identifier: BSD-2-Clause */
/** All nodes at once, seen from the master.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_CLUSTER_H
#define TUNE_PUBLIC_CLUSTER_H

#include <glib.h>

#include <libtune/tune-cpu.h>
#include <libtune/tune-ganeti.h>
#include <libtune/tune-migration.h>
#include <libtune/tune-tuning.h>

G_BEGIN_DECLS

/* ---- the cluster, seen from its master ---- */

/**
 * What a node says of itself.
 *
 * @reason: why it says nothing, one line; NULL when it was asked and did answer
 * @n_settings: that its policy asks for
 * @drifts: those that are not as wanted, array of strings: "vm.swappiness have 60 want 10"
 * @cpu: what it can give now; NULL when it runs no guests, or could not say
 * @machine: what kind of machine it is where that is not x86, "aarch64": then @cpu is NULL; else NULL
 * @digest: of the records it holds, as tune_cpu_digest_records(); NULL when it could not say
 * @guests: that run there, array of TuneRunningGuest
 * @n_hooks: of our hooks that Ganeti runs there
 * @hooks: those that neither run nor are switched off, array of strings: "NAME is STATE: NOTE"
 * @lvm_config: how its LVM chooses devices, as lvmconfig(8) prints it; "" where it has no volume group; NULL when it could
 *   not say
 * @ledger: of the migrations that it has judged, array of TuneLedgerLine; NULL when it could not say
 * @faults: what else it could not say, and why, array of strings
 */
typedef struct {
	char *node;
	char *reason;
	guint n_settings;
	GPtrArray *drifts;
	TuneCpu *cpu;
	char *machine;
	char *digest;
	GPtrArray *guests;
	guint n_hooks;
	GPtrArray *hooks;
	char *lvm_config;
	GPtrArray *ledger;
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
 * @what: one line; @fix: what to do, NULL where @what says it
 */
typedef struct {
	char *node;
	char *object;
	char *what;
	char *fix;
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
 * What it means that a running guest is not as Ganeti would start it now.
 *
 * @TUNE_PENDING_MIGRATION: what decides where it may migrate: CPU type, machine type
 * @TUNE_PENDING_SECURITY: it runs without a protection that it would have
 * @TUNE_PENDING_QEMU: its QEMU has been replaced by another
 * @TUNE_PENDING_GAINS: it would run faster, or with more
 * @TUNE_PENDING_HARMLESS: it would notice the difference, and lacks nothing
 * @TUNE_PENDING_UNKNOWN: something of this could not be found out
 */
typedef enum {
	TUNE_PENDING_MIGRATION,
	TUNE_PENDING_SECURITY,
	TUNE_PENDING_QEMU,
	TUNE_PENDING_GAINS,
	TUNE_PENDING_HARMLESS,
	TUNE_PENDING_UNKNOWN,
	TUNE_PENDING_N_CLASSES,
} TunePendingClass;

/** "migration", "security", "qemu", "gains", "harmless", "unknown". */
const char *tune_pending_class_name(TunePendingClass kind);

/** @what: what a new start would change; of TUNE_PENDING_UNKNOWN what is not known, and why */
typedef struct {
	char *instance;
	char *node;
	TunePendingClass kind;
	char *what;
} TunePending;

/**
 * tune_cluster_list_pending: what a new start would change for the running guests of @instances; array of TunePending
 * in their order, unref it.
 *
 * Compares the parameters in Ganeti's runtime file with those that are configured, the file of its QEMU and its version
 * with what is installed, and what the guest sees with what its node can give.  Guests are asked over QMP.
 *
 * @nodes, @instances: as tune_cluster_list_nodes() and tune_cluster_list_instances()
 * @timeout_ms: for each node
 */
GPtrArray *tune_cluster_list_pending(TuneRoot *root, const GPtrArray *nodes,
				     const GPtrArray *instances, guint timeout_ms,
				     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- upgrades ---- */

/** A node before and after its upgrade.  @now: its record; @then: what its record will be; NULL is unknown */
typedef struct {
	const TuneNode *node;
	const TuneCpu *now;
	const TuneCpu *then;
} TuneUpgradeNode;

/**
 * A running guest.  @sees: the CPU that it sees; NULL where @fault says why that is not known
 *
 * @is_free: KVM does not run it, so the gate does not check it
 */
typedef struct {
	const TuneInstance *instance;
	const TuneCpu *sees;
	const char *fault;
	gboolean is_free;
} TuneUpgradeGuest;

/**
 * @cpu_type, @machine_version: the cluster's own, NULL when unknown
 * @canary: the node that is upgraded first, or is already; NULL: none is named
 */
typedef struct {
	const TuneCpuPolicy *policy;
	const char *cpu_type;
	const char *machine_version;
	const char *canary;
	const TuneUpgradeNode *nodes;
	guint n_nodes;
	const TuneUpgradeGuest *guests;
	guint n_guests;
} TuneUpgradeState;

/** What can become of a guest when its node is emptied. */
typedef enum {
	TUNE_UPGRADE_BOTH, /* it can go, and come back whether or not its node has been upgraded meanwhile */
	TUNE_UPGRADE_FORWARD, /* it can go, and come back only after that, or not at all */
	TUNE_UPGRADE_STUCK,   /* no other node takes it: it has to be stopped */
	TUNE_UPGRADE_UNKNOWN, /* what it sees, or what a node gives, is not known */
	TUNE_UPGRADE_N_WAYS,
} TuneUpgradeWay;

/**
 * A line of a plan.
 *
 * @TUNE_UPGRADE_FREEZE: a command to be run before all else
 * @TUNE_UPGRADE_RESTART: a guest for which the freeze does not hold before it is started anew
 * @TUNE_UPGRADE_STEP: a node to be emptied and upgraded, after all those above it
 * @TUNE_UPGRADE_DONE: a node that is as it will be
 * @TUNE_UPGRADE_BLOCKED: a node for which nothing can be planned
 * @TUNE_UPGRADE_LIFT: a command to be run when all nodes have published their records
 */
typedef enum {
	TUNE_UPGRADE_FREEZE,
	TUNE_UPGRADE_RESTART,
	TUNE_UPGRADE_STEP,
	TUNE_UPGRADE_DONE,
	TUNE_UPGRADE_BLOCKED,
	TUNE_UPGRADE_LIFT,
} TuneUpgradeKind;

/** "freeze", "restart", "step", "done", "blocked", "lift". */
const char *tune_upgrade_kind_name(TuneUpgradeKind kind);

/**
 * @object: a node or a guest; "cluster" for a command
 * @ways: of a step, how many of the node's guests can go each way
 * @what: a command, or guests and reasons; NULL where there is nothing to say
 */
typedef struct {
	TuneUpgradeKind kind;
	char *object;
	guint ways[TUNE_UPGRADE_N_WAYS];
	char *what;
} TuneUpgradeRow;

/**
 * tune_upgrade_plan: in which order nodes can be upgraded, one at a time, and what becomes of their guests; array of
 * TuneUpgradeRow, unref it.
 *
 * The canary comes first, the master last; among the others the node with the fewest guests that cannot go both ways, and
 * of these the one with the most guests.  A guest goes to the first node that takes it both ways, else to the first that
 * takes it; it comes back when it can; one that is stuck is started anew on its node.  The gate's own rule decides.
 * Asks nothing; what is not known is counted as such.
 */
GPtrArray *tune_upgrade_plan(const TuneUpgradeState *state) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cluster_plan_upgrade: the same for a cluster as it is; guests are asked over QMP what they see.
 *
 * @nodes, @instances: as tune_cluster_list_nodes() and tune_cluster_list_instances()
 * @like: the record of an upgraded node
 * @canary: as in TuneUpgradeState
 * @timeout_ms: for each node
 */
GPtrArray *tune_cluster_plan_upgrade(TuneRoot *root, const TunePolicy *policy,
				     const GPtrArray *nodes, const GPtrArray *instances,
				     const TuneCpu *like, const char *canary, guint timeout_ms,
				     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_upgrade_foretell: the record that a node with the record @now will have when it is upgraded as @like was; free it.
 * NULL where that cannot be told: it is another model.
 */
TuneCpu *tune_upgrade_foretell(const TuneCpu *now, const TuneCpu *like) G_GNUC_WARN_UNUSED_RESULT;

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
 * tune_cluster_read_ledgers: the migrations of the last TUNE_LEDGER_DAYS days, of the ledgers of all of @nodes; array of
 * TuneLedgerLine in the order of their times, unref it.  A refusal by several nodes is one line.
 *
 * @nodes: as tune_cluster_list_nodes()
 * @ret_faults: nodes whose ledger is not known, or damaged, and why, array of strings; unref it
 */
GPtrArray *tune_cluster_read_ledgers(TuneRoot *root, const GPtrArray *nodes, guint timeout_ms,
				     GPtrArray **ret_faults,
				     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cluster_list_targets: names of the nodes that Ganeti would migrate @instance to by itself: DRBD's
 * secondaries, else the others of its group; g_strfreev() it.  TUNE_ERROR_INVALID when it can migrate nowhere.
 */
char **tune_cluster_list_targets(const GPtrArray *nodes, const TuneInstance *instance,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- guests of this node against the cluster's configuration ---- */

/**
 * A guest that runs with another cpu_type than the configured one, which its next start brings.
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
