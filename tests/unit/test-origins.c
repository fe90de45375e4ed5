/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/plan.h>

#include "tests/unit/check.h"

#define SWAPPINESS &tune_section_sysctl, "vm.swappiness", NULL
#define DIRTY_BYTES &tune_section_sysctl, "vm.dirty_bytes", NULL
#define FORWARDING &tune_section_sysctl, "net/ipv4/conf/eth0.100/forwarding", NULL
#define SCHEDULER &tune_section_disks, "scheduler", "sda"
#define READ_EXPIRE &tune_section_disks, "iosched/read_expire", "sda"
#define KSM_RUN &tune_section_ksm, "run", NULL
#define SMART_SCAN &tune_section_ksm, "smart_scan", NULL
#define THP &tune_section_thp, "enabled", NULL
#define ATTRIBUTE(path) &tune_section_attributes, path, NULL

/* ---- what was found, as text: a line for each, and a star where it wins ---- */

static void print_origin(gpointer data, gpointer text)
{
	const TuneOrigin *origin = data;

	g_string_append_printf(text, "%s %s: %s%s\n", origin->who, origin->place,
			       origin->value ? origin->value : "at run time",
			       origin->wins ? " *" : "");
}

static char *find_on(TuneRoot *root, const TuneSection *section, const char *key,
		     const char *object)
{
	g_autoptr(GError) error = NULL;
	Step *step = tune_step_new(tune_param_find(section, key), key, object, "x", "test:1");
	g_autoptr(GPtrArray) origins = tune_origins_find(root, &step->public, &error);
	GString *text = g_string_new(NULL);

	tune_step_free(step);
	if (origins)
		g_ptr_array_foreach(origins, print_origin, text);
	else
		g_string_append(text, error->message);
	return g_string_free(text, FALSE);
}

static void check_find(const char *host, const TuneSection *section, const char *key,
		       const char *object, const char *wanted, int line)
{
	g_autoptr(TuneRoot) root = check_host(host);
	g_autofree char *found = find_on(root, section, key, object);

	check_text(found, wanted, key, __FILE__, line);
}
/* The step is three arguments: section, key, object. */
#define CHECK_FIND(host, step, wanted) CHECK_FIND_(host, step, wanted)
#define CHECK_FIND_(host, ...) check_find(host, __VA_ARGS__, __LINE__)

static void test_nobody(void)
{
	CHECK_FIND("etc/ /\n", SWAPPINESS, "");
	CHECK_FIND("etc/ /\n", SCHEDULER, "");
	CHECK_FIND("etc/ /\n", KSM_RUN, "");
}

/* ---- sysctl.d ---- */

static void test_sysctl_order(void)
{
	CHECK_FIND(
		"usr/lib/sysctl.d/50-default.conf = vm.swappiness = 60\n"
		"run/sysctl.d/70-a.conf = # vm.swappiness = 1\\n;vm.swappiness = 2\\n"
		"-vm/swappiness=30\n"
		"etc/sysctl.d/60-b.conf = vm.swappiness=10\\nvm.swappiness = 20\\nvm.swappy = 1\n",
		SWAPPINESS,
		"sysctl.d usr/lib/sysctl.d/50-default.conf:1: 60\n"
		"sysctl.d etc/sysctl.d/60-b.conf:1: 10\n"
		"sysctl.d etc/sysctl.d/60-b.conf:2: 20\n"
		"sysctl.d run/sysctl.d/70-a.conf:3: 30 *\n");
}

static void test_sysctl_masking(void)
{
	CHECK_FIND("usr/lib/sysctl.d/a.conf = vm.swappiness = 1\n"
		   "run/sysctl.d/a.conf = vm.swappiness = 2\n"
		   "usr/lib/sysctl.d/b.conf = vm.swappiness = 3\n"
		   "etc/sysctl.d/b.conf -> /dev/null\n"
		   "lib/sysctl.d/c.conf = vm.swappiness = 4\n"
		   "usr/local/lib/sysctl.d/c.conf = \n"
		   "etc/sysctl.d/d.conf.dpkg-old = vm.swappiness = 5\n",
		   SWAPPINESS, "sysctl.d run/sysctl.d/a.conf:1: 2 *\n");
}

