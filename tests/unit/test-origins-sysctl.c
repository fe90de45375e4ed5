/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that sysctl.d sets. */
#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

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

/* Hidden files neither count nor mask others. */
static void test_sysctl_hidden(void)
{
	CHECK_FIND("etc/sysctl.d/.a.conf = vm.swappiness = 1\n"
		   "etc/sysctl.d/b.conf~ = vm.swappiness = 2\n"
		   "usr/lib/sysctl.d/c.conf = vm.swappiness = 3\n"
		   "usr/lib/sysctl.d/.a.conf = vm.swappiness = 4\n",
		   SWAPPINESS, "sysctl.d usr/lib/sysctl.d/c.conf:1: 3 *\n");
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
	/* A key after "-" is excluded: globs do not set it, and an earlier line is undone. */
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\\n"
		   "-net.ipv4.conf.eth0/100.forwarding\n",
		   FORWARDING, "sysctl.d etc/sysctl.d/a.conf:1: 1\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\\n-vm.swappiness\\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n");
	CHECK_FIND("etc/sysctl.d/a.conf = vm.swappiness = 1\\n-vm.*\\nvm.swappiness\\n", SWAPPINESS,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1 *\n");
}

/* A line without a value takes the place of an earlier one with the same key, also where the key is a glob. */
static void test_sysctl_excluded_globs(void)
{
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\\n"
		   "-net.ipv4.conf.*.forwarding\n",
		   FORWARDING, "sysctl.d etc/sysctl.d/a.conf:1: 1\n");
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\\n"
		   "net.ipv4.conf.e*.forwarding = 2\\n-net/ipv4/conf/*/forwarding\n",
		   FORWARDING,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/a.conf:2: 2 *\n");
	/* The same value again does not move it behind the other glob. */
	CHECK_FIND("etc/sysctl.d/a.conf = net.ipv4.conf.*.forwarding = 1\\n"
		   "net.ipv4.conf.e*.forwarding = 2\\nnet.ipv4.conf.*.forwarding = 1\n",
		   FORWARDING,
		   "sysctl.d etc/sysctl.d/a.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/a.conf:2: 2 *\n"
		   "sysctl.d etc/sysctl.d/a.conf:3: 1\n");
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
	/* procps reads it last, once. */
	CHECK_FIND(FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2\n"
		   "sysctl.d etc/sysctl.conf:1: 1 *\n");
	CHECK_FIND(LINK FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2\n"
		   "sysctl.d etc/sysctl.conf:1: 1 *\n");
	/* systemd reads it in the place of the link to it, and without a link not at all. */
	CHECK_FIND(SYSTEMD LINK FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/99-sysctl.conf:1: 1\n"
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2 *\n");
	CHECK_FIND(SYSTEMD FILES, SWAPPINESS,
		   "sysctl.d etc/sysctl.d/zz.conf:1: 2 *\n"
		   "sysctl.d etc/sysctl.conf:1: 1\n");
}

int main(void)
{
	static const Check checks[] = {
		{ "sysctl.d: order", test_sysctl_order },
		{ "sysctl.d: masking", test_sysctl_masking },
		{ "sysctl.d: hidden files", test_sysctl_hidden },
		{ "sysctl.d: dots and slashes", test_sysctl_names },
		{ "sysctl.d: globs and exclusions", test_sysctl_globs },
		{ "sysctl.d: excluded globs", test_sysctl_excluded_globs },
		{ "sysctl.d: pairs", test_sysctl_pairs },
		{ "sysctl.conf", test_sysctl_conf },
		{ NULL, NULL },
	};

	return check_main("origins-sysctl", checks);
}
