/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master collects the records of all nodes, keeps them, and sends all of them to all nodes.  Each node also answers
 * with the digest of the records that it has, so that only nodes with other records are sent any.
 */
#include <string.h>

#include <libtune/cpu/record.h>
#include <libtune/cpu/cpu.h>
#include <libtune/base/error.h>
#include <libtune/migration/history.h>
#include <libtune/migration/records.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/base/root.h>

/* Another publishing takes less: three answers of Ganeti, and two of the nodes. */
#define WAIT_MS 60000
#define DIGEST_LENGTH 64

#define ASK_DIGEST "gnt-tune cpu digest"
#define ASK_RECORD ASK_DIGEST " && gnt-tune cpu record"
#define STORE "gnt-tune cpu store"

/* A digest and a record; more is not read. */
#define LARGEST_ANSWER (TUNE_CPU_RECORD_MAX + 1024)

#define NO_GUESTS "is not vm_capable: it needs no record"

/**
 * @results: of @nodes, in their order; then of those that have left the cluster
 * @digests: of the records that each of @nodes has; NULL when its gnt-tune has not answered
 */
typedef struct {
	TuneRoot *root;
	GPtrArray *nodes;
	GPtrArray *results;
	char **digests;
	guint timeout_ms;
} Publication;

static void free_result(gpointer data)
{
	TunePublishResult *result = data;

	g_free(result->node);
	g_free(result->note);
	g_free(result);
}

static TunePublishResult *add_result(GPtrArray *results, const char *node)
{
	TunePublishResult *result = g_new0(TunePublishResult, 1);

	result->node = g_strdup(node);
	g_ptr_array_add(results, result);
	return result;
}

/* Takes ownership of @note. */
static void set_result(TunePublishResult *result, TunePublishVerdict verdict, char *note)
{
	g_free(result->note);
	result->verdict = verdict;
	result->note = note;
}

const char *tune_publish_verdict_name(TunePublishVerdict verdict)
{
	static const char *const names[] = { "unchanged", "new",     "changed",
					     "removed",   "offline", "failed" };

	return names[verdict];
}

/* ---- collecting ---- */

/* A record that differs from the old one only in its time is not written. */
static void save_record(TuneRoot *root, const TuneCpu *cpu, TunePublishResult *result)
{
	g_autoptr(TuneCpu) old = tune_cpu_load_node_record(root, result->node, NULL);
	g_autoptr(GError) error = NULL;

	if (old && tune_record_is_same(old, cpu))
		set_result(result, TUNE_PUBLISH_UNCHANGED, NULL);
	else if (!tune_record_replace(root, old, cpu, &error))
		set_result(result, TUNE_PUBLISH_FAILED, g_strdup(error->message));
	else
		set_result(result, old ? TUNE_PUBLISH_CHANGED : TUNE_PUBLISH_NEW,
			   tune_record_describe_change(old, cpu));
}

static void read_record(TuneRoot *root, const char *text, TunePublishResult *result)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_parse_record(text, strlen(text), "its answer", &error);
	const char *node = cpu ? tune_cpu_get_node(cpu) : NULL;

	if (!cpu)
		set_result(
			result, TUNE_PUBLISH_FAILED,
			g_strdup_printf("gives no record, is its ganeti-tune of this version? %s",
					error->message));
	else if (g_strcmp0(node, result->node) != 0)
		set_result(result, TUNE_PUBLISH_FAILED,
			   g_strdup_printf("gives the record of %s: see hostname there",
					   node ? node : "no node"));
	else
		save_record(root, cpu, result);
}

/* The digest is the first line.  Returns what follows it. */
static const char *cut_digest(const char *answer, char **ret_digest)
{
	if (strspn(answer, "0123456789abcdef") != DIGEST_LENGTH || answer[DIGEST_LENGTH] != '\n')
		return answer;
	*ret_digest = g_strndup(answer, DIGEST_LENGTH);
	return answer + DIGEST_LENGTH + 1;
}

static void judge_answer(Publication *publication, guint i, TuneRemote *remote)
{
	TunePublishResult *result = publication->results->pdata[i];
	const char *text = cut_digest(remote->answer, &publication->digests[i]);

	if (remote->reason)
		set_result(result, TUNE_PUBLISH_FAILED, g_steal_pointer(&remote->reason));
	else if (remote->node->is_vm_capable)
		read_record(publication->root, text, result);
	else if (!publication->digests[i])
		set_result(result, TUNE_PUBLISH_FAILED,
			   g_strdup("gives no digest, is its ganeti-tune of this version?"));
}