static void test_sysctl_names(void)
{
	/* A slash first: dots are part of names. */
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.eth0/100.forwarding = 1\\n"
		   "net/ipv4/conf/eth0.100/forwarding = 2\\n"
		   "/net/ipv4/conf/eth0.100/forwarding = 3\\n"
		   "net.ipv4.conf.eth0.100.forwarding = 4\n",
		   FORWARDING,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/a.conf:2: 2\n"
		   "sysctl.d etc/sysctl.d/a.conf:3: 3 *\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\n", ATTRIBUTE("proc/sys/vm/swappiness"),
		   "sysctl.d etc/sysctl.d/a.conf:1: 1 *\n");
	CHECK_FIND("etc/sysctl.d/a.conf = kernel.mm.ksm.run = 1\n", KSM_RUN, "");
}

static void test_sysctl_globs(void)
{
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.eth0/100.forwarding = 1\n"
		   "etc/sysctl.d/b.conf = net.ipv4.conf.*.forwarding = 0\n",
		   FORWARDING,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1 *\n"
		   "sysctl.d etc/sysctl.d/b.conf:1: 0\n");
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\n"
		   "etc/sysctl.d/b.conf = net.ipv4.conf.eth?/100.forwarding = 0\n"
		   "etc/sysctl.d/c.conf = net.*.forwarding = 1\n",
		   FORWARDING,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/b.conf:1: 0 *\n");
	/* Excluded: the glob does not reach it, and what stood before is undone. */
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\\n"
		   "-net.ipv4.conf.eth0/100.forwarding\n",
		   FORWARDING, "sysctl.d etc/sysctl.d/a.conf:1: 1\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\\n-vm.swappiness\\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\\n-vm.*\\nvm.swappiness\\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1 *\n");
}

static void test_sysctl_pairs(void)
{
	CHECK_FIND("etc/sysctl.d/a.conf = vm.dirty_bytes = 8192\n"
		   "etc/sysctl.d/b.conf = vm.dirty_ratio = 20\n",
		   DIRTY_BYTES,
		   "sysctl.d etc/sysctl.d/a.conf:1: 8192\n"
		   "sysctl.d etc/sysctl.d/b.conf:1: vm.dirty_ratio = 20 *\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.dirty_ratio = 20\n"
		   "etc/sysctl.d/b.conf = vm.dirty_bytes = 8192\n",
		   DIRTY_BYTES,
		   "sysctl.d etc/sysctl.d/a.conf:1: vm.dirty_ratio = 20\n"
		   "sysctl.d etc/sysctl.d/b.conf:1: 8192 *\n");
}

#define SYSTEMD "usr/lib/systemd/systemd-sysctl ! true\n"
#define LINK "etc/sysctl.d/99-sysctl.conf -> ../sysctl.conf\n"
#define FILES "etc/sysctl.conf = vm.swappiness = 1\netc/sysctl.d/zz.conf = vm.swappiness = 2\n"

