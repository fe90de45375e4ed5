/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics: what status and drbd tell, for Prometheus, in its text format: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * A part that cannot be read leaves its metrics out and counts in ganeti_tune_unread, so that a graph shows a gap and an
 * alarm sees it, and no old or made-up value stands for it.
 */
#include <stdio.h>
#include <time.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/cpu.h"
#include "gnt-tune/steps.h"

#define PREFIX "ganeti_tune_"
#define KIB 1024

/* Types of metrics. */
#define GAUGE "gauge"
#define COUNTER "counter"

/** One part of the node.  FALSE with an error where it cannot be read; nothing of it has been written then. */
typedef gboolean TellPart(GString *text, TuneRoot *root, const TunePolicy *policy, GError **error);

/* ---- text ---- */

static void begin_metric(GString *text, const char *name, const char *type, const char *help)
{
	g_string_append_printf(text, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help,
			       name, type);
}

/* The value of a label: backslash and quote are escaped.  Control characters are replaced, since a terminal would obey them. */
static char *escape_label(const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value ? value : "", -1);
	GString *escaped = g_string_new(NULL);

	for (const char *c = valid; *c; c++) {
		if (*c == '\\' || *c == '"')
			g_string_append_c(escaped, '\\');
		g_string_append_c(escaped, g_ascii_iscntrl(*c) ? '?' : *c);
	}
	return g_string_free(escaped, FALSE);
}

/* With one label or, where @second is not NULL, two. */
static void add_labelled(GString *text, const char *name, const char *first,
			 const char *first_value, const char *second, const char *second_value,
			 gint64 value)
{
	g_autofree char *one = escape_label(first_value);
	g_autofree char *two = escape_label(second_value);

	g_string_append_printf(text, PREFIX "%s{%s=\"%s\"", name, first, one);
	if (second)
		g_string_append_printf(text, ",%s=\"%s\"", second, two);
	g_string_append_printf(text, "} %" G_GINT64_FORMAT "\n", value);
}

static void add_metric(GString *text, const char *name, const char *type, const char *help,
		       gint64 value)
{
	begin_metric(text, name, type, help);
	g_string_append_printf(text, PREFIX "%s %" G_GINT64_FORMAT "\n", name, value);
}

/* ---- settings ---- */

static void tell_verdicts(GString *text, const TunePlan *plan)
{
	guint counts[TUNE_VERDICT_UNKNOWN + 1] = { 0 };

	for (guint i = 0; i < tune_plan_get_length(plan); i++)
		counts[tune_plan_get_step(plan, i)->verdict]++;
	begin_metric(text, "settings", GAUGE, "Settings that the policy asks for, by verdict.");
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		add_labelled(text, "settings", "verdict", tune_verdict_name((TuneVerdict)i), NULL,
			     NULL, counts[i]);
}

static void tell_faults(GString *text, const TunePlan *plan)
{
	begin_metric(
		text, "setting_not_as_wanted", GAUGE,
		"Is 1 for each setting that differs from the policy, is set by somebody else, too, or cannot be read.");
	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (tune_step_is_fault(step))
			add_labelled(text, "setting_not_as_wanted", "setting", step->name, "object",
				     step->object, 1);
	}
}

static gboolean tell_settings(GString *text, TuneRoot *root, const TunePolicy *policy,
			      GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	TuneJournalSummary summary;

	if (!plan || !tune_plan_mark_contested(plan, error) ||
	    !tune_journal_summarise(root, &summary, error))
		return FALSE;
	tell_verdicts(text, plan);
	tell_faults(text, plan);
	add_metric(text, "settings_changed", GAUGE,
		   "Settings that have another value than before the first apply since boot.",
		   summary.count);
	if (summary.time)
		add_metric(text, "last_change_timestamp_seconds", GAUGE,
			   "When apply last wrote a value, seconds since 1970.", summary.time);
	return TRUE;
}

/* ---- KSM ---- */

