/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what the planner of upgrades has to know: records, guests, parameters of the cluster. */
#include <string.h>

#include <libtune/cluster/look.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/tune-migration.h>

static void free_cpu(gpointer data)
{
	tune_cpu_free(data);
}

/* @records owns them. */
static TuneUpgradeNode *load_nodes(TuneRoot *root, const GPtrArray *nodes, const TuneCpu *like,
				   GPtrArray *records)
{
	TuneUpgradeNode *found = g_new0(TuneUpgradeNode, nodes->len);

	for (guint i = 0; i < nodes->len; i++) {
		const TuneNode *node = nodes->pdata[i];
		TuneCpu *now = node->is_vm_capable
				       ? tune_cpu_load_node_record(root, node->name, NULL)
				       : NULL;
		TuneCpu *then = tune_upgrade_foretell(now, like);
		g_ptr_array_add(records, now);
		g_ptr_array_add(records, then);
		found[i] = (TuneUpgradeNode){ node, now, then };
	}
	return found;
}

/* Where its node does not answer, a guest that should run is taken to run. */
static gboolean find_guest(const NodeAnswer *answer, const TuneInstance *instance,
			   TuneUpgradeGuest *ret_guest)
{
	*ret_guest = (TuneUpgradeGuest){ .instance = instance };
	if (!answer || g_strcmp0(instance->hypervisor, "kvm") != 0)
		return FALSE;
	if (!answer->guests) {
		ret_guest->fault = answer->reason ? answer->reason : "its node gives no answer";
		return g_strcmp0(instance->status, "up") == 0;
	}
	ret_guest->sees = g_hash_table_lookup(answer->images, instance->name);
	ret_guest->fault = g_hash_table_lookup(answer->faults, instance->name);
	if (!ret_guest->sees && !ret_guest->fault)
		ret_guest->fault = "it was not asked";
	const TuneRunningGuest *guest = tune_look_find_guest(answer, instance->name);
	ret_guest->is_free = guest && !guest->note && !guest->is_kvm;
	return guest != NULL;
}

static TuneUpgradeGuest *list_guests(const GPtrArray *answers, const GPtrArray *instances,
				     guint *ret_n_guests)
{
	TuneUpgradeGuest *guests = g_new0(TuneUpgradeGuest, instances->len);

	*ret_n_guests = 0;
	for (guint i = 0; i < instances->len; i++) {
		const TuneInstance *instance = instances->pdata[i];
		const NodeAnswer *answer = tune_look_find_answer(answers, instance->primary);
		*ret_n_guests += find_guest(answer, instance, &guests[*ret_n_guests]);
	}
	return guests;
}

GPtrArray *tune_cluster_plan_upgrade(TuneRoot *root, const TunePolicy *policy,
				     const GPtrArray *nodes, const GPtrArray *instances,
				     const TuneCpu *like, const char *canary, guint timeout_ms,
				     GError **error)
{
	g_autoptr(GPtrArray)
		answers = tune_look_at_guests(root, nodes, instances, timeout_ms, error);
	if (!answers)
		return NULL;
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_cpu);
	g_autofree TuneUpgradeNode *found = load_nodes(root, nodes, like, records);
	guint n_guests;
	g_autofree TuneUpgradeGuest *guests = list_guests(answers, instances, &n_guests);
	g_autofree char *cpu_type = tune_ganeti_get_cpu_type(root, NULL);
	g_autofree char *machine = tune_ganeti_get_hvparam(root, "machine_version", NULL);
	const TuneUpgradeState state = {
		.policy = tune_policy_get_cpu(policy),
		.cpu_type = cpu_type,
		.machine_version = machine,
		.canary = canary,
		.nodes = found,
		.n_nodes = nodes->len,
		.guests = guests,
		.n_guests = n_guests,
	};
	return tune_upgrade_plan(&state);
}