static void test_sysctl_conf(void)
{
	/* procps: last of all, once. */
	CHECK_FIND(FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2\n"
		   "sysctl.d etc/sysctl.conf:1: 1 *\n");
	CHECK_FIND(LINK FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2\n"
		   "sysctl.d etc/sysctl.conf:1: 1 *\n");
	/* systemd: where the link stands; without one, not at boot. */
	CHECK_FIND(SYSTEMD LINK FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/99-sysctl.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2 *\n");
	CHECK_FIND(SYSTEMD FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2 *\n"
		   "sysctl.d etc/sysctl.conf:1: 1\n");
}

/* ---- tmpfiles.d, sysfs.conf, ksmtuned ---- */

static void test_tmpfiles(void)
{
	CHECK_FIND("usr/lib/tmpfiles.d/a.conf = w /sys/kernel/mm/ksm/run - - - - 0\n"
		   "etc/tmpfiles.d/b.conf = # w /sys/kernel/mm/ksm/run - - - - 3\\n"
		   "w! \"/sys/kernel/mm/ksm/r*\" - - - - 1\\n"
		   "f /sys/kernel/mm/ksm/run - - - - 4\\nw /sys/kernel/mm/ksm/run\\n"
		   "w /sys/kernel/*/run - - - - 5\n"
		   "run/tmpfiles.d/c.conf = w- /sys/kernel/mm/ksm/run - - - - 2\n",
		   KSM_RUN,
		   "tmpfiles.d usr/lib/tmpfiles.d/a.conf:1: 0\n"
		   "tmpfiles.d etc/tmpfiles.d/b.conf:2: 1 *\n"
		   "tmpfiles.d run/tmpfiles.d/c.conf:1: 2\n");
	/* The first line of a path counts, unless one adds to it. */
	CHECK_FIND("etc/tmpfiles.d/a.conf = w /sys/kernel/mm/ksm/run - - - - 1\n"
		   "etc/tmpfiles.d/b.conf = w /sys/kernel/mm/ksm/run - - - - 2\n",
		   KSM_RUN,
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: 1 *\n"
		   "tmpfiles.d etc/tmpfiles.d/b.conf:1: 2\n");
	CHECK_FIND("etc/tmpfiles.d/a.conf = w /sys/kernel/mm/ksm/run - - - - 1\n"
		   "etc/tmpfiles.d/b.conf = w+ /sys/kernel/mm/ksm/run - - - - 2\n",
		   KSM_RUN,
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: 1\n"
		   "tmpfiles.d etc/tmpfiles.d/b.conf:1: 2 *\n");
	CHECK_FIND("etc/tmpfiles.d/a.conf -> /dev/null\n"
		   "usr/lib/tmpfiles.d/a.conf = w /proc/sys/vm/swappiness - - - - 10\n"
		   "usr/lib/tmpfiles.d/b.conf = w /proc/sys/vm/swappiness - - - - 20\n",
		   SWAPPINESS, "tmpfiles.d usr/lib/tmpfiles.d/b.conf:1: 20 *\n");
}

static void test_sysfs_conf(void)
{
	CHECK_FIND(
		"etc/sysfs.conf = kernel/mm/ksm/run = 1 # merge\\nmode kernel/mm/ksm/run = 0600\n"
		"etc/sysfs.d/b.conf = kernel/mm/ksm/run = 2\\n#kernel/mm/ksm/run = 3\n"
		"etc/sysfs.d/a.conf = kernel/mm/ksm/run=0\\nkernel/mm/ksm/*=4\n"
		"etc/sysfs.d/c.off = kernel/mm/ksm/run = 5\n",
		KSM_RUN,
		"sysfs.conf etc/sysfs.conf:1: 1\n"
		"sysfs.conf etc/sysfs.d/a.conf:1: 0\n"
		"sysfs.conf etc/sysfs.d/b.conf:1: 2 *\n");
}

/* A disk has more than one path. */
static void test_links(void)
{
	CHECK_FIND("sys/devices/pci0/block/sda/queue/scheduler = [none]\n"
		   "sys/block/sda -> ../devices/pci0/block/sda\n"
		   "etc/sysfs.conf = devices/pci0/block/sda/queue/scheduler = bfq\n"
		   "etc/tmpfiles.d/a.conf = w /sys/class/block/sd*/queue/scheduler - - - - none\n",
		   SCHEDULER,
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: none *\n"
		   "sysfs.conf etc/sysfs.conf:1: bfq *\n");
}

#define WANTS "etc/systemd/system/multi-user.target.wants/ksmtuned.service -> /lib/x\n"

static void test_ksmtuned(void)
{
	CHECK_FIND("etc/ksmtuned.conf = KSM_THRES_COEF=20\n", KSM_RUN, "");
	CHECK_FIND(WANTS "etc/ksmtuned.conf = KSM_THRES_COEF=20\n", KSM_RUN,
		   "ksmtuned etc/ksmtuned.conf: at run time *\n");
	CHECK_FIND(WANTS, KSM_RUN,
		   "ksmtuned etc/systemd/system/multi-user.target.wants/ksmtuned.service: "
		   "at run time *\n");
	CHECK_FIND("etc/rc2.d/S02ksmtuned -> ../init.d/ksmtuned\netc/ksmtuned.conf = \n", KSM_RUN,
		   "ksmtuned etc/ksmtuned.conf: at run time *\n");
	CHECK_FIND("etc/systemd/system/basic.target.wants/ksm.service -> /lib/x\n"
		   "etc/ksmtuned.conf = \n",
		   KSM_RUN, "ksmtuned etc/ksmtuned.conf: at run time *\n");
	CHECK_FIND("etc/rc2.d/K02ksmtuned -> ../init.d/ksmtuned\netc/ksmtuned.conf = \n", KSM_RUN,
		   "");
	CHECK_FIND(WANTS "etc/systemd/system/ksmtuned.service -> /dev/null\n"
			 "etc/ksmtuned.conf = \n",
		   KSM_RUN, "");
	CHECK_FIND(WANTS "etc/ksmtuned.conf = \n", SMART_SCAN, "");
	CHECK_FIND(WANTS "etc/ksmtuned.conf = \n", THP, "");
}

/* ---- udev ---- */

static void test_udev(void)
{
	CHECK_FIND("usr/lib/udev/rules.d/60-a.rules = ACTION==\"add|change\", "
		   "KERNEL==\"vd*|sd[a-z]\", "
		   "ATTR{queue/rotational}==\"0\", ATTR{queue/scheduler}=\"none\"\n"
		   "etc/udev/rules.d/70-b.rules = # a\\n\\nSUBSYSTEM==\"block\", \\\\\\n  # ATTR\\n"
		   "\tATTR{queue/scheduler}!=\"x\", ATTR{queue/scheduler} = \"bfq\", \\\\\\n"
		   "  ATTR{queue/iosched/read_expire}=\"150\"\n"
		   "etc/udev/rules.d/80-c.rules = KERNEL==\"nvme*\", "
		   "ATTR{queue/scheduler}=\"kyber\"\\n"
		   "KERNEL!=\"nvme*\", ATTR{queue/scheduler}=\"mq-deadline\"\\n"
		   "KERNEL!=\"sd*\", ATTR{queue/scheduler}=\"x\"\\n"
		   "ATTR{queue/scheduler}==\"x\"\\nATTR{scheduler}=\"x\"\\n"
		   "ATTR{queue/scheduler}=\"x\", nonsense\n",
		   SCHEDULER,
		   "udev usr/lib/udev/rules.d/60-a.rules:1: none\n"
		   "udev etc/udev/rules.d/70-b.rules:3: bfq\n"
		   "udev etc/udev/rules.d/80-c.rules:2: mq-deadline *\n");
	CHECK_FIND("etc/udev/rules.d/a.rules = ATTR{queue/scheduler}=\"x\", \\\\\\n"
		   "ATTR{queue/iosched/read_expire}=\"150\"\n",
		   READ_EXPIRE, "udev etc/udev/rules.d/a.rules:1: 150 *\n");
}

static void test_udev_others(void)
{
	CHECK_FIND("usr/lib/udev/rules.d/a.rules = ATTR{queue/scheduler}=\"x\"\n"
		   "run/udev/rules.d/a.rules = \n",
		   SCHEDULER, "");
	CHECK_FIND("etc/udev/rules.d/a.rules = ACTION==\"add\", KERNEL==\"br0\", "
		   "SYSCTL{vm/swappiness}=\"5\"\n",
		   SWAPPINESS, "udev etc/udev/rules.d/a.rules:1: 5 *\n");
	CHECK_FIND("etc/udev/rules.d/a.rules = KERNEL==\"0000:*\", ATTR{power/control}=\"on\"\\n"
		   "KERNEL==\"1*\", ATTR{power/control}=\"auto\"\n",
		   ATTRIBUTE("sys/bus/pci/devices/0000:00:1f.2/power/control"),
		   "udev etc/udev/rules.d/a.rules:1: on *\n");
	/* KSM is no device. */
	CHECK_FIND("etc/udev/rules.d/a.rules = ATTR{run}=\"1\"\n", KSM_RUN, "");
}

/* udev leaves out rules that are longer than its buffer. */
static void test_udev_long(void)
{
	g_autofree char *blanks = g_strnfill(16384, ' ');
	g_autofree char *host = g_strconcat(
		"etc/udev/rules.d/a.rules = ATTR{queue/scheduler}=\"x\"", blanks,
		"\\nATTR{queue/scheduler}=\"y\"\n", NULL);

	CHECK_FIND(host, SCHEDULER, "udev etc/udev/rules.d/a.rules:2: y *\n");
}

/* ---- TuneD ---- */

static void test_tuned_chain(void)
{
	CHECK_FIND(
		"etc/tuned/active_profile = mine\n"
		"etc/tuned/mine/tuned.conf = [vm]\\ndirty_bytes = 40%\\n[main]\\ninclude = "
		"virtual-host, -none\n"
		"usr/lib/tuned/virtual-host/tuned.conf = [main]\\ninclude=base\\n[sysctl]\\n"
		"vm.dirty_bytes = 8192 # bytes\n"
		"usr/lib/tuned/profiles/base/tuned.conf = vm.dirty_bytes = 1\\n[x]\\ntype=sysctl\\n"
		"vm/"
		"dirty_ratio=10\\n[sysctl2]\\nvm.dirty_bytes=1\\n[off]\\ntype=sysctl\\nenabled=0\\n"
		"vm.dirty_bytes=2\n",
		DIRTY_BYTES,
		"TuneD usr/lib/tuned/profiles/base/tuned.conf:4: vm.dirty_ratio = 10\n"
		"TuneD usr/lib/tuned/virtual-host/tuned.conf:4: 8192\n"
		"TuneD etc/tuned/mine/tuned.conf:2: vm.dirty_ratio = 40 *\n");
}

static void test_tuned_order(void)
{
	/* The host's own comes before the packaged one, and may include it; then nothing is left. */
	CHECK_FIND(
		"etc/tuned/active_profile = a b\n"
		"etc/tuned/a/tuned.conf = [main]\\ninclude=a\\n[sysctl]\\nvm.swappiness=2\n"
		"usr/lib/tuned/a/tuned.conf = [main]\\ninclude=a;b\\n[sysctl]\\nvm.swappiness=1\n"
		"etc/tuned/profiles/b/tuned.conf = "
		"[main]\\ninclude=a\\n[sysctl]\\nvm.swappiness=3\n",
		SWAPPINESS,
		"TuneD etc/tuned/profiles/b/tuned.conf:4: 3\n"
		"TuneD usr/lib/tuned/a/tuned.conf:4: 1\n"
		"TuneD etc/tuned/a/tuned.conf:4: 2 *\n");
	CHECK_FIND("usr/lib/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=1\n", SWAPPINESS, "");
	CHECK_FIND("etc/tuned/active_profile = ../x none\n"
		   "etc/x/tuned.conf = [sysctl]\\nvm.swappiness=1\n",
		   SWAPPINESS, "");
}

static void test_tuned_plugins(void)
{
	static const char host[] =
		"etc/tuned/active_profile = a\n"
		"etc/tuned/a/tuned.conf = [disk]\\nelevator=none\\nreadahead=>4096\\n"
		"[disk_b]\\ntype=disk\\ndevices=!sda\\nelevator=kyber\\n"
		"[disk_c]\\ntype=disk\\ndevices=vd*,sda\\nelevator=bfq\\n"
		"[vm]\\ntransparent_hugepages=never\\n"
		"[sysfs]\\n/sys/kernel/mm/ksm/r*=1\\n/sys/block/sda/queue/read_ahead_kb=128\n";

	CHECK_FIND(host, SCHEDULER,
		   "TuneD etc/tuned/a/tuned.conf:2: none\n"
		   "TuneD etc/tuned/a/tuned.conf:11: bfq *\n");
	CHECK_FIND(host, THP, "TuneD etc/tuned/a/tuned.conf:13: never *\n");
	CHECK_FIND(host, KSM_RUN, "TuneD etc/tuned/a/tuned.conf:15: 1 *\n");
	g_autoptr(TuneRoot) root = check_host(host);
	g_autofree char *ahead = find_on(root, &tune_section_disks, "read_ahead_kb", "sda");
	CHECK_TEXT(ahead, "TuneD etc/tuned/a/tuned.conf:3: >4096\n"
			  "TuneD etc/tuned/a/tuned.conf:16: 128 *\n");
}

static void test_tuned_devices(void)
{
	CHECK_FIND("etc/tuned/active_profile = a\n"
		   "etc/tuned/a/tuned.conf = [disk]\\ndevices=!sdb\\nelevator=none\n",
		   SCHEDULER, "TuneD etc/tuned/a/tuned.conf:3: none *\n");
	CHECK_FIND("etc/tuned/active_profile = a\n"
		   "etc/tuned/a/tuned.conf = [disk]\\ndevices=sd*, !sda\\nelevator=none\n",
		   SCHEDULER, "");
}

/* ---- all together, and the worst ---- */

static void test_kinds(void)
{
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\n"
		   "etc/tmpfiles.d/a.conf = w /proc/sys/vm/swappiness - - - - 2\n"
		   "etc/tuned/active_profile = a\n"
		   "etc/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=3\n",
		   SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1 *\n"
		   "tmpfiles.d etc/tmpfiles.d/a.conf:1: 2 *\n"
		   "TuneD etc/tuned/a/tuned.conf:2: 3 *\n");
}

