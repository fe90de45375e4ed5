/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * htools plans a migration only when the target has all migration tags of the source, or a cluster tag permits the pair
 * (Ganeti, man hbal, "Migration tags"; src/Ganeti/HTools/Tags.hs: pairs are not chained, so each needs a tag).  The
 * guests of a node without tags could be moved anywhere, so a node whose CPU is not known gets a class of its own.
 */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>
#include <libtune/migration/tags.h>
#include <libtune/tune-ganeti.h>

#define QUERY_TIMEOUT_MS 5000
#define SUBMIT_TIMEOUT_MS 60000
/* Each is a Python process of 40 MiB, and submits a job to the master daemon. */
#define N_AT_ONCE 8

/* The form of tune_cpu_make_key(); an administrator's own "cpu:avx512" does not have it. */
#define CLASS "[a-z]+-[0-9a-f]{8}"

/**
 * @key: of its class
 * @cpu: NULL when it is not known
 */
typedef struct {
	char *key;
	TuneCpu *cpu;
} Class;

typedef struct {
	TuneRoot *root;
	const TuneCpuPolicy *policy;
	const char *machine; /* of the cluster; NULL: none is set */
	GPtrArray *classes;  /* different ones */
	GPtrArray *tags;
} Planning;

gboolean tune_tag_is_ours(const char *tag, gboolean is_of_node)
{
	if (is_of_node)
		return g_regex_match_simple("^" TUNE_TAG_CLASS CLASS "$", tag, 0, 0);
	return strcmp(tag, TUNE_TAG_MIGRATION) == 0 ||
	       g_regex_match_simple("^" TUNE_TAG_ALLOW TUNE_TAG_CLASS CLASS
				    "::" TUNE_TAG_CLASS CLASS "$",
				    tag, 0, 0);
}

const char *tune_tag_action_name(TuneTagAction action)
{
	static const char *const names[] = { "keep", "add", "remove", "foreign" };

	return names[action];
}

static void free_class(gpointer data)
{
	Class *class = data;

	g_free(class->key);
	tune_cpu_free(class->cpu);
	g_free(class);
}

static void free_tag(gpointer data)
{
	TuneTag *tag = data;

	g_free(tag->node);
	g_free(tag->tag);
	g_free(tag);
}

/* ---- classes ---- */

static const Class *find_class(const GPtrArray *classes, const char *key)
{
	for (guint i = 0; i < classes->len; i++)
		if (strcmp(((const Class *)classes->pdata[i])->key, key) == 0)
			return classes->pdata[i];
	return NULL;
}

static char *make_unknown_key(const char *node)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, node, -1);

	return g_strdup_printf("unknown-%.8s", sum);
}

/* Whether the gate would permit it. */
static gboolean can_go(const Planning *planning, const TuneCpu *from, const TuneCpu *to)
{
	TuneCpuVerdict verdict = tune_cpu_judge(from, to, planning->policy->waivers);

	return tune_cpu_policy_judge(planning->policy, verdict) <= TUNE_CPU_WARN;
}

/* Two nodes with incomplete records may differ in what is missing, so each gets a key of its own. */
static char *make_key(const Planning *planning, const char *node, const TuneCpu *cpu)
{
	return cpu && can_go(planning, cpu, cpu) ? tune_cpu_make_key(cpu) : make_unknown_key(node);
}

/* The class of @node, which becomes one of the planning's; borrowed. */
static const char *classify(Planning *planning, const char *node)
{
	g_autoptr(TuneCpu) cpu = tune_cpu_load_node_record(planning->root, node, NULL);
	if (cpu)
		tune_cpu_start_as(cpu, planning->machine);
	g_autofree char *key = make_key(planning, node, cpu);
	const Class *known = find_class(planning->classes, key);

	if (known)
		return known->key;
	Class *class = g_new(Class, 1);
	*class = (Class){ g_steal_pointer(&key), g_steal_pointer(&cpu) };
	g_ptr_array_add(planning->classes, class);
	return class->key;
}

