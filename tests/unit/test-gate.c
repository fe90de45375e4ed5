/* SPDX-License-Identifier: BSD-2-Clause */
/* What the gate answers where neither KVM nor a guest is needed: roles, policies, tags, records, names. */
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/tuning/policy.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/cpus.h"

#define INTEL "GenuineIntel"
#define NO_RECORD NULL
#define BOTH_UNKNOWN "inst1 not migrated to there: the CPUs of both nodes are not known: "
#define LOST_RTM                                                                                   \
	"inst1 not migrated to there: here has rtm which there cannot give; see gnt-tune cpu "     \
	"compare here there"

/* ---- one question ---- */

static void save_as(TuneRoot *root, const char *node, TuneCpu *cpu)
{
	g_autofree char *path = g_strdup_printf(TUNE_CPU_RECORDS "/%s.yaml", node);
	g_autoptr(GError) error = NULL;

	tune_cpu_set_node(cpu, node);
	tune_cpu_save_record(cpu, root, path, &error);
	CHECK_NO_ERROR(error);
}

static void save_cpu(TuneRoot *root, const char *node, TuneCpu *cpu)
{
	tune_cpu_set_qemu(cpu, "7.2.22");
	save_as(root, node, cpu);
}

static void save(TuneRoot *root, const char *node, const char *changes)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_KVM, INTEL, changes);

	save_cpu(root, node, cpu);
}

static TuneGateAnswer *ask(TuneRoot *root, const char *cpu_section, const TuneMigration *migration)
{
	g_autofree char *text = g_strdup_printf("cpu: {%s}\n", cpu_section);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(text, strlen(text), "P", &error);

	CHECK_NO_ERROR(error);
	return tune_gate_ask(root, policy, migration, check_in_s(CHECK_LATE_S));
}

static void check_answer(const TuneGateAnswer *answer, const char *reason, const char *log)
{
	g_ptr_array_add(answer->log, NULL);
	g_autofree char *said = g_strjoinv("\n", (char **)answer->log->pdata);

	CHECK_TEXT(answer->reason, reason);
	CHECK_TEXT(said, log ? log : "");
}

/* ---- the master: record against record ---- */