static void test_unreadable(void)
{
	static const char *const paths[] = { "etc/sysctl.d/a.conf",     "etc/sysctl.conf",
					     "etc/tmpfiles.d/a.conf",   "etc/udev/rules.d/a.rules",
					     "etc/sysfs.conf",          "etc/sysfs.d/a.conf",
					     "etc/tuned/active_profile" };

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autofree char *loop = g_strdup_printf("%s -> /%s\n", paths[i], paths[i]);
		g_autoptr(TuneRoot) root = check_host(loop);
		g_autofree char *found = find_on(root, SWAPPINESS);
		CHECK_HOLDS(found, paths[i]);
		CHECK_HOLDS(found, "symbolic links");
	}
}

/* One text in every place where something is read. */
static TuneRoot *make_hostile_host(const char *text, gsize length)
{
	static const char *const paths[] = {
		"etc/sysctl.d/a.conf",      "etc/sysctl.conf", "etc/tmpfiles.d/a.conf",
		"etc/udev/rules.d/a.rules", "etc/sysfs.conf",  "etc/tuned/active_profile",
		"etc/tuned/a/tuned.conf",
	};
	g_autofree char *directory = check_unroll_text("etc/sysctl.d/ /\n"
						       "etc/tmpfiles.d/ /\n"
						       "etc/udev/rules.d/ /\n"
						       "etc/tuned/a/ /\n");

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autofree char *path = g_build_filename(directory, paths[i], NULL);
		CU_ASSERT(g_file_set_contents(path, text, (gssize)length, NULL));
	}
	return tune_root_open(directory, NULL);
}

