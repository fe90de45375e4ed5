/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values of a plan somebody else sets, too. */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"

#define VALUES                                                                                     \
	"proc/sys/vm/swappiness = 10\nproc/sys/vm/dirty_bytes = 0\nproc/sys/vm/dirty_ratio = 20\n" \
	"proc/sys/net/core/rmem_max = 8388608\nsys/kernel/mm/ksm/run = 1\n"                        \
	"sys/kernel/mm/transparent_hugepage/enabled = always [madvise] never\n"                    \
	"sys/block/sda/queue/scheduler = none [mq-deadline]\nsys/block/sda/queue/rotational = 1\n"
#define WANTS "etc/systemd/system/multi-user.target.wants/"
#define KSMTUNED WANTS "ksmtuned.service -> /lib/x\netc/ksmtuned.conf = \n"
#define OWN WANTS "ganeti-tune.service -> /lib/x\n"

static const struct {
	const char *label;
	const char *host;
	const char *policy;
	const char *note; /* NULL: it is not contested */
} rows[] = {
	{ "nobody", "", "sysctl: {vm.swappiness: 10}", NULL },
	{ "the same value", "etc/sysctl.d/a.conf = vm.swappiness=10\n",
	  "sysctl: {vm.swappiness: 10}", NULL },
	{ "another value", "etc/sysctl.d/a.conf = vm.swappiness=60\n",
	  "sysctl: {vm.swappiness: 10}", "sysctl.d sets it to 60 at boot: etc/sysctl.d/a.conf:1" },
	{ "not written yet", "etc/sysctl.d/a.conf = vm.swappiness=60\n",
	  "sysctl: {vm.swappiness: 5}", "sysctl.d sets it to 60 at boot: etc/sysctl.d/a.conf:1" },
	{ "our own unit comes last", OWN "etc/sysctl.d/a.conf = vm.swappiness=60\n",
	  "sysctl: {vm.swappiness: 10}", NULL },
	{ "the same in another unit", "etc/sysctl.d/a.conf = vm.dirty_ratio=5\n",
	  "sysctl: {vm.dirty_bytes: 8192}",
	  "sysctl.d sets it to vm.dirty_ratio = 5 at boot: etc/sysctl.d/a.conf:1" },
	{ "more than what is wanted at least", "etc/sysctl.d/a.conf = net.core.rmem_max=16777216\n",
	  "sysctl: {net.core.rmem_max: 8388608}", NULL },
	{ "less than what is wanted at least", "etc/sysctl.d/a.conf = net.core.rmem_max=212992\n",
	  "sysctl: {net.core.rmem_max: 8388608}",
	  "sysctl.d sets it to 212992 at boot: etc/sysctl.d/a.conf:1" },
	{ "ksmtuned", KSMTUNED, "ksm: {run: 1}",
	  "ksmtuned sets it at run time, as etc/ksmtuned.conf says" },
	{ "ksmtuned writes again after our unit", OWN KSMTUNED, "ksm: {run: 1}",
	  "ksmtuned sets it at run time, as etc/ksmtuned.conf says" },
	{ "udev", "etc/udev/rules.d/a.rules = KERNEL==\"sd*\", ATTR{queue/scheduler}=\"none\"\n",
	  "disks: [{match: sda, scheduler: mq-deadline}]",
	  "udev sets it to none at boot: etc/udev/rules.d/a.rules:1" },
	{ "udev, of another disk",
	  "etc/udev/rules.d/a.rules = KERNEL==\"sdb\", ATTR{queue/scheduler}=\"none\"\n",
	  "disks: [{match: sda, scheduler: mq-deadline}]", NULL },
	{ "udev, perhaps",
	  "etc/udev/rules.d/a.rules = ENV{X}==\"1\", ATTR{queue/scheduler}=\"none\"\n",
	  "disks: [{match: sda, scheduler: mq-deadline}]", NULL },
	{ "the old name of the same", "etc/sysfs.conf = block/sda/queue/scheduler = deadline\n",
	  "disks: [{match: sda, scheduler: mq-deadline}]", NULL },
	{ "tmpfiles.d, by its path", "etc/tmpfiles.d/a.conf = w /sys/kernel/mm/ksm/run - - - - 0\n",
	  "ksm: {run: 1}", "tmpfiles.d sets it to 0 at boot: etc/tmpfiles.d/a.conf:1" },
	{ "an option of a module",
	  "sys/module/kvm/initstate = live\nsys/module/kvm/parameters/halt_poll_ns = 200000\netc/modprobe.d/a.conf = options kvm halt_poll_ns=0\n",
	  "attributes: {sys/module/kvm/parameters/halt_poll_ns: 200000}",
	  "modprobe.d sets it to 0 at boot: etc/modprobe.d/a.conf:1" },
	{ "the command line switches it off",
	  "sys/devices/system/cpu/smt/control = on\nproc/cmdline = quiet nosmt\n",
	  "attributes: {sys/devices/system/cpu/smt/control: on}",
	  "kernel command line sets it to off at boot: proc/cmdline" },
	{ "the command line, by a directory further up",
	  "sys/devices/system/cpu/cpufreq/policy0/scaling_governor = performance\nproc/cmdline = cpufreq.default_governor=powersave\n",
	  "attributes: {sys/devices/system/cpu/cpufreq/policy0/scaling_governor: performance}",
	  "kernel command line sets it to powersave at boot: proc/cmdline" },
	{ "the command line", "proc/cmdline = quiet transparent_hugepage=always\n",
	  "transparent_hugepage: {enabled: madvise}",
	  "kernel command line sets it to always at boot: proc/cmdline" },
	{ "TuneD, by a word of its own",
	  WANTS "tuned.service -> /lib/x\netc/tuned/active_profile = a\n"
		"etc/tuned/a/tuned.conf = [vm]\\ntransparent_hugepages=never\n",
	  "transparent_hugepage: {enabled: madvise}",
	  "TuneD sets it to never at boot: etc/tuned/a/tuned.conf:2" },
};

static void check_contested(const char *host, const char *yaml, const char *note)
{
	g_autofree char *text = g_strconcat(VALUES, host, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(text);
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, &error);

	CU_ASSERT(tune_plan_mark_contested(plan, &error));
	CHECK_NO_ERROR(error);
	const TuneStep *step = tune_plan_get_step(plan, 0);
	CU_ASSERT_EQUAL(step->verdict == TUNE_VERDICT_CONTESTED, note != NULL);
	CHECK_TEXT(step->verdict == TUNE_VERDICT_CONTESTED ? step->note : NULL, note);
	CU_ASSERT_EQUAL(tune_step_is_fault(step), step->verdict != TUNE_VERDICT_SAME);
}

static void test_rows(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].label);
		check_contested(rows[i].host, rows[i].policy, rows[i].note);
	}
}

static void test_unreadable(void)
{
	static const char yaml[] = "sysctl: {vm.swappiness: 10}";
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot)
		root = check_host(VALUES "etc/sysctl.d/a.conf -> /etc/sysctl.d/a.conf\n");
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", NULL);
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, NULL);

	CU_ASSERT_FALSE(tune_plan_mark_contested(plan, &error));
	CHECK_HOLDS(error->message, "symbolic links");
}

int main(void)
{
	static const Check checks[] = {
		{ "who sets it, too", test_rows },
		{ "what cannot be read", test_unreadable },
		{ NULL, NULL },
	};

	return check_main("rivals", checks);
}