typedef struct {
	const char *name;
	const char *policy;
	const char *cpu_type;
	const char *tags;
	const char *here;
	const char *there;
	const char *reason;
	const char *log;
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "same CPU",
	  "", "host", NULL, "", "", NULL, NULL },
	{ "target has more",
	  "", "host", "", "", "+gfni", NULL, NULL },
	{ "target lacks rtm",
	  "", "host", "", "", "-rtm", LOST_RTM, NULL },
	{ "gate on",
	  "gate: on", "host", "", "", "-rtm", LOST_RTM, NULL },
	{ "gate off",
	  "gate: off", "host", "", "", "-rtm", NULL, NULL },
	{ "gate off, no record",
	  "gate: off", "host", "", "", NO_RECORD, NULL, NULL },
	/* Only warnings. */
	{ "hint only",
	  "", "host", "", "", "-hle", NULL,
	  "inst1 to there: here has hint:hle, which may behave differently there" },
	/* Tags. */
	{ "tag off",
	  "", "host", "tune:cpu-gate:off", "", "-rtm", NULL,
	  "inst1 to there: not checked: it has the tag tune:cpu-gate:off" },
	{ "tag off behind another",
	  "", "host", "a  tune:cpu-gate:off", "", "-rtm", NULL,
	  "inst1 to there: not checked: it has the tag tune:cpu-gate:off" },
	{ "tags that only look like it",
	  "", "host", "tune:cpu-gate:offf tune:cpu-gate", "", "-rtm", LOST_RTM, NULL },
	{ "tag waives security",
	  "", "host", "tune:cpu-allow:security", "", "-rdctl-no", NULL,
	  "inst1 to there: here has security:rdctl-no, which may behave differently there\n"
	  "inst1 to there: waived security:rdctl-no" },
	{ "security that no copy has",
	  "", "host", "tune:cpu-allow:nested", "", "-flush-l1d",
	  "inst1 not migrated to there: here has security:flush-l1d which there cannot give; see gnt-tune "
	  "cpu compare here there", NULL },
	{ "tags of classes that cannot be waived",
	  "", "host", "tune:cpu-allow:lost tune:cpu-allow: tune:cpu-allow:all", "", "-rtm", LOST_RTM, NULL },
	/* The policy's waivers and the tag's add up; what is left refuses, and the rest is logged. */
	{ "policy and tag waive, the rest refuses",
	  "allow: security", "host", "tune:cpu-allow:nested", "", "-rdctl-no -vmx-ept -rtm", LOST_RTM,
	  "inst1 to there: waived security:rdctl-no\ninst1 to there: waived nested:vmx-ept" },
	{ "policy waives all",
	  "'allow': [nested, security]", "host", "", "", "-rdctl-no -vmx-ept", NULL,
	  "inst1 to there: here has security:rdctl-no,nested:vmx-ept, which may behave differently there\n"
	  "inst1 to there: waived security:rdctl-no\ninst1 to there: waived nested:vmx-ept" },
	/* What is not there is unknown. */
	{ "no record of the target",
	  "", "host", "", "", NO_RECORD,
	  BOTH_UNKNOWN "no CPU record of there here, see gnt-tune cpu publish (cpu.unknown: refuse)", NULL },
	{ "no record of the source",
	  "", "host", "", NO_RECORD, "",
	  BOTH_UNKNOWN "no CPU record of here here, see gnt-tune cpu publish (cpu.unknown: refuse)", NULL },
	{ "no record, policy warns",
	  "unknown: warn", "host", "", NO_RECORD, "", NULL,
	  "inst1 to there: the CPUs of both nodes are not known: no CPU record of here here, see gnt-tune "
	  "cpu publish: permitted, since cpu.unknown is warn" },
	/* cpu.unknown: warn lets only the unknown pass; a known loss refuses. */
	{ "loss although unknown warns",
	  "unknown: warn", "host", "", "", "-rtm", LOST_RTM, NULL },
	/* What cpu_type switches off is not lost, however it is spelt. */
	{ "cpu_type takes rtm by minus",
	  "", "host,-rtm", "", "", "-rtm", NULL, NULL },
	{ "cpu_type takes rtm by =off",
	  "", "host,rtm=off,+avx", "", "", "-rtm", NULL, NULL },
	{ "cpu_type takes lahf_lm",
	  "", "host,lahf_lm=off", "", "", "-lahf-lm", NULL, NULL },
	{ "cpu_type takes something else",
	  "", "host,-svm,-hle", "", "", "-rtm", LOST_RTM, NULL },
	{ "cpu_type gives rtm",
	  "", "host,rtm=on,rtm", "", "", "-rtm", LOST_RTM, NULL },
	{ "cpu_type takes vmx",
	  "", "host,-vmx", "", "", "-vmx", NULL, NULL },
	{ "cpu_type of nonsense",
	  "", "host,,-,=,-no-such,host-phys-bits-limit=x", "", "", "", NULL, NULL },
	/* The source judges named models, since only it sees the guest. */
	{ "named model",
	  "", "Westmere", "", "", "-rtm", NULL, NULL },
	{ "model that begins like host",
	  "", "hostile", "", "", "-rtm", NULL, NULL },
	{ "empty cpu_type",
	  "", "", "", "", "-rtm", NULL, NULL },
	{ "no cpu_type",
	  "", NULL, "", "", "-rtm", NULL, NULL },
	{ "named model without records",
	  "", "kvm64", "", NO_RECORD, NO_RECORD, NULL, NULL },
};
/* clang-format on */

static void check_question(const Row *row)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	const TuneMigration migration = {
		.instance = "inst1",
		.node = "master",
		.master = "master",
		.source = "here",
		.target = "there",
		.cpu_type = row->cpu_type,
		.tags = row->tags,
		.binary = TUNE_CPU_QEMU_BINARY,
	};

	if (row->here)
		save(root, "here", row->here);
	if (row->there)
		save(root, "there", row->there);
	g_autoptr(TuneGateAnswer) answer = ask(root, row->policy, &migration);
	check_answer(answer, row->reason, row->log);
}

static void test_rows(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		check_question(&rows[i]);
	}
}

