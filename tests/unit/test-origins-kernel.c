/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that the kernel's command line and modprobe.d set. */
#include "tests/unit/check.h"
#include "tests/unit/origins-text.h"

#define ZSWAP ATTRIBUTE("sys/module/zswap/parameters/enabled")
#define HALT_POLL ATTRIBUTE("sys/module/kvm/parameters/halt_poll_ns")

static void test_command_line(void)
{
	static const char host[] =
		"proc/cmdline = BOOT_IMAGE=/vmlinuz transparent_hugepage=never "
		"sysctl.vm.swappiness=7 zswap.enabled=1 numa_balancing=disable nosmt=force "
		"-- sysctl.vm.swappiness=9\n"
		"etc/sysctl.d/a.conf = vm.swappiness = 10\n";

	CHECK_FIND(host, THP, "kernel command line proc/cmdline: never *\n");
	CHECK_FIND(host, SWAPPINESS,
		   "kernel command line proc/cmdline: 7\nsysctl.d etc/sysctl.d/a.conf:1: 10 *\n");
	CHECK_FIND(host, ZSWAP, "kernel command line proc/cmdline: 1 *\n");
	CHECK_FIND(host, ATTRIBUTE("proc/sys/kernel/numa_balancing"),
		   "kernel command line proc/cmdline: 0 *\n");
	CHECK_FIND(host, ATTRIBUTE("sys/devices/system/cpu/smt/control"),
		   "kernel command line proc/cmdline: forceoff *\n");
	CHECK_FIND(host, KSM_RUN, "");
}

/* The command line counts for modules, too, and comes last. */
static void test_modprobe(void)
{
	CHECK_FIND("etc/modprobe.d/kvm.conf = # options kvm halt_poll_ns=1\\n"
		   "options kvm nx_huge_pages=off halt_poll_ns=0\\noptions kvm_intel nested=1\n"
		   "proc/cmdline = quiet kvm.halt_poll_ns=5\n"
		   "sys/module/kvm/initstate = live\n",
		   HALT_POLL,
		   "modprobe.d etc/modprobe.d/kvm.conf:2: 0\n"
		   "kernel command line proc/cmdline: 5 *\n");
	CHECK_FIND("etc/modprobe.d/a.conf = options nvme-core io_timeout=60\n",
		   ATTRIBUTE("sys/module/nvme_core/parameters/io_timeout"),
		   "modprobe.d etc/modprobe.d/a.conf:1: 60 *\n");
	/* What is built in is not loaded. */
	CHECK_FIND("etc/modprobe.d/kvm.conf = options kvm halt_poll_ns=0\n"
		   "sys/module/kvm/parameters/halt_poll_ns = 200000\n",
		   HALT_POLL, "");
}

int main(void)
{
	static const Check checks[] = {
		{ "command line", test_command_line },
		{ "modprobe.d", test_modprobe },
		{ NULL, NULL },
	};

	return check_main("origins-kernel", checks);
}
