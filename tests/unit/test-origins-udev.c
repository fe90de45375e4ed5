/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that rules of udev set. */
#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

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

int main(void)
{
	static const Check checks[] = {
		{ "udev: disks", test_udev },
		{ "udev: others", test_udev_others },
		{ "udev: long rules", test_udev_long },
		{ NULL, NULL },
	};

	return check_main("origins-udev", checks);
}
