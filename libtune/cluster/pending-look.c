/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks nodes and Ganeti what running guests have, and what they would be started with; pending.c judges it. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cluster/pending.h>
#include <libtune/cluster/survey.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/migration/records.h>

#define GUESTS "guests"

/**
 * What one node has said.
 *
 * @guests: array of TuneRunningGuest; NULL: it has not said
 * @record: its published one, or NULL
 * @images: of TuneCpu, by the names of their instances; @faults: why there is none, texts
 */
typedef struct {
	const TuneNode *node;
	char *reason;
	TuneCpu *record;
	GPtrArray *guests;
	GHashTable *images;
	GHashTable *faults;
} Answer;

static void free_cpu(gpointer data)
{
	tune_cpu_free(data);
}

static void free_answer(gpointer data)
{
	Answer *answer = data;

	g_free(answer->reason);
	tune_cpu_free(answer->record);
	g_clear_pointer(&answer->guests, g_ptr_array_unref);
	g_hash_table_unref(answer->images);
	g_hash_table_unref(answer->faults);
	g_free(answer);
}

static Answer *new_answer(TuneRoot *root, const TuneNode *node)
{
	Answer *answer = g_new0(Answer, 1);

	answer->node = node;
	answer->record = tune_cpu_load_node_record(root, node->name, NULL);
	answer->images = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_cpu);
	answer->faults = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return answer;
}

/* ---- asking ---- */

static char *make_script(const TuneNode *node, const GPtrArray *instances)
{
	GString *script = g_string_new(NULL);

	tune_script_add(script, GUESTS, TUNE_GUESTS_COMMAND);
	for (guint i = 0; i < instances->len; i++) {
		const TuneInstance *instance = instances->pdata[i];
		if (strcmp(instance->primary, node->name) != 0 ||
		    g_strcmp0(instance->hypervisor, "kvm") != 0 ||
		    !tune_ganeti_check_name(instance->name, NULL))
			continue;
		g_autofree char *command = g_strconcat(
			"gnt-tune cpu record instance:", instance->name, NULL);
		tune_script_add(script, instance->name, command);
	}
	return g_string_free(script, FALSE);
}

static void read_result(gpointer user, const char *name, char *text, int status)
{
	Answer *answer = user;
	g_autoptr(GError) error = NULL;

	if (strcmp(name, GUESTS) == 0 && status == 0) {
		answer->guests = tune_survey_read_guests(text);
		return;
	}
	if (strcmp(name, GUESTS) == 0) {
		answer->reason = tune_script_explain(text, status);
		return;
	}
	TuneCpu *cpu = status ? NULL
			      : tune_cpu_parse_record(text, strlen(text), "its answer", &error);
	if (cpu)
		g_hash_table_insert(answer->images, g_strdup(name), cpu);
	else
		g_hash_table_insert(answer->faults, g_strdup(name),
				    status ? tune_script_explain(text, status)
					   : g_strdup(error->message));
}

static GPtrArray *ask_nodes(TuneRoot *root, const GPtrArray *nodes, const GPtrArray *instances,
			    guint timeout_ms, GError **error)
{
	g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(free_answer);
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, nodes->len);
	g_autofree Answer **asked = g_new(Answer *, nodes->len);

	for (guint i = 0; i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		Answer *answer = new_answer(root, node);
		g_ptr_array_add(answers, answer);
		if (node->is_offline)
			answer->reason = g_strdup("is offline, and was not asked");
		if (node->is_offline || !node->is_vm_capable)
			continue;
		asked[scripts->len] = answer;
		remotes[scripts->len].node = node;
		g_ptr_array_add(scripts, make_script(node, instances));
		remotes[scripts->len - 1].command = scripts->pdata[scripts->len - 1];
	}
	if (!tune_remote_run(root, remotes, scripts->len, NULL, timeout_ms, error))
		return NULL;
	for (guint i = 0; i < scripts->len; i++) {
		asked[i]->reason = g_steal_pointer(&remotes[i].reason);
		if (!asked[i]->reason)
			tune_script_split(remotes[i].answer, read_result, asked[i]);
		tune_remote_clear(&remotes[i]);
	}
	return g_steal_pointer(&answers);
}

/* ---- putting together ---- */

static const Answer *find_answer(const GPtrArray *answers, const char *node)
{
	for (guint i = 0; i < answers->len; i++)
		if (strcmp(((const Answer *)answers->pdata[i])->node->name, node) == 0)
			return answers->pdata[i];
	return NULL;
}

static const TuneRunningGuest *find_guest(const Answer *answer, const char *instance)
{
	for (guint i = 0; i < answer->guests->len; i++) {
		const TuneRunningGuest *guest = answer->guests->pdata[i];
		if (strcmp(guest->instance, instance) == 0)
			return guest;
	}
	return NULL;
}

/* The values behind the name; NULL where Ganeti has not listed it. */
static char *const *find_configured(const GPtrArray *parameters, const char *instance)
{
	for (guint i = 0; parameters && i < parameters->len; i++) {
		char *const *fields = parameters->pdata[i];
		if (strcmp(fields[0], instance) == 0)
			return fields + 1;
	}
	return NULL;
}

static void judge_instance(const Answer *answer, const TuneInstance *instance,
			   char *const *configured, GPtrArray *rows)
{
	if (!answer->guests && g_strcmp0(instance->status, "up") != 0)
		return;
	if (!answer->guests) {
		tune_pending_add(rows, instance, TUNE_PENDING_UNKNOWN,
				 g_strdup_printf("its node gives no answer: %s",
						 answer->reason ? answer->reason : "no reason"));
		return;
	}
	const TuneRunningGuest *running = find_guest(answer, instance->name);
	if (!running)
		return;
	const PendingGuest guest = {
		.instance = instance,
		.guest = running,
		.configured = configured,
		.sees = g_hash_table_lookup(answer->images, instance->name),
		.fault = g_hash_table_lookup(answer->faults, instance->name),
		.record = answer->record,
	};
	tune_pending_judge(&guest, rows);
}

GPtrArray *tune_cluster_list_pending(TuneRoot *root, const GPtrArray *nodes,
				     const GPtrArray *instances, guint timeout_ms, GError **error)
{
	g_auto(GStrv) names = tune_pending_list_parameters();
	g_autoptr(GPtrArray)
		parameters = tune_cluster_list_parameters(root, (const char *const *)names, NULL);
	g_autoptr(GPtrArray) answers = ask_nodes(root, nodes, instances, timeout_ms, error);

	if (!answers)
		return NULL;
	GPtrArray *rows = tune_pending_new();
	for (guint i = 0; i < instances->len; i++) {
		const TuneInstance *instance = instances->pdata[i];
		const Answer *answer = find_answer(answers, instance->primary);
		if (answer && g_strcmp0(instance->hypervisor, "kvm") == 0)
			judge_instance(answer, instance,
				       find_configured(parameters, instance->name), rows);
	}
	return rows;
}
