/* SPDX-License-Identifier: BSD-2-Clause */
/* Network interfaces of a host that is a node of a cluster, and plans for them. */
#ifndef TUNE_TEST_LINK_HOST_H
#define TUNE_TEST_LINK_HOST_H

#include <libtune/tuning/backend.h>

#define NET "sys/class/net/"
#define SSCONF "var/lib/ganeti/ssconf_"

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

#define RULE(match, settings) "links: [{match: [" match "], " settings "}]"

/** Resolved and looked at; @backend in the place of all that are real, or NULL. */
TunePlan *link_plan(TuneRoot *root, const char *yaml, const TuneBackend *backend);

/** "NAME OBJECT HAVE>WANT VERDICT: NOTE" of every step, one per line; free it. */
char *link_describe(const TunePlan *plan);

#endif