/* Runs the command that @choose returns on each node, and calls @judge for its answer; NULL leaves a node out. */
static gboolean ask_nodes(Publication *publication, const char *input,
			  const char *choose(const Publication *publication, guint i),
			  void judge(Publication *publication, guint i, TuneRemote *remote),
			  GError **error)
{
	guint n_nodes = publication->nodes->len, n = 0;
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, n_nodes);
	g_autofree guint *places = g_new(guint, n_nodes);

	for (guint i = 0; i < n_nodes; i++) {
		const char *command = choose(publication, i);
		if (!command)
			continue;
		remotes[n].node = publication->nodes->pdata[i];
		remotes[n].command = command;
		remotes[n].largest = LARGEST_ANSWER;
		places[n++] = i;
	}
	if (!tune_remote_run(publication->root, remotes, n, input, publication->timeout_ms, error))
		return FALSE;
	for (guint k = 0; k < n; k++) {
		judge(publication, places[k], &remotes[k]);
		tune_remote_clear(&remotes[k]);
	}
	return TRUE;
}

static const char *choose_question(const Publication *publication, guint i)
{
	const TuneNode *node = publication->nodes->pdata[i];

	if (node->is_offline)
		return NULL;
	return node->is_vm_capable ? ASK_RECORD : ASK_DIGEST;
}

static gboolean collect(Publication *publication, GError **error)
{
	for (guint i = 0; i < publication->nodes->len; i++) {
		const TuneNode *node = publication->nodes->pdata[i];
		TunePublishResult *result = add_result(publication->results, node->name);
		if (node->is_offline)
			set_result(result, TUNE_PUBLISH_OFFLINE,
				   g_strdup("will be included when it is back online"));
		else if (!node->is_vm_capable)
			set_result(result, TUNE_PUBLISH_UNCHANGED, g_strdup(NO_GUESTS));
	}
	return ask_nodes(publication, NULL, choose_question, judge_answer, error);
}

/* ---- records of nodes that need none ---- */

/* The index of the node; the number of nodes when there is none of that name. */
static guint find_node(const GPtrArray *nodes, const char *name)
{
	guint i = 0;

	while (i < nodes->len && strcmp(((const TuneNode *)nodes->pdata[i])->name, name) != 0)
		i++;
	return i;
}

static void drop_record(Publication *publication, const char *name, TunePublishResult *result,
			const char *note)
{
	g_autoptr(GError) error = NULL;

	if (tune_record_forget(publication->root, name, &error))
		set_result(result, TUNE_PUBLISH_REMOVED, g_strdup(note));
	else
		set_result(result, TUNE_PUBLISH_FAILED, g_strdup(error->message));
}

static void drop_strangers(Publication *publication)
{
	g_auto(GStrv) names = tune_cpu_list_records(publication->root);
	const GPtrArray *nodes = publication->nodes;

	for (char **name = names; *name; name++) {
		guint i = find_node(nodes, *name);
		if (i == nodes->len)
			drop_record(publication, *name, add_result(publication->results, *name),
				    "is not a node of the cluster");
		else if (!((const TuneNode *)nodes->pdata[i])->is_vm_capable)
			drop_record(publication, *name, publication->results->pdata[i], NO_GUESTS);
	}
}

/* ---- sending ---- */

static void judge_sending(Publication *publication, guint i, TuneRemote *remote)
{
	TunePublishResult *result = publication->results->pdata[i];

	/* This replaces the changes of its record in the report, since it needs an action. */
	if (remote->reason && result->verdict != TUNE_PUBLISH_FAILED)
		set_result(result, TUNE_PUBLISH_FAILED,
			   g_strdup_printf("did not take the records of the others: %s",
					   remote->reason));
}

static const char *choose_store(const Publication *publication, guint i)
{
	const TuneNode *node = publication->nodes->pdata[i];

	return publication->digests[i] && !node->is_master ? STORE : NULL;
}

static gboolean send_records(Publication *publication, GError **error)
{
	g_autofree char *pack = tune_records_pack(publication->root);
	g_autofree char *digest = tune_records_digest(pack);

	/* An empty pack would remove the records of all nodes. */
	if (!g_str_has_prefix(pack, "---"))
		return TRUE;
	for (guint i = 0; i < publication->nodes->len; i++)
		if (g_strcmp0(publication->digests[i], digest) == 0)
			g_clear_pointer(&publication->digests[i], g_free);
	return ask_nodes(publication, pack, choose_store, judge_sending, error);
}

GPtrArray *tune_cpu_publish(TuneRoot *root, guint timeout_ms, GError **error)
{
	if (!tune_cluster_check_master(root, error))
		return NULL;
	g_auto(filedesc) lock = tune_root_lock(root, TUNE_RECORDS_LOCK, WAIT_MS,
					       "another publishing", error);
	g_autoptr(GPtrArray) nodes = lock < 0 ? NULL : tune_cluster_list_nodes(root, error);
	if (!nodes)
		return NULL;
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(free_result);
	Publication publication = { root, nodes, results, g_new0(char *, nodes->len), timeout_ms };
	gboolean is_done = collect(&publication, error);
	if (is_done) {
		drop_strangers(&publication);
		is_done = send_records(&publication, error);
	}
	for (guint i = 0; i < nodes->len; i++)
		g_free(publication.digests[i]);
	g_free(publication.digests);
	return is_done ? g_steal_pointer(&results) : NULL;
}
