/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/dropin.h>
#include <libtune/error.h>

#define HEADER "# ganeti-tune: "

void tune_dropin_log(TuneDropinRun *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(run->log, g_strdup_printf("%s: %s", run->name, text));
}

gboolean tune_dropin_put(TuneDropinRun *run, const char *path, const char *text, GError **error)
{
	g_autofree char *have = tune_root_read(run->tree, path, NULL);
	g_autofree char *want = g_strchomp(g_strdup(text));

	if (g_strcmp0(have, want) == 0)
		return TRUE;
	tune_dropin_log(run, "%s", path);
	return tune_root_save(run->tree, path, text, error);
}

gboolean tune_dropin_link(TuneDropinRun *run, const char *target, const char *path, GError **error)
{
	g_autofree char *have = tune_root_read_link(run->tree, path, NULL);

	if (g_strcmp0(have, target) == 0)
		return TRUE;
	tune_dropin_log(run, "%s", path);
	return tune_root_link(run->tree, target, path, error);
}

char *tune_dropin_find_unit(TuneDropinRun *run, const char *unit)
{
	static const char *const directories[] = { "/lib/systemd/system",
						   "/usr/lib/systemd/system" };

	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = g_build_filename(directories[i], unit, NULL);
		if (tune_root_exists(run->tree, path))
			return g_steal_pointer(&path);
	}
	return NULL;
}

/* ---- trim ---- */

/* Trimming once a week costs less than discarding with each removal (fstrim(8)). */
static gboolean apply_trim(TuneDropinRun *run, GError **error)
{
	g_autofree char *unit = tune_dropin_find_unit(run, "fstrim.timer");

	if (!unit) {
		tune_dropin_log(run, "the guest has no fstrim.timer");
		return TRUE;
	}
	if (!run->facts->is_discarded)
		tune_dropin_log(run,
				"reaches the node's storage only with the hypervisor parameter "
				"disk_discard=unmap");
	return tune_dropin_link(run, unit, "etc/systemd/system/timers.target.wants/fstrim.timer",
				error);
}

/* ---- scheduler ---- */

/* The node's disk is queued on the node once more (block/mq-deadline.c is what a guest with one queue gets). */
static gboolean apply_scheduler(TuneDropinRun *run, GError **error)
{
	return tune_dropin_put(
		run, "etc/udev/rules.d/60-tune-scheduler.rules",
		HEADER "the node orders the requests, the guest does not have to.\n"
		       "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", "
		       "SUBSYSTEMS==\"virtio\", ATTR{queue/scheduler}=\"none\"\n",
		error);
}

/* ---- agent ---- */

/* Started by its port: without the hypervisor parameter use_guest_agent there is none, and nothing waits for it. */
static gboolean apply_agent(TuneDropinRun *run, GError **error)
{
	g_autofree char *unit = tune_dropin_find_unit(run, "qemu-guest-agent.service");

	if (!unit) {
		tune_dropin_log(run, "qemu-guest-agent is not installed in the guest");
		return TRUE;
	}
	return tune_dropin_link(run, unit,
				"etc/systemd/system/dev-virtio\\x2dports-org.qemu.guest_agent.0."
				"device.wants/qemu-guest-agent.service",
				error);
}

/* ---- identity ---- */

static gboolean remove_all(TuneDropinRun *run, const char *pattern, GError **error)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(run->tree, pattern);

	for (guint i = 0; i < paths->len; i++) {
		tune_dropin_log(run, "removed %s", (char *)paths->pdata[i]);
		if (!tune_root_remove(run->tree, paths->pdata[i], error))
			return FALSE;
	}
	return TRUE;
}

