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
	"sys/block/sda -> ../devices/pci0/ata1/0:0:0:0/block/sda\n"
#define RULES "etc/udev/rules.d/a.rules = "
#define SETS(value) "ATTR{queue/scheduler}=\"" value "\""

/* What sysfs tells of the disk decides. */
static void test_udev_conditions(void)
{
	CHECK_FIND(
		DISK RULES "ACTION==\"add|change\", ATTR{queue/rotational}==\"1\", " SETS(
			"bfq") "\\n"
			       "ATTR{queue/rotational}==\"0\", " SETS(
				       "none") "\\n"
					       "ATTR{queue/rotational}!=\"1\", " SETS(
						       "none") "\\n"
							       "ATTR{no_such}!=\"1\", " SETS(
								       "none") "\\n"
									       "ACTION==\"remove\", " SETS(
										       "none") "\\n"
											       "SUBSYSTEM==\"scsi\", " SETS(
												       "none") "\\n"
													       "ENV{DEVTYPE}==\"partition\", " SETS(
														       "none") "\\n"
															       "TEST!=\"queue/scheduler\", " SETS(
																       "none") "\\n"
																	       "TEST==\"queue/no_such\", " SETS(
																		       "none") "\\n"
																			       "SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", TEST==\"queue/scheduler\", " SETS(
																				       "kyber") "\n",
		SCHEDULER,
		"udev etc/udev/rules.d/a.rules:1: bfq\n"
		"udev etc/udev/rules.d/a.rules:10: kyber *\n");
	/* What it does not tell is said. */
	CHECK_FIND(
		DISK RULES SETS(
			"bfq") "\\n"
			       "ACTION==\"change\", " SETS(
				       "none") "\\n"
					       "ENV{ID_MODEL}==\"x\", KERNEL==\"sda\", PROGRAM=\"p\", " SETS(
						       "none") "\\n"
							       "ATTR{queue/scheduler}!=\"none\", " SETS(
								       "none") "\n",
		SCHEDULER,
		"udev etc/udev/rules.d/a.rules:1: bfq *\n"
		"udev etc/udev/rules.d/a.rules:2: none if ACTION==\"change\"\n"
		"udev etc/udev/rules.d/a.rules:3: none if ENV{ID_MODEL}==\"x\", PROGRAM=\"p\"\n"
		"udev etc/udev/rules.d/a.rules:4: none if ATTR{queue/scheduler}!=\"none\"\n");
}

static void test_udev_parents(void)
{
	CHECK_FIND(
		DISK RULES "ATTRS{model}==\"NO_SUCH_MODEL\", " SETS(
			"none") "\\n"
				"ATTRS{model}==\"FAST*\", SUBSYSTEMS==\"scsi\", " SETS(
					"bfq") "\\n"
					       "ATTRS{model}==\"FAST DISK\", KERNELS==\"ata1\", " SETS(
						       "none") "\\n"
							       "KERNELS==\"ata1\", " SETS(
								       "kyber") "\n",
		SCHEDULER,
		"udev etc/udev/rules.d/a.rules:2: bfq\n"
		"udev etc/udev/rules.d/a.rules:4: kyber *\n");
}

/* From a GOTO to its LABEL nothing counts; where the GOTO cannot be judged, its opposite is the condition. */
static void test_udev_goto(void)
{
	CHECK_FIND(DISK RULES
		   "SUBSYSTEM!=\"block\", GOTO=\"end\"\\n"
		   "ATTR{queue/rotational}==\"1\", GOTO=\"end\"\\n" SETS(
			   "none") "\\n"
				   "LABEL=\"end\"\\nENV{A}==\"1\", GOTO=\"later\"\\n" SETS(
					   "kyber") "\\n"
						    "LABEL=\"later\"\\nGOTO=\"nowhere\"\\n" SETS(
							    "bfq") "\n",
		   SCHEDULER,
		   "udev etc/udev/rules.d/a.rules:6: kyber if not (ENV{A}==\"1\")\n"
		   "udev etc/udev/rules.d/a.rules:9: bfq *\n");
}

/* udev runs programs after all rules. */
static void test_udev_programs(void)
{
	CHECK_FIND(
		DISK RULES
		"KERNEL==\"sd*\", RUN+=\"/bin/sh -c 'echo x > /sys/block/%k/queue/scheduler'\"\\n"
		"KERNEL==\"sd*1\", ATTR{../queue/scheduler}=\"none\"\\n"
		"KERNEL==\"sd*\", RUN+=\"/bin/other\", ATTR{queue/scheduler}:=\"bfq\"\n",
		SCHEDULER,
		"udev etc/udev/rules.d/a.rules:1: at run time *\n"
		"udev etc/udev/rules.d/a.rules:2: none if KERNEL==\"sd*1\", a device below it matches\n"
		"udev etc/udev/rules.d/a.rules:3: bfq\n");
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
		{ "udev: GOTO and LABEL", test_udev_goto },
		{ "udev: programs", test_udev_programs },
		{ "udev: others", test_udev_others },
		{ "udev: long rules", test_udev_long },
		{ NULL, NULL },
	};

	return check_main("origins-udev", checks);
}
