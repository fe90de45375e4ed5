/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which running guests no other node can take: when their node has to be emptied, they have to be stopped.
 *
 * For most guests the records are enough: a guest never sees more than its node's record, so it can go where that
 * could.  Of the others, the CPU that they see is asked.
 */
#include <string.h>

#include <libtune/cluster/audit.h>
#include <libtune/ganeti/lists.h>
#include <libtune/cpu/compare.h>
#include <libtune/migration/gate.h>
#include <libtune/ganeti/node.h>
#include <libtune/ganeti/ssh.h>
#include <libtune/cluster/survey.h>

#define N_NAMED 3

/**
 * A running guest that Ganeti can migrate.
 *
 * @source, @targets: indices into the audit's nodes
 * @image: the CPU that it sees, after it was asked; @fault: why that is not known
 */
typedef struct {
	const TuneInstance *instance;
	const TuneRunningGuest *guest;
	guint source;
	GArray *targets;
	guint waivers;
	TuneCpu *image;
	char *fault;
} Mover;

static void free_mover(gpointer data)
{
	Mover *mover = data;

	g_array_unref(mover->targets);
	tune_cpu_free(mover->image);
	g_free(mover->fault);
	g_free(mover);
}

static const TuneNode *get_node(const Audit *audit, guint place)
{
	return audit->nodes->pdata[place];
}

static guint get_target(const Mover *mover, guint i)
{
	return g_array_index(mover->targets, guint, i);
}

/* ---- targets that Ganeti permits ---- */

static Mover *new_mover(const Audit *audit, const TuneInstance *instance,
			const TuneRunningGuest *guest)
{
	const TuneCpuPolicy *policy = tune_policy_get_cpu(audit->policy);
	Mover *mover = g_new0(Mover, 1);

	mover->instance = instance;
	mover->guest = guest;
	mover->targets = g_array_new(FALSE, FALSE, sizeof(guint));
	mover->waivers = tune_gate_get_waivers(policy, instance->tags);
	tune_audit_find_node(audit, instance->primary, &mover->source);
	for (guint i = 0; i < audit->nodes->len; i++)
		if (tune_cluster_is_target(instance, get_node(audit, mover->source),
					   get_node(audit, i)))
			g_array_append_val(mover->targets, i);
	return mover;
}

static GPtrArray *find_movers(const Audit *audit)
{
	GPtrArray *movers = g_ptr_array_new_with_free_func(free_mover);

	for (guint i = 0; i < audit->instances->len; i++) {
		const TuneInstance *instance = audit->instances->pdata[i];
		const TuneRunningGuest *guest = tune_audit_find_guest(audit, instance);
		if (!guest || !guest->is_kvm || !tune_cluster_can_migrate(instance))
			continue;
		guint source;
		tune_audit_find_node(audit, instance->primary, &source);
		/* CPUs of a machine that is not x86 are not compared. */
		if (!((const TuneNodeReport *)audit->reports->pdata[source])->machine)
			g_ptr_array_add(movers, new_mover(audit, instance, guest));
	}
	return movers;
}

/* ---- targets whose CPU is enough ---- */

/* The gate's verdict on the best target. */
static TuneCpuVerdict judge_best_target(const Audit *audit, const Mover *mover, const TuneCpu *sees)
{
	TuneCpuVerdict best = TUNE_CPU_REFUSE;

	for (guint i = 0; sees && i < mover->targets->len; i++) {
		const TuneCpu *record = audit->records->pdata[get_target(mover, i)];
		if (record)
			best = MIN(best, tune_cpu_judge(sees, record, mover->waivers));
	}
	return tune_cpu_policy_judge(tune_policy_get_cpu(audit->policy), best);
}

static gboolean can_go(const Audit *audit, const Mover *mover, const TuneCpu *sees)
{
	return judge_best_target(audit, mover, sees) <= TUNE_CPU_WARN;
}

/* A guest with a named model sees at most what its node has, and maybe much less. */
static gboolean can_go_by_record(const Audit *audit, const Mover *mover)
{
	const TuneCpu *record = audit->records->pdata[mover->source];
	g_autoptr(TuneCpu) sees = record ? tune_cpu_copy(record) : NULL;

	if (sees && tune_cpu_type_is_host(mover->guest->cpu_type))
		tune_cpu_mask(sees, mover->guest->cpu_type);
	return can_go(audit, mover, sees);
}

/* ---- asking ---- */

static void read_answer(gpointer user, const char *name, char *text, int status)
{
	GPtrArray *movers = user;

	for (guint i = 0; i < movers->len; i++) {
		Mover *mover = movers->pdata[i];
		g_autoptr(GError) error = NULL;
		if (strcmp(mover->instance->name, name) != 0)
			continue;
		g_clear_pointer(&mover->fault, g_free);
		mover->image = status ? NULL
				      : tune_cpu_parse_record(text, strlen(text), "its answer",
							      &error);
		if (!mover->image)
			mover->fault = status ? tune_script_explain(text, status)
					      : g_strdup(error->message);
	}
}

