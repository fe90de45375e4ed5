/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/ganeti/node.h>
#include <libtune/migration/ledger.h>

#define LEDGER "var/lib/ganeti-tune/ledger"
#define LOCK "run/ganeti-tune/ledger.lock"
#define WAIT_MS 1000

/* A line has some 150 bytes, with the longest names and note not 1200; a longer file than this was not written here. */
#define LARGEST_LEDGER (8 * 1024 * 1024)
#define MOST_LINES 5000

/* No line ends in a tab, as blanks at the end of a file are not read. */
#define NO_NOTE "-"

enum { TIME, VERDICT, INSTANCE, SOURCE, TARGET, NOTE, N_FIELDS };

static const char *const verdict_names[] = {
	[TUNE_LEDGER_SAME] = "same",
	[TUNE_LEDGER_LOST] = "lost",
	[TUNE_LEDGER_UNKNOWN] = "unknown",
	[TUNE_LEDGER_REFUSED] = "refused",
};

const char *tune_ledger_verdict_name(TuneLedgerVerdict verdict)
{
	return verdict_names[verdict];
}

/* ---- reading ---- */

static void free_line(gpointer data)
{
	TuneLedgerLine *line = data;

	g_free(line->instance);
	g_free(line->source);
	g_free(line->target);
	g_free(line->note);
	g_free(line);
}

static gboolean find_verdict(const char *name, TuneLedgerVerdict *ret_verdict)
{
	for (guint i = 0; i < G_N_ELEMENTS(verdict_names); i++) {
		if (strcmp(verdict_names[i], name) != 0)
			continue;
		*ret_verdict = (TuneLedgerVerdict)i;
		return TRUE;
	}
	return FALSE;
}

/* NULL for what no ledger holds: another node may have sent it. */
static TuneLedgerLine *parse_line(const char *text)
{
	g_auto(GStrv) fields = g_strsplit(text, "\t", -1);
	TuneLedgerVerdict verdict;
	gint64 time;

	if (g_strv_length(fields) != N_FIELDS || !find_verdict(fields[VERDICT], &verdict) ||
	    !g_ascii_string_to_signed(fields[TIME], 10, 0, G_MAXINT64, &time, NULL))
		return NULL;
	for (guint i = INSTANCE; i <= TARGET; i++)
		if (!tune_ganeti_check_name(fields[i], NULL))
			return NULL;
	TuneLedgerLine *line = g_new(TuneLedgerLine, 1);
	*line = (TuneLedgerLine){ time,
				  verdict,
				  g_strdup(fields[INSTANCE]),
				  g_strdup(fields[SOURCE]),
				  g_strdup(fields[TARGET]),
				  strcmp(fields[NOTE], NO_NOTE) ? tune_error_clean(fields[NOTE])
								: NULL };
	return line;
}

GPtrArray *tune_ledger_new(void)
{
	return g_ptr_array_new_with_free_func(free_line);
}

GPtrArray *tune_ledger_parse(const char *text, gint64 since, guint *ret_n_damaged)
{
	GPtrArray *lines = tune_ledger_new();
	g_auto(GStrv) texts = g_strsplit(text, "\n", -1);

	*ret_n_damaged = 0;
	for (char **each = texts; *each; each++) {
		TuneLedgerLine *line = **each ? parse_line(*each) : NULL;
		if (line && line->time >= since)
			g_ptr_array_add(lines, line);
		else if (line)
			free_line(line);
		else if (**each)
			*ret_n_damaged += 1;
	}
	return lines;
}

char *tune_ledger_read(TuneRoot *root, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *text = tune_root_read_at_most(root, LEDGER, LARGEST_LEDGER, &local);

	if (text || g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return text ? text : g_strdup("");
	g_propagate_prefixed_error(error, g_steal_pointer(&local), "the ledger of migrations: ");
	return NULL;
}

/* ---- writing ---- */

/* Where the newest half of the lines begins, when there are too many; else the beginning. */
static const char *skip_oldest(const char *text)
{
	guint n_lines = 0;

	for (const char *c = text; *c; c++)
		n_lines += *c == '\n';
	if (n_lines < MOST_LINES)
		return text;
	for (guint i = 0; i < n_lines / 2; i++)
		text = strchr(text, '\n') + 1;
	return text;
}

gboolean tune_ledger_add(TuneRoot *root, const TuneLedgerLine *line, GError **error)
{
	g_auto(filedesc) lock = tune_root_lock(root, LOCK, WAIT_MS, "another migration", error);
	g_autofree char *have = lock < 0 ? NULL : tune_ledger_read(root, error);

	if (!have)
		return FALSE;
	g_autofree char *note = tune_error_clean(line->note ? line->note : NO_NOTE);
	const char *kept = skip_oldest(have);
	g_autofree char *text = g_strdup_printf("%s%s%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\t%s\n",
						kept, *kept ? "\n" : "", line->time,
						verdict_names[line->verdict], line->instance,
						line->source, line->target, note);
	return tune_root_save(root, LEDGER, text, error);
}
