/* SPDX-License-Identifier: BSD-2-Clause */
/* The planner of upgrades: that it foretells what the gate says, and the order and the counts that follow. */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/cluster/upgrade.h>
#include <libtune/cpu/compare.h>
#include <libtune/migration/gate.h>
#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define N_NODES 5
#define N_GUESTS 4

static TunePolicy *make_policy(const char *text)
{
	g_autoptr(GError) error = NULL;
	TunePolicy *policy = tune_policy_parse(text, strlen(text), "P", &error);

	CHECK_NO_ERROR(error);
	return policy;
}

static TuneCpu *make_record(const char *node, const char *changes, const char *qemu)
{
	static const char *const old[] = { "pc-i440fx-7.2", NULL };
	static const char *const both[] = { "pc-i440fx-10.0", "pc-i440fx-7.2", NULL };
	TuneCpu *cpu = make_cpu(TUNE_CPU_KVM, INTEL, changes);

	tune_cpu_set_node(cpu, node);
	tune_cpu_set_qemu(cpu, qemu);
	tune_cpu_set_machines(cpu, *qemu == '7' ? old : both);
	tune_cpu_set_text(cpu, TUNE_CPU_ALIASES,
			  *qemu == '7' ? "pc=pc-i440fx-7.2" : "pc=pc-i440fx-10.0");
	return cpu;
}

/* ---- what the gate says ---- */

/* Nodes of a mixed cluster; the second text is what an upgrade makes of the first. */
static const char *const kinds[N_NODES][2] = {
	{ "", "+gfni" },      { "", "-rtm +gfni" }, { "-rtm", "-rtm" },
	{ "-flush-l1d", "" }, { "+gfni", "-fma" },
};

static const struct {
	const char *type;
	const char *tags;
} guests[N_GUESTS] = {
	{ "host", NULL },
	{ "host,-rtm,-gfni", NULL },
	{ "host", "tune:cpu-allow:security" },
	{ "host", "tune:cpu-gate:off" },
};

static void save(TuneRoot *root, const char *node, TuneCpu *cpu)
{
	g_autofree char *path = g_strdup_printf(TUNE_CPU_RECORDS "/%s.yaml", node);
	g_autoptr(GError) error = NULL;

	tune_cpu_set_node(cpu, node);
	tune_cpu_save_record(cpu, root, path, &error);
	CHECK_NO_ERROR(error);
}

/* The gate itself, on the master, from records in files. */
static gboolean ask_gate(TuneRoot *root, const TunePolicy *policy, guint guest)
{
	const TuneMigration migration = { .instance = "inst1",
					  .node = "master",
					  .source = "here",
					  .target = "there",
					  .master = "master",
					  .cpu_type = guests[guest].type,
					  .tags = guests[guest].tags };
	g_autoptr(TuneGateAnswer)
		answer = tune_gate_ask(root, policy, &migration, check_in_s(CHECK_LATE_S));

	return answer->reason == NULL;
}

typedef struct {
	TuneCpu *cpus[N_NODES][2];
	gint numbers[N_NODES][2];
	gint sees[N_GUESTS];
	TuneImages *images;
} Model;

static void make_model(Model *model, const TunePolicy *policy)
{
	model->images = tune_images_new(tune_policy_get_cpu(policy));
	for (guint i = 0; i < N_NODES; i++)
		for (guint state = 0; state < 2; state++) {
			model->cpus[i][state] = make_record("n", kinds[i][state], "10.0.2");
			model->numbers[i][state] = tune_images_add_record(model->images,
									  model->cpus[i][state]);
		}
	for (guint i = 0; i < N_GUESTS; i++) {
		g_autoptr(TuneCpu) sees = make_cpu(TUNE_CPU_GUEST, INTEL, "");
		g_auto(GStrv) tags = g_strsplit(guests[i].tags ? guests[i].tags : "", " ", -1);
		tune_cpu_set_text(sees, TUNE_CPU_TYPE, guests[i].type);
		tune_cpu_set_text(sees, TUNE_CPU_MACHINE, "pc-i440fx-7.2");
		model->sees[i] = tune_images_add_guest(model->images, sees, tags, FALSE);
	}
}

static void free_model(Model *model)
{
	tune_images_free(model->images);
	for (guint i = 0; i < N_NODES; i++)
		for (guint state = 0; state < 2; state++)
			tune_cpu_free(model->cpus[i][state]);
}

