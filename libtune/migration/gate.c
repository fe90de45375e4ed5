/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May this guest move to that node?  Each node that takes part compares what it can see:
 *
 *	source: CPU of the running guest  <=  record of the target
 *	target: its own record            <=  what it can give now
 *	master: record of the source      <=  record of the target; when that fails, the CPU of the guest instead
 *
 * Together: the target has all that the guest has seen on the source.  How two CPUs are compared, compare.c knows.
 */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/qemu/guest-cpu.h>
#include <libtune/base/error.h>
#include <libtune/migration/gate.h>
#include <libtune/ganeti/node.h>
#include <libtune/base/root.h>

/* Ganeti's migration needs the guest's socket next, so it is used for a moment only. */
#define ASK_GUEST_US G_USEC_PER_SEC

#define TAG_OFF "tune:cpu-gate:off"
#define TAG_ALLOW "tune:cpu-allow:"

/* The command that is named in the message shows the others. */
#define N_NAMED 8

/* Valid names are not longer; a longer one would leave no room for the reason. */
#define LONGEST_NAME "255"

/** @waivers: of the policy and of the instance's tags */
typedef struct {
	TuneRoot *root;
	const TuneCpuPolicy *policy;
	const TuneMigration *migration;
	gint64 deadline;
	guint waivers;
	TuneGateAnswer *answer;
} Gate;

void tune_gate_answer_free(TuneGateAnswer *answer)
{
	if (!answer)
		return;
	g_free(answer->reason);
	g_ptr_array_unref(answer->log);
	tune_cpu_free(answer->guest);
	g_free(answer);
}

/* ---- answers ---- */

static void note(Gate *gate, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(Gate *gate, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(gate->answer->log,
			g_strdup_printf("%s to %s: %s", gate->migration->instance,
					gate->migration->target, text));
}

static void refuse(Gate *gate, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Keep the first reason only. */
static void refuse(Gate *gate, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	if (!gate->answer->reason)
		gate->answer->reason = g_strdup_printf(
			"%." LONGEST_NAME "s not migrated to %." LONGEST_NAME "s: %s",
			gate->migration->instance, gate->migration->target, text);
}

/* Unknown refuses, unless cpu.unknown is warn. */
static void report_unknown(Gate *gate, const char *what, const GError *error)
{
	if (gate->policy->is_unknown_refused)
		refuse(gate, "%s: %s (cpu.unknown: refuse)", what, error->message);
	else
		note(gate, "%s: %s: permitted, since cpu.unknown is warn", what, error->message);
}

/* ---- waivers ---- */

char **tune_gate_split_tags(const char *tags)
{
	return g_strsplit(tags ? tags : "", " ", -1);
}

guint tune_gate_get_waivers(const TuneCpuPolicy *policy, char *const *tags)
{
	guint waivers = policy->waivers;

	for (; *tags; tags++)
		if (g_str_has_prefix(*tags, TAG_ALLOW))
			waivers |= tune_cpu_waiver_from_name(*tags + strlen(TAG_ALLOW));
	return waivers;
}

gboolean tune_gate_is_off(const TuneCpuPolicy *policy, char *const *tags)
{
	return !policy->is_gate_on || g_strv_contains((const char *const *)tags, TAG_OFF);
}

static gboolean is_switched_off(Gate *gate)
{
	g_auto(GStrv) tags = tune_gate_split_tags(gate->migration->tags);

	if (!tune_gate_is_off(gate->policy, tags))
		return FALSE;
	if (gate->policy->is_gate_on)
		note(gate, "not checked: it has the tag " TAG_OFF);
	return TRUE;
}

/* ---- one comparison ---- */

static void append_name(GString *names, const TuneCpuReason *reason)
{
	if (names->len)
		g_string_append_c(names, ',');
	if (reason->kind != TUNE_CPU_LOST)
		g_string_append_printf(names, "%s:", tune_cpu_class_name(reason->kind));
	g_string_append(names, reason->name);
}

static gboolean is_refusing(const TuneCpuReason *reason)
{
	return tune_cpu_class_refuses(reason->kind) && !reason->is_waived;
}

static gboolean is_warning(const TuneCpuReason *reason)
{
	return !is_refusing(reason) && reason->kind != TUNE_CPU_UNKNOWN;
}

static gboolean is_unknown(const TuneCpuReason *reason)
{
	return reason->kind == TUNE_CPU_UNKNOWN;
}

/* Names of the reasons for which @counts is TRUE: "a,b,nested:svm and 3 more". */
static char *join_names(const TuneCpuReport *report,
			gboolean (*counts)(const TuneCpuReason *reason))
{
	GString *names = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (counts(reason) && n++ < N_NAMED)
			append_name(names, reason);
	}
	if (n > N_NAMED)
		g_string_append_printf(names, " and %u more", n - N_NAMED);
	return g_string_free(names, FALSE);
}

static void note_waivers(Gate *gate, const TuneCpuReport *report)
{
	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (reason->is_waived)
			note(gate, "waived %s:%s", tune_cpu_class_name(reason->kind), reason->name);
	}
}

