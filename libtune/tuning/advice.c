/* SPDX-License-Identifier: BSD-2-Clause */
/* Advice on parameters beyond their meaning: costs, gains, surprises. */
#include <string.h>

#include <libtune/tuning/params.h>

/*
 * Measured between two guests' ends of veth pairs over a bridge, one TCP stream, four runs each, Linux 6.18, two
 * processors; tests/bench/offloads measures the same on any machine.
 */
#define PRICE                                                                                      \
	"Guest to guest over a bridge: 13.0 Gb/s with all offloads on, 6.6 with sg, tso, gso and " \
	"gro off on the bridge's ports, 5.0 with them off inside of the guests (measured)"
#define BRIDGE                                                                                     \
	"Off on the bridge itself: 12.7 Gb/s, no difference: frames that it passes on do not go "  \
	"through its own offloads (measured)"
#define WHEN                                                                                       \
	"Off is right for a broken card or driver, or a guest whose driver mishandles checksums: " \
	"when errors or retransmissions say so, never by default"

/* clang-format off */
static const struct {
	const char *name;
	const char *lines[6];
} advice[] = {
	{ "disk.scheduler", {
		"mq-deadline takes one lock for all queues of a disk: 0.9 million requests/s on null_blk and on NVMe, with 94 % of the time spent waiting for it (J. Axboe, linux-block, January 2024)",
		"The kernel chooses none for disks with several hardware queues, and mq-deadline for those with one",
		"deadline is the old name of mq-deadline; noop is gone, none takes its place" } },
	{ "vm.watermark_scale_factor", {
		"10 is the kernel's default, 0.1 % of memory between the watermarks; more wakes kswapd earlier, and guests wait less often for memory",
		"What it keeps free is not there for guests: 100 is 1 % of memory" } },
	{ "sys/devices/system/cpu/smt/control", {
		"off costs the second thread of each core; it closes what one thread can learn of the other (L1TF, MDS)",
		"forceoff cannot be put back before the next boot",
		"Guests that are pinned to threads which go away are moved to others" } },
	{ "sys/module/zswap/parameters/enabled", {
		"Saves reads and writes of the swap device, for processor time and a part of memory (max_pool_percent)",
		"Of no use where nothing is swapped" } },
	{ "link.mtu", {
		"A bridge has the smallest MTU of its ports until it is told one itself; from then on it never follows them again",
		"A tap gets its bridge's MTU when the guest starts (Ganeti's net-bridged-up), and a running one keeps it",
		"TCP agrees on the size of packets when it connects: DRBD makes use of a larger MTU once it has reconnected",
		"Jumbo frames gain little today: 15 to 17 Gb/s over one veth pair with offloads on, 60 % and more with them off (measured)",
		"Most cards lose their link for a moment when it is changed" } },
	{ "link.tx_queue_len", {
		"Of no consequence for cards with several queues and byte queue limits" } },
	{ "ethtool.feature/sg", { PRICE, BRIDGE, WHEN, "Off takes tso and gso along" } },
	{ "ethtool.feature/tso", { PRICE, BRIDGE, WHEN } },
	{ "ethtool.feature/gso", { PRICE, BRIDGE, WHEN } },
	{ "ethtool.feature/gro", { PRICE, BRIDGE, WHEN } },
	{ "ethtool.feature/tx", { WHEN, "Off takes tso along" } },
	{ "ethtool.feature/rx", { WHEN } },
	{ "ethtool.feature/lro", {
		"The kernel turns it off itself when an interface becomes a port of a bridge" } },
	{ "ethtool.ring/rx", {
		"Raise it where rx_missed or rx_fifo of ethtool -S grow, and not before",
		"Most cards lose their link for a moment when it is changed" } },
};
/* clang-format on */

const char *const *tune_param_get_advice(const TuneParam *param)
{
	static const char *const none[] = { NULL };
	g_autofree char *name = tune_param_name(param);

	for (guint i = 0; i < G_N_ELEMENTS(advice); i++)
		if (strcmp(advice[i].name, name) == 0)
			return advice[i].lines;
	return none;
}
