/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters of the cluster that contradict each other, the nodes or the policy.  Only what is certain to do harm is
 * reported, and each finding tells what to do.
 */
#include <string.h>

#include <libtune/cluster/audit.h>
#include <libtune/ganeti/lists.h>
#include <libtune/ganeti/ssconf.h>
#include <libtune/cpu/cpu.h>
#include <libtune/cpu/compare.h>
#include <libtune/migration/cpu-type.h>
#include <libtune/tune-host.h>

/* ---- cpu_type=host on nodes that differ ---- */

static gboolean is_pair(const Audit *audit, guint a, guint b)
{
	const TuneNode *from = audit->nodes->pdata[a], *to = audit->nodes->pdata[b];

	return audit->records->pdata[a] && audit->records->pdata[b] &&
	       g_strcmp0(from->group, to->group) == 0;
}

/* Reports the first node to which guests of @from cannot go; one pair of a group is enough to act on. */
static gboolean report_pair(Audit *audit, const char *type, const char *machine, guint from)
{
	g_autoptr(TuneCpu) cpu = tune_cpu_copy(audit->records->pdata[from]);
	guint waivers = tune_policy_get_cpu(audit->policy)->waivers;

	tune_cpu_mask(cpu, type);
	tune_cpu_start_as(cpu, machine);
	for (guint to = 0; to < audit->nodes->len; to++) {
		if (!is_pair(audit, from, to) ||
		    tune_cpu_judge(cpu, audit->records->pdata[to], waivers) != TUNE_CPU_REFUSE)
			continue;
		const TuneNode *source = audit->nodes->pdata[from],
			       *target = audit->nodes->pdata[to];
		g_autoptr(TuneCpuReport)
			report = tune_cpu_compare(cpu, audit->records->pdata[to], waivers);
		g_autofree char *reasons = tune_cpu_report_format(report);
		tune_audit_report(audit, NULL, "kvm:cpu_type",
				  "the cpu_type that gnt-tune cpu baseline names",
				  "is '%s', but guests that start on %s cannot go to %s: %s", type,
				  source->name, target->name, reasons);
		return TRUE;
	}
	return FALSE;
}

static void audit_host_type(Audit *audit)
{
	g_autofree char *type = tune_ganeti_get_cpu_type(audit->root, NULL);
	g_autofree char *machine = tune_ganeti_get_machine(audit->root);
	g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);

	if (!tune_cpu_type_is_host(type))
		return;
	for (guint i = 0; i < audit->nodes->len; i++) {
		const TuneNode *node = audit->nodes->pdata[i];
		if (audit->records->pdata[i] && !g_hash_table_contains(done, node->group) &&
		    report_pair(audit, type, machine, i))
			g_hash_table_add(done, node->group);
	}
}

/* ---- a policy that wants another default ---- */

static void audit_policy_type(Audit *audit)
{
	g_autoptr(GError) error = NULL;

	if (!tune_policy_get_cpu(audit->policy)->sets_cluster_default)
		return;
	g_autofree char *have = tune_ganeti_get_cpu_type(audit->root, &error);
	g_autofree char *want = have ? tune_cpu_type_of_policy(audit->root, audit->policy, have,
							       &error)
				     : NULL;
	if (error) {
		tune_audit_report(audit, NULL, "kvm:cpu_type", "gnt-tune cpu publish",
				  "the type that the policy wants is not known: %s",
				  error->message);
		return;
	}
	if (!want || tune_cpu_type_is_same(have, want))
		return;
	g_autofree char *escaped = tune_cpu_type_escape(want);
	g_autofree char *modify = g_strdup_printf("gnt-cluster modify -H 'kvm:cpu_type=%s'",
						  escaped);
	tune_audit_report(audit, NULL, "kvm:cpu_type", modify,
			  "is '%s', the policy of the master wants '%s'", have, want);
}

/* ---- machine types of different QEMUs ---- */

/*
 * Without machine_version, a guest gets the newest machine type of the QEMU that starts it
 * (lib/hypervisor/hv_kvm/__init__.py, _GetDefaultMachineVersion), which an older QEMU does not have.
 */
static gboolean is_same_release(const char *a, const char *b)
{
	size_t major = strcspn(a, "."), length = major + strspn(a + major, ".");

	length += strcspn(a + length, ".");
	return strncmp(a, b, length) == 0 && !g_ascii_isdigit(b[length]);
}

static const char *get_qemu(const Audit *audit, guint place)
{
	const TuneCpu *record = audit->records->pdata[place];

	return record ? record->texts[TUNE_CPU_QEMU] : NULL;
}

static const char name_machine[] =
	"gnt-cluster modify -H kvm:machine_version=NAME, with a NAME that all nodes have";

