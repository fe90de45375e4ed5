/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cluster/look.h>
#include <libtune/cluster/survey.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/tune-migration.h>

/* No instance can have this name. */
#define GUESTS "/guests"

static void free_cpu(gpointer data)
{
	tune_cpu_free(data);
}

static void free_answer(gpointer data)
{
	NodeAnswer *answer = data;

	g_free(answer->reason);
	tune_cpu_free(answer->record);
	g_clear_pointer(&answer->guests, g_ptr_array_unref);
	g_hash_table_unref(answer->images);
	g_hash_table_unref(answer->faults);
	g_free(answer);
}

static NodeAnswer *new_answer(TuneRoot *root, const TuneNode *node)
{
	NodeAnswer *answer = g_new0(NodeAnswer, 1);

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
	NodeAnswer *answer = user;
	g_autoptr(GError) error = NULL;

	if (strcmp(name, GUESTS) == 0 && status == 0) {
		g_clear_pointer(&answer->guests, g_ptr_array_unref);
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

GPtrArray *tune_look_at_guests(TuneRoot *root, const GPtrArray *nodes, const GPtrArray *instances,
			       guint timeout_ms, GError **error)
{
	g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(free_answer);
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, nodes->len);
	g_autofree NodeAnswer **asked = g_new(NodeAnswer *, nodes->len);

	for (guint i = 0; i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		NodeAnswer *answer = new_answer(root, node);
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

/* ---- what was answered ---- */

const NodeAnswer *tune_look_find_answer(const GPtrArray *answers, const char *node)
{
	for (guint i = 0; i < answers->len; i++)
		if (strcmp(((const NodeAnswer *)answers->pdata[i])->node->name, node) == 0)
			return answers->pdata[i];
	return NULL;
}

const TuneRunningGuest *tune_look_find_guest(const NodeAnswer *answer, const char *instance)
{
	for (guint i = 0; i < answer->guests->len; i++) {
		const TuneRunningGuest *guest = answer->guests->pdata[i];
		if (strcmp(guest->instance, instance) == 0)
			return guest;
	}
	return NULL;
}