/* Each guest, from each node to each other, each of the two before and after its upgrade. */
static void check_target(Model *model, TuneRoot *root, const TunePolicy *policy, guint source,
			 guint target)
{
	guint n_allowed = 0;

	for (guint states = 0; states < 4; states++) {
		guint from = states & 1, to = states >> 1;
		save(root, "here", model->cpus[source][from]);
		save(root, "there", model->cpus[target][to]);
		for (guint guest = 0; guest < N_GUESTS; guest++) {
			g_autofree char *name = g_strdup_printf("guest %u from %u (%u) to %u (%u)",
								guest, source, from, target, to);
			check_row(name);
			gint sees = tune_images_move(model->images, model->sees[guest],
						     model->numbers[source][from]);
			gboolean foretold = tune_images_judge(model->images, sees,
							      model->numbers[target][to]) <=
					    TUNE_CPU_WARN;
			CU_ASSERT_EQUAL(foretold, ask_gate(root, policy, guest));
			n_allowed += foretold;
		}
	}
	/* The one that is not checked may always go. */
	CU_ASSERT(n_allowed >= 4);
	check_row(NULL);
}

static void test_gate(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(TunePolicy) policy = make_policy("cpu: {gate: on}\n");
	Model model;

	make_model(&model, policy);
	for (guint source = 0; source < N_NODES; source++)
		for (guint target = 0; target < N_NODES; target++)
			if (source != target)
				check_target(&model, root, policy, source, target);
	free_model(&model);
}

/* ---- plans ---- */

#define MOST 4

/** @then: NULL: it is another model; @type: NULL: what it sees is not known */
typedef struct {
	const char *name;
	const char *canary;
	const char *cpu_type;
	const char *machine_version;
	const char *qemu;
	struct {
		const char *now, *then;
		const char *flags;
	} nodes[MOST];
	struct {
		const char *name, *type, *sees, *node, *template, *secondary;
	} guests[MOST];
	const char *plan;
} Row;

#define OLD "-gfni"
#define NEW "+gfni"

/* clang-format off */
static const Row rows[] = {
	{ "two nodes old, one new, guests of host",
	  "n2", "host", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" }, { NEW, NEW, "" }, { OLD, NEW, "" } },
	  { { "a", "host", OLD, "n1", "sharedfile", NULL }, { "b", "host", OLD, "n3", "sharedfile", NULL } },
	  "freeze cluster gnt-cluster modify -H 'kvm:cpu_type=host\\,-gfni'\n"
	  "restart a gnt-instance reboot a\n"
	  "done n2\n"
	  "step n3 1/0/0/0\n"
	  "step n1 0/1/0/0 a cannot come back\n"
	  "lift cluster gnt-cluster modify -H 'kvm:cpu_type=host'\n" },
	{ "the same, frozen",
	  "n2", "host,-gfni", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" }, { NEW, NEW, "" }, { OLD, NEW, "" } },
	  { { "a", "host,-gfni", OLD, "n1", "sharedfile", NULL }, { "b", "host,-gfni", OLD, "n3", "sharedfile", NULL } },
	  "done n2\nstep n3 1/0/0/0\nstep n1 1/0/0/0\n" },
	{ "a named model",
	  "n2", "Westmere", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" }, { NEW, NEW, "" } },
	  { { "a", "Westmere", OLD, "n1", "sharedfile", NULL } },
	  "done n2\nstep n1 1/0/0/0\n" },
	{ "an upgrade that takes a feature: what has seen it is stuck",
	  "n2", "Westmere", "pc-i440fx-7.2", "7.2.1",
	  { { NEW, OLD, "M" }, { OLD, OLD, "" } },
	  { { "a", "Westmere", NEW, "n1", "sharedfile", NULL } },
	  "done n2\nstep n1 0/0/1/0 a cannot go: n2: lost:gfni\n" },
	{ "another QEMU, and no machine type that all have",
	  NULL, "kvm64", "", "10.0.2",
	  { { "", "", "M" }, { "", "", "" } },
	  { { "a", "kvm64", "", "n2", "sharedfile", NULL } },
	  "freeze cluster gnt-cluster modify -H 'kvm:machine_version=pc-i440fx-7.2'\n"
	  "step n2 1/0/0/0\nstep n1 0/0/0/0\n"
	  "lift cluster gnt-cluster modify -H 'kvm:machine_version='\n" },
	{ "the fewest in trouble first, then the most guests, the master last",
	  NULL, "kvm64", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" }, { OLD, NEW, "" }, { OLD, NEW, "" }, { OLD, NEW, "" } },
	  { { "a", "kvm64", OLD, "n2", "plain", NULL }, { "b", "kvm64", OLD, "n4", "sharedfile", NULL } },
	  "step n4 1/0/0/0\nstep n3 0/0/0/0\nstep n2 0/0/1/0 a cannot go: its disks are on one node\nstep n1 0/0/0/0\n" },
	{ "DRBD has one way, and it has been upgraded",
	  "n2", "host", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "" }, { NEW, NEW, "" }, { OLD, NEW, "M" } },
	  { { "a", "host,-rtm", OLD, "n1", "drbd", "n2" } },
	  "freeze cluster gnt-cluster modify -H 'kvm:cpu_type=host\\,-gfni'\n"
	  "restart a gnt-instance reboot a\n"
	  "done n2\nstep n1 0/1/0/0 a cannot come back\nstep n3 0/0/0/0\n"
	  "lift cluster gnt-cluster modify -H 'kvm:cpu_type=host'\n" },
	{ "what is not known is said, and nothing is frozen on it",
	  NULL, "host", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" }, { OLD, NULL, "" }, { OLD, NEW, "O" }, { NULL, NULL, "" } },
	  { { "a", NULL, NULL, "n1", "sharedfile", NULL } },
	  "blocked n2 is of another model, so what it will give is not known: upgrade one of its kind, then --like that\n"
	  "blocked n3 is offline: nothing is known of it\n"
	  "blocked n4 has no record: gnt-tune cpu publish\n"
	  "step n1 0/0/0/1 a is not known: no socket\n" },
	{ "a cluster of one",
	  NULL, "kvm64", "pc-i440fx-7.2", "7.2.1",
	  { { OLD, NEW, "M" } },
	  { { "a", "kvm64", OLD, "n1", "sharedfile", NULL } },
	  "step n1 0/0/1/0 a cannot go: no other node that is online, not drained and vm_capable\n" },
	{ "nothing to do",
	  "n1", "host", "pc-i440fx-7.2", "7.2.1",
	  { { NEW, NEW, "M" }, { NEW, NEW, "" } },
	  { { "a", "host", NEW, "n1", "sharedfile", NULL } },
	  "done n1\ndone n2\n" },
};
/* clang-format on */

