/* SPDX-License-Identifier: BSD-2-Clause */
/* status: this node on one screen. */
#include <string.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

static guint count_faults(const TunePlan *plan)
{
	guint n = 0;

	for (guint i = 0; i < tune_plan_get_length(plan); i++)
		n += tune_step_is_fault(tune_plan_get_step(plan, i));
	return n;
}

static gboolean tell_changes(Table *table, TuneRoot *root, GError **error)
{
	TuneJournalSummary summary;

	if (!tune_journal_summarise(root, &summary, error))
		return FALSE;
	if (!summary.count) {
		table_tell(table, "last-apply", "nothing changed since boot");
		return TRUE;
	}
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(summary.time);
	g_autofree char *text = g_date_time_format(time, "%F %T");
	table_tell(table, "last-apply", "%s, %u settings changed since boot", text, summary.count);
	return TRUE;
}

static const char *name_run(gint64 run)
{
	static const char *const names[] = { "stopped", "running", "stopped and unmerged" };

	return run >= 0 && run < (gint64)G_N_ELEMENTS(names) ? names[run] : "unknown";
}

static void tell_merged(Table *table, const TuneKsm *ksm)
{
	g_autofree char *saved = g_format_size_full((guint64)ksm->saved, G_FORMAT_SIZE_IEC_UNITS);

	table_tell(table, "ksm.pages",
		   "%" G_GINT64_FORMAT " sites share %" G_GINT64_FORMAT " pages, %" G_GINT64_FORMAT
		   " unshared, %" G_GINT64_FORMAT " volatile, %" G_GINT64_FORMAT " zero",
		   ksm->sharing, ksm->shared, ksm->unshared, ksm->volatiles, ksm->zero);
	table_tell(table, "ksm.saved", "%" G_GINT64_FORMAT " bytes (%s)", ksm->saved, saved);
	table_tell(table, "ksm.profit", "%" G_GINT64_FORMAT " bytes", ksm->profit);
	if (ksm->sharing)
		table_tell(table, "ksm.unshared/sharing", "%.1f",
			   (double)ksm->unshared / (double)ksm->sharing);
	table_tell(table, "ksm.full_scans", "%" G_GINT64_FORMAT, ksm->full_scans);
}

static gboolean tell_ksm(Table *table, TuneRoot *root, GError **error)
{
	g_autoptr(GError) local = NULL;
	TuneKsm ksm;

	if (!tune_ksm_read(root, &ksm, &local)) {
		if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		table_tell(table, "ksm", "not in this kernel");
		return TRUE;
	}
	table_tell(table, "ksm", "%s: %s", name_run(ksm.run), tune_ksm_rate(&ksm));
	if (ksm.run || ksm.sharing)
		tell_merged(table, &ksm);
	return TRUE;
}

/* "disk.sda" of a step about "disk.scheduler" of sda. */
static char *name_object(const TuneStep *step)
{
	return g_strdup_printf("%.*s.%s", (int)strcspn(step->name, "."), step->name, step->object);
}

static gboolean belongs_to(const TuneStep *step, const char *object)
{
	g_autofree char *name = step->object ? name_object(step) : NULL;

	return g_strcmp0(name, object) == 0;
}

/* The steps of an object stand together.  Returns the index of the first one behind them. */
static guint tell_object(Table *table, const TunePlan *plan, guint first)
{
	g_autofree char *field = name_object(tune_plan_get_step(plan, first));
	const char *scheduler = NULL;
	guint n_faults = 0, i;

	for (i = first; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (!belongs_to(step, field))
			break;
		if (strcmp(step->name, "disk.scheduler") == 0)
			scheduler = step->have;
		n_faults += tune_step_is_fault(step);
	}
	table_tell(table, field, "%s%s%u settings, %u not as wanted", scheduler ? scheduler : "",
		   scheduler ? ", " : "", i - first, n_faults);
	return i;
}

/* Only the master knows what is configured.  Another node says nothing of it, and that is no fault. */
static void tell_guests(Table *table, TuneRoot *root)
{
	g_autoptr(GPtrArray) drifts = tune_guest_list_drift(root, NULL);

	for (guint i = 0; drifts && i < drifts->len; i++) {
		const TuneGuestDrift *drift = drifts->pdata[i];
		g_autofree char *field = g_strconcat("guest.", drift->instance, NULL);
		table_tell(
			table, field,
			"runs with cpu_type '%s'; '%s' is configured and takes effect at its next start",
			drift->runs, drift->configured);
	}
}

int run_status(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	g_autoptr(Table) table = table_new("status", table_fact_columns, options, error);

	if (!table || !steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	g_autofree char *node = plan ? tune_ganeti_node_name(root, error) : NULL;
	if (!node)
		return EXIT_FAILED;
	table_tell(table, "node", "%s", node);
	table_tell(table, "policy", "%s", tune_policy_get_file(policy));
	table_tell(table, "settings", "%u, of which %u are not as wanted",
		   tune_plan_get_length(plan), count_faults(plan));
	if (!tell_changes(table, root, error) || !tell_ksm(table, root, error))
		return EXIT_FAILED;
	for (guint i = 0; i < tune_plan_get_length(plan);)
		i = tune_plan_get_step(plan, i)->object ? tell_object(table, plan, i) : i + 1;
	tell_guests(table, root);
	table_print(table);
	return EXIT_AS_WANTED;
}
