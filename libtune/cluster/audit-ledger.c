/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests that have lost features in a migration, and have not been started anew since. */
#include <string.h>

#include <libtune/cluster/audit.h>
#include <libtune/cluster/ledger.h>
#include <libtune/migration/ledger.h>

/* The clocks of two nodes may differ by this. */
#define CLOCK_S 60

static GPtrArray *join_ledgers(const Audit *audit)
{
	GPtrArray *lines = g_ptr_array_new();

	for (guint i = 0; i < audit->reports->len; i++) {
		const TuneNodeReport *report = audit->reports->pdata[i];
		for (guint k = 0; report->ledger && k < report->ledger->len; k++)
			g_ptr_array_add(lines, report->ledger->pdata[k]);
	}
	tune_ledger_merge(lines);
	return lines;
}

/*
 * A migration starts a QEMU on its target, and is written down after that; so a QEMU that was started after the last
 * line of its guest was started by a power cycle.  Where its start is not known, the loss counts.
 */
static gboolean has_restarted(const TuneRunningGuest *guest, gint64 last_move)
{
	return guest->started > last_move + CLOCK_S;
}

static void audit_instance(Audit *audit, const GPtrArray *lines, const TuneInstance *instance)
{
	const TuneRunningGuest *guest = tune_audit_find_guest(audit, instance);
	const TuneLedgerLine *loss = NULL;
	gint64 last_move = 0;

	for (guint i = 0; guest && i < lines->len; i++) {
		const TuneLedgerLine *line = lines->pdata[i];
		if (strcmp(line->instance, instance->name) != 0 ||
		    line->verdict == TUNE_LEDGER_REFUSED)
			continue;
		last_move = line->time;
		if (line->verdict == TUNE_LEDGER_LOST)
			loss = line;
	}
	if (!loss || has_restarted(guest, last_move))
		return;
	g_autofree char *restart = g_strdup_printf("gnt-instance reboot %s", instance->name);
	tune_audit_report(audit, instance->primary, instance->name, restart,
			  "has lost features when it moved from %s to %s: %s", loss->source,
			  loss->target, loss->note ? loss->note : "not known which");
}

void tune_audit_ledger(Audit *audit)
{
	g_autoptr(GPtrArray) lines = join_ledgers(audit);
	gboolean has_loss = FALSE;

	for (guint i = 0; i < lines->len; i++)
		has_loss |= ((const TuneLedgerLine *)lines->pdata[i])->verdict == TUNE_LEDGER_LOST;
	for (guint i = 0; has_loss && i < audit->instances->len; i++)
		audit_instance(audit, lines, audit->instances->pdata[i]);
}
