/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that tmpfiles.d, sysfs.conf and ksmtuned set. */
#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

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
		"sysfs.conf etc/sysfs.d/a.conf:2: 4\n"
		"sysfs.conf etc/sysfs.d/b.conf:1: 2 *\n");
}

static void test_sysfs_conf_globs(void)
{
	CHECK_FIND("etc/sysfs.conf = block/sd*/queue/scheduler = bfq\\n"
		   "block/vd*/queue/scheduler = none\\nblock/*/scheduler = none\n",
		   SCHEDULER, "sysfs.conf etc/sysfs.conf:1: bfq *\n");
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

int main(void)
{
	static const Check checks[] = {
		{ "tmpfiles.d", test_tmpfiles },
		{ "sysfs.conf", test_sysfs_conf },
		{ "sysfs.conf: patterns", test_sysfs_conf_globs },
		{ "ksmtuned", test_ksmtuned },
		{ NULL, NULL },
	};

	return check_main("origins-sysfs", checks);
}
