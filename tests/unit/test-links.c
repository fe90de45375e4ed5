/* SPDX-License-Identifier: BSD-2-Clause */
/* Interfaces: what they are, whose rules they fit, and what a plan makes of their MTU and offloads. */
#include <string.h>

#include <libtune/ganeti.h>
#include <libtune/links.h>
#include <libtune/plan.h>
#include <libtune/policy.h>
#include <libtune/root.h>

#include "tests/unit/check.h"
#include "tests/unit/kernel.h"

#define WAIT_MS 100
#define NET "sys/class/net/"
#define SSCONF "var/lib/ganeti/ssconf_"
#define FEATURE "ethtool/eth1/feature/"

/*
 * eth0 and eth2 in bond0 under br0, which has the primary IP and a guest's tap; eth1 with a VLAN of a bridge
 * of its own, which has the secondary IP.
 */
#define MACHINE                                                                                    \
	"proc/sys/kernel/hostname = node1\n"                                                       \
	"proc/sys/kernel/random/boot_id = first\n"                                                 \
	"proc/meminfo = MemAvailable: 1000000 kB\n" NET "bonding_masters = bond0\n" NET            \
	"lo/mtu = 65536\n" NET "eth0/device/vendor = x\n" NET "eth0/mtu = 1500\n" NET              \
	"eth2/device/vendor = x\n" NET "bond0/bonding/mode = x\n" NET                              \
	"bond0/brport/state = 3\n" NET "bond0/mtu = 1500\n" NET                                    \
	"bond0/lower_eth0 -> ../eth0\n" NET "bond0/lower_eth2 -> ../eth2\n" NET                    \
	"br0/bridge/stp_state = 0\n" NET "br0/uevent = DEVTYPE=bridge\n" NET                       \
	"br0/lower_bond0 -> ../bond0\n" NET "br0/lower_tap0 -> ../tap0\n" NET                      \
	"tap0/tun_flags = 0x1002\n" NET "tap0/brport/state = 3\n" NET                              \
	"eth1/device/vendor = x\n" NET "eth1/ifindex = 3\n" NET                                    \
	"eth1.7/uevent = DEVTYPE=vlan\\nINTERFACE=eth1.7\n" NET "eth1.7/brport/state = 3\n" NET    \
	"eth1.7/lower_eth1 -> ../eth1\n" NET "br1/bridge/stp_state = 0\n" NET                      \
	"br1/lower_eth1.7 -> ../eth1.7\n" NET "veth9/ifindex = 9\n"                                \
	"rtnetlink/br0/addresses = 198.51.100.1 2001:db8::1\n"                                     \
	"rtnetlink/br1/addresses = 192.0.2.1\n"

#define CLUSTER                                                                                    \
	SSCONF "node_list = node1\\nnode2\\nnode3\\nnode4\n" SSCONF                                \
	       "node_primary_ips = node1 198.51.100.1\\nnode2 198.51.100.2\n" SSCONF               \
	       "node_secondary_ips = node1 192.0.2.1\\nnode2 192.0.2.2\\nnode3 "                   \
	       "192.0.2.3\\nnode4 192.0.2.4\n" SSCONF "offline_nodes = node3\n"

/* ---- which there are ---- */

static const struct {
	const char *words;
	const char *names;
} matches[] = {
	{ "replication", "br1 eth1 eth1.7" },
	{ "primary", "bond0 br0 eth0 eth2" },
	{ "bridge", "br0 br1" },
	{ "port", "bond0 eth1.7 tap0" },
	{ "port !tap", "bond0 eth1.7" },
	{ "bond", "bond0" },
	{ "vlan", "eth1.7" },
	{ "physical", "eth0 eth1 eth2" },
	{ "physical !primary", "eth1" },
	{ "physical replication", "eth1" },
	{ "tap", "tap0" },
	{ "eth?", "eth0 eth1 eth2" },
	{ "eth1.7", "eth1.7" },
	{ "!primary !replication", "tap0 veth9" },
	{ "*", "bond0 br0 br1 eth0 eth1 eth1.7 eth2 tap0 veth9" },
	{ "wlan0", "" },
};

static char *list_matching(const GPtrArray *links, const char *words)
{
	g_auto(GStrv) match = g_strsplit(words, " ", -1);
	GString *names = g_string_new(NULL);

	for (guint i = 0; i < links->len; i++) {
		const TuneLink *link = links->pdata[i];
		if (tune_link_matches(link, (const char *const *)match))
			g_string_append_printf(names, "%s%s", names->len ? " " : "", link->name);
	}
	return g_string_free(names, FALSE);
}