/* The limit is of the guest's addresses. */
static void test_addresses(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	TuneMigration migration = { "inst1", "master", "here",
				    "there", "master", "host",
				    NULL,    NULL,     TUNE_CPU_QEMU_BINARY,
				    FALSE };
	g_autoptr(TuneCpu) small = make_cpu(TUNE_CPU_KVM, INTEL, "");

	save(root, "here", "");
	tune_cpu_set_node(small, "there");
	tune_cpu_set_phys_bits(small, 39);
	tune_cpu_save_record(small, root, TUNE_CPU_RECORDS "/there.yaml", NULL);
	g_autoptr(TuneGateAnswer) wide = ask(root, "", &migration);
	CHECK_HOLDS(wide->reason, "addr:phys-bits 46->39");
	migration.cpu_type = "host,host_phys_bits_limit=39";
	g_autoptr(TuneGateAnswer) narrow = ask(root, "", &migration);
	CU_ASSERT(!narrow->reason || !strstr(narrow->reason, "phys-bits"));
}

/* Fewer counters refuse, and the reason names the way out; a waiver lets them pass, with a line in the log. */
static void test_fewer_counters(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		const char *cpu_type, *tags, *reason, *log;
	} cases[] = {
		{ "counters lost",
		  "host", "",
		  "inst1 not migrated to there: here has pmu:4+3 counters->2+3 which there cannot give; see gnt-tune cpu "
		  "compare here there; way out: set pmu=off in its cpu_type and restart it", "" },
		{ "pmu=off in cpu_type",
		  "host,pmu=off", "", NULL, "" },
		{ "-pmu in cpu_type",
		  "host,-pmu", "", NULL, "" },
		{ "waived by a tag",
		  "host", "tune:cpu-allow:pmu", NULL,
		  "inst1 to there: here has pmu:4+3 counters->2+3, which may behave differently there\n"
		  "inst1 to there: waived pmu:4+3 counters->2+3" },
	};
	/* clang-format on */
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(TuneCpu) fewer = make_cpu(TUNE_CPU_KVM, INTEL, "");

	tune_cpu_set_word(fewer, 0xa, 0, TUNE_REG_EAX, 0x07300202);
	save(root, "here", "");
	save_cpu(root, "there", fewer);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		check_row(cases[i].name);
		const TuneMigration migration = { .instance = "inst1",
						  .node = "master",
						  .master = "master",
						  .source = "here",
						  .target = "there",
						  .cpu_type = cases[i].cpu_type,
						  .tags = cases[i].tags,
						  .binary = TUNE_CPU_QEMU_BINARY };
		g_autoptr(TuneGateAnswer) answer = ask(root, "", &migration);
		check_answer(answer, cases[i].reason, cases[i].log);
	}
}

/* A pair of kernels that is known to lose guests is no reason to refuse, and the log says what to do. */
static void test_known_kernels(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autoptr(TuneCpu) here = make_cpu(TUNE_CPU_KVM, INTEL, "-pku");
	g_autoptr(TuneCpu) there = make_cpu(TUNE_CPU_KVM, INTEL, "");
	const TuneMigration migration = { .instance = "inst1",
					  .node = "master",
					  .master = "master",
					  .source = "here",
					  .target = "there",
					  .cpu_type = "host",
					  .tags = "",
					  .binary = TUNE_CPU_QEMU_BINARY };

	tune_cpu_set_text(here, TUNE_CPU_KERNEL, "5.10.0-28-amd64");
	tune_cpu_set_text(there, TUNE_CPU_KERNEL, "6.1.0-9-amd64");
	save_cpu(root, "here", here);
	save_cpu(root, "there", there);
	g_autoptr(TuneGateAnswer) answer = ask(root, "", &migration);
	CU_ASSERT_PTR_NULL(answer->reason);
	g_ptr_array_add(answer->log, NULL);
	g_autofree char *log = g_strjoinv("\n", (char **)answer->log->pdata);
	CHECK_HOLDS(log, "bug:pkru of a guest without pku (Linux 5.10.0-28-amd64->6.1.0-9-amd64)");
	CHECK_HOLDS(log, "; first update Linux there to 6.6");
}

/* Where the node's record would refuse, the guest's CPU, asked over ssh, decides. */
static const struct {
	const char *name;
	const char *guest; /* changes of what it sees; NULL: no answer */
	const char *there;
	const char *reason;
	const char *log;
} guests[] = {
	{ "runs another type, sees nothing that is lost", "-rtm", "-rtm", NULL,
	  "inst1 to there: runs with cpu_type kvm64, but host is configured" },
	{ "runs another type, sees what is lost", "", "-rtm",
	  "inst1 not migrated to there: guest sees rtm which there cannot give; see gnt-tune "
	  "cluster "
	  "check-migrate inst1 there",
	  "inst1 to there: runs with cpu_type kvm64, but host is configured" },
	{ "gives no answer", NULL, "-rtm", LOST_RTM, NULL },
	/* Not asked. */
	{ "is not asked: nothing is lost", "-gfni -rtm", "", NULL, NULL },
};

