/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a guest sees after a migration what it saw before.
 *
 * The pre hook on the source leaves a note of the guest's CPU in run/ganeti-tune/moves, or an empty one where there is
 * nothing to compare.  The post hook on the master, which alone can ask other nodes, gets the note from the source and
 * the guest's CPU from the target, and adds a line to its ledger.  A node that refuses has a line in its own ledger, as
 * Ganeti runs no post hook then.
 */
#include <string.h>
#include <time.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/cpu/compare.h>
#include <libtune/cpu/record.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/migration/gate.h>
#include <libtune/migration/ledger.h>
#include <libtune/migration/proof.h>

#define NOTES "run/ganeti-tune/moves"

/* A migration takes hours at most.  An older note is that of another one. */
#define OLDEST_NOTE_S (24 * 60 * 60)

#define N_NAMED 12

static gboolean is_proven(const TunePolicy *policy, const TuneMigration *migration)
{
	g_auto(GStrv) tags = tune_gate_split_tags(migration->tags);

	return !tune_gate_is_off(tune_policy_get_cpu(policy), tags) &&
	       tune_ganeti_check_name(migration->instance, NULL) &&
	       tune_ganeti_check_name(migration->source, NULL) &&
	       tune_ganeti_check_name(migration->target, NULL);
}

/* ---- the note ---- */

static char *get_note_path(const char *instance)
{
	return g_strconcat(NOTES "/", instance, ".yaml", NULL);
}

/*
 * The gate has asked for all CPUID words, but not for bits of MSRs that both nodes give: a guest that has them not would
 * seem to have lost them.  So their words stay unknown.
 */
static gboolean save_note(TuneRoot *root, const TuneMigration *migration, const TuneCpu *seen,
			  GError **error)
{
	g_autofree char *path = get_note_path(migration->instance);
	g_autoptr(TuneCpu) guest = tune_cpu_copy(seen);

	tune_cpu_forget_assumed(guest);
	tune_cpu_set_node(guest, migration->source);
	tune_cpu_set_time(guest, time(NULL));
	return tune_cpu_save_record(guest, root, path, error);
}

static TuneLedgerLine make_line(const TuneMigration *migration, TuneLedgerVerdict verdict,
				char *note)
{
	return (TuneLedgerLine){ time(NULL),
				 verdict,
				 (char *)migration->instance,
				 (char *)migration->source,
				 (char *)migration->target,
				 note };
}

gboolean tune_proof_prepare(TuneRoot *root, const TunePolicy *policy,
			    const TuneMigration *migration, const TuneGateAnswer *answer,
			    GError **error)
{
	if (!tune_ganeti_check_name(migration->instance, NULL))
		return TRUE;
	/* That of an earlier migration must not be taken for this one's. */
	g_autofree char *path = get_note_path(migration->instance);
	if (tune_root_exists(root, path) && !tune_root_remove(root, path, error))
		return FALSE;
	if (!is_proven(policy, migration))
		return TRUE;
	if (answer->reason) {
		TuneLedgerLine line = make_line(migration, TUNE_LEDGER_REFUSED, answer->reason);
		return tune_ledger_add(root, &line, error);
	}
	if (strcmp(migration->node, migration->source) != 0 || answer->is_guest_unknown)
		return TRUE;
	return answer->guest ? save_note(root, migration, answer->guest, error)
			     : tune_root_save(root, path, "", error);
}

char *tune_proof_read_note(TuneRoot *root, const char *instance, GError **error)
{
	if (!tune_ganeti_check_name(instance, error))
		return NULL;
	g_autofree char *path = get_note_path(instance);
	g_autoptr(GError) local = NULL;
	char *text = tune_root_read_at_most(root, path, TUNE_CPU_RECORD_MAX, &local);
	if (text || !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		if (!text)
			g_propagate_error(error, g_steal_pointer(&local));
		return text;
	}
	return tune_fail_null(error, TUNE_ERROR_ABSENT,
			      "nothing is noted here of a migration of %s", instance);
}

/* ---- comparing ---- */

/* The gate has compared QEMU, machine type and clock, which are no features, with the record of the target. */
static gboolean is_loss(const TuneCpuReason *reason)
{
	return tune_cpu_class_refuses(reason->kind) && !reason->is_waived &&
	       (reason->kind != TUNE_CPU_LOST || tune_cpu_bit_find_name(reason->name));
}

static char *join_losses(const TuneCpuReport *report)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (is_loss(reason) && n++ < N_NAMED)
			g_string_append_printf(text, "%s%s:%s", n > 1 ? ", " : "",
					       tune_cpu_class_name(reason->kind), reason->name);
	}
	if (n > N_NAMED)
		g_string_append_printf(text, " and %u more", n - N_NAMED);
	return n ? g_strdup(text->str) : NULL;
}