static void add_questions(const GPtrArray *movers, guint source, GString *script)
{
	for (guint i = 0; i < movers->len; i++) {
		Mover *mover = movers->pdata[i];
		const char *name = mover->instance->name;
		if (mover->source != source || !tune_ganeti_check_name(name, NULL))
			continue;
		g_autofree char *command = g_strconcat("gnt-tune cpu record instance:", name, NULL);
		mover->fault = g_strdup("no answer");
		tune_script_add(script, name, command);
	}
}

static void set_reason(GPtrArray *movers, const TuneRemote *remote)
{
	for (guint i = 0; i < movers->len; i++) {
		Mover *mover = movers->pdata[i];
		if (strcmp(mover->instance->primary, remote->node->name) != 0)
			continue;
		g_free(mover->fault);
		mover->fault = g_strdup(remote->reason);
	}
}

static gboolean ask_for_cpus(Audit *audit, GPtrArray *movers, GError **error)
{
	g_autofree TuneRemote *remotes = g_new0(TuneRemote, audit->nodes->len);
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < audit->nodes->len; i++) {
		g_autoptr(GString) script = g_string_new(NULL);
		add_questions(movers, i, script);
		if (!script->len)
			continue;
		g_ptr_array_add(scripts, g_strdup(script->str));
		remotes[scripts->len - 1].node = get_node(audit, i);
		remotes[scripts->len - 1].command = scripts->pdata[scripts->len - 1];
	}
	if (!tune_remote_run(audit->root, remotes, scripts->len, NULL, audit->timeout_ms, error))
		return FALSE;
	for (guint i = 0; i < scripts->len; i++) {
		if (remotes[i].reason)
			set_reason(movers, &remotes[i]);
		else
			tune_script_split(remotes[i].answer, read_answer, movers);
		tune_remote_clear(&remotes[i]);
	}
	return TRUE;
}

/* ---- findings ---- */

static char *format_reasons(const Audit *audit, const Mover *mover)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < MIN(mover->targets->len, N_NAMED); i++) {
		guint place = get_target(mover, i);
		const TuneCpu *record = audit->records->pdata[place];
		g_autoptr(TuneCpuReport)
			report = record ? tune_cpu_compare(mover->image, record, mover->waivers)
					: NULL;
		g_autofree char *reasons = report ? tune_cpu_report_format(report)
						  : g_strdup("no record");
		g_string_append_printf(text, "%s%s: %s", i ? "; " : "",
				       get_node(audit, place)->name, reasons);
	}
	if (mover->targets->len > N_NAMED)
		g_string_append_printf(text, "; and %u more", mover->targets->len - N_NAMED);
	return g_string_free(text, FALSE);
}

static void report_unmovable_guest(Audit *audit, const Mover *mover)
{
	const char *node = mover->instance->primary, *name = mover->instance->name;

	if (can_go(audit, mover, mover->image))
		return;
	if (!mover->image) {
		tune_audit_report(audit, node, name, "gnt-tune cluster check-migrate",
				  "whether another node can take it is not known: %s",
				  mover->fault ? mover->fault : "its name is not valid");
		return;
	}
	g_autofree char *reasons = format_reasons(audit, mover);
	if (judge_best_target(audit, mover, mover->image) == TUNE_CPU_VERDICT_UNKNOWN)
		tune_audit_report(audit, node, name, "gnt-tune cpu publish, or cpu.unknown: warn",
				  "whether another node can take it is not known: %s", reasons);
	else
		tune_audit_report(
			audit, node, name,
			"a cpu_type that all can run, see gnt-tune cpu baseline, and gnt-instance reboot",
			"no other node can take it: %s", reasons);
}

/* For a group with one usable node there is one finding, and not one for each guest. */
static void report_lonely_node(Audit *audit, const Mover *mover, GHashTable *groups)
{
	const TuneNode *source = get_node(audit, mover->source);

	if (strcmp(mover->instance->disk_template, "drbd") == 0) {
		g_autofree char *others = g_strjoinv(", ", mover->instance->secondaries);
		tune_audit_report(
			audit, source->name, mover->instance->name,
			"gnt-instance replace-disks -n NODE, or bring the secondary back",
			"cannot be moved: its secondary %s is offline, drained or not vm_capable",
			others);
	} else if (g_hash_table_add(groups, source->group)) {
		tune_audit_report(
			audit, source->name, source->group, "gnt-node list -o +group",
			"its guests cannot be moved: the group has no other node that is online, not drained, and vm_capable");
	}
}

gboolean tune_audit_moves(Audit *audit, GError **error)
{
	g_autoptr(GPtrArray) movers = find_movers(audit);
	g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) doubtful = g_ptr_array_new();

	for (guint i = 0; i < movers->len; i++) {
		Mover *mover = movers->pdata[i];
		if (!mover->targets->len)
			report_lonely_node(audit, mover, groups);
		else if (!can_go_by_record(audit, mover))
			g_ptr_array_add(doubtful, mover);
	}
	if (doubtful->len && !ask_for_cpus(audit, doubtful, error))
		return FALSE;
	for (guint i = 0; i < doubtful->len; i++)
		report_unmovable_guest(audit, doubtful->pdata[i]);
	return TRUE;
}
