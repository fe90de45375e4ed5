/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that profiles of TuneD set. */
#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

#define TUNED "etc/systemd/system/multi-user.target.wants/tuned.service -> /lib/x\n"

static void test_tuned_chain(void)
{
	CHECK_FIND(
		TUNED
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
	/* The host's own profile comes before the packaged one, and may include it. */
	CHECK_FIND(
		TUNED
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
	CHECK_FIND(TUNED "etc/tuned/active_profile = ../x none\n"
			 "etc/x/tuned.conf = [sysctl]\\nvm.swappiness=1\n",
		   SWAPPINESS, "");
}

static void test_tuned_plugins(void)
{
	static const char host[] = TUNED
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
	g_autofree char *ahead = origins_find_on(root, &tune_section_disks, "read_ahead_kb", "sda");
	CHECK_TEXT(ahead, "TuneD etc/tuned/a/tuned.conf:3: >4096\n"
			  "TuneD etc/tuned/a/tuned.conf:16: 128 *\n");
}

static void test_tuned_devices(void)
{
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [disk]\\ndevices=!sdb\\nelevator=none\n",
		   SCHEDULER, "TuneD etc/tuned/a/tuned.conf:3: none *\n");
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [disk]\\ndevices=sd*, !sda\\nelevator=none\n",
		   SCHEDULER, "");
}

/* Profiles that are not active set nothing. */
static void test_tuned_disabled(void)
{
	static const char profile[] = "etc/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=1\n"
				      "etc/tuned/active_profile = a\n";
	g_autofree char *enabled = g_strconcat(TUNED, profile, NULL);
	g_autofree char *masked = g_strconcat(
		enabled, "etc/systemd/system/tuned.service -> /dev/null\n", NULL);

	CHECK_FIND(profile, SWAPPINESS, "");
	CHECK_FIND(masked, SWAPPINESS, "");
	CHECK_FIND(enabled, SWAPPINESS, "TuneD etc/tuned/a/tuned.conf:2: 1 *\n");
}

#define SECTIONS                                                                                   \
	TUNED "etc/tuned/active_profile = a\n"                                                     \
	      "etc/tuned/a/tuned.conf = [vm]\\ntransparent_hugepages=madvise\\n"                   \
	      "[vm.b]\\ntype=vm\\nuname_regex=aarch64\\ntransparent_hugepages=never\\n"            \
	      "[vm.c]\\ntype=vm\\ncpuinfo_regex=implementer\\\\s+: 0x42\\n"                        \
	      "transparent_hugepages=always\n"
#define UNAME                                                                                      \
	"proc/sys/kernel/ostype = Linux\nproc/sys/kernel/hostname = n\n"                           \
	"proc/sys/kernel/osrelease = 6.1\nproc/sys/kernel/version = #1\n"

/* Sections for other machines. */
static void test_tuned_machines(void)
{
	CHECK_FIND(SECTIONS UNAME "proc/sys/kernel/arch = x86_64\nproc/cpuinfo = flags : fpu\n",
		   THP, "TuneD etc/tuned/a/tuned.conf:2: madvise *\n");
	CHECK_FIND(SECTIONS UNAME "proc/sys/kernel/arch = aarch64\n"
				  "proc/cpuinfo = x\\nCPU implementer\\t: 0x42\n",
		   THP,
		   "TuneD etc/tuned/a/tuned.conf:2: madvise\n"
		   "TuneD etc/tuned/a/tuned.conf:6: never\n"
		   "TuneD etc/tuned/a/tuned.conf:10: always *\n");
	CHECK_FIND(SECTIONS UNAME, THP,
		   "TuneD etc/tuned/a/tuned.conf:2: madvise *\n"
		   "TuneD etc/tuned/a/tuned.conf:6: never if uname_regex matches aarch64\n"
		   "TuneD etc/tuned/a/tuned.conf:10: always if cpuinfo_regex matches "
		   "implementer\\s+: 0x42\n");
}

/* Variables of a profile also count in the profiles that it includes; values that TuneD computes are unknown. */
static void test_tuned_variables(void)
{
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=${wanted}\n",
		   SWAPPINESS, "TuneD etc/tuned/a/tuned.conf:2: at run time *\n");
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [main]\\ninclude=b\\n[variables]\\n"
			 "include=/etc/tuned/mine.conf\\nwanted=1${unit}\n"
			 "etc/tuned/mine.conf = unit=7\n"
			 "etc/tuned/b/tuned.conf = [variables]\\nwanted=3\\n[sysctl]\\n"
			 "vm.swappiness=${wanted}\n",
		   SWAPPINESS, "TuneD etc/tuned/b/tuned.conf:4: 17 *\n");
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [variables]\\nx=${f:exec:uname}\\n[sysctl]\\n"
			 "vm.swappiness=${x}\n",
		   SWAPPINESS, "TuneD etc/tuned/a/tuned.conf:4: at run time *\n");
}

#define SYSCTLS                                                                                    \
	TUNED "etc/tuned/active_profile = a\n"                                                     \
	      "etc/tuned/a/tuned.conf = [sysctl]\\nvm.swappiness=10\n"                             \
	      "usr/lib/sysctl.d/70-pkg.conf = vm.swappiness=7\n"

/* After its own values TuneD applies sysctl.d again, but not the packages' files. */
static void test_tuned_reapplies(void)
{
	CHECK_FIND(SYSCTLS "etc/sysctl.d/60-mine.conf = vm.swappiness=5\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/60-mine.conf:1: 5 *\n"
		   "sysctl.d usr/lib/sysctl.d/70-pkg.conf:1: 7\n"
		   "TuneD etc/tuned/a/tuned.conf:2: 10\n");
	CHECK_FIND(SYSCTLS, SWAPPINESS,
		   "sysctl.d usr/lib/sysctl.d/70-pkg.conf:1: 7\n"
		   "TuneD etc/tuned/a/tuned.conf:2: 10 *\n");
	CHECK_FIND(SYSCTLS "etc/sysctl.d/60-mine.conf = vm.swappiness=5\n"
			   "etc/tuned/tuned-main.conf = reapply_sysctl = 0\n",
		   SWAPPINESS,
		   "sysctl.d etc/sysctl.d/60-mine.conf:1: 5\n"
		   "sysctl.d usr/lib/sysctl.d/70-pkg.conf:1: 7\n"
		   "TuneD etc/tuned/a/tuned.conf:2: 10 *\n");
}

static void test_tuned_by_udev(void)
{
	CHECK_FIND(TUNED "etc/tuned/active_profile = a\n"
			 "etc/tuned/a/tuned.conf = [disk]\\ndevices_udev_regex=ID_BUS=ata\\n"
			 "elevator=none\n",
		   SCHEDULER,
		   "TuneD etc/tuned/a/tuned.conf:3: none if devices_udev_regex matches "
		   "ID_BUS=ata\n");
}

int main(void)
{
	static const Check checks[] = {
		{ "TuneD: chain of includes", test_tuned_chain },
		{ "TuneD: order and loops", test_tuned_order },
		{ "TuneD: plugins", test_tuned_plugins },
		{ "TuneD: devices", test_tuned_devices },
		{ "TuneD: not enabled", test_tuned_disabled },
		{ "TuneD: sections for other machines", test_tuned_machines },
		{ "TuneD: variables", test_tuned_variables },
		{ "TuneD: sysctl.d again", test_tuned_reapplies },
		{ "TuneD: devices by udev's database", test_tuned_by_udev },
		{ NULL, NULL },
	};

	return check_main("origins-tuned", checks);
}