static gboolean tell_ksm(GString *text, TuneRoot *root, const TunePolicy *policy G_GNUC_UNUSED,
			 GError **error)
{
	g_autoptr(GError) local = NULL;
	TuneKsm ksm;

	if (!tune_ksm_read(root, &ksm, &local)) {
		if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	add_metric(text, "ksm_run", GAUGE, "0: stopped, 1: running, 2: stopped and unmerged.",
		   ksm.run);
	add_metric(text, "ksm_saved_bytes", GAUGE, "Memory that merging saves.", ksm.saved);
	add_metric(text, "ksm_profit_bytes", GAUGE,
		   "The same less what keeping track of pages costs.", ksm.profit);
	add_metric(text, "ksm_full_scans_total", COUNTER,
		   "Times that all mergeable memory has been scanned.", ksm.full_scans);
	begin_metric(text, "ksm_pages", GAUGE, "Pages, by what KSM has made of them.");
	add_labelled(text, "ksm_pages", "state", "shared", NULL, NULL, ksm.shared);
	add_labelled(text, "ksm_pages", "state", "sharing", NULL, NULL, ksm.sharing);
	add_labelled(text, "ksm_pages", "state", "unshared", NULL, NULL, ksm.unshared);
	add_labelled(text, "ksm_pages", "state", "volatile", NULL, NULL, ksm.volatiles);
	add_labelled(text, "ksm_pages", "state", "zero", NULL, NULL, ksm.zero);
	return TRUE;
}

/* ---- DRBD ---- */

static void tell_minors(GString *text, const GPtrArray *minors)
{
	begin_metric(text, "drbd_info", GAUGE, "Is 1; whose disk the minor is, and its state.");
	for (guint i = 0; i < minors->len; i++) {
		const TuneDrbdMinor *minor = minors->pdata[i];
		g_autofree char *name = escape_label(minor->name);
		g_autofree char *instance = escape_label(minor->instance);
		g_autofree char *connection = escape_label(minor->connection);
		g_autofree char *role = escape_label(minor->role);
		g_autofree char *disk_state = escape_label(minor->disk_state);
		g_string_append_printf(
			text,
			PREFIX
			"drbd_info{minor=\"%s\",ganeti_instance=\"%s\",connection=\"%s\",role=\"%s\",disk_state=\"%s\"} 1\n",
			name, instance, connection, role, disk_state);
	}
	begin_metric(text, "drbd_resync_ceiling_bytes_per_second", GAUGE,
		     "Rate at which a resync of the minor ends at most.");
	for (guint i = 0; i < minors->len; i++) {
		const TuneDrbdMinor *minor = minors->pdata[i];
		if (minor->ceiling >= 0)
			add_labelled(text, "drbd_resync_ceiling_bytes_per_second", "minor",
				     minor->name, "limit", minor->limit, minor->ceiling * KIB);
	}
}

static gboolean tell_drbd(GString *text, TuneRoot *root, const TunePolicy *policy, GError **error)
{
	g_autoptr(TuneFacts) facts = tune_facts_new(root);
	g_autoptr(GPtrArray) minors = tune_drbd_list(facts, policy, error);
	g_autoptr(GPtrArray) findings = minors ? tune_drbd_check(facts, policy, error) : NULL;

	if (!findings)
		return FALSE;
	tell_minors(text, minors);
	add_metric(text, "drbd_findings", GAUGE,
		   "Options of running minors that make no sense together, see gnt-tune drbd.",
		   findings->len);
	return TRUE;
}

/* ---- the CPU record and the hooks ---- */

/* A node that no cluster has published yet has no record: that is told, and nothing of its age. */
static gboolean tell_record(GString *text, TuneRoot *root, const TunePolicy *policy G_GNUC_UNUSED,
			    GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *node = tune_ganeti_node_name(root, error);
	g_autoptr(TuneCpu) record = node ? tune_cpu_load_node_record(root, node, &local) : NULL;

	if (!node)
		return FALSE;
	if (!record && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	add_metric(text, "record_published", GAUGE, "Whether this node has a published CPU record.",
		   record != NULL);
	if (!record)
		return TRUE;
	g_autofree char *qemu = tune_cpu_find_qemu(root);
	add_metric(text, "record_current", GAUGE,
		   "Whether the published CPU record is what KVM and QEMU give now.",
		   tune_cpu_is_current(record, root, qemu));
	if (tune_cpu_get_time(record))
		add_metric(text, "record_timestamp_seconds", GAUGE,
			   "When the published CPU record was made, seconds since 1970.",
			   tune_cpu_get_time(record));
	return TRUE;
}

static gboolean tell_hooks(GString *text, TuneRoot *root, const TunePolicy *policy G_GNUC_UNUSED,
			   GError **error)
{
	g_autoptr(GPtrArray) hooks = tune_hooks_list(root, error);
	guint counts[TUNE_HOOK_FOREIGN + 1] = { 0 };

	if (!hooks)
		return FALSE;
	for (guint i = 0; i < hooks->len; i++)
		counts[((const TuneHook *)hooks->pdata[i])->state]++;
	begin_metric(text, "hooks", GAUGE, "Our hooks on this node, by state.");
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		add_labelled(text, "hooks", "state", tune_hook_state_name((TuneHookState)i), NULL,
			     NULL, counts[i]);
	return TRUE;
}

/* ---- migrations ---- */

static gboolean tell_migrations(GString *text, TuneRoot *root,
				const TunePolicy *policy G_GNUC_UNUSED, GError **error)
{
	g_autofree char *ledger = tune_ledger_read(root, error);
	gint64 since = time(NULL) - (gint64)TUNE_LEDGER_DAYS * 24 * 60 * 60;
	guint counts[TUNE_LEDGER_REFUSED + 1] = { 0 };
	guint n_damaged;

	if (!ledger)
		return FALSE;
	g_autoptr(GPtrArray) lines = tune_ledger_parse(ledger, since, &n_damaged);
	if (n_damaged) {
		g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID,
			    "%u lines of the ledger make no sense", n_damaged);
		return FALSE;
	}
	for (guint i = 0; i < lines->len; i++)
		counts[((const TuneLedgerLine *)lines->pdata[i])->verdict]++;
	begin_metric(
		text, "migrations", GAUGE,
		"Migrations of the last 90 days that this node has judged, by what became of them.");
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		add_labelled(text, "migrations", "verdict",
			     tune_ledger_verdict_name((TuneLedgerVerdict)i), NULL, NULL, counts[i]);
	return TRUE;
}

/* ---- all parts ---- */

static const struct {
	const char *name;
	TellPart *tell;
} parts[] = {
	{ "settings", tell_settings }, { "ksm", tell_ksm },     { "drbd", tell_drbd },
	{ "record", tell_record },     { "hooks", tell_hooks }, { "migrations", tell_migrations },
};

/* What cannot be read is told on standard error, too: there it has a reason. */
static char *make_text(TuneRoot *root, const TunePolicy *policy)
{
	GString *text = g_string_new(NULL);
	gboolean is_unread[G_N_ELEMENTS(parts)];

	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autoptr(GError) error = NULL;
		is_unread[i] = !parts[i].tell(text, root, policy, &error);
		if (is_unread[i])
			g_printerr("gnt-tune: metrics of %s: %s\n", parts[i].name, error->message);
	}
	begin_metric(text, "unread", GAUGE, "Is 1 for each part of this node that cannot be read.");
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		add_labelled(text, "unread", "part", parts[i].name, NULL, NULL, is_unread[i]);
	return g_string_free(text, FALSE);
}

/* By a new file that takes the place of the old one, as the collector may read at any time. */
static gboolean save_text(const char *path, const char *text, GError **error)
{
	g_autofree char *absolute = g_canonicalize_filename(path, NULL);
	g_autoptr(TuneRoot) host = tune_root_open("/", error);

	return host && tune_root_save(host, absolute, text, error);
}

int run_metrics(const Options *options, char **arguments, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;

	if (arguments[0] && arguments[1]) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "usage: gnt-tune metrics [FILE], see gnt-tune metrics --help");
		return EXIT_FAILED;
	}
	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autofree char *text = make_text(root, policy);
	if (!arguments[0]) {
		fputs(text, stdout);
		return EXIT_AS_WANTED;
	}
	return save_text(arguments[0], text, error) ? EXIT_AS_WANTED : EXIT_FAILED;
}
