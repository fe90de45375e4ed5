/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/dropins.h"
#include "os-scripts/os.h"

#define HEADER "# ganeti-tune: "

/* ---- trim ---- */

/* Trimming once a week costs less than discarding with each removal (fstrim(8)). */
static void apply_trim(OsDropinRun *run)
{
	g_autofree char *unit = os_dropin_find_unit(run, "fstrim.timer");

	if (!unit) {
		os_dropin_log(run, "the guest has no fstrim.timer");
		return;
	}
	if (!run->facts->is_discarded)
		os_dropin_log(
			run,
			"reaches the node's storage only with the hypervisor parameter disk_discard=unmap");
	os_dropin_link(run, unit, "etc/systemd/system/timers.target.wants/fstrim.timer");
}

/* ---- scheduler ---- */

/* The node queues each request once more, so mq-deadline, which a guest with one queue gets, only costs time. */
static void apply_scheduler(OsDropinRun *run)
{
	os_dropin_put(
		run, "etc/udev/rules.d/60-tune-scheduler.rules",
		HEADER
		"the node orders the requests, the guest does not have to.\n"
		"ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", SUBSYSTEMS==\"virtio\", ATTR{queue/scheduler}=\"none\"\n");
}

/* ---- agent ---- */

/* Its port starts the unit: without the hypervisor parameter use_guest_agent there is none, and nothing waits for it. */
static void apply_agent(OsDropinRun *run)
{
	g_autofree char *unit = os_dropin_find_unit(run, "qemu-guest-agent.service");

	if (!unit) {
		os_dropin_log(run, "qemu-guest-agent is not installed in the guest");
		return;
	}
	os_dropin_link(run, unit,
		       "etc/systemd/system/dev-virtio\\x2dports-org.qemu.guest_agent.0."
		       "device.wants/qemu-guest-agent.service");
}

/* ---- memory ---- */

/*
 * TuneD, profiles/virtual-guest/tuned.conf and throughput-performance, which it includes: swapping on a disk that
 * others share is slow for all.
 */
static void apply_memory(OsDropinRun *run)
{
	os_dropin_put(run, "etc/sysctl.d/60-tune.conf",
		      HEADER "as TuneD's profile virtual-guest.\n"
			     "vm.swappiness = 30\n"
			     "vm.dirty_ratio = 30\n"
			     "vm.dirty_background_ratio = 10\n");
}

/* ---- the table ---- */

/* clang-format off */
static const struct {
	OsDropin public;
	void (*apply)(OsDropinRun *run);
} dropins[] = {
	{ { "console",   "serial console of boot loader and kernel, at Ganeti's speed" }, os_dropin_console },
	{ { "root",      "the root device by its UUID" },                             os_dropin_root },
	{ { "noatime",   "file systems do not write when they are read" },            os_dropin_noatime },
	{ { "trim",      "unused blocks are given back once a week" },                apply_trim },
	{ { "scheduler", "I/O scheduler none for virtio disks" },                     apply_scheduler },
	{ { "agent",     "qemu-guest-agent runs where it is installed" },             apply_agent },
	{ { "identity",  "machine-id and SSH host keys are this guest's own" },       os_dropin_identity },
	{ { "memory",    "swappiness and limits of dirty pages" },                    apply_memory },
};
/* clang-format on */

const OsDropin *os_dropin_get(guint index)
{
	return index < G_N_ELEMENTS(dropins) ? &dropins[index].public : NULL;
}

static guint find_drop_in(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(dropins); i++)
		if (strcmp(dropins[i].public.name, name) == 0)
			return 1u << i;
	return 0;
}

gboolean os_dropins_from_names(const char *names, guint *ret_set, GError **error)
{
	gboolean is_default = strcmp(names, "default") == 0;
	guint set = 0;

	if (is_default || strcmp(names, "none") == 0) {
		*ret_set = is_default ? (1u << G_N_ELEMENTS(dropins)) - 1 : 0;
		return TRUE;
	}
	g_auto(GStrv) words = g_strsplit(names, ",", -1);
	for (char **word = words; *word; word++) {
		guint one = find_drop_in(*word);
		if (!one)
			return os_fail(error, TUNE_ERROR_INVALID, "unknown drop-in '%s'", *word);
		set |= one;
	}
	*ret_set = set;
	return TRUE;
}

gboolean os_dropins_apply(OsTree *tree, guint set, const OsGuestFacts *facts, GPtrArray *log)
{
	OsDropinRun run = { .tree = tree, .facts = facts, .log = log };

	for (guint i = 0; i < G_N_ELEMENTS(dropins); i++) {
		run.name = dropins[i].public.name;
		if (set & 1u << i)
			dropins[i].apply(&run);
	}
	return !run.has_failed;
}
