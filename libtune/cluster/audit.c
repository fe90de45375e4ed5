/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares the nodes' answers with each other and with the master's records.  Asks nothing; survey.c has done that. */
#include <string.h>

#include <libtune/cluster/audit.h>
#include <libtune/cpu/record.h>
#include <libtune/host/lvm-filter.h>
#include <libtune/tune-migration.h>

#define N_NAMED 5

/* ---- nodes ---- */

/* The reason why a node gave no answer already tells what to do. */
static void audit_answer(Audit *audit, const TuneNode *node, const TuneNodeReport *report)
{
	g_autofree char *on = g_strdup_printf("gnt-node modify -O no %s, when it is back",
					      node->name);

	if (report->reason)
		tune_audit_report(audit, node->name, "node", node->is_offline ? on : NULL, "%s",
				  report->reason);
	for (guint i = 0; i < report->faults->len; i++)
		tune_audit_report(audit, node->name, "node",
				  "compare gnt-tune --version there and on the master",
				  "not known: %s", (const char *)report->faults->pdata[i]);
}

static void audit_settings(Audit *audit, const TuneNode *node, const TuneNodeReport *report)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < MIN(report->drifts->len, N_NAMED); i++)
		g_string_append_printf(text, "%s %s", i ? ";" : "",
				       (const char *)report->drifts->pdata[i]);
	if (report->drifts->len > N_NAMED)
		g_string_append_printf(text, "; and %u more", report->drifts->len - N_NAMED);
	if (report->drifts->len)
		tune_audit_report(audit, node->name, "settings",
				  "gnt-tune apply there; of what is contested, gnt-tune explain",
				  "%u of %u are not as wanted:%s", report->drifts->len,
				  report->n_settings, text->str);
}

static void audit_hooks(Audit *audit, const TuneNode *node, const TuneNodeReport *report)
{
	for (guint i = 0; i < report->hooks->len; i++)
		tune_audit_report(audit, node->name, "hooks",
				  "gnt-tune hooks enable there, or disable", "%s",
				  (const char *)report->hooks->pdata[i]);
}

/*
 * The node's udev scans DRBD devices, and loop devices on guests' disks.  Without a filter LVM activates a guest's
 * volume group on the node; when it has the name of the node's own, Ganeti's LVM commands on the node fail.
 */
static void audit_lvm(Audit *audit, const TuneNode *node, const TuneNodeReport *report)
{
	if (!report->lvm_config || !*report->lvm_config)
		return;
	gboolean loop = tune_lvm_lets_in(report->lvm_config, "/dev/loop0");
	gboolean drbd = tune_lvm_lets_in(report->lvm_config, "/dev/drbd0");
	if (loop || drbd)
		tune_audit_report(
			audit, node->name, "LVM",
			"in lvm.conf there, section devices: global_filter = [ \"r|^/dev/drbd|\", \"r|^/dev/loop|\" ]",
			"would take a guest's volume group on %s for the node's own",
			loop && drbd ? "DRBD or a loop device"
			: drbd       ? "DRBD"
				     : "a loop device");
}

/* ---- records ---- */

static const char publish[] = "gnt-tune cpu publish";

/*
 * A node that can give less than its record says refuses guests itself; when it can give more, that is not used.
 * Both last until the next publishing.
 */
static void audit_age(Audit *audit, const char *node, const TuneCpu *record, const TuneCpu *now)
{
	g_autofree char *recorded = tune_cpu_fingerprint(record);
	g_autofree char *found = tune_cpu_fingerprint(now);

	if (strcmp(recorded, found) == 0)
		return;
	g_autoptr(TuneCpuReport) report = tune_cpu_compare(record, now, 0);
	g_autofree char *reasons = tune_cpu_report_format(report);
	if (tune_cpu_report_get_verdict(report) == TUNE_CPU_REFUSE)
		tune_audit_report(audit, node, "record", publish,
				  "is stale, and has features that the node cannot give: %s",
				  reasons);
	else
		tune_audit_report(audit, node, "record", publish, "is stale");
}

static void audit_machine(Audit *audit, const TuneNode *node, const char *machine)
{
	if (tune_policy_get_cpu(audit->policy)->is_gate_on)
		tune_audit_report(
			audit, node->name, "gate", "cpu: {gate: off} in the policy of such nodes",
			"is %s, and only CPUs of x86 are compared: no migration of its guests is checked",
			machine);
}