/* A record without the data that the verdict needs is treated like a missing one. */
static void report_missing_data(Gate *gate, const TuneCpuReport *report, const char *command)
{
	g_autofree char *names = join_names(report, is_unknown);
	g_autoptr(GError) error = NULL;

	if (!*names)
		return;
	tune_fail(&error, TUNE_ERROR_INVALID, "%s; see %s", names, command);
	report_unknown(gate, "not everything that the answer needs is known", error);
}

/* Of those that @counts; behind @before; empty where there is none.  Free it. */
static char *find_way_out(const TuneCpuReport *report, const char *before,
			  gboolean (*counts)(const TuneCpuReason *reason))
{
	for (guint i = 0; i < tune_cpu_report_get_length(report); i++) {
		const TuneCpuReason *reason = tune_cpu_report_get_reason(report, i);
		if (reason->way_out && !reason->is_waived && counts(reason))
			return g_strconcat(before, reason->way_out, NULL);
	}
	return g_strdup("");
}

/* Refuses by "SUBJECT NAMES which NODE cannot give; see COMMAND; way out: ADVICE"; what only warns goes to the log. */
static TuneCpuReport *compare(Gate *gate, const TuneCpu *has, const TuneCpu *gives,
			      const char *subject, const char *command)
{
	TuneCpuReport *report = tune_cpu_compare(has, gives, gate->waivers);
	g_autofree char *lost = join_names(report, is_refusing);
	g_autofree char *other = join_names(report, is_warning);
	g_autofree char *way_out = find_way_out(report, "; way out: ", is_refusing);
	g_autofree char *advice = find_way_out(report, "; ", is_warning);

	if (*lost)
		refuse(gate, "%s %s which %s cannot give; see %s%s", subject, lost,
		       gate->migration->target, command, way_out);
	else if (*other)
		note(gate, "%s %s, which may behave differently there%s", subject, other, advice);
	report_missing_data(gate, report, command);
	note_waivers(gate, report);
	return report;
}

/* ---- the way back ---- */

/* Whether the guest could go to @node now, but not after it has seen all features of @record. */
static gboolean will_be_shut(Gate *gate, const TuneCpu *guest, const TuneCpu *record,
			     const char *node)
{
	g_autoptr(TuneCpu) to = tune_cpu_load_node_record(gate->root, node, NULL);

	return to && tune_cpu_judge(guest, to, gate->waivers) != TUNE_CPU_REFUSE &&
	       tune_cpu_judge(record, to, gate->waivers) == TUNE_CPU_REFUSE;
}

static char *join_gained(const TuneCpuReport *report)
{
	GString *names = g_string_new(NULL);
	const char *const *gained = tune_cpu_report_get_gained(report);
	guint n = 0;

	for (; gained[n]; n++)
		if (n < N_NAMED)
			g_string_append_printf(names, "%s%s", n ? "," : "", gained[n]);
	if (n > N_NAMED)
		g_string_append_printf(names, " and %u more", n - N_NAMED);
	return g_string_free(names, FALSE);
}