static void bear(const char *text, gsize length)
{
	g_autoptr(TuneRoot) root = make_hostile_host(text, length);
	g_autofree char *sysctl = find_on(root, SWAPPINESS);
	g_autofree char *disk = find_on(root, SCHEDULER);
	g_autofree char *ksm = find_on(root, KSM_RUN);

	CHECK_TEXT(sysctl, "");
	CHECK_TEXT(disk, "");
	CHECK_TEXT(ksm, "");
}

static void test_hostile(void)
{
	static const char *const texts[] = {
		"=",
		"-",
		"w",
		"w \"",
		"[",
		"[]",
		"[main]",
		"[sysctl",
		"a\n[x]=",
		"ATTR{",
		"ATTR{}",
		"ATTR{queue/scheduler}",
		"\\",
		"ATTR{x}=\"",
		"=\"\"\\",
		"KERNEL==\"\\",
		"\n\n\n",
		"a\n[disk]\nelevator",
		"a\n[vm]\ndirty_bytes=%",
		"-=",
		"[[[[=",
		"w w w w w w",
		"\r",
		",",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		bear(texts[i], strlen(texts[i]));
	/* With the end of the string, too: NUL bytes. */
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		bear(texts[i], strlen(texts[i]) + 1);
	static const char fillers[] = { '\0', '=', '*', '[', '"', '\\', '{', 'a', '\n', ',' };
	for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++) {
		g_autofree char *filler = g_malloc(1 << 20);
		memset(filler, fillers[i], 1 << 20);
		bear(filler, 1 << 20);
	}
}

