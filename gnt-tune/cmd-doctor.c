/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor: what this node lacks of what the other commands and the hooks need, and how to get it.  It writes nothing. */
#include <stdio.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/cpu.h"

const Column doctor_columns[] = {
	{ "part", TRUE, "what was checked" },
	{ "state", TRUE,
	  "good, missing, optional (not there, and not every node needs it), unknown" },
	{ "found", TRUE, "what is there, or why that cannot be told" },
	{ "fix", TRUE, "how to get what is missing" },
	{ NULL, FALSE, NULL },
};

typedef enum { GOOD, MISSING, OPTIONAL, UNKNOWN } State;

/* @found: what is there, in words; free it. */
typedef State Check(TuneRoot *root, const char *qemu, char **found);

typedef struct {
	const char *part;
	Check *check;
	const char *fix;
} Part;

/* ---- checks ---- */

/* What cannot be read is unknown: neither good nor missing. */
static State judge_error(const GError *error, char **found)
{
	*found = g_strdup(error->message);
	return g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT) ? MISSING : UNKNOWN;
}

/* Linux 5.6 is the first with openat2(2). */
static State check_kernel(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	g_autoptr(GError) error = NULL;
	unsigned int major, minor;

	*found = tune_root_read(root, "proc/sys/kernel/osrelease", &error);
	if (!*found)
		return judge_error(error, found);
	if (sscanf(*found, "%u.%u", &major, &minor) != 2)
		return UNKNOWN;
	return major > 5 || (major == 5 && minor >= 6) ? GOOD : MISSING;
}

static State check_kvm(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_load_kvm(root, &error);

	if (!cpu)
		return judge_error(error, found);
	*found = g_strdup("dev/kvm answers");
	return GOOD;
}

static State check_program(TuneRoot *root, const char *name, char **found)
{
	g_autoptr(GError) error = NULL;
	char *program = tune_command_find(root, name, &error);

	*found = program ? program : g_strdup(error->message);
	return program ? GOOD : MISSING;
}

static State check_qemu(TuneRoot *root, const char *qemu, char **found)
{
	gboolean is_there = tune_root_exists(root, qemu);

	*found = g_strdup_printf("%s%s", qemu, is_there ? "" : " is not there");
	return is_there ? GOOD : MISSING;
}

static State check_ganeti(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	return check_program(root, "gnt-node", found);
}

static State check_cluster(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *master = tune_root_read(root, "var/lib/ganeti/ssconf_master_node", &error);

	if (!master)
		return judge_error(error, found);
	*found = g_strdup_printf("its master is %s", master);
	return GOOD;
}

static State check_record(TuneRoot *root, const char *qemu, char **found)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *node = tune_ganeti_node_name(root, &error);
	g_autoptr(TuneCpu) record = node ? tune_cpu_load_node_record(root, node, &error) : NULL;

	if (!record)
		return judge_error(error, found);
	gboolean is_current = tune_cpu_is_current(record, root, qemu);
	*found = g_strdup_printf("the record of %s is %s", node, is_current ? "current" : "stale");
	return is_current ? GOOD : MISSING;
}

static State check_hooks(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) hooks = tune_hooks_list(root, &error);
	guint n_enabled = 0, n_disabled = 0;

	if (!hooks)
		return judge_error(error, found);
	for (guint i = 0; i < hooks->len; i++) {
		const TuneHook *hook = hooks->pdata[i];
		n_enabled += hook->state == TUNE_HOOK_ENABLED;
		n_disabled += hook->state == TUNE_HOOK_DISABLED;
	}
	*found = g_strdup_printf("%u of %u are enabled, %u switched off", n_enabled, hooks->len,
				 n_disabled);
	return n_enabled + n_disabled == hooks->len ? GOOD : MISSING;
}

/* Only a node with DRBD in its kernel needs drbdsetup. */
static State check_drbd(TuneRoot *root, const char *qemu G_GNUC_UNUSED, char **found)
{
	State state = check_program(root, "drbdsetup", found);

	return state == MISSING && !tune_root_exists(root, "proc/drbd") ? OPTIONAL : state;
}

/* clang-format off */
static const Part parts[] = {
	{ "kernel",  check_kernel,  "run Linux 5.6 or later" },
	{ "kvm",     check_kvm,     "switch virtualisation on in the firmware; modprobe kvm_intel or kvm_amd; run this as root" },
	{ "qemu",    check_qemu,    "apt install qemu-system-x86, or name another one with --qemu" },
	{ "ganeti",  check_ganeti,  "apt install ganeti" },
	{ "cluster", check_cluster, "gnt-cluster init here, or gnt-node add on the master" },
	{ "record",  check_record,  "gnt-tune cpu publish on the master" },
	{ "hooks",   check_hooks,   "gnt-tune hooks list tells which; gnt-tune hooks enable --missing links what is absent" },
	{ "drbd",    check_drbd,    "apt install drbd-utils, where instances have disks on DRBD" },
};
/* clang-format on */

/* ---- print ---- */

static void add_part(Table *table, const Part *part, State state, const char *found)
{
	static const char *const names[] = { "good", "missing", "optional", "unknown" };
	const char *cells[] = { part->part, names[state], found, state == GOOD ? NULL : part->fix };

	(state == GOOD || state == OPTIONAL ? table_add : table_add_marked)(table, cells);
}

int run_doctor(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("doctor", doctor_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	int status = EXIT_AS_WANTED;

	if (!root)
		return EXIT_FAILED;
	g_autofree char *qemu = cpu_find_binary(options, root);
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *found = NULL;
		State state = parts[i].check(root, qemu, &found);
		add_part(table, &parts[i], state, found);
		if (state == MISSING || state == UNKNOWN)
			status = EXIT_DIFFERS;
	}
	table_print(table);
	return status;
}
