/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu tags: the tags that tell Ganeti's planners of CPU classes. */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/steps.h"

const Column cpu_tags_columns[] = {
	{ "action", TRUE, "keep, add, remove; foreign: not ours, but planners use it" },
	{ "object", TRUE, "the node, or cluster" },
	{ "tag", TRUE, "as Ganeti has it" },
	{ NULL, FALSE, NULL },
};

/* Returns how many would change. */
static guint print_tags(Table *table, const GPtrArray *tags)
{
	guint n_changes = 0;

	for (guint i = 0; i < tags->len; i++) {
		const TuneTag *tag = tags->pdata[i];
		const char *cells[] = { tune_tag_action_name(tag->action),
					tag->node ? tag->node : "cluster", tag->tag };
		(tag->action == TUNE_TAG_FOREIGN ? table_add_marked : table_add)(table, cells);
		n_changes += tag->action == TUNE_TAG_ADD || tag->action == TUNE_TAG_REMOVE;
	}
	table_print(table);
	return n_changes;
}

static gboolean submit_changes(TuneRoot *root, const GPtrArray *tags, guint n_changes,
			       GError **error)
{
	if (!tune_tags_apply(root, tags, error))
		return FALSE;
	g_printerr("%u changes submitted: gnt-job list tells how they end\n", n_changes);
	return TRUE;
}

int run_cpu_tags(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;

	if (options->apply && options->remove) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "--apply and --remove exclude each other");
		return EXIT_FAILED;
	}
	g_autoptr(Table) table = table_new("tags", cpu_tags_columns, options, error);
	if (!table || !steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(GPtrArray)
		tags = tune_tags_plan(root, tune_policy_get_cpu(policy), options->remove, error);
	if (!tags)
		return EXIT_FAILED;
	guint n_changes = print_tags(table, tags);
	if (!n_changes)
		return EXIT_AS_WANTED;
	if (options->dry_run || !(options->apply || options->remove))
		return EXIT_DIFFERS;
	return submit_changes(root, tags, n_changes, error) ? EXIT_AS_WANTED : EXIT_FAILED;
}