/* A guest of type "host" sees the larger CPU from now on, and cannot return to a lesser one.  It stays the same machine. */
static void note_one_way(Gate *gate, const TuneCpu *guest, TuneCpu *record,
			 const TuneCpuReport *report)
{
	tune_cpu_copy_machine(record, guest);
	g_autofree char *gained = join_gained(report);
	g_auto(GStrv) others = tune_cpu_list_records(gate->root);
	g_autoptr(GString) nodes = g_string_new(NULL);

	for (char **other = others; *other && g_get_monotonic_time() < gate->deadline; other++)
		if (will_be_shut(gate, guest, record, *other))
			g_string_append_printf(nodes, "%s%s", nodes->len ? "," : "", *other);
	if (nodes->len)
		note(gate, "one way: it gains %s and cannot go to %s any more", gained, nodes->str);
}

/* ---- beforehand ---- */

TuneCpuVerdict tune_gate_predict(const TuneCpuPolicy *policy, guint waivers, const TuneCpu *guest,
				 const TuneCpu *target)
{
	TuneCpuVerdict verdict = guest && target ? tune_cpu_judge(guest, target, waivers)
						 : TUNE_CPU_VERDICT_UNKNOWN;

	return tune_cpu_policy_judge(policy, verdict);
}

/* ---- the three nodes ---- */

static void note_configured(Gate *gate, const TuneCpu *guest)
{
	const char *configured = gate->migration->cpu_type, *runs = guest->texts[TUNE_CPU_TYPE];

	if (configured && *configured && g_strcmp0(configured, runs) != 0)
		note(gate, "runs with cpu_type %s, but %s is configured",
		     runs ? runs : "of QEMU's default", configured);
}

static void check_on_source(Gate *gate)
{
	g_autoptr(GError) no_record = NULL;
	g_autoptr(GError) no_guest = NULL;
	const char *target = gate->migration->target;
	g_autoptr(TuneCpu) record = tune_cpu_load_node_record(gate->root, target, &no_record);
	gint64 soon = MIN(gate->deadline, g_get_monotonic_time() + ASK_GUEST_US);
	TuneCpu *guest = tune_cpu_load_guest(gate->root, gate->migration->instance, record, soon,
					     &no_guest);

	gate->answer->guest = guest;
	gate->answer->is_guest_unknown = no_guest != NULL;
	if (no_guest)
		report_unknown(gate, "the guest's CPU is not known", no_guest);
	if (!guest)
		return;
	note_configured(gate, guest);
	if (!record) {
		report_unknown(gate, "the CPU of that node is not known", no_record);
		return;
	}
	/* Features that its cpu_type switches off are not gained on the target. */
	gboolean is_host = tune_cpu_type_is_host(guest->texts[TUNE_CPU_TYPE]);
	if (is_host)
		tune_cpu_mask(record, guest->texts[TUNE_CPU_TYPE]);
	g_autofree char *command = g_strdup_printf("gnt-tune cpu compare instance:%s %s",
						   gate->migration->instance, target);
	g_autoptr(TuneCpuReport) report = compare(gate, guest, record, "guest sees", command);
	/* What the guest gains shuts it out of a node only where its loss would refuse the way back. */
	if (is_host && tune_cpu_judge(record, guest, gate->waivers) > TUNE_CPU_WARN)
		note_one_way(gate, guest, record, report);
}

static void check_on_target(Gate *gate)
{
	g_autoptr(GError) error = NULL;
	const TuneMigration *migration = gate->migration;
	g_autoptr(TuneCpu)
		record = tune_cpu_load_node_record(gate->root, migration->target, &error);

	if (!record) {
		report_unknown(gate, "the record of this node is not known", error);
		return;
	}
	if (tune_cpu_is_current(record, gate->root, migration->binary))
		return;
	g_autoptr(TuneCpu)
		now = tune_cpu_load_node(gate->root, migration->binary, gate->deadline, &error);
	if (!now) {
		report_unknown(gate, "the CPU of this node is not known", error);
		return;
	}
	note(gate, "the published CPU record is not up to date: see gnt-tune cpu publish");
	/* An older version may have made the record; no other node relies on data that it does not have. */
	tune_cpu_assume_rest(record);
	/* The source has taken from it which machine types this QEMU has, and what an alias means to it. */
	tune_cpu_start_as(record, migration->machine_version);
	tune_cpu_report_free(
		compare(gate, record, now, "its stale CPU record has", "gnt-tune cpu publish"));
}