static void test_matches(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) links = tune_links_find(root, &error);

	CHECK_NO_ERROR(error);
	for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
		g_autofree char *names = list_matching(links, matches[i].words);
		CHECK_TEXT(names, matches[i].names);
	}
	CU_ASSERT_EQUAL(tune_links_get(links, "br0")->depth, 2);
	CU_ASSERT_EQUAL(tune_links_get(links, "eth1.7")->depth, 1);
	CU_ASSERT_EQUAL(tune_links_get(links, "eth1")->depth, 0);
	CU_ASSERT(tune_links_get(links, "br0")->classes & TUNE_LINK_GUESTS);
	CU_ASSERT_FALSE(tune_links_get(links, "br1")->classes & TUNE_LINK_GUESTS);
	CHECK_TEXT(tune_links_get_owner(links, "2001:db8::1")->name, "br0");
	CU_ASSERT_PTR_NULL(tune_links_get_owner(links, "192.0.2.2"));
}

/* Whatever the files say, the search ends. */
static void test_loop(void)
{
	g_autoptr(TuneRoot)
		root = check_host("proc/sys/kernel/hostname = node1\n" NET "a/lower_b -> ../b\n" NET
				  "b/lower_a -> ../a\n" NET "b/lower_gone -> ../gone\n"
				  "rtnetlink/a/addresses = 192.0.2.1\n" CLUSTER);
	g_autoptr(GPtrArray) links = tune_links_find(root, NULL);

	CU_ASSERT_EQUAL(links->len, 2);
	CU_ASSERT(tune_links_get(links, "b")->classes & TUNE_LINK_REPLICATION);
}

static void test_words(void)
{
	CU_ASSERT_PTR_NULL(tune_link_class_nearest("bond1"));
	CU_ASSERT_PTR_NULL(tune_link_class_nearest("eth0"));
	CHECK_TEXT(tune_link_class_nearest("replicaton"), "replication");
	CHECK_TEXT(tune_link_class_nearest("brigge"), "bridge");
}

static void test_peers(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);
	g_autoptr(GPtrArray) peers = tune_ganeti_list_peers(root, TUNE_NETWORK_REPLICATION);
	g_autofree char *own = tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION);
	g_autofree char *primary = tune_ganeti_get_address(root, TUNE_NETWORK_PRIMARY);

	CU_ASSERT_EQUAL_FATAL(peers->len, 2);
	CHECK_TEXT(((TunePeer *)peers->pdata[0])->node, "node2");
	CHECK_TEXT(((TunePeer *)peers->pdata[1])->address, "192.0.2.4");
	CHECK_TEXT(own, "192.0.2.1");
	CHECK_TEXT(primary, "198.51.100.1");
}

/* Files of a cluster that this node has just joined come a little later than the hook. */
static void test_new_node(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE);

	CU_ASSERT_PTR_NULL(tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION));
	g_setenv("GANETI_NODE_NAME", "node2", TRUE);
	g_setenv("GANETI_NODE_SIP", "192.0.2.1", TRUE);
	CU_ASSERT_PTR_NULL(tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION));
	g_setenv("GANETI_NODE_NAME", "node1", TRUE);
	g_autofree char *own = tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION);
	CHECK_TEXT(own, "192.0.2.1");
	g_unsetenv("GANETI_NODE_NAME");
	g_unsetenv("GANETI_NODE_SIP");
}

/* ---- plans ---- */

static TunePlan *plan_on(TuneRoot *root, const char *yaml, const TuneBackend *backend)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	TunePlan *plan = tune_plan_new_empty(root);

	CHECK_NO_ERROR(error);
	plan->backend = backend;
	CU_ASSERT(tune_plan_resolve(plan, policy, &error));
	CHECK_NO_ERROR(error);
	tune_plan_look(plan);
	return plan;
}

static char *describe(const TunePlan *plan)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		g_string_append_printf(text, "%s %s %s>%s %s%s%s\n", step->name, step->object,
				       step->have ? step->have : "-", step->want,
				       tune_verdict_name(step->verdict), step->note ? ": " : "",
				       step->note ? step->note : "");
	}
	return g_string_free(text, FALSE);
}

