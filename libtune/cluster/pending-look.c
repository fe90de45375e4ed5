/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts together what running guests have, and what they would be started with; pending.c judges it. */
#include <string.h>

#include <libtune/cluster/look.h>
#include <libtune/cluster/pending.h>
#include <libtune/ganeti/lists.h>

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

static void judge_instance(const NodeAnswer *answer, const TuneInstance *instance,
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
	const TuneRunningGuest *running = tune_look_find_guest(answer, instance->name);
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
	g_autoptr(GPtrArray)
		answers = tune_look_at_guests(root, nodes, instances, timeout_ms, error);

	if (!answers)
		return NULL;
	GPtrArray *rows = tune_pending_new();
	for (guint i = 0; i < instances->len; i++) {
		const TuneInstance *instance = instances->pdata[i];
		const NodeAnswer *answer = tune_look_find_answer(answers, instance->primary);
		if (answer && g_strcmp0(instance->hypervisor, "kvm") == 0)
			judge_instance(answer, instance,
				       find_configured(parameters, instance->name), rows);
	}
	return rows;
}
