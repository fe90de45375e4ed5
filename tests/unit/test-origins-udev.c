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
		   "udev usr/lib/udev/rules.d/60-a.rules:1: none if ATTR{queue/rotational}==\"0\"\n"
		   "udev etc/udev/rules.d/70-b.rules:3: bfq if ATTR{queue/scheduler}!=\"x\"\n"
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
		   SWAPPINESS, "udev etc/udev/rules.d/a.rules:1: 5 if KERNEL==\"br0\"\n");
	CHECK_FIND("etc/udev/rules.d/a.rules = KERNEL==\"0000:*\", ATTR{power/control}=\"on\"\\n"
		   "KERNEL==\"1*\", ATTR{power/control}=\"auto\"\n",
		   ATTRIBUTE("sys/bus/pci/devices/0000:00:1f.2/power/control"),
		   "udev etc/udev/rules.d/a.rules:1: on *\n");
	/* KSM is no device. */
	CHECK_FIND("etc/udev/rules.d/a.rules = ATTR{run}=\"1\"\n", KSM_RUN, "");
}

#define DISK                                                                                       \
	"sys/devices/pci0/ata1/0:0:0:0/block/sda/queue/scheduler = [none] bfq\n"                   \
	"sys/devices/pci0/ata1/0:0:0:0/block/sda/queue/rotational = 1\n"                           \
	"sys/devices/pci0/ata1/0:0:0:0/model = FAST DISK  \n"                                      \
	"sys/devices/pci0/ata1/0:0:0:0/subsystem -> ../../../../bus/scsi\n"                        \
	"sys/devices/pci0/ata1/0:0:0:0/driver -> ../../../../bus/scsi/drivers/sd\n"                \
	"sys/block/sda -> ../devices/pci0/ata1/0:0:0:0/block/sda\n"

/* One rule for each line of @rules, with ' for "; what they set for the scheduler of sda, as lines "NUMBER: VALUE". */
static void check_rules(const char *const *rules, const char *const *wanted)
{
	g_autofree char *joined = g_strjoinv("\\n", (char **)rules);
	g_autofree char *host = g_strconcat(DISK, "etc/udev/rules.d/a.rules = ", joined, "\n",
					    NULL);
	g_autoptr(GString) found = g_string_new(NULL);

	for (; *wanted; wanted++)
		g_string_append_printf(found, "udev etc/udev/rules.d/a.rules:%s\n", *wanted);
	g_strdelimit(host, "'", '"');
	g_strdelimit(found->str, "'", '"');
	CHECK_FIND(host, SCHEDULER, found->str);
}

static void test_udev_conditions(void)
{
	static const char *const decided[] = {
		"ACTION=='add|change', ATTR{queue/rotational}=='1', ATTR{queue/scheduler}='bfq'",
		"ATTR{queue/rotational}=='0', ATTR{queue/scheduler}='none'",
		"ATTR{queue/rotational}!='1', ATTR{queue/scheduler}='none'",
		"ATTR{no_such}!='1', ATTR{queue/scheduler}='none'",
		"ACTION=='remove', ATTR{queue/scheduler}='none'",
		"SUBSYSTEM=='scsi', ATTR{queue/scheduler}='none'",
		"ENV{DEVTYPE}=='partition', ATTR{queue/scheduler}='none'",
		"TEST!='queue/scheduler', ATTR{queue/scheduler}='none'",
		"TEST=='queue/no_such', ATTR{queue/scheduler}='none'",
		"SUBSYSTEM=='block', ENV{DEVTYPE}=='disk', TEST=='queue/scheduler', ATTR{queue/scheduler}='kyber'",
		NULL,
	};
	static const char *const open[] = {
		"ATTR{queue/scheduler}='bfq'",
		"ACTION=='change', ATTR{queue/scheduler}='none'",
		"ENV{ID_MODEL}=='x', KERNEL=='sda', PROGRAM='p', ATTR{queue/scheduler}='none'",
		"IMPORT{program}='p', ATTR{queue/scheduler}='none'",
		"ATTR{queue/scheduler}!='none', ATTR{queue/scheduler}='none'",
		"ATTR{[dmi/id]x}=='1', ATTR{queue/scheduler}='none'",
		"ENV{A}=='x\\\\'y', ATTR{queue/scheduler}='none'",
		NULL,
	};
	static const char *const sets[] = { "1: bfq", "10: kyber *", NULL };
	static const char *const sets_if[] = {
		"1: bfq *",
		"2: none if ACTION=='change'",
		"3: none if ENV{ID_MODEL}=='x', PROGRAM='p'",
		"4: none if IMPORT{program}='p'",
		"5: none if ATTR{queue/scheduler}!='none'",
		"6: none if ATTR{[dmi/id]x}=='1'",
		"7: none if ENV{A}=='x\\'y'",
		NULL,
	};

	/* Attributes of the disk in sysfs decide. */
	check_rules(decided, sets);
	/* Conditions that sysfs cannot answer are reported. */
	check_rules(open, sets_if);
}