TuneLedgerVerdict tune_proof_compare(const TuneCpu *before, const TuneCpu *after, guint waivers,
				     char **ret_note)
{
	/* The gate has asked which features are switched on, and has refused to lose one of these. */
	g_autoptr(TuneCpu) guest = tune_cpu_copy(before);
	guest->unused = TUNE_CPU_ALL_SWITCHES;
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(guest, after, waivers);
	g_autofree char *lost = join_losses(report);
	guint n_gained = g_strv_length((char **)tune_cpu_report_get_gained(report));

	if (lost) {
		*ret_note = g_steal_pointer(&lost);
		return TUNE_LEDGER_LOST;
	}
	*ret_note = n_gained ? g_strdup_printf("gained %u features", n_gained) : NULL;
	return TUNE_LEDGER_SAME;
}

/* ---- after the migration ---- */

/* NULL without an error: the pre hook found nothing to compare. */
static TuneCpu *read_before(const TuneMigration *migration, const TuneRemote *remote,
			    GError **error)
{
	if (remote->reason)
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "before, on %s: %s",
				      migration->source, remote->reason);
	if (!*remote->answer)
		return NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_parse_record(remote->answer, strlen(remote->answer),
						       "the source's note", error);
	if (cpu && ABS(time(NULL) - tune_cpu_get_time(cpu)) > OLDEST_NOTE_S)
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "before, on %s: the note is of another day: see its clock",
				      migration->source);
	return g_steal_pointer(&cpu);
}

static TuneCpu *read_after(const TuneMigration *migration, const TuneRemote *remote, GError **error)
{
	if (remote->reason)
		return tune_fail_null(error, TUNE_ERROR_ABSENT, "after, on %s: %s",
				      migration->target, remote->reason);
	return tune_cpu_parse_record(remote->answer, strlen(remote->answer), "the target's answer",
				     error);
}

/* FALSE when there is nothing to compare. */
static gboolean judge(const TunePolicy *policy, const TuneMigration *migration,
		      const TuneRemote remotes[2], TuneLedgerLine *ret_line)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) before = read_before(migration, &remotes[0], &error);
	g_autoptr(TuneCpu) after = before ? read_after(migration, &remotes[1], &error) : NULL;
	g_auto(GStrv) tags = tune_gate_split_tags(migration->tags);

	*ret_line = make_line(migration, TUNE_LEDGER_UNKNOWN, NULL);
	if (error)
		ret_line->note = g_strdup(error->message);
	else if (after)
		ret_line->verdict = tune_proof_compare(
			before, after, tune_gate_get_waivers(tune_policy_get_cpu(policy), tags),
			&ret_line->note);
	return before || error;
}

/* Both nodes are asked at once; the note of the source, and the guest on the target. */
static gboolean ask_both(TuneRoot *root, const TuneMigration *migration, TuneRemote remotes[2],
			 gint64 deadline, GError **error)
{
	const TuneNode source = { .name = (char *)migration->source };
	const TuneNode target = { .name = (char *)migration->target };
	g_autofree char *noted = g_strconcat("gnt-tune cpu noted ", migration->instance, NULL);
	g_autofree char *seen = g_strconcat("gnt-tune cpu record instance:", migration->instance,
					    NULL);
	gint64 left = MAX(0, deadline - g_get_monotonic_time());

	remotes[0] = (TuneRemote){ &source, noted, TUNE_CPU_RECORD_MAX, NULL, NULL };
	remotes[1] = (TuneRemote){ &target, seen, TUNE_CPU_RECORD_MAX, NULL, NULL };
	return tune_remote_run(root, remotes, 2, NULL, (guint)(left / 1000), error);
}

gboolean tune_proof_finish(TuneRoot *root, const TunePolicy *policy, const TuneMigration *migration,
			   gint64 deadline, GError **error)
{
	TuneRemote remotes[2];
	TuneLedgerLine line;

	if (!is_proven(policy, migration) || strcmp(migration->node, migration->master) != 0)
		return TRUE;
	if (!ask_both(root, migration, remotes, deadline, error))
		return FALSE;
	g_autoptr(GError) no_line = NULL;
	gboolean is_done = !judge(policy, migration, remotes, &line) ||
			   tune_ledger_add(root, &line, &no_line);
	tune_remote_clear(&remotes[0]);
	tune_remote_clear(&remotes[1]);
	/* A loss counts more than a ledger that cannot be written. */
	if (line.verdict == TUNE_LEDGER_LOST)
		is_done = tune_fail(
			error, TUNE_ERROR_REFUSED,
			"%s has lost features on its way from %s to %s: %s; it may crash: gnt-instance reboot %s",
			migration->instance, migration->source, migration->target, line.note,
			migration->instance);
	else if (!is_done)
		g_propagate_error(error, g_steal_pointer(&no_line));
	g_free(line.note);
	return is_done;
}
