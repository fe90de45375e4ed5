/* SPDX-License-Identifier: BSD-2-Clause */
/* drbd: the minors of this node, what limits them, and options that contradict each other; advise: for a link. */
#include <stdio.h>
#include <string.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

const Column drbd_columns[] = {
	{ "minor", TRUE, "name of the device" },
	{ "instance", TRUE, "whose disk it is" },
	{ "disk", TRUE, "index of the disk" },
	{ "role", TRUE, "of this node and of its peer" },
	{ "connection", TRUE, "state of the connection" },
	{ "state", FALSE, "of this node's data and of its peer's" },
	{ "volume", FALSE, "the backing device" },
	{ "ceiling", TRUE, "KiB/s that a resync reaches at most" },
	{ "limit", TRUE, "what limits it: an option, or the link" },
	{ "latency", TRUE, "mean milliseconds of a write since the device appeared" },
	{ "below", TRUE, "the same of its volume: the rest is replication" },
	{ NULL, FALSE, NULL },
};

static const Column advice_columns[] = {
	{ "param", TRUE, "disk parameter of Ganeti; modify: the command that sets all of them" },
	{ "value", TRUE, "what it should be" },
	{ "reason", TRUE, "why" },
	{ NULL, FALSE, NULL },
};

static char *format_latency(gint64 us)
{
	return us < 0 ? NULL : g_strdup_printf("%.2f", (double)us / 1000);
}

static void add_minor(Table *table, const TuneDrbdMinor *minor)
{
	g_autofree char *latency = format_latency(minor->latency);
	g_autofree char *below = format_latency(minor->volume_latency);
	g_autofree char *ceiling = minor->ceiling < 0
					   ? NULL
					   : g_strdup_printf("%" G_GINT64_FORMAT, minor->ceiling);
	const char *cells[] = { minor->name,       minor->instance,   minor->disk,   minor->role,
				minor->connection, minor->disk_state, minor->volume, ceiling,
				minor->limit,      latency,           below };

	table_add(table, cells);
}

static int list_minors(const Options *options, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	g_autoptr(Table) table = table_new("minors", drbd_columns, options, error);
	guint n_findings;

	if (!table || !steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TuneFacts) facts = tune_facts_new(root);
	g_autoptr(GPtrArray) minors = tune_drbd_list(facts, policy, error);
	if (!minors)
		return EXIT_FAILED;
	for (guint i = 0; i < minors->len; i++)
		add_minor(table, minors->pdata[i]);
	table_print(table);
	if (!findings_print(facts, policy, &n_findings, error))
		return EXIT_FAILED;
	return n_findings ? EXIT_DIFFERS : EXIT_AS_WANTED;
}

static int print_advice(const Options *options, GError **error)
{
	g_autoptr(Table) table = table_new("advice", advice_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) advices = root ? tune_drbd_advise(root, options->link, error) : NULL;

	if (!advices)
		return EXIT_FAILED;
	g_autofree char *command = tune_drbd_advice_format(advices);
	const char *all[] = { "modify", command, NULL };
	gboolean is_for_people = !options->json && !options->separator;
	for (guint i = 0; i < advices->len; i++) {
		const TuneDrbdAdvice *advice = advices->pdata[i];
		const char *cells[] = { advice->key, advice->value, advice->reason };
		table_add(table, cells);
	}
	if (!is_for_people)
		table_add(table, all);
	table_print(table);
	if (is_for_people)
		printf("\n%s\n", command);
	return EXIT_AS_WANTED;
}

int run_drbd(const Options *options, char **arguments, GError **error)
{
	if (!arguments[0] && !options->link)
		return list_minors(options, error);
	if (g_strcmp0(arguments[0], "advise") == 0 && !arguments[1])
		return print_advice(options, error);
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
		    "usage: gnt-tune drbd [advise [--link SPEED]], see gnt-tune drbd --help");
	return EXIT_FAILED;
}
