/* SPDX-License-Identifier: BSD-2-Clause */
/* Interfaces: their classes, and which rules match them. */
#include <libtune/ganeti/node.h>
#include <libtune/host/links.h>

#include "tests/unit/check.h"
#include "tests/unit/link-host.h"

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
		check_row(matches[i].words);
		g_autofree char *names = list_matching(links, matches[i].words);
		CHECK_TEXT(names, matches[i].names);
	}
	check_row(NULL);
	CU_ASSERT_EQUAL(tune_links_get(links, "br0")->depth, 2);
	CU_ASSERT_EQUAL(tune_links_get(links, "eth1.7")->depth, 1);
	CU_ASSERT_EQUAL(tune_links_get(links, "eth1")->depth, 0);
	CU_ASSERT(tune_links_get(links, "br0")->classes & TUNE_LINK_GUESTS);
	CU_ASSERT_FALSE(tune_links_get(links, "br1")->classes & TUNE_LINK_GUESTS);
	CHECK_TEXT(tune_links_get_owner(links, "2001:db8::1")->name, "br0");
	CU_ASSERT_PTR_NULL(tune_links_get_owner(links, "192.0.2.2"));
}

/* The search ends also where interfaces form a circle. */
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

/* When a node has just joined, Ganeti's files come a little later than the hook. */
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

int main(void)
{
	static const Check checks[] = {
		{ "what a rule means", test_matches },
		{ "interfaces that form a circle", test_loop },
		{ "misspelt words of match", test_words },
		{ "peers", test_peers },
		{ "a node that has just joined", test_new_node },
		{ "guests of Xen", test_xen },
		{ NULL, NULL },
	};

	return check_main("links", checks);
}
