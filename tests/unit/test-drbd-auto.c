/* SPDX-License-Identifier: BSD-2-Clause */
/* The speed of a link, and the options of a minor that are computed from it. */
#include <libtune/tuning/drbd-auto.h>

#include "tests/unit/check.h"

static const struct {
	const char *speed;
	gint64 kib;
} speeds[] = {
	{ "10G", 1220703 }, { "1.2.5G", 0 },   { "1.G", 122070 },  { "1G", 122070 },
	{ "2.5G", 305175 }, { "100M", 12207 }, { "1000", 122070 }, { "25000", 3051757 },
	{ "0", 0 },         { "-1", 0 },       { "", 0 },          { "G", 0 },
	{ "10g", 0 },       { "10 G", 0 },     { "1e9G", 0 },      { "nan", 0 },
	{ "inf", 0 },       { "0x10G", 0 },
};

static void test_speeds(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(speeds); i++) {
		check_row(speeds[i].speed);
		CU_ASSERT_EQUAL(tune_drbd_parse_speed(speeds[i].speed), speeds[i].kib);
	}
}

/* The narrowest network that holds the address, without a gateway. */
#define ROUTES                                                                                     \
	"proc/net/route = Iface\\tDestination\\tGateway\\tFlags\\tRefCnt\\tUse\\tMetric\\tMask\\n" \
	"eth0\\t00000000\\t010200C0\\t0003\\t0\\t0\\t0\\t00000000\\t0\\t0\\t0\\n"                  \
	"eth1\\t0001000A\\t00000000\\t0001\\t0\\t0\\t0\\t00FFFFFF\\t0\\t0\\t0\\n"                  \
	"eth0\\t0000000A\\t00000000\\t0001\\t0\\t0\\t0\\t000000FF\\t0\\t0\\t0\\n"                  \
	"eth2\\t0001000A\\t0101000A\\t0003\\t0\\t0\\t0\\t00FFFFFF\\t0\\t0\\t0\n"                   \
	"sys/class/net/eth0/speed = 1000\nsys/class/net/eth1/speed = 10000\n"

/* The kernel reports for a bridge the speed of its fastest port, and for a guest's tap 10 Gb/s. */
#define BRIDGE                                                                                     \
	"proc/net/route = br0\\t0001000A\\t00000000\\t1\\t0\\t0\\t0\\t00FFFFFF\\t0\\t0\\t0\\n"     \
	"br0.5\\t0000000A\\t00000000\\t1\\t0\\t0\\t0\\t000000FF\\t0\\t0\\t0\n"                     \
	"sys/class/net/br0/bridge/stp_state = 0\nsys/class/net/br0/speed = 10000\n"                \
	"sys/class/net/br0/lower_eth0 -> ../eth0\nsys/class/net/br0/lower_tap0 -> ../tap0\n"       \
	"sys/class/net/eth0/speed = 1000\nsys/class/net/tap0/tun_flags = 0x1002\n"                 \
	"sys/class/net/tap0/speed = 10000\nsys/class/net/br0.5/speed = 10000\n"                    \
	"sys/class/net/br0.5/uevent = DEVTYPE=vlan\nsys/class/net/br0.5/lower_br0 -> ../br0\n"

/* The kernel reports for a bond the sum of its members' speeds; a member that is down has none. */
#define BOND                                                                                       \
	"proc/net/route = bond0.7\\t0001000A\\t00000000\\t1\\t0\\t0\\t0\\t00FFFFFF\n"              \
	"sys/class/net/bond0/bonding/mode = 802.3ad 4\nsys/class/net/bond0/speed = 2000\n"         \
	"sys/class/net/bond0/lower_eth0 -> ../eth0\nsys/class/net/bond0/lower_eth1 -> ../eth1\n"   \
	"sys/class/net/eth0/speed = -1\nsys/class/net/eth1/speed = 1000\n"                         \
	"sys/class/net/bond0.7/speed = 2000\nsys/class/net/bond0.7/uevent = DEVTYPE=vlan\n"        \
	"sys/class/net/bond0.7/lower_bond0 -> ../bond0\n"

static const struct {
	const char *name;
	const char *more;
	const char *ip;
	gint64 kib;
	const char *why;
} links[] = {
	{ "a network of its own", ROUTES, "10.0.1.7", 1220703, NULL },
	{ "by the default route", ROUTES, "10.9.9.9", 122070, NULL },
	{ "no route", ROUTES, "192.0.2.1", 0, "no interface has the network of 192.0.2.1" },
	{ "IPv6", ROUTES, "fe80::1", 0, "fe80::1 is not IPv4" },
	{ "no routes are known", "proc/version = x\n", "10.0.1.7", 0,
	  "no interface has the network of 10.0.1.7" },
	{ "a bridge", BRIDGE, "10.0.1.7", 122070, NULL },
	{ "a bridge, by the default route", BRIDGE, "10.9.9.9", 122070, NULL },
	{ "a bond", BOND, "10.0.1.7", 122070, NULL },
	{ "a device without a speed",
	  "proc/net/route = eth9\\t0000000A\\t00000000\\t1\\t0\\t0\\t0\\t000000FF\n", "10.0.1.7", 0,
	  "eth9 does not tell its speed" },
	{ "a device whose speed is -1",
	  "proc/net/route = eth9\\t0000000A\\t00000000\\t1\\t0\\t0\\t0\\t000000FF\n"
	  "sys/class/net/eth9/speed = -1\n",
	  "10.0.1.7", 0, "eth9 does not tell its speed" },
};