static gint compare_classes(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const Class *const *)a)->key, (*(const Class *const *)b)->key);
}

/* ---- wanted and present tags ---- */

static void add_tag(Planning *planning, const char *node, const char *tag, TuneTagAction action)
{
	TuneTag *row = g_new(TuneTag, 1);

	*row = (TuneTag){ g_strdup(node), g_strdup(tag), action };
	g_ptr_array_add(planning->tags, row);
}

static void want(Planning *planning, const char *node, char *const *have, const char *tag)
{
	gboolean is_there = g_strv_contains((const char *const *)have, tag);

	add_tag(planning, node, tag, is_there ? TUNE_TAG_KEEP : TUNE_TAG_ADD);
}

static gboolean is_wanted(const Planning *planning, const char *node, const char *tag)
{
	for (guint i = 0; i < planning->tags->len; i++) {
		const TuneTag *row = planning->tags->pdata[i];
		if (g_strcmp0(row->node, node) == 0 && strcmp(row->tag, tag) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Called after all wanted tags.  Removes other tags of ours, and reports foreign ones that htools takes for a class. */
static void remove_rest(Planning *planning, const char *node, char *const *have)
{
	for (char *const *tag = have; *tag; tag++) {
		if (is_wanted(planning, node, *tag))
			continue;
		if (tune_tag_is_ours(*tag, node != NULL))
			add_tag(planning, node, *tag, TUNE_TAG_REMOVE);
		else if (node && g_str_has_prefix(*tag, TUNE_TAG_CLASS))
			add_tag(planning, node, *tag, TUNE_TAG_FOREIGN);
	}
}

static void want_edges(Planning *planning, char *const *have)
{
	const GPtrArray *classes = planning->classes;

	for (guint from = 0; from < classes->len; from++)
		for (guint to = 0; to < classes->len; to++) {
			const Class *a = classes->pdata[from], *b = classes->pdata[to];
			if (from == to || !a->cpu || !b->cpu || !can_go(planning, a->cpu, b->cpu))
				continue;
			g_autofree char *tag = g_strdup_printf(TUNE_TAG_ALLOW TUNE_TAG_CLASS
							       "%s::" TUNE_TAG_CLASS "%s",
							       a->key, b->key);
			want(planning, NULL, have, tag);
		}
}

static void plan_node(Planning *planning, const TuneNode *node, gboolean is_removal)
{
	if (!is_removal && node->is_vm_capable) {
		g_autofree char *tag = g_strconcat(TUNE_TAG_CLASS, classify(planning, node->name),
						   NULL);
		want(planning, node->name, node->tags, tag);
	}
	remove_rest(planning, node->name, node->tags);
}

static void plan_cluster(Planning *planning, char *const *have, gboolean is_removal)
{
	if (!is_removal) {
		g_ptr_array_sort(planning->classes, compare_classes);
		want(planning, NULL, have, TUNE_TAG_MIGRATION);
		want_edges(planning, have);
	}
	remove_rest(planning, NULL, have);
}

static gboolean knows_any(const GPtrArray *classes)
{
	for (guint i = 0; i < classes->len; i++)
		if (((const Class *)classes->pdata[i])->cpu)
			return TRUE;
	return FALSE;
}

static char **list_cluster_tags(TuneRoot *root, GError **error)
{
	static const char *const argv[] = { "gnt-cluster", "list-tags", NULL };
	g_autofree char *answer = tune_command_read(root, argv, QUERY_TIMEOUT_MS, error);

	return answer ? g_strsplit(g_strchomp(answer), "\n", -1) : NULL;
}

GPtrArray *tune_tags_plan(TuneRoot *root, const TuneCpuPolicy *policy, gboolean is_removal,
			  GError **error)
{
	g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(free_class);
	g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(free_tag);
	g_autofree char *machine = tune_ganeti_get_machine(root);
	Planning planning = { root, policy, machine, classes, tags };

	if (!tune_cluster_check_master(root, error))
		return NULL;
	g_autoptr(GPtrArray) nodes = tune_cluster_list_nodes(root, error);
	g_auto(GStrv) have = nodes ? list_cluster_tags(root, error) : NULL;
	if (!have)
		return NULL;
	for (guint i = 0; i < nodes->len; i++)
		plan_node(&planning, nodes->pdata[i], is_removal);
	/* Without any record, the tags would keep htools from planning any move. */
	if (!is_removal && !knows_any(classes))
		return tune_fail_null(error, TUNE_ERROR_ABSENT,
				      "no CPU record of any node: see gnt-tune cpu publish");
	plan_cluster(&planning, have, is_removal);
	return g_steal_pointer(&tags);
}

/* ---- acting ---- */

static GPtrArray *start_command(const char *node, TuneTagAction action)
{
	GPtrArray *argv = g_ptr_array_new();

	g_ptr_array_add(argv, (gpointer)(node ? "gnt-node" : "gnt-cluster"));
	g_ptr_array_add(argv, (gpointer)(action == TUNE_TAG_ADD ? "add-tags" : "remove-tags"));
	/* A job can wait in Ganeti's queue for any time. */
	g_ptr_array_add(argv, (gpointer) "--submit");
	if (node)
		g_ptr_array_add(argv, (gpointer)node);
	return argv;
}

/* One command for each node or cluster, whose tags follow each other. */
static GPtrArray *make_commands(const GPtrArray *tags, TuneTagAction action)
{
	GPtrArray *argvs = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	const char *node = NULL;
	GPtrArray *argv = NULL;

	for (guint i = 0; i < tags->len; i++) {
		const TuneTag *tag = tags->pdata[i];
		if (tag->action != action)
			continue;
		if (!argv || g_strcmp0(node, tag->node) != 0) {
			argv = start_command(tag->node, action);
			g_ptr_array_add(argvs, argv);
			node = tag->node;
		}
		g_ptr_array_add(argv, tag->tag);
	}
	for (guint i = 0; i < argvs->len; i++)
		g_ptr_array_add(argvs->pdata[i], NULL);
	return argvs;
}

/* Reports the first command that failed; the others have been submitted. */
static gboolean collect_errors(TuneCommandResult *commands, guint n_commands, GError **error)
{
	gboolean is_good = TRUE;

	for (guint i = 0; i < n_commands; i++) {
		if (commands[i].error && is_good)
			is_good = tune_fail(error, (TuneErrorCode)commands[i].error->code, "%s: %s",
					    commands[i].error->message, commands[i].complaint);
		tune_command_result_clear(&commands[i]);
	}
	return is_good;
}

static gboolean submit(TuneRoot *root, const GPtrArray *tags, TuneTagAction action, GError **error)
{
	g_autoptr(GPtrArray) argvs = make_commands(tags, action);
	g_autofree TuneCommandResult *commands = g_new0(TuneCommandResult, argvs->len);

	for (guint i = 0; i < argvs->len; i++)
		commands[i].argv = (const char *const *)((const GPtrArray *)argvs->pdata[i])->pdata;
	for (guint i = 0; i < argvs->len; i += N_AT_ONCE)
		if (!tune_command_run_all(root, commands + i, MIN(N_AT_ONCE, argvs->len - i), NULL,
					  SUBMIT_TIMEOUT_MS, error))
			return FALSE;
	return collect_errors(commands, argvs->len, error);
}

/* Add first: for a moment a node has two classes, which permits fewer moves; with none, all moves were permitted. */
gboolean tune_tags_apply(TuneRoot *root, const GPtrArray *tags, GError **error)
{
	return submit(root, tags, TUNE_TAG_ADD, error) &&
	       submit(root, tags, TUNE_TAG_REMOVE, error);
}