/*
 * A guest may see less than its node's record has, when it was started with another cpu_type or by an older QEMU.
 * So before a record refuses, the source is asked for the guest's CPU; when it does not answer, the record counts.
 */
static gboolean ask_guest_itself(Gate *gate, const TuneCpu *target)
{
	const TuneMigration *migration = gate->migration;
	g_autoptr(TuneCpu) guest = tune_cpu_load_guest_on(
		gate->root, migration->source, migration->instance, gate->deadline, NULL);

	if (!guest)
		return FALSE;
	note_configured(gate, guest);
	g_autofree char *command = g_strdup_printf("gnt-tune cluster check-migrate %s %s",
						   migration->instance, migration->target);
	tune_cpu_report_free(compare(gate, guest, target, "guest sees", command));
	return TRUE;
}

/*
 * With a named model, only the running guest shows what it sees, so only the source can check it; and a guest that is
 * down has seen nothing.
 */
static void check_on_master(Gate *gate)
{
	g_autoptr(GError) error = NULL;
	const TuneMigration *migration = gate->migration;

	if (!tune_cpu_type_is_host(migration->cpu_type) || migration->is_down)
		return;
	g_autoptr(TuneCpu)
		source = tune_cpu_load_node_record(gate->root, migration->source, &error);
	g_autoptr(TuneCpu)
		target = source ? tune_cpu_load_node_record(gate->root, migration->target, &error)
				: NULL;
	if (!target) {
		report_unknown(gate, "the CPUs of both nodes are not known", error);
		return;
	}
	tune_cpu_mask(source, migration->cpu_type);
	if (tune_cpu_judge(source, target, gate->waivers) == TUNE_CPU_REFUSE &&
	    ask_guest_itself(gate, target))
		return;
	g_autofree char *subject = g_strdup_printf("%s has", migration->source);
	g_autofree char *command = g_strdup_printf("gnt-tune cpu compare %s %s", migration->source,
						   migration->target);
	tune_cpu_report_free(compare(gate, source, target, subject, command));
}

static gboolean is_foreign_machine(Gate *gate)
{
	g_autofree char *machine = tune_cpu_find_foreign_machine(gate->root);

	if (machine)
		note(gate, "not checked: this node is %s, and only CPUs of x86 are compared",
		     machine);
	return machine != NULL;
}

static gboolean check_names(Gate *gate)
{
	g_autoptr(GError) error = NULL;
	const TuneMigration *migration = gate->migration;
	const char *node = migration->node;

	/* Ganeti runs the hook on these nodes only, so this node's name is not the one that the cluster uses. */
	if (strcmp(node, migration->source) != 0 && strcmp(node, migration->target) != 0 &&
	    strcmp(node, migration->master) != 0)
		tune_fail(&error, TUNE_ERROR_INVALID, "%s takes no part in it: see hostname there",
			  node);
	else
		tune_ganeti_check_name(migration->instance, &error);
	if (error)
		report_unknown(gate, "not checked", error);
	return error == NULL;
}

TuneGateAnswer *tune_gate_ask(TuneRoot *root, const TunePolicy *policy,
			      const TuneMigration *migration, gint64 deadline)
{
	const TuneCpuPolicy *cpu = tune_policy_get_cpu(policy);
	TuneGateAnswer *answer = g_new0(TuneGateAnswer, 1);
	g_auto(GStrv) tags = tune_gate_split_tags(migration->tags);
	Gate gate = { root, cpu, migration, deadline, tune_gate_get_waivers(cpu, tags), answer };

	answer->log = g_ptr_array_new_with_free_func(g_free);
	if (is_switched_off(&gate) || is_foreign_machine(&gate) || !check_names(&gate))
		return answer;
	gboolean is_source = strcmp(migration->node, migration->source) == 0;
	if (is_source)
		check_on_source(&gate);
	if (strcmp(migration->node, migration->target) == 0)
		check_on_target(&gate);
	/* When the master is the source, it has already compared the guest itself. */
	if (!is_source && strcmp(migration->node, migration->master) == 0)
		check_on_master(&gate);
	return answer;
}