static void save_guest(TuneRoot *root, const char *changes)
{
	g_autoptr(TuneCpu) cpu = make_cpu(TUNE_CPU_GUEST, INTEL, changes);

	tune_cpu_set_qemu(cpu, "7.2.22");
	tune_cpu_set_text(cpu, TUNE_CPU_TYPE, "kvm64");
	CU_ASSERT(tune_cpu_save_record(cpu, root, "guest.yaml", NULL));
}

/* Its ssh answers for the source. */
#define ANSWERING_HOST                                                                             \
	"var/lib/ganeti-tune/nodes/ /\nvar/lib/ganeti/ssconf_cluster_name = cluster\n"             \
	"usr/bin/ssh ! case \"$*\" in *\" root@here gnt-tune cpu record instance:inst1\") "        \
	"exec cat \"${0%/usr/*}/guest.yaml\";; esac; exit 255\n"

static const TuneMigration asking_master = { .instance = "inst1",
					     .node = "master",
					     .master = "master",
					     .source = "here",
					     .target = "there",
					     .cpu_type = "host",
					     .binary = TUNE_CPU_QEMU_BINARY };

static void test_guest_itself(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(guests); i++) {
		check_row(guests[i].name);
		g_autoptr(TuneRoot) root = check_host(ANSWERING_HOST);
		save(root, "here", "");
		save(root, "there", guests[i].there);
		if (guests[i].guest)
			save_guest(root, guests[i].guest);
		g_autoptr(TuneGateAnswer) answer = ask(root, "", &asking_master);
		check_answer(answer, guests[i].reason, guests[i].log);
	}
}

/* A guest of the newer QEMU: by their records its node's CPU cannot go, by its machine type it can. */
static void test_older_qemu(void)
{
	static const char *const machines[] = { "pc-i440fx-7.2", NULL };
	/* clang-format off */
	static const struct {
		const char *machine;
		const char *reason;
		const char *log;
	} moves[] = {
		{ "pc-i440fx-7.2", NULL,
		  "inst1 to there: guest sees hint:qemu 10.0.13->7.2.22 with pc-i440fx-7.2, which may behave "
		  "differently there; QEMU intends this for such a machine type, but does not promise it: first "
		  "move a guest that may fail" },
		{ "pc-i440fx-10.0",
		  "inst1 not migrated to there: guest sees qemu 10.0.13->7.2.22,machine pc-i440fx-10.0 which there "
		  "cannot give; see gnt-tune cluster check-migrate inst1 there; way out: set a machine_version that both "
		  "nodes have and restart the guest", NULL },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
		check_row(moves[i].machine);
		g_autoptr(TuneRoot) root = check_host(ANSWERING_HOST);
		g_autoptr(TuneCpu) here = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) there = make_cpu(TUNE_CPU_KVM, INTEL, "");
		g_autoptr(TuneCpu) guest = make_cpu(TUNE_CPU_GUEST, INTEL, "");
		tune_cpu_set_qemu(here, "10.0.13");
		tune_cpu_set_qemu(there, "7.2.22");
		tune_cpu_set_machines(there, machines);
		tune_cpu_set_qemu(guest, "10.0.13");
		tune_cpu_set_text(guest, TUNE_CPU_TYPE, "host");
		tune_cpu_set_text(guest, TUNE_CPU_MACHINE, moves[i].machine);
		save_as(root, "here", here);
		save_as(root, "there", there);
		CU_ASSERT(tune_cpu_save_record(guest, root, "guest.yaml", NULL));
		g_autoptr(TuneGateAnswer) answer = ask(root, "", &asking_master);
		check_answer(answer, moves[i].reason, moves[i].log);
	}
}

/* Each part that is missing in a record is unknown. */
typedef struct {
	const char *key; /* as its line begins, with all that is indented below it */
	const char *policy;
	const char *reason;
	const char *log;
} Gap;

#define NOT_ALL "not everything that the answer needs is known: "
#define SEE "; see gnt-tune cpu compare here there"