#define RULE(match, settings) "links: [{match: [" match "], " settings "}]"
#define RESERVED                                                                                   \
	"carries the node's primary IP: only touched where match says 'primary' or its name"

/* On a machine of files, whose MTUs are 1500 where it has them at all. */
static const struct {
	const char *policy;
	const char *plan;
} plans[] = {
	{ RULE("eth0", "mtu: 9000"), "link.mtu eth0 1500>9000 would-change\n" },
	{ RULE("eth?", "mtu: 9000"), "link.mtu eth0 1500>9000 refused: " RESERVED "\n"
				     "link.mtu eth1 ->9000 absent\n"
				     "link.mtu eth2 ->9000 absent\n" },
	{ RULE("eth0", "mtu: 1500"), "link.mtu eth0 1500>1500 same\n" },
	{ RULE("'eth?', primary", "mtu: 9000"), "link.mtu eth0 1500>9000 would-change\n"
						"link.mtu eth2 ->9000 absent\n" },
	{ "links: [{match: primary, mtu: 9000}, {match: physical, tx_queue_len: 7}]",
	  "link.mtu eth0 1500>9000 would-change\n"
	  "link.mtu br0 ->9000 absent\n"
	  "link.mtu bond0 1500>9000 would-change\n"
	  "link.mtu eth2 ->9000 absent\n"
	  "link.tx_queue_len eth0 ->7 absent\n"
	  "link.tx_queue_len eth1 ->7 absent\n"
	  "link.tx_queue_len eth2 ->7 absent\n" },
	{ RULE("wlan0", "mtu: 9000"), "" },
};

static void test_plans(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	for (size_t i = 0; i < G_N_ELEMENTS(plans); i++) {
		g_autoptr(TunePlan) plan = plan_on(root, plans[i].policy, NULL);
		g_autofree char *text = describe(plan);
		CHECK_TEXT(text, plans[i].plan);
	}
}

/* Not knowing is no permission. */
static void test_unknown_addresses(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE);
	g_autoptr(TunePlan) plan = plan_on(root, RULE("'eth0*'", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) absent = plan_on(root, RULE("replication", "mtu: 9000"), NULL);
	g_autofree char *text = describe(plan);
	g_autofree char *absent_text = describe(absent);

	CHECK_HOLDS(text, "refused: no interface has the node's primary IP");
	CHECK_TEXT(absent_text, "link.mtu replication ->9000 unknown: no interface has this node's "
				"secondary IP\n");
}

/* Open vSwitch shows what its ports are, and not which of them an address of its own goes out by. */
#define SWITCH                                                                                     \
	"proc/sys/kernel/hostname = node1\n" NET "eth0/device/vendor = x\n" NET                    \
	"eth0/mtu = 1500\n" NET "eth0/upper_ovs-system -> ../ovs-system\n" NET                     \
	"eth1/device/vendor = x\n" NET "eth1/mtu = 1500\n" NET                                     \
	"ovs-system/lower_eth0 -> ../eth0\n" NET "br-int/mtu = 1500\n"                             \
	"rtnetlink/br-int/addresses = 198.51.100.1\nrtnetlink/eth1/addresses = 192.0.2.1\n"