static char *describe(const GPtrArray *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < plan->len; i++) {
		const TuneUpgradeRow *row = plan->pdata[i];
		g_string_append_printf(text, "%s %s", tune_upgrade_kind_name(row->kind),
				       row->object);
		if (row->kind == TUNE_UPGRADE_STEP)
			g_string_append_printf(text, " %u/%u/%u/%u", row->ways[0], row->ways[1],
					       row->ways[2], row->ways[3]);
		g_string_append_printf(text, "%s%s\n", row->what ? " " : "",
				       row->what ? row->what : "");
	}
	return g_string_free(text, FALSE);
}

static const char *const node_names[MOST] = { "n1", "n2", "n3", "n4" };

static guint make_nodes(const Row *row, TuneNode *nodes, TuneUpgradeNode *states)
{
	guint n = 0;

	for (; n < MOST && row->nodes[n].flags; n++) {
		gboolean is_offline = *row->nodes[n].flags == 'O';
		nodes[n] = (TuneNode){ .name = (char *)node_names[n],
				       .is_master = *row->nodes[n].flags == 'M',
				       .is_offline = is_offline,
				       .is_vm_capable = TRUE,
				       .group = (char *)"default" };
		states[n] = (TuneUpgradeNode){ &nodes[n], NULL, NULL };
		if (row->nodes[n].now)
			states[n].now = make_record(node_names[n], row->nodes[n].now, "7.2.1");
		if (row->nodes[n].then)
			states[n].then = make_record(node_names[n], row->nodes[n].then, row->qemu);
	}
	return n;
}

static guint make_guests(const Row *row, TuneInstance *instances, TuneUpgradeGuest *found)
{
	static char *none[] = { NULL };
	static char *second[] = { (char *)"n2", NULL };
	guint n = 0;

	for (; n < MOST && row->guests[n].name; n++) {
		TuneCpu *sees = row->guests[n].type
					? make_cpu(TUNE_CPU_GUEST, INTEL, row->guests[n].sees)
					: NULL;
		instances[n] = (TuneInstance){ .name = (char *)row->guests[n].name,
					       .primary = (char *)row->guests[n].node,
					       .secondaries = row->guests[n].secondary ? second
										       : none,
					       .hypervisor = (char *)"kvm",
					       .disk_template = (char *)row->guests[n].template,
					       .tags = none };
		if (sees) {
			tune_cpu_set_qemu(sees, "7.2.1");
			tune_cpu_set_text(sees, TUNE_CPU_TYPE, row->guests[n].type);
			tune_cpu_set_text(sees, TUNE_CPU_MACHINE, "pc-i440fx-7.2");
		}
		found[n] = (TuneUpgradeGuest){ &instances[n], sees, sees ? NULL : "no socket",
					       FALSE };
	}
	return n;
}