static const Gap gaps[] = {
	{ "vendor: ", "", NOT_ALL "unknown:vendor" SEE " (cpu.unknown: refuse)", "" },
	{ "phys-bits: ", "", NOT_ALL "unknown:phys-bits" SEE, "" },
	{ "qemu: ", "", NOT_ALL "unknown:qemu" SEE, "" },
	{ "words:", "", NOT_ALL "unknown:features,unknown:extended features", "" },
	{ "  0x7.0.ebx: ", "", NOT_ALL "unknown:extended features" SEE, "" },
	{ "  msr.0x10a: ", "", NOT_ALL "unknown:arch capabilities" SEE, "" },
	{ "  9: ", "", NOT_ALL "unknown:xsave component 9" SEE, "" },
	{ "  msr.0x10a: ", "unknown: warn", NULL,
	  NOT_ALL "unknown:arch capabilities" SEE ": permitted, since cpu.unknown is warn" },
	/* The bits of AMD alone. */
	{ "  0x8000000a.0.edx: ", "", NULL, "" },
	{ "time: ", "", NULL, "" },
};

static char *cut(const char *record, const char *key)
{
	g_auto(GStrv) lines = g_strsplit(record, "\n", -1);
	g_autoptr(GString) rest = g_string_new(NULL);
	gboolean is_cut = FALSE;

	for (char **line = lines; *line; line++) {
		gboolean is_below = is_cut && **line == ' ' && *key != ' ';
		is_cut = is_below || g_str_has_prefix(*line, key);
		if (!is_cut)
			g_string_append_printf(rest, "%s\n", *line);
	}
	return g_string_free(g_steal_pointer(&rest), FALSE);
}

static void check_gap(const Gap *gap)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	const TuneMigration migration = { "inst1", "master", "here",
					  "there", "master", "host",
					  NULL,    NULL,     TUNE_CPU_QEMU_BINARY,
					  FALSE };
	const char *path = TUNE_CPU_RECORDS "/there.yaml";

	save(root, "here", "+pku");
	save(root, "there", "+pku");
	g_autofree char *whole = tune_root_read(root, path, NULL);
	g_autofree char *rest = cut(whole, gap->key);
	CU_ASSERT(tune_root_write(root, path, rest, NULL));
	g_autoptr(TuneGateAnswer) answer = ask(root, gap->policy, &migration);
	g_ptr_array_add(answer->log, NULL);
	g_autofree char *said = g_strjoinv("\n", (char **)answer->log->pdata);
	if (gap->reason)
		CHECK_HOLDS(answer->reason, gap->reason);
	else
		CHECK_TEXT(answer->reason, NULL);
	CHECK_HOLDS(said, gap->log);
}

static void test_gaps(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(gaps); i++) {
		check_row_format("without '%s', policy '%s'", gaps[i].key, gaps[i].policy);
		check_gap(&gaps[i]);
	}
}

/* ---- roles ---- */

typedef struct {
	const char *node;
	const char *source;
	const char *target;
	const char *policy;
	const char *part; /* of the reason, NULL where it passes */
} Part;

/* This root has no KVM and no guest, and only "a" and "b" have records; "b" has fewer features. */
static const Part parts[] = {
	{ "a", "a", "b", "", NULL },
	{ "b", "a", "b", "", "the CPU of this node is not known: " },
	{ "b", "a", "b", "unknown: warn", NULL },
	{ "c", "a", "c", "", "the record of this node is not known: no CPU record of c here" },
	{ "m", "a", "b", "", "a has rtm which b cannot give; see gnt-tune cpu compare a b" },
	{ "m", "b", "a", "", NULL },
	{ "m", "m", "b", "", NULL },
	{ "m", "b", "m", "", "the record of this node is not known: no CPU record of m here" },
	{ "m", "b", "m", "unknown: warn", NULL },
	{ "d", "a", "b", "", "not checked: d takes no part in it: see hostname there" },
	{ "", "a", "b", "", "not checked:  takes no part in it: see hostname there" },
	{ "A", "a", "b", "", "not checked: A takes no part in it: see hostname there" },
	{ "d", "a", "b", "unknown: warn", NULL },
	{ "d", "a", "b", "gate: off", NULL },
	{ "m", "../a", "b", "", "'../a' cannot be the name of a node" },
	{ "m", "a", "/b", "", "'/b' cannot be the name of a node" },
	{ "m", "a", "", "", "'' cannot be the name of a node" },
};