static void test_links(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
		check_row(links[i].name);
		g_autoptr(TuneRoot) root = check_host(links[i].more);
		g_autoptr(TuneFacts) facts = tune_facts_new(root);
		g_autofree char *why = NULL;
		CU_ASSERT_EQUAL(tune_drbd_find_speed(facts, links[i].ip, &why), links[i].kib);
		CHECK_TEXT(why ? why : "", links[i].why ? links[i].why : "");
	}
}

/* Of "Resync ceiling" and the User's Guide: 20 KiB/s for each buffer. */
static const struct {
	TuneDrbdBasis basis;
	const char *option;
	gint64 value;
} formulas[] = {
	{ { .rate = 409600, .is_rate_asked = TRUE }, "net/max-buffers", 20480 },
	{ { .rate = 61440, .is_rate_asked = TRUE }, "net/max-buffers", 3072 },
	{ { .rate = 61441, .is_rate_asked = TRUE }, "net/max-buffers", 3073 },
	{ { .rate = 1000, .is_rate_asked = TRUE }, "net/max-buffers", 2048 },
	{ { .rate = 4194304, .is_rate_asked = TRUE }, "net/max-buffers", 131072 },
	{ { .rate = 1220703, .link = 1220703 }, "net/max-buffers", 20000 },
	{ { .rate = 122070, .link = 122070 }, "net/max-buffers", 6104 },
	{ { .rate = 0 }, "net/max-buffers", -1 },
	{ { .rate = 122070, .link = 122070 }, "net/max-epoch-size", 6104 },
	{ { .rate = 4194304, .is_rate_asked = TRUE }, "net/max-epoch-size", 20000 },
	{ { .buffers = 8192 }, "net/max-epoch-size", 8192 },
	{ { .rate = 1220703, .link = 1220703 }, "disk/c-max-rate", 400000 },
	{ { .rate = 122070, .link = 122070 }, "disk/c-max-rate", 122070 },
	{ { .rate = 1220703, .link = 1220703, .buffers = 8192 }, "disk/c-max-rate", 163840 },
	{ { .rate = 0, .buffers = 8192 }, "disk/c-max-rate", -1 },
	{ { .rate = 1220703, .link = 1220703 }, "disk/resync-rate", 400000 },
	{ { .rate = 122070, .link = 122070 }, "disk/c-min-rate", 24414 },
	{ { .rate = 400000, .is_rate_asked = TRUE }, "disk/c-fill-target", 1600 },
	{ { .rate = 1000, .is_rate_asked = TRUE }, "disk/c-fill-target", 100 },
	{ { .rate = 0 }, "disk/c-fill-target", -1 },
	{ { .rate = 122070 }, "disk/al-extents", -1 },
};

static void test_formulas(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(formulas); i++) {
		check_row_format("%s, rate %d, link %d, buffers %d", formulas[i].option,
				 (int)formulas[i].basis.rate, (int)formulas[i].basis.link,
				 (int)formulas[i].basis.buffers);
		g_autofree char *reason = NULL;
		gint64 value = tune_drbd_compute(&formulas[i].basis, formulas[i].option, &reason);
		CU_ASSERT_EQUAL(value, formulas[i].value);
		CU_ASSERT_EQUAL(reason != NULL, formulas[i].value >= 0);
	}
}

/* Where a limit of DRBD decides, the reason names that limit. */
static const struct {
	const char *name;
	TuneDrbdBasis basis;
	const char *option;
	const char *reason;
} bounds[] = {
	{ "DRBD's default of buffers is enough",
	  { .rate = 12207, .link = 12207 },
	  "net/max-buffers",
	  "DRBD's default lets through 40960 KiB/s, enough for the link's 12207; up to 8 MiB a "
	  "connection" },
	{ "less than DRBD takes",
	  { .rate = 122, .link = 122 },
	  "disk/c-max-rate",
	  "DRBD takes no less; the link carries 122" },
	{ "DRBD's default of sectors is enough",
	  { .rate = 12207, .link = 12207 },
	  "disk/c-fill-target",
	  "DRBD's default: two round trips of 1 ms at 12207 KiB/s take fewer sectors" },
	{ "not more buffers than are set",
	  { .rate = 1220703, .link = 1220703, .buffers = 2048 },
	  "net/max-buffers",
	  "20 KiB/s of resync each, so 40960 of the link's 1220703; up to 8 MiB a connection" },
	{ "a rate that was asked for",
	  { .rate = 25600, .is_rate_asked = TRUE },
	  "disk/c-fill-target",
	  "sectors on their way for two round trips of 1 ms at 25600 KiB/s" },
};

static void test_bounds(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(bounds); i++) {
		check_row(bounds[i].name);
		g_autofree char *reason = NULL;
		tune_drbd_compute(&bounds[i].basis, bounds[i].option, &reason);
		CHECK_TEXT(reason, bounds[i].reason);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "speeds", test_speeds },
		{ "the link's speed", test_links },
		{ "computed values", test_formulas },
		{ "the reason is the bound", test_bounds },
		{ NULL, NULL },
	};

	return check_main("drbd-auto", checks);
}
