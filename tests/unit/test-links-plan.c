/* SPDX-License-Identifier: BSD-2-Clause */
/* MTUs of interfaces in a plan. */
#include <libtune/tuning/plan.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"
#include "tests/unit/link-host.h"

#define WAIT_MS 100

#define RESERVED                                                                                   \
	"carries the node's primary IP: only touched where match says 'primary' or its name"

/* A host of files, where an MTU is 1500 or missing. */
static const struct {
	const char *name;
	const char *policy;
	const char *plan;
} plans[] = {
	{ "by name", RULE("eth0", "mtu: 9000"), "link.mtu eth0 1500>9000 would-change\n" },
	{ "by pattern: the reserved one is refused", RULE("eth?", "mtu: 9000"),
	  "link.mtu eth0 1500>9000 refused: " RESERVED "\n"
	  "link.mtu eth1 ->9000 absent\n"
	  "link.mtu eth2 ->9000 absent\n" },
	{ "by name, same already", RULE("eth0", "mtu: 1500"), "link.mtu eth0 1500>1500 same\n" },
	{ "by pattern and primary", RULE("'eth?', primary", "mtu: 9000"),
	  "link.mtu eth0 1500>9000 would-change\n"
	  "link.mtu eth2 ->9000 absent\n" },
	{ "by class", "links: [{match: primary, mtu: 9000}, {match: physical, tx_queue_len: 7}]",
	  "link.mtu eth0 1500>9000 would-change\n"
	  "link.mtu br0 ->9000 absent\n"
	  "link.mtu bond0 1500>9000 would-change\n"
	  "link.mtu eth2 ->9000 absent\n"
	  "link.tx_queue_len eth0 ->7 absent\n"
	  "link.tx_queue_len eth1 ->7 absent\n"
	  "link.tx_queue_len eth2 ->7 absent\n" },
	{ "none of them", RULE("wlan0", "mtu: 9000"), "" },
};

static void test_plans(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	for (size_t i = 0; i < G_N_ELEMENTS(plans); i++) {
		check_row(plans[i].name);
		g_autoptr(TunePlan) plan = link_plan(root, plans[i].policy, NULL);
		g_autofree char *text = link_describe(plan);
		CHECK_TEXT(text, plans[i].plan);
	}
}

/* When it is unknown which interface is ours, the change is refused. */
static void test_unknown_addresses(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE);
	g_autoptr(TunePlan) plan = link_plan(root, RULE("'eth0*'", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) absent = link_plan(root, RULE("replication", "mtu: 9000"), NULL);
	g_autofree char *text = link_describe(plan);
	g_autofree char *absent_text = link_describe(absent);

	CHECK_HOLDS(text, "refused: no interface has the node's primary IP");
	CHECK_TEXT(absent_text, "link.mtu replication ->9000 unknown: no interface has this node's "
				"secondary IP\n");
}

/* Open vSwitch tells which ports it has, but not by which of them packets of an address leave. */
#define SWITCH                                                                                     \
	"proc/sys/kernel/hostname = node1\n" NET "eth0/device/vendor = x\n" NET                    \
	"eth0/mtu = 1500\n" NET "eth0/upper_ovs-system -> ../ovs-system\n" NET                     \
	"eth1/device/vendor = x\n" NET "eth1/mtu = 1500\n" NET                                     \
	"ovs-system/lower_eth0 -> ../eth0\n" NET "br-int/mtu = 1500\n"                             \
	"rtnetlink/br-int/addresses = 198.51.100.1\nrtnetlink/eth1/addresses = 192.0.2.1\n"