/* What follows a NUL or a long line is still seen, and so is a last line without its end. */
static void test_after_hostile(void)
{
	g_autoptr(GString) text = g_string_new("a\nx\0y = 1\n");

	g_string_append_len(text, "\0\n", 2);
	for (int i = 0; i < 1 << 18; i++)
		g_string_append(text, "*?[");
	g_string_append(text, "=1\nvm.swappiness = 7");
	g_autoptr(TuneRoot) root = make_hostile_host(text->str, text->len);
	g_autofree char *found = find_on(root, SWAPPINESS);
	CHECK_TEXT(found, "sysctl.d etc/sysctl.d/a.conf:4: 7\n"
			  "sysctl.d etc/sysctl.conf:4: 7 *\n");
}

int main(void)
{
	static const Check checks[] = {
		{ "nobody", test_nobody },
		{ "sysctl.d: order", test_sysctl_order },
		{ "sysctl.d: masking", test_sysctl_masking },
		{ "sysctl.d: dots and slashes", test_sysctl_names },
		{ "sysctl.d: globs and exclusions", test_sysctl_globs },
		{ "sysctl.d: pairs", test_sysctl_pairs },
		{ "sysctl.conf", test_sysctl_conf },
		{ "tmpfiles.d", test_tmpfiles },
		{ "sysfs.conf", test_sysfs_conf },
		{ "paths that lead to the same", test_links },
		{ "ksmtuned", test_ksmtuned },
		{ "udev: disks", test_udev },
		{ "udev: others", test_udev_others },
		{ "udev: long rules", test_udev_long },
		{ "TuneD: chain of includes", test_tuned_chain },
		{ "TuneD: order and loops", test_tuned_order },
		{ "TuneD: plugins", test_tuned_plugins },
		{ "TuneD: devices", test_tuned_devices },
		{ "each kind has its winner", test_kinds },
		{ "what cannot be read is named", test_unreadable },
		{ "hostile bytes", test_hostile },
		{ "after hostile bytes", test_after_hostile },
		{ NULL, NULL },
	};

	return check_main("origins", checks);
}