static void test_parts(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");

	save(root, "a", "");
	save(root, "b", "-rtm");
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		check_row_format("'%s', from '%s' to '%s', policy '%s'", parts[i].node,
				 parts[i].source, parts[i].target, parts[i].policy);
		const TuneMigration migration = { "inst1",
						  parts[i].node,
						  parts[i].source,
						  parts[i].target,
						  "m",
						  "host",
						  NULL,
						  NULL,
						  TUNE_CPU_QEMU_BINARY,
						  FALSE };
		g_autoptr(TuneGateAnswer) answer = ask(root, parts[i].policy, &migration);
		if (parts[i].part)
			CHECK_HOLDS(answer->reason, parts[i].part);
		else
			CHECK_TEXT(answer->reason, NULL);
	}
}

/* ---- names ---- */

/* Where CPUs are not compared, nothing is refused, and the log says why. */
static void test_foreign_machine(void)
{
	static const struct {
		const char *arch, *log;
	} machines[] = {
		{ "aarch64",
		  "inst1 to b: not checked: this node is aarch64, and only CPUs of x86 are compared" },
		{ "x86_64", NULL },
		{ "i686", NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(machines); i++) {
		check_row(machines[i].arch);
		g_autofree char *host = g_strdup_printf("proc/sys/kernel/arch = %s\n",
							machines[i].arch);
		g_autoptr(TuneRoot) root = check_host(host);
		const TuneMigration migration = {
			"inst1", "b", "a", "b", "m", "host", NULL, NULL, TUNE_CPU_QEMU_BINARY, FALSE
		};
		g_autoptr(TuneGateAnswer) answer = ask(root, "", &migration);
		g_ptr_array_add(answer->log, NULL);
		CHECK_TEXT(answer->log->pdata[0], machines[i].log);
		CU_ASSERT_EQUAL(answer->reason == NULL, machines[i].log != NULL);
	}
}

static void test_names(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	g_autofree char *long_name = g_strnfill(5000, 'a');
	const char *const bad[] = { "", "../../etc/passwd", "a/b", ".x", "a\nb", long_name };

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		check_row(bad[i]);
		TuneMigration migration = {
			bad[i], "m", "a", "b", "m", "host", NULL, NULL, TUNE_CPU_QEMU_BINARY, FALSE
		};
		g_autoptr(TuneGateAnswer) refused = ask(root, "", &migration);
		CHECK_HOLDS(refused->reason, "cannot be the name of an instance");
		migration.instance = "inst1";
		migration.node = migration.source = bad[i];
		g_autoptr(TuneGateAnswer) unknown = ask(root, "", &migration);
		CU_ASSERT_PTR_NULL(unknown->reason); /* no guest runs */
		migration.target = bad[i];
		g_autoptr(TuneGateAnswer) both = ask(root, "", &migration);
		CHECK_HOLDS(both->reason, "cannot be the name of a node");
		CU_ASSERT(both->reason && strlen(both->reason) < 900);
	}
}

/* Of ten lost features, eight are named. */
static void test_many(void)
{
	g_autoptr(TuneRoot) root = check_host("var/lib/ganeti-tune/nodes/ /\n");
	const TuneMigration migration = {
		"inst1", "m", "a", "b", "m", "host", NULL, NULL, TUNE_CPU_QEMU_BINARY, FALSE
	};

	save(root, "a", "");
	save(root, "b", "-rtm -bmi1 -bmi2 -aes -popcnt -cx16 -ssse3 -sse4.1 -sse4.2 -rdrand");
	g_autoptr(TuneGateAnswer) answer = ask(root, "", &migration);
	CHECK_HOLDS(answer->reason, " and 2 more which b cannot give");
}

int main(void)
{
	static const Check checks[] = {
		{ "policy, type, tags and records", test_rows },
		{ "fewer counters", test_fewer_counters },
		{ "kernels that are known to lose guests", test_known_kernels },
		{ "master: the guest itself", test_guest_itself },
		{ "a guest of a newer QEMU", test_older_qemu },
		{ "address bits", test_addresses },
		{ "records with gaps", test_gaps },
		{ "roles", test_parts },
		{ "a machine that is not x86", test_foreign_machine },
		{ "names", test_names },
		{ "many reasons", test_many },
		{ NULL, NULL },
	};

	return check_main("gate", checks);
}