static void test_switch(void)
{
	g_autoptr(TuneRoot) root = check_host(SWITCH CLUSTER);
	g_autoptr(TunePlan) plan = plan_on(root, RULE("physical", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) replication = plan_on(root, RULE("replication", "mtu: 9000"), NULL);
	g_autofree char *text = describe(plan);
	g_autofree char *replication_text = describe(replication);

	CHECK_TEXT(text, "link.mtu eth0 1500>9000 refused: " RESERVED "\n"
			 "link.mtu eth1 1500>9000 would-change\n");
	CHECK_TEXT(replication_text, "link.mtu eth1 1500>9000 would-change\n");
}

/* Under Xen the host's end of a guest's interface has a device, as a card has; a guest's own end is a card. */
static void test_xen(void)
{
	g_autoptr(TuneRoot) root = check_host(
		"proc/sys/kernel/hostname = node1\n" NET
		"eth0/device/subsystem -> ../../bus/pci\n" NET
		"eth1/device/subsystem -> ../../bus/xen\n" NET
		"vif1.0/device/subsystem -> ../../bus/xen-backend\n" NET
		"br9/bridge/stp_state = 0\n" NET "br9/lower_vif1.0 -> ../vif1.0\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) links = tune_links_find(root, &error);
	g_autofree char *cards = list_matching(links, "physical");
	g_autofree char *taps = list_matching(links, "tap");

	CHECK_NO_ERROR(error);
	CHECK_TEXT(cards, "eth0 eth1");
	CHECK_TEXT(taps, "vif1.0");
	CU_ASSERT(tune_links_get(links, "br9")->classes & TUNE_LINK_GUESTS);
}

static void test_guests(void)
{
	g_autoptr(TuneRoot)
		root = check_host(MACHINE CLUSTER NET "br0/mtu = 1500\n" NET "tap0/mtu = 1500\n");
	g_autoptr(TunePlan) plan = plan_on(root, RULE("br0, primary", "mtu: 9000"), NULL);
	g_autoptr(TunePlan) tap = plan_on(root, RULE("tap0", "mtu: 9000"), NULL);
	g_autofree char *text = describe(plan);
	g_autofree char *tap_text = describe(tap);

	CHECK_HOLDS(text, "refused: guests are on it");
	CHECK_HOLDS(tap_text, "refused: a running tap keeps its MTU");
}

/* ---- the order of MTUs, under a kernel that has a say ---- */

static TunePlan *apply(TuneRoot *root, const char *yaml)
{
	g_autoptr(GError) error = NULL;
	TunePlan *plan = plan_on(root, yaml, &kernel_backend);

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
	/* The bridge follows its port, and stays as free to do so as it was. */
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
	g_autofree char *text = describe(plan);
	CHECK_TEXT(text, "link.mtu eth1.7 1500>9000 refused: eth1 below it stays at 1500\n"
			 "link.mtu br1 1500>9000 refused: eth1.7 below it stays at 1500\n");
	CHECK_TEXT(kernel_get_log(), "");
}

static void test_vlan_above(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER);

	kernel_boot();
	g_autoptr(TunePlan) plan = apply(root, RULE("eth1", "mtu: 1400"));
	g_autofree char *text = describe(plan);
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
	g_autoptr(TunePlan) plan = plan_on(root, RULE("eth0", "mtu: 1500"), NULL);
	g_autoptr(TunePlan) all = plan_on(root,
					  "links: [{match: eth0, mtu: 1500}, {match: br0, mtu: "
					  "1500}, {match: br0.5, mtu: 1500}]",
					  NULL);
	g_autoptr(TunePlan) more = plan_on(root, RULE("eth0", "mtu: 9100"), NULL);
	g_autofree char *text = describe(plan), *more_text = describe(more);

	CHECK_TEXT(text, "link.mtu eth0 9000>1500 refused: br0.5 on it stays at 9000\n");
	CHECK_TEXT(more_text, "link.mtu eth0 9000>9100 would-change\n");
	CU_ASSERT_EQUAL(tune_plan_count(all, TUNE_VERDICT_WOULD_CHANGE), 3);
}

/* ---- features and rings, on a machine of files ---- */

#define OFFLOADS                                                                                   \
	NET "eth1/mtu = 1500\n" FEATURE "tx-scatter-gather = on\n" FEATURE                         \
	    "tx-scatter-gather-fraglist = off [fixed]\n" FEATURE                                   \
	    "tx-tcp-segmentation = on\n" FEATURE "tx-tcp6-segmentation = on\n" FEATURE             \
	    "tx-tcp-mangleid-segmentation = off\n" FEATURE "rx-lro = off [fixed]\n" FEATURE        \
	    "rx-gro = on\n" FEATURE "highdma = on [fixed]\n"                                       \
	    "ethtool/eth1/ring/rx = 512 of 4096\nethtool/eth1/ring/tx = 512 of 512\n"

static const struct {
	const char *settings;
	const char *plan;
} offloads[] = {
	{ "feature/tso: off", "ethtool.feature/tso eth1 on>off would-change\n" },
	{ "feature/tso: on", "ethtool.feature/tso eth1 on>on same\n" },
	{ "feature/lro: off", "ethtool.feature/lro eth1 off>off same\n" },
	{ "feature/lro: on",
	  "ethtool.feature/lro eth1 off>on absent: 'on' is not possible: shows 'off [fixed]'\n" },
	{ "feature/gso: off", "ethtool.feature/gso eth1 ->off absent\n" },
	{ "feature/tx-tcp6-segmentation: off",
	  "ethtool.feature/tx-tcp6-segmentation eth1 on>off would-change\n" },
	{ "feature/no-such-one: off", "ethtool.feature/no-such-one eth1 ->off absent\n" },
	{ "ring/rx: max", "ethtool.ring/rx eth1 512>4096 would-change\n" },
	{ "ring/rx: 5000",
	  "ethtool.ring/rx eth1 512>5000 refused: '5000' is not possible: shows '512 of 4096'\n" },
	{ "ring/tx: max", "ethtool.ring/tx eth1 512>512 same\n" },
	{ "ring/rx-jumbo: max", "ethtool.ring/rx-jumbo eth1 ->max absent\n" },
};

static void test_offloads(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);

	for (size_t i = 0; i < G_N_ELEMENTS(offloads); i++) {
		g_autofree char *policy = g_strdup_printf(RULE("eth1", "%s"), offloads[i].settings);
		g_autoptr(TunePlan) plan = plan_on(root, policy, NULL);
		g_autofree char *text = describe(plan);
		CHECK_TEXT(text, offloads[i].plan);
	}
}