/* FALSE when there is nothing to report. */
static gboolean report_qemus(Audit *audit, guint a, guint b)
{
	const TuneNode *one = audit->nodes->pdata[a], *other = audit->nodes->pdata[b];
	const char *first = get_qemu(audit, a), *second = get_qemu(audit, b);

	if (!first || !second || is_same_release(first, second))
		return FALSE;
	tune_audit_report(
		audit, NULL, "kvm:machine_version", name_machine,
		"is not set, %s has QEMU %s and %s %s: guests that start on the newer cannot go to the older",
		one->name, first, other->name, second);
	return TRUE;
}

/* The same of an alias. */
static gboolean report_alias(Audit *audit, guint a, guint b, const char *machine)
{
	const TuneNode *one = audit->nodes->pdata[a], *other = audit->nodes->pdata[b];
	g_autofree char *here = tune_cpu_find_alias(audit->records->pdata[a], machine);
	g_autofree char *there = tune_cpu_find_alias(audit->records->pdata[b], machine);

	if (!here || !there || strcmp(here, there) == 0)
		return FALSE;
	tune_audit_report(
		audit, NULL, "kvm:machine_version", name_machine,
		"is '%s', %s on %s and %s on %s: their guests cannot go from one to the other",
		machine, strchr(here, '=') + 1, one->name, strchr(there, '=') + 1, other->name);
	return TRUE;
}

static void report_lacking_machine(Audit *audit, guint place, const char *machine)
{
	const TuneNode *node = audit->nodes->pdata[place];
	const char *qemu = get_qemu(audit, place);

	tune_audit_report(
		audit, node->name, "kvm:machine_version", name_machine,
		"is '%s', which the node's QEMU %s does not have: no such guest starts there, or can go there",
		machine, qemu ? qemu : "(version not known)");
}

static void audit_machine_of_all(Audit *audit, const char *machine)
{
	for (guint i = 0; i < audit->nodes->len; i++) {
		const TuneCpu *record = audit->records->pdata[i];
		if (record && record->machines &&
		    !g_strv_contains((const char *const *)record->machines, machine))
			report_lacking_machine(audit, i, machine);
	}
}

/* One such pair is enough to act on. */
static void audit_machine_of_pairs(Audit *audit, const char *machine)
{
	for (guint a = 0; a < audit->nodes->len; a++)
		for (guint b = a + 1; b < audit->nodes->len; b++)
			if (is_pair(audit, a, b) && (*machine ? report_alias(audit, a, b, machine)
							      : report_qemus(audit, a, b)))
				return;
}

static void audit_machine(Audit *audit)
{
	g_autofree char *machine = tune_ganeti_get_hvparam(audit->root, "machine_version", NULL);

	if (!machine)
		return;
	if (*machine)
		audit_machine_of_all(audit, machine);
	audit_machine_of_pairs(audit, machine);
}

/* ---- KSM and huge pages ---- */

/* Only anonymous memory is merged: Documentation/admin-guide/mm/ksm.rst. */
static void audit_ksm(Audit *audit)
{
	g_autofree char *path = tune_ganeti_get_hvparam(audit->root, "mem_path", NULL);
	TuneKsm ksm;

	if (path && *path && tune_ksm_read(audit->root, &ksm, NULL) && ksm.run == 1)
		tune_audit_report(audit, NULL, "kvm:mem_path",
				  "ksm.run: 0 in the policy, or no mem_path",
				  "is '%s', so KSM looks for pages to merge and finds none", path);
}

/* ---- the tags for hbal, hail and hroller ---- */

static guint count_tags(const GPtrArray *tags, TuneTagAction action)
{
	guint n = 0;

	for (guint i = 0; i < tags->len; i++)
		n += ((const TuneTag *)tags->pdata[i])->action == action;
	return n;
}

/* Only clusters that have set any tag are audited for tags. */
static void audit_tags(Audit *audit)
{
	g_autoptr(GError) error = NULL;
	const TuneCpuPolicy *policy = tune_policy_get_cpu(audit->policy);
	g_autoptr(GPtrArray) tags = tune_tags_plan(audit->root, policy, FALSE, &error);

	if (!tags) {
		if (!g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT))
			tune_audit_report(audit, NULL, "tags", "gnt-tune cpu tags", "not known: %s",
					  error->message);
		return;
	}
	guint n_added = count_tags(tags, TUNE_TAG_ADD),
	      n_removed = count_tags(tags, TUNE_TAG_REMOVE);
	if ((count_tags(tags, TUNE_TAG_KEEP) || n_removed) && (n_added || n_removed))
		tune_audit_report(
			audit, NULL, "tags", "gnt-tune cpu tags --apply",
			"hbal, hail and hroller use outdated CPU classes: %u tags are missing, %u are too many",
			n_added, n_removed);
}

void tune_audit_parameters(Audit *audit)
{
	audit_policy_type(audit);
	audit_host_type(audit);
	audit_machine(audit);
	audit_ksm(audit);
	audit_tags(audit);
}