static void test_switch(void)
{
	g_autoptr(TuneRoot) root = check_host(SWITCH CLUSTER);
	g_autoptr(TunePlan) plan = link_plan(root, RULE("physical", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) replication = link_plan(root, RULE("replication", "mtu: 9000"), NULL);
	g_autofree char *text = link_describe(plan);
	g_autofree char *replication_text = link_describe(replication);

	CHECK_TEXT(text, "link.mtu eth0 1500>9000 refused: " RESERVED "\n"
			 "link.mtu eth1 1500>9000 would-change\n");
	CHECK_TEXT(replication_text, "link.mtu eth1 1500>9000 would-change\n");
}

static void test_guests(void)
{
	g_autoptr(TuneRoot)
		root = check_host(MACHINE CLUSTER NET "br0/mtu = 1500\n" NET "tap0/mtu = 1500\n");
	g_autoptr(TunePlan) plan = link_plan(root, RULE("br0, primary", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) tap = link_plan(root, RULE("tap0", "mtu: 9000"), NULL);
	g_autofree char *text = link_describe(plan);
	g_autofree char *tap_text = link_describe(tap);

	CHECK_HOLDS(text, "refused: guests are on it");
	CHECK_HOLDS(tap_text, "refused: a running tap keeps its MTU");
}

/* ---- the order of MTUs, under a kernel that refuses and changes some ---- */

static TunePlan *apply(TuneRoot *root, const char *yaml)
{
	g_autoptr(GError) error = NULL;
	TunePlan *plan = link_plan(root, yaml, &kernel_backend);

	CU_ASSERT(tune_plan_apply(plan, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	return plan;
}

static void revert(TuneRoot *root)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) plan = tune_plan_new_empty(root);

	plan->backend = &kernel_backend;
	plan->is_revert = TRUE;
	CU_ASSERT(tune_plan_renew_revert(plan, &error));
	CU_ASSERT(tune_plan_apply(plan, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
}

static void test_order(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	kernel_boot();
	g_autofree char *before = kernel_dump();
	tune_plan_free(apply(root, RULE("replication", "mtu: 9000")));
	/* The bridge follows its port, also after the revert. */
	CHECK_TEXT(kernel_get_log(), NET "eth1/mtu\n" NET "eth1.7/mtu\n");
	CHECK_TEXT(kernel_get(NET "br1/mtu"), "9000");
	kernel_clear_log();
	revert(root);
	CHECK_TEXT(kernel_get_log(), NET "eth1.7/mtu\n" NET "eth1/mtu\n");
	g_autofree char *after = kernel_dump();
	CHECK_TEXT(after, before);
	kernel_clear_log();
	tune_plan_free(apply(root, RULE("replication", "mtu: 1400")));
	CHECK_TEXT(kernel_get_log(), NET "br1/mtu\n" NET "eth1.7/mtu\n" NET "eth1/mtu\n");
}

static void test_smaller_below(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	kernel_boot();
	g_autoptr(TunePlan) plan = apply(root, RULE("replication, '!physical'", "mtu: 9000"));
	g_autofree char *text = link_describe(plan);
	CHECK_TEXT(text, "link.mtu eth1.7 1500>9000 refused: eth1 below it stays at 1500\n"
			 "link.mtu br1 1500>9000 refused: eth1.7 below it stays at 1500\n");
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_vlan_above(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	kernel_boot();
	g_autoptr(TunePlan) plan = apply(root, RULE("eth1", "mtu: 1400"));
	g_autofree char *text = link_describe(plan);
	CHECK_TEXT(text, "link.mtu eth1 1500>1400 refused: eth1.7 on it stays at 1500\n");
	CHECK_TEXT(kernel_get_log(), "");
	tune_plan_free(
		apply(root, "links: [{match: eth1, mtu: 1400}, {match: eth1.7, mtu: 1400}]"));
	CHECK_TEXT(kernel_get_log(), NET "eth1.7/mtu\n" NET "eth1/mtu\n");
}

/* The secondary IP on a VLAN of a bridge that knows VLANs: the bridge follows its port, and the VLAN the bridge. */
static void test_vlan_of_bridge(void)
{
	g_autoptr(TuneRoot)
		root = check_host("proc/sys/kernel/hostname = node1\n" NET "eth0/mtu = 9000\n" NET
				  "eth0/device/vendor = x\n" NET "br0/mtu = 9000\n" NET
				  "br0/bridge/vlan_filtering = 1\n" NET
				  "br0/lower_eth0 -> ../eth0\n" NET "br0.5/mtu = 9000\n" NET
				  "br0.5/uevent = DEVTYPE=vlan\n" NET "br0.5/lower_br0 -> ../br0\n"
				  "rtnetlink/br0.5/addresses = 192.0.2.1\n" CLUSTER);
	g_autoptr(TunePlan) plan = link_plan(root, RULE("eth0", "mtu: 1500"), NULL);
	g_autoptr(TunePlan) all = link_plan(root,
					    "links: [{match: eth0, mtu: 1500}, {match: br0, mtu: "
					    "1500}, {match: br0.5, mtu: 1500}]",
					    NULL);
	g_autoptr(TunePlan) more = link_plan(root, RULE("eth0", "mtu: 9100"), NULL);
	g_autofree char *text = link_describe(plan), *more_text = link_describe(more);

	CHECK_TEXT(text, "link.mtu eth0 9000>1500 refused: br0.5 on it stays at 9000\n");
	CHECK_TEXT(more_text, "link.mtu eth0 9000>9100 would-change\n");
	CU_ASSERT_EQUAL(tune_plan_count(all, TUNE_VERDICT_WOULD_CHANGE), 3);
}

int main(void)
{
	static const Check checks[] = {
		{ "plans", test_plans },
		{ "addresses that are not known", test_unknown_addresses },
		{ "the primary IP on a port of Open vSwitch", test_switch },
		{ "guests keep their MTU", test_guests },
		{ "MTU: raised from below, lowered from above", test_order },
		{ "MTU: nothing larger than what is below", test_smaller_below },
		{ "MTU: no VLAN is made smaller in passing", test_vlan_above },
		{ "MTU: nor one on a bridge that is made smaller in passing", test_vlan_of_bridge },
		{ NULL, NULL },
	};

	return check_main("links-plan", checks);
}