static const char *const features[] = { FEATURE "tx-scatter-gather",
					FEATURE "tx-tcp-segmentation",
					FEATURE "tx-tcp6-segmentation",
					FEATURE "tx-tcp-mangleid-segmentation",
					FEATURE "rx-gro",
					"ethtool/eth1/ring/rx" };

static char *dump(TuneRoot *root)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(features); i++) {
		g_autofree char *shown = tune_root_read(root, features[i], NULL);
		g_string_append_printf(text, "%s ", shown);
	}
	return g_string_free(text, FALSE);
}

/* Off, on again with more than before, and back: each feature as it was. */
static void test_bit_by_bit(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = plan_on(
		root, RULE("eth1", "feature/tso: off, feature/sg: off, ring/rx: max"), NULL);
	g_autofree char *before = dump(root);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *between = dump(root);
	CHECK_TEXT(between, "off off off off on 4096 of 4096 ");
	g_autoptr(TunePlan) on = plan_on(root, RULE("eth1", "feature/tso: on"), NULL);
	CU_ASSERT(tune_plan_apply(on, WAIT_MS, &error));
	g_autofree char *more = dump(root);
	CHECK_TEXT(more, "off on on on on 4096 of 4096 ");
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CU_ASSERT(tune_plan_apply(back, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *after = dump(root);
	CHECK_TEXT(after, before);
	CU_ASSERT(tune_plan_is_fulfilled(back));
}

/* Not by way of the group, which would also turn on what was off all the time. */
static void test_no_group(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = plan_on(root, RULE("eth1", "feature/tso: off"), NULL);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	for (guint i = 0; i < tune_plan_get_length(back); i++)
		CU_ASSERT(strcmp(tune_plan_get_step(back, i)->name, "ethtool.feature/tso") != 0);
	CU_ASSERT_EQUAL(tune_plan_count(back, TUNE_VERDICT_WOULD_CHANGE), 2);
}

/* A card that was changed for another must not get what the first one had. */
static void test_another_card(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = plan_on(root, RULE("eth1", "feature/gro: off"), NULL);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CU_ASSERT(tune_root_write(root, NET "eth1/ifindex", "11", &error));
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CU_ASSERT(tune_plan_apply(back, WAIT_MS, &error));
	g_autofree char *shown = tune_root_read(root, FEATURE "rx-gro", NULL);
	CHECK_TEXT(shown, "off");
}

int main(void)
{
	static const Check checks[] = {
		{ "what a rule means", test_matches },
		{ "stacks that bite their tails", test_loop },
		{ "slips in match", test_words },
		{ "peers", test_peers },
		{ "a node that is only just one", test_new_node },
		{ "plans", test_plans },
		{ "addresses that are not known", test_unknown_addresses },
		{ "the primary IP on a port of Open vSwitch", test_switch },
		{ "guests of Xen", test_xen },
		{ "guests keep their MTU", test_guests },
		{ "MTU: raised from below, lowered from above", test_order },
		{ "MTU: nothing larger than what is below", test_smaller_below },
		{ "MTU: no VLAN is made smaller in passing", test_vlan_above },
		{ "MTU: nor one on a bridge that is made smaller in passing", test_vlan_of_bridge },
		{ "features and rings", test_offloads },
		{ "features are put back bit by bit", test_bit_by_bit },
		{ "a group is not put back as one", test_no_group },
		{ "another card of the same name", test_another_card },
		{ NULL, NULL },
	};

	return check_main("links", checks);
}
