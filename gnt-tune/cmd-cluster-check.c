/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster check-migrate: what the gate would say. */
#include <string.h>

#include "gnt-tune/cluster.h"
#include "gnt-tune/cmd-cluster.h"

const Column cluster_check_columns[] = {
	{ "instance", TRUE, "what would be migrated" },
	{ "node", TRUE, "where to" },
	{ "verdict", TRUE, "allowed, refused, unknown" },
	{ "note", TRUE, "why; what the gate would log" },
	{ NULL, FALSE, NULL },
};

/* The source is asked about one target after the other, and each answer takes some 0.1 s. */
#define TARGET_TIMEOUT_MS 500

/* As in the gnt-* commands, "web1" is short for a name that starts with "web1.". */
static gboolean is_short_for(const char *name, const char *word)
{
	size_t length = strlen(word);

	return g_str_has_prefix(name, word) && (!name[length] || name[length] == '.');
}

static const TuneInstance *find_instance(const Cluster *cluster, const char *word, GError **error)
{
	const TuneInstance *found = NULL;

	for (guint i = 0; i < cluster->instances->len; i++) {
		const TuneInstance *instance = cluster->instances->pdata[i];
		if (strcmp(instance->name, word) == 0)
			return instance;
		if (!is_short_for(instance->name, word))
			continue;
		if (found) {
			g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				    "'%s' is short for %s and for %s", word, found->name,
				    instance->name);
			return NULL;
		}
		found = instance;
	}
	if (!found)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "there is no instance '%s', see gnt-instance list", word);
	return found;
}

static const char *find_node(const Cluster *cluster, const char *word)
{
	const char *found = NULL;

	for (guint i = 0; i < cluster->nodes->len; i++) {
		const TuneNode *node = cluster->nodes->pdata[i];
		if (strcmp(node->name, word) == 0)
			return node->name;
		if (is_short_for(node->name, word))
			found = found ? "" : node->name;
	}
	return found && *found ? found : NULL;
}

static char **find_nodes(const Cluster *cluster, char **words, GError **error)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();

	for (; *words; words++) {
		const char *name = find_node(cluster, *words);
		if (!name) {
			g_set_error(
				error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				"there is no node '%s', or it is short for several, see gnt-node list",
				*words);
			return NULL;
		}
		g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

/* One refused move decides the exit status, whatever is unknown about others. */
static int print_moves(Table *table, const char *instance, const GPtrArray *moves)
{
	TuneMoveVerdict worst = TUNE_MOVE_ALLOWED;

	for (guint i = 0; i < moves->len; i++) {
		const TuneMove *move = moves->pdata[i];
		const char *cells[] = { instance, move->target,
					tune_move_verdict_name(move->verdict), move->note };
		(move->verdict == TUNE_MOVE_ALLOWED ? table_add : table_add_marked)(table, cells);
		worst = MAX(worst, move->verdict);
	}
	table_print(table);
	return worst == TUNE_MOVE_REFUSED   ? EXIT_DIFFERS
	       : worst == TUNE_MOVE_UNKNOWN ? EXIT_FAILED
					    : EXIT_AS_WANTED;
}

static int check_moves(const Cluster *cluster, Table *table, char **words, GError **error)
{
	const TuneInstance *instance = find_instance(cluster, *words, error);

	if (!instance)
		return EXIT_FAILED;
	g_auto(GStrv)
		targets = words[1] ? find_nodes(cluster, words + 1, error)
				   : tune_cluster_list_targets(cluster->nodes, instance, error);
	if (!targets)
		return EXIT_FAILED;
	guint timeout_ms = CLUSTER_TIMEOUT_MS + g_strv_length(targets) * TARGET_TIMEOUT_MS;
	g_autoptr(GPtrArray)
		moves = tune_cluster_rehearse(cluster->root, cluster->nodes, instance,
					      (const char *const *)targets, timeout_ms, error);
	return moves ? print_moves(table, instance->name, moves) : EXIT_FAILED;
}

int run_cluster_check(const Options *options, char **arguments, GError **error)
{
	if (!*arguments)
		return EXIT_USAGE;
	g_autoptr(Table) table = table_new("moves", cluster_check_columns, options, error);
	g_autoptr(Cluster) cluster = table ? cluster_load(options, error) : NULL;

	return cluster ? check_moves(cluster, table, arguments, error) : EXIT_FAILED;
}