static void test_udev_parents(void)
{
	static const char *const rules[] = {
		"ATTRS{model}=='NO_SUCH_MODEL', ATTR{queue/scheduler}='none'",
		"ATTRS{model}=='FAST*', SUBSYSTEMS=='scsi', ATTR{queue/scheduler}='bfq'",
		"ATTRS{model}=='FAST DISK', KERNELS=='ata1', ATTR{queue/scheduler}='none'",
		"DRIVERS=='sd', SUBSYSTEMS=='scsi', ATTR{queue/scheduler}='bfq'",
		"DRIVERS=='scsi', SUBSYSTEMS=='scsi', ATTR{queue/scheduler}='none'",
		"KERNELS=='ata1', ATTR{queue/scheduler}='kyber'",
		NULL,
	};
	static const char *const sets[] = { "2: bfq", "4: bfq",
					    "5: none if DRIVERS=='scsi', SUBSYSTEMS=='scsi'",
					    "6: kyber *", NULL };

	check_rules(rules, sets);
}

static void test_udev_subsystem(void)
{
	CHECK_FIND(
		"sys/class/net/eth0/tx_queue_len = 1000\n"
		"etc/udev/rules.d/a.rules = SUBSYSTEM==\"net\", KERNEL==\"eth*\", ATTR{tx_queue_len}=\"5\"\\n"
		"SUBSYSTEM==\"block\", ATTR{tx_queue_len}=\"6\"\n",
		ATTRIBUTE("sys/class/net/eth0/tx_queue_len"),
		"udev etc/udev/rules.d/a.rules:1: 5 *\n");
}

/* From a GOTO to its LABEL nothing counts; where the GOTO cannot be judged, its opposite is the condition. */
static void test_udev_goto(void)
{
	static const char *const rules[] = {
		"SUBSYSTEM!='block', GOTO='end'",
		"ATTR{queue/rotational}=='1', GOTO='end'",
		"ATTR{queue/scheduler}='none'",
		"LABEL='end'",
		"ENV{A}=='1', GOTO='later'",
		"ATTR{queue/scheduler}='kyber'",
		"LABEL='later'",
		"GOTO='nowhere'",
		"ATTR{queue/scheduler}='bfq'",
		NULL,
	};
	static const char *const sets[] = { "6: kyber if not (ENV{A}=='1')", "9: bfq *", NULL };

	check_rules(rules, sets);
}

/* udev runs programs after all rules. */
static void test_udev_programs(void)
{
	static const char *const rules[] = {
		"KERNEL=='sd*', RUN+='/bin/sh -c `echo x > /sys/block/%k/queue/scheduler`'",
		"KERNEL=='sd*1', ATTR{../queue/scheduler}='none'",
		"KERNEL=='sd*', RUN+='/bin/other', ATTR{queue/scheduler}:='bfq'",
		NULL,
	};
	static const char *const sets[] = {
		"1: at run time *",
		"2: none if KERNEL=='sd*1', a device below it matches",
		"3: bfq",
		NULL,
	};

	check_rules(rules, sets);
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
		{ "udev: conditions", test_udev_conditions },
		{ "udev: parents", test_udev_parents },
		{ "udev: subsystem of an interface", test_udev_subsystem },
		{ "udev: GOTO and LABEL", test_udev_goto },
		{ "udev: programs", test_udev_programs },
		{ "udev: others", test_udev_others },
		{ "udev: long rules", test_udev_long },
		{ NULL, NULL },
	};

	return check_main("origins-udev", checks);
}
