/* SPDX-License-Identifier: BSD-2-Clause */
/* What has to stay as it is while some nodes are upgraded and others are not, as commands for the cluster. */
#include <string.h>

#include <libtune/cluster/upgrade.h>
#include <libtune/cpu/compare.h>
#include <libtune/tune-migration.h>

#define CLUSTER "cluster"

/* All records, before and after; NULL where one is not known: then nothing that is the same on all can be named. */
static GPtrArray *list_records(const TuneUpgradeState *state)
{
	g_autoptr(GPtrArray) records = g_ptr_array_new();

	for (guint i = 0; i < state->n_nodes; i++) {
		const TuneUpgradeNode *node = &state->nodes[i];
		if (!node->node->is_vm_capable)
			continue;
		if (!node->now || !node->then)
			return NULL;
		g_ptr_array_add(records, (gpointer)node->now);
		g_ptr_array_add(records, (gpointer)node->then);
	}
	return records->len ? g_steal_pointer(&records) : NULL;
}

static char *make_command(const char *parameter, const char *value)
{
	return g_strdup_printf("gnt-cluster modify -H 'kvm:%s=%s'", parameter, value);
}

/* ---- cpu_type ---- */

/* NULL where guests of a named model, or of today's type, see the same everywhere already. */
static char *find_type(const TuneUpgradeState *state, const GPtrArray *records)
{
	if (!tune_cpu_type_is_host(state->cpu_type))
		return NULL;
	g_autofree char *common = tune_cpu_baseline((const TuneCpu *const *)records->pdata,
						    records->len, NULL, NULL);
	g_autofree char *type = common ? tune_cpu_type_keep(common, state->cpu_type) : NULL;
	return type && !tune_cpu_type_is_same(type, state->cpu_type) ? g_steal_pointer(&type)
								     : NULL;
}

/* ---- machine_version ---- */

static gboolean all_have(const GPtrArray *records, const char *machine)
{
	for (guint i = 0; i < records->len; i++) {
		const TuneCpu *record = records->pdata[i];
		if (!record->machines ||
		    !g_strv_contains((const char *const *)record->machines, machine))
			return FALSE;
	}
	return TRUE;
}

/* What "pc" stands for in the QEMU of @record: what its guests are started with where nothing is configured. */
static char *find_default_machine(const TuneCpu *record)
{
	g_autofree char *alias = tune_cpu_find_alias(record, "pc");

	return alias ? g_strdup(strchr(alias, '=') + 1) : NULL;
}

/* NULL where one is configured, or QEMU is not changed. */
static char *find_machine(const TuneUpgradeState *state, const GPtrArray *records)
{
	const TuneCpu *first = records->pdata[0];
	gboolean is_same = TRUE;

	if (!state->machine_version || *state->machine_version)
		return NULL;
	for (guint i = 1; i < records->len; i++)
		is_same &= g_strcmp0(first->texts[TUNE_CPU_QEMU],
				     ((const TuneCpu *)records->pdata[i])->texts[TUNE_CPU_QEMU]) ==
			   0;
	for (guint i = 0; i < records->len && !is_same; i++) {
		g_autofree char *machine = find_default_machine(records->pdata[i]);
		if (machine && all_have(records, machine))
			return g_steal_pointer(&machine);
	}
	return NULL;
}

/* ---- both ---- */

void tune_upgrade_add_freeze(GPtrArray *freeze, GPtrArray *lift, const TuneUpgradeState *state)
{
	g_autoptr(GPtrArray) records = list_records(state);
	g_autofree char *type = records ? find_type(state, records) : NULL;
	g_autofree char *machine = records ? find_machine(state, records) : NULL;

	if (type) {
		g_autofree char *frozen = tune_cpu_type_escape(type);
		g_autofree char *lifted = tune_cpu_type_escape(state->cpu_type);
		tune_upgrade_add(freeze, TUNE_UPGRADE_FREEZE, CLUSTER,
				 make_command("cpu_type", frozen));
		tune_upgrade_add(lift, TUNE_UPGRADE_LIFT, CLUSTER,
				 make_command("cpu_type", lifted));
	}
	if (machine) {
		tune_upgrade_add(freeze, TUNE_UPGRADE_FREEZE, CLUSTER,
				 make_command("machine_version", machine));
		tune_upgrade_add(lift, TUNE_UPGRADE_LIFT, CLUSTER,
				 make_command("machine_version", ""));
	}
}
