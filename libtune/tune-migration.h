/* SPDX-License-Identifier: BSD-2-Clause */
/** May a guest move: published records, the cpu_type of guests, tags, the gate.  See tune.h for the conventions. */
#ifndef TUNE_PUBLIC_MIGRATION_H
#define TUNE_PUBLIC_MIGRATION_H

#include <glib.h>

#include <libtune/tune-cpu.h>
#include <libtune/tune-tuning.h>

G_BEGIN_DECLS

/* ---- records ---- */

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

/**
 * tune_cpu_load_node_record: the published record of @node.
 *
 * TUNE_ERROR_INVALID when the name is none of a node or the record is another node's.
 */
TuneCpu *tune_cpu_load_node_record(TuneRoot *root, const char *node,
				   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_list_records: names of the nodes that have a published record; g_strfreev() it. */
char **tune_cpu_list_records(TuneRoot *root) G_GNUC_WARN_UNUSED_RESULT;

/** tune_cpu_digest_records: a text that is the same on two nodes when they hold the same records; free it. */
char *tune_cpu_digest_records(TuneRoot *root);

/**
 * tune_cpu_store_records: what a publishing master sends: the records of all nodes, in place of those
 * that are here.  TUNE_ERROR_INVALID or TUNE_ERROR_SYNTAX, and nothing changed, when it is not whole.
 */
gboolean tune_cpu_store_records(TuneRoot *root, const char *text, GError **error);

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

/* ---- cpu_type ---- */

/**
 * tune_cpu_type_is_same: whether guests get the same CPU with either cpu_type.  An empty one is QEMU's default, qemu64.
 */
gboolean tune_cpu_type_is_same(const char *a, const char *b);

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

/* ---- the history of records ---- */

/** As many earlier records of each node are kept. */
#define TUNE_HISTORY_MOST 20

/**
 * One record of a node, the published one or an earlier one.
 *
 * @time: when it was made, seconds since the epoch; 0 when unknown
 * @change: what it has gained and lost since the one before, then kernel, microcode and QEMU where they are others
 * @bit: "yes", "no" or "unknown": whether it has the feature of tune_cpu_filter_history(); NULL before that
 * @fault: why it cannot be read; then all but @node is NULL or 0
 */
typedef struct {
	char *node;
	gint64 time;
	char *change;
	const char *bit;
	char *fault;
	TuneCpu *cpu;
} TuneHistoryEntry;

/**
 * tune_cpu_load_history: the records of @node that this node has, from the oldest to the published one; array of
 * TuneHistoryEntry, unref it.  Empty where there is none.
 *
 * Earlier records are kept where publishing replaces one by another that differs in more than its time.
 * TUNE_ERROR_INVALID for what cannot be the name of a node.
 */
GPtrArray *tune_cpu_load_history(TuneRoot *root, const char *node,
				 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_cpu_filter_history: leave in the @history of one node only the oldest record and those with which the feature @name
 * came or went, and those that cannot be read.  TUNE_ERROR_INVALID for a name that no feature has.
 */
gboolean tune_cpu_filter_history(GPtrArray *history, const char *name, GError **error);

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

/* ---- the gate ---- */

/**
 * A migration, as Ganeti tells its hooks.
 *
 * @node: the node that is asked; @source, @target, @master: the nodes of the operation.  One node may be
 *   several of them
 * @cpu_type, @machine_version: of the instance, as configured: what it runs with may differ; NULL when not told
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
	const char *machine_version;
	const char *tags;
	const char *binary;
	gboolean is_down;
} TuneMigration;

/**
 * @reason: why not, one line that names instance and target; NULL when it may go
 * @log: what is worth a line in the log, array of strings: waivers, what could not be known, what is
 *   gained and so shuts the way back
 * @guest: what the guest sees, as far as the comparison with the target has needed it; NULL where nobody has asked: on
 *   the other nodes, and when KVM does not run it
 * @is_guest_unknown: it was asked, and has not answered
 */
typedef struct {
	char *reason;
	GPtrArray *log;
	TuneCpu *guest;
	gboolean is_guest_unknown;
} TuneGateAnswer;

/**
 * tune_gate_ask: may this guest move, as far as @migration's node can know?
 *
 * The source compares the guest's CPU with the target's record, the target its own record with what it can give
 * now, and the master the two records.  When all three agree, the guest
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

/* ---- proof after the move ---- */

/**
 * What has become of a migration.
 *
 * @TUNE_LEDGER_SAME: on the target the guest sees all that it saw before
 * @TUNE_LEDGER_LOST: it does not
 * @TUNE_LEDGER_UNKNOWN: what it saw before or sees now could not be asked
 * @TUNE_LEDGER_REFUSED: the gate refused it
 */
typedef enum {
	TUNE_LEDGER_SAME,
	TUNE_LEDGER_LOST,
	TUNE_LEDGER_UNKNOWN,
	TUNE_LEDGER_REFUSED,
} TuneLedgerVerdict;

/** So long migrations count. */
#define TUNE_LEDGER_DAYS 90

/** "same", "lost", "unknown", "refused". */
const char *tune_ledger_verdict_name(TuneLedgerVerdict verdict);

/** @time: seconds since the epoch; @note: what was lost or gained, or why; one line, or NULL */
typedef struct {
	gint64 time;
	TuneLedgerVerdict verdict;
	char *instance;
	char *source;
	char *target;
	char *note;
} TuneLedgerLine;

/** tune_ledger_read: the ledger of this node as text, "" where it has none; free it. */
char *tune_ledger_read(TuneRoot *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_ledger_parse: the lines of a ledger's @text that are not older than @since, seconds since the epoch; array of
 * TuneLedgerLine in their order, unref it.  @ret_n_damaged: how many lines make no sense
 */
GPtrArray *tune_ledger_parse(const char *text, gint64 since,
			     guint *ret_n_damaged) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_proof_prepare: what the pre hook does when the gate has given its @answer: on the source, note what the guest sees;
 * where the answer is a refusal, add it to the ledger.  Nothing where @policy or a tag switches the gate off.
 *
 * When it fails, the migration is not proven; that is no reason to refuse it.
 */
gboolean tune_proof_prepare(TuneRoot *root, const TunePolicy *policy,
			    const TuneMigration *migration, const TuneGateAnswer *answer,
			    GError **error);

/** tune_proof_read_note: what was noted of @instance, a record or ""; free it.  TUNE_ERROR_ABSENT where nothing was. */
char *tune_proof_read_note(TuneRoot *root, const char *instance,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tune_proof_finish: what the post hook does: the master compares what the guest sees now with what the source has noted,
 * and adds a line to its ledger.  TUNE_ERROR_REFUSED when the guest has lost something.
 */
gboolean tune_proof_finish(TuneRoot *root, const TunePolicy *policy, const TuneMigration *migration,
			   gint64 deadline, GError **error);

G_END_DECLS

#endif