static char *plan_row(const Row *row, const TunePolicy *policy)
{
	TuneNode nodes[MOST];
	TuneUpgradeNode states[MOST];
	TuneInstance instances[MOST];
	TuneUpgradeGuest found[MOST];
	const TuneUpgradeState state = { .policy = tune_policy_get_cpu(policy),
					 .cpu_type = row->cpu_type,
					 .machine_version = row->machine_version,
					 .canary = row->canary,
					 .nodes = states,
					 .n_nodes = make_nodes(row, nodes, states),
					 .guests = found,
					 .n_guests = make_guests(row, instances, found) };
	g_autoptr(GPtrArray) plan = tune_upgrade_plan(&state);

	for (guint i = 0; i < state.n_nodes; i++) {
		tune_cpu_free((TuneCpu *)states[i].now);
		tune_cpu_free((TuneCpu *)states[i].then);
	}
	for (guint i = 0; i < state.n_guests; i++)
		tune_cpu_free((TuneCpu *)found[i].sees);
	return describe(plan);
}

static void test_plans(void)
{
	g_autoptr(TunePolicy) policy = make_policy("cpu: {gate: on}\n");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		g_autofree char *plan = plan_row(&rows[i], policy);
		CHECK_TEXT(plan, rows[i].plan);
	}
	check_row(NULL);
}

/* ---- guests that the gate does not check ---- */

static void test_unchecked(void)
{
	static char *const no_tags[] = { NULL };
	static char *const off[] = { (char *)"tune:cpu-gate:off", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse("cpu: {gate: on}", 15, "p", &error);
	CHECK_NO_ERROR(error);
	g_autoptr(TuneImages) images = tune_images_new(tune_policy_get_cpu(policy));
	g_autoptr(TuneCpu) record = make_record("n1", OLD, "10.0.2");
	g_autoptr(TuneCpu) sees = make_cpu(TUNE_CPU_GUEST, INTEL, NEW);
	gint to = tune_images_add_record(images, record);
	gint unknown = tune_images_add_guest(images, NULL, no_tags, FALSE);
	gint emulated = tune_images_add_guest(images, NULL, no_tags, TRUE);
	gint tagged = tune_images_add_guest(images, NULL, off, FALSE);
	gint known = tune_images_add_guest(images, sees, off, FALSE);

	CU_ASSERT_EQUAL(tune_images_judge(images, unknown, to), TUNE_CPU_VERDICT_UNKNOWN);
	CU_ASSERT_EQUAL(tune_images_judge(images, emulated, to), TUNE_CPU_OK);
	CU_ASSERT_EQUAL(tune_images_judge(images, tagged, to), TUNE_CPU_OK);
	CU_ASSERT_EQUAL(tune_images_judge(images, known, to), TUNE_CPU_OK);
	CU_ASSERT_EQUAL(tune_images_move(images, known, to), known);
}

/* ---- what a node will be ---- */

static void test_foretell(void)
{
	g_autoptr(TuneCpu) now = make_record("n1", OLD, "7.2.1");
	g_autoptr(TuneCpu) like = make_record("n2", NEW, "10.0.2");
	g_autoptr(TuneCpu) other = make_record("n3", NEW, "10.0.2");

	tune_cpu_set_tsc(now, 2100000);
	tune_cpu_set_tsc(like, 2200000);
	tune_cpu_set_signature(now, 6, 85, 7);
	tune_cpu_set_signature(like, 6, 85, 7);
	tune_cpu_set_signature(other, 6, 106, 6);
	g_autoptr(TuneCpu) then = tune_upgrade_foretell(now, like);
	CU_ASSERT_PTR_NOT_NULL_FATAL(then);
	CHECK_TEXT(tune_cpu_get_node(then), "n1");
	CU_ASSERT(tune_cpu_has_feature(then, "gfni"));
	CU_ASSERT_EQUAL(then->tsc_khz, 2100000);
	CU_ASSERT_PTR_NULL(tune_upgrade_foretell(now, other));
	CU_ASSERT_PTR_NULL(tune_upgrade_foretell(NULL, like));
	CU_ASSERT_PTR_NULL(tune_upgrade_foretell(now, NULL));
}

int main(void)
{
	static const Check checks[] = {
		{ "it foretells what the gate says", test_gate },
		{ "plans", test_plans },
		{ "guests that the gate does not check", test_unchecked },
		{ "what a node will be", test_foretell },
		{ NULL, NULL },
	};

	return check_main("upgrade", checks);
}