/* Debian's sshd does not start without keys, and makes none. */
static gboolean renew_keys(TuneDropinRun *run, GError **error)
{
	if (!tune_root_exists(run->tree, "usr/sbin/sshd"))
		return TRUE;
	return remove_all(run, "etc/ssh/ssh_host_*_key*", error) &&
	       tune_dropin_put(run, "etc/systemd/system/tune-host-keys.service",
			       "[Unit]\n"
			       "Description=SSH host keys of this guest's own\n"
			       "Before=ssh.service ssh.socket sshd.service\n"
			       "ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key\n"
			       "\n"
			       "[Service]\n"
			       "Type=oneshot\n"
			       "ExecStart=/usr/bin/ssh-keygen -A\n"
			       "\n"
			       "[Install]\n"
			       "WantedBy=multi-user.target\n",
			       error) &&
	       tune_dropin_link(run, "/etc/systemd/system/tune-host-keys.service",
				"etc/systemd/system/multi-user.target.wants/tune-host-keys.service",
				error);
}

/* Empty is made anew at the next boot (machine-id(5)); dbus has a copy or a link. */
static gboolean apply_identity(TuneDropinRun *run, GError **error)
{
	g_autofree char *link = tune_root_read_link(run->tree, "var/lib/dbus/machine-id", NULL);

	if (tune_root_exists(run->tree, "etc/machine-id") &&
	    !tune_dropin_put(run, "etc/machine-id", "", error))
		return FALSE;
	return (link || remove_all(run, "var/lib/dbus/machine-id", error)) &&
	       renew_keys(run, error);
}

/* ---- memory ---- */

/*
 * TuneD, profiles/virtual-guest/tuned.conf and throughput-performance, which it includes: swapping on a disk that
 * others share is slow for all.
 */
static gboolean apply_memory(TuneDropinRun *run, GError **error)
{
	return tune_dropin_put(run, "etc/sysctl.d/60-tune.conf",
			       HEADER "as TuneD's profile virtual-guest.\n"
				      "vm.swappiness = 30\n"
				      "vm.dirty_ratio = 30\n"
				      "vm.dirty_background_ratio = 10\n",
			       error);
}

/* ---- the table ---- */

/* clang-format off */
static const struct {
	TuneDropin public;
	gboolean (*apply)(TuneDropinRun *run, GError **error);
} dropins[] = {
	{ { "console",   "serial console of boot loader and kernel, at Ganeti's speed" }, tune_dropin_console },
	{ { "root",      "the root device by its UUID" },                             tune_dropin_root },
	{ { "noatime",   "file systems do not write when they are read" },            tune_dropin_noatime },
	{ { "trim",      "unused blocks are given back once a week" },                apply_trim },
	{ { "scheduler", "I/O scheduler none for virtio disks" },                     apply_scheduler },
	{ { "agent",     "qemu-guest-agent runs where it is installed" },             apply_agent },
	{ { "identity",  "machine-id and SSH host keys are this guest's own" },       apply_identity },
	{ { "memory",    "swappiness and limits of dirty pages" },                    apply_memory },
};
/* clang-format on */

const TuneDropin *tune_dropin_get(guint index)
{
	return index < G_N_ELEMENTS(dropins) ? &dropins[index].public : NULL;
}

static guint find(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(dropins); i++)
		if (strcmp(dropins[i].public.name, name) == 0)
			return 1u << i;
	return 0;
}

gboolean tune_dropins_from_names(const char *names, guint *ret_set, GError **error)
{
	gboolean is_default = strcmp(names, "default") == 0;
	guint set = 0;

	if (is_default || strcmp(names, "none") == 0) {
		*ret_set = is_default ? (1u << G_N_ELEMENTS(dropins)) - 1 : 0;
		return TRUE;
	}
	g_auto(GStrv) words = g_strsplit(names, ",", -1);
	for (char **word = words; *word; word++) {
		guint one = find(*word);
		if (!one)
			return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is no drop-in", *word);
		set |= one;
	}
	*ret_set = set;
	return TRUE;
}

gboolean tune_dropins_apply(TuneRoot *tree, guint set, const TuneGuestFacts *facts, GPtrArray *log,
			    GError **error)
{
	TuneDropinRun run = { .tree = tree, .facts = facts, .log = log };

	for (guint i = 0; i < G_N_ELEMENTS(dropins); i++) {
		run.name = dropins[i].public.name;
		if (set & 1u << i && !dropins[i].apply(&run, error)) {
			g_prefix_error(error, "tuning %s: ", run.name);
			return FALSE;
		}
	}
	return TRUE;
}
