/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu publish, on the master; cpu digest and cpu store, which it runs on the other nodes. */
#include <stdio.h>

#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/options.h"

/* Ten seconds for ssh to connect, as in Ganeti, and five for the answers of a QEMU. */
#define NODE_TIMEOUT_MS 15000

/* Far more than the records of all nodes that a cluster can have. */
#define LARGEST_INPUT (32 * 1024 * 1024)

const Column cpu_publish_columns[] = {
	{ "node", TRUE, "whose record it is" },
	{ "verdict", TRUE, "unchanged, new, changed, removed, offline, failed" },
	{ "note", TRUE, "what is new in it; why it failed, and what to do" },
	{ NULL, FALSE, NULL },
};

/* Returns how many failed. */
static guint print_results(Table *table, const GPtrArray *results)
{
	guint n_failed = 0;

	for (guint i = 0; i < results->len; i++) {
		const TunePublishResult *result = results->pdata[i];
		gboolean is_failed = result->verdict == TUNE_PUBLISH_FAILED;
		const char *cells[] = { result->node, tune_publish_verdict_name(result->verdict),
					result->note };
		(is_failed ? table_add_marked : table_add)(table, cells);
		n_failed += is_failed;
	}
	table_print(table);
	return n_failed;
}

int run_cpu_publish(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("nodes", cpu_publish_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) results = root ? tune_cpu_publish(root, NODE_TIMEOUT_MS, error) : NULL;

	if (!results)
		return EXIT_FAILED;
	return print_results(table, results) ? EXIT_FAILED : EXIT_AS_WANTED;
}

int run_cpu_digest(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	if (!root)
		return EXIT_FAILED;
	g_autofree char *digest = tune_cpu_digest_records(root);
	puts(digest);
	return EXIT_AS_WANTED;
}

static char *read_input(GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0 && text->len < LARGEST_INPUT)
		g_string_append_len(text, piece, (gssize)n);
	if (!ferror(stdin) && text->len < LARGEST_INPUT)
		return g_strndup(text->str, text->len);
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_IO, "standard input: %s",
		    ferror(stdin) ? "cannot be read" : "longer than 32 MiB");
	return NULL;
}

int run_cpu_store(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	g_autofree char *text = root ? read_input(error) : NULL;

	if (!text || !tune_cpu_store_records(root, text, error))
		return EXIT_FAILED;
	return EXIT_AS_WANTED;
}