static void audit_record(Audit *audit, const TuneNode *node, const TuneNodeReport *report)
{
	g_autoptr(GError) error = NULL;
	TuneCpu *record = node->is_vm_capable && !report->machine
				  ? tune_cpu_load_node_record(audit->root, node->name, &error)
				  : NULL;

	g_ptr_array_add(audit->records, record);
	if (report->machine)
		audit_machine(audit, node, report->machine);
	if (error)
		tune_audit_report(audit, node->name, "record", publish, "%s", error->message);
	if (record && record->format < TUNE_CPU_FORMAT)
		tune_audit_report(
			audit, node->name, "record", publish,
			"is of format %u, of an older ganeti-tune: it does not tell which names the node's QEMU knows",
			record->format);
	else if (record && report->cpu)
		audit_age(audit, node->name, record, report->cpu);
}

static void audit_copies(Audit *audit, const char *digest, const TuneNodeReport *report)
{
	if (report->digest && strcmp(report->digest, digest) != 0)
		tune_audit_report(audit, report->node, "records", publish,
				  "differ from those of the master");
}

static void audit_nodes(Audit *audit)
{
	g_autofree char *digest = tune_cpu_digest_records(audit->root);

	for (guint i = 0; i < audit->nodes->len; i++) {
		const TuneNode *node = audit->nodes->pdata[i];
		const TuneNodeReport *report = audit->reports->pdata[i];
		audit_answer(audit, node, report);
		audit_settings(audit, node, report);
		audit_hooks(audit, node, report);
		audit_lvm(audit, node, report);
		audit_record(audit, node, report);
		audit_copies(audit, digest, report);
	}
}

/* ---- guests ---- */

static void audit_guest(Audit *audit, const TuneInstance *instance, const TuneRunningGuest *guest)
{
	g_autofree char *reboot = g_strdup_printf("gnt-instance reboot %s", instance->name);

	if (guest->note)
		tune_audit_report(audit, instance->primary, instance->name, NULL,
				  "its cpu_type is not known: %s", guest->note);
	else if (instance->cpu_type && g_strcmp0(guest->cpu_type, instance->cpu_type) != 0)
		tune_audit_report(audit, instance->primary, instance->name, reboot,
				  "runs with cpu_type '%s', configured is '%s'", guest->cpu_type,
				  instance->cpu_type);
}

static void audit_guests(Audit *audit)
{
	for (guint i = 0; i < audit->instances->len; i++) {
		const TuneInstance *instance = audit->instances->pdata[i];
		const TuneRunningGuest *guest = tune_audit_find_guest(audit, instance);
		if (guest)
			audit_guest(audit, instance, guest);
	}
}

/* A QEMU goes on with the code it was started with, holes and all. */
static void audit_qemu(Audit *audit)
{
	guint n_replaced = 0;

	for (guint i = 0; i < audit->instances->len; i++) {
		const TuneRunningGuest *guest = tune_audit_find_guest(audit,
								      audit->instances->pdata[i]);
		n_replaced += guest && g_strcmp0(guest->qemu, TUNE_QEMU_REPLACED) == 0;
	}
	if (n_replaced)
		tune_audit_report(audit, NULL, "guests", "gnt-tune cluster pending",
				  "%u of them run a QEMU whose file has been replaced since",
				  n_replaced);
}

static void free_record(gpointer data)
{
	tune_cpu_free(data);
}

GPtrArray *tune_cluster_audit(TuneRoot *root, const TunePolicy *policy, const GPtrArray *nodes,
			      const GPtrArray *reports, const GPtrArray *instances,
			      guint timeout_ms, GError **error)
{
	g_autoptr(GPtrArray) findings = tune_findings_new();
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);
	Audit audit = { root, policy, nodes, reports, instances, timeout_ms, records, findings };

	audit_nodes(&audit);
	audit_guests(&audit);
	audit_qemu(&audit);
	tune_audit_ledger(&audit);
	if (!tune_audit_moves(&audit, error))
		return NULL;
	tune_audit_parameters(&audit);
	return g_steal_pointer(&findings);
}
