/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources: "Optimizing DRBD throughput" and "latency" of LINBIT's User's Guide for 8.4; for the limits of a resync,
 * drivers/block/drbd/drbd_worker.c of Linux.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/host/links.h>
#include <libtune/base/root.h>

/* The kernel's default, as fewer gain nothing; and 78 MiB a connection, the limit unless a rate is configured. */
#define FEWEST_BUFFERS 2048
#define MOST_BUFFERS_UNASKED 20000
#define MOST_BUFFERS 131072
#define MOST_EPOCH 20000
#define MOST_RATE 4194304
#define LEAST_RATE 250
/* Of a switched link without a queue; on a faster one the fill target is larger than it has to be. */
#define ROUND_TRIP_MS 1
/* DRBD's default. */
#define LEAST_FILL 100
#define MOST_FILL 1048576
#define ROUTES "proc/net/route"
/* The most levels of interfaces that are searched: a VLAN on a bridge on a bond has three. */
#define DEEPEST 4

/* ---- the link ---- */

gint64 tune_drbd_parse_speed(const char *speed)
{
	const char *end = speed + strspn(speed, G_CSET_DIGITS ".");
	char *rest;
	gdouble number = g_ascii_strtod(speed, &rest);
	gdouble unit = strcmp(end, "G") == 0 ? 1e9 : strcmp(end, "M") == 0 || !*end ? 1e6 : 0;

	if (!g_ascii_isdigit(*speed) || rest != end || number * unit < 1e6 || number * unit > 1e13)
		return 0;
	return (gint64)(number * unit / 8 / 1024);
}

/* The interface of the smallest network that has the address; the kernel shows networks in hexadecimal. */
static char *find_interface(const char *routes, struct in_addr ip)
{
	g_auto(GStrv) lines = g_strsplit(routes, "\n", -1);
	g_autofree char *found = NULL;
	guint best = 0;

	for (char **line = lines; *line; line++) {
		char name[64];
		guint network, gateway, mask;
		if (sscanf(*line, "%63s %x %x %*x %*d %*d %*d %x", name, &network, &gateway,
			   &mask) != 4 ||
		    gateway || (ip.s_addr & mask) != network || ntohl(mask) < best || !mask)
			continue;
		best = ntohl(mask);
		g_free(found);
		found = g_strdup(name);
	}
	return g_steal_pointer(&found);
}

static const char *get_local_address(const TuneDrbd *drbd)
{
	for (guint i = 0; i < drbd->devices->len; i++) {
		const TuneDrbdDevice *device = drbd->devices->pdata[i];
		if (device->local)
			return device->local;
	}
	return NULL;
}

/* Mb/s; 0 when unknown, for which the kernel shows -1. */
static gint64 read_speed(TuneRoot *root, const char *interface)
{
	g_autofree char *path = g_strdup_printf("sys/class/net/%s/speed", interface);
	gint64 speed;

	return tune_root_read_number(root, path, &speed, NULL) ? MAX(speed, 0) : 0;
}

/*
 * For a bridge the kernel shows the speed of the fastest port, which may be a guest's tap with 10 Gb/s whatever the cards
 * are; so its other ports are asked.  A bond that balances its load shows the sum of its slaves, but a connection uses
 * one of them (bonding.rst, xmit_hash_policy).  A VLAN shows the speed of the interface below it.
 */
static gint64 get_speed(TuneRoot *root, const GPtrArray *links, const char *interface, guint limit)
{
	const guint stacked = TUNE_LINK_BRIDGE | TUNE_LINK_BOND | TUNE_LINK_VLAN;
	const TuneLink *link = links ? tune_links_get(links, interface) : NULL;
	gint64 speed = 0;

	if (!link || !limit || !(link->classes & stacked))
		return read_speed(root, interface);
	for (guint i = 0; i < link->lowers->len; i++) {
		const char *lower = link->lowers->pdata[i];
		const TuneLink *port = tune_links_get(links, lower);
		if (port && !(port->classes & TUNE_LINK_TAP))
			speed = MAX(speed, get_speed(root, links, lower, limit - 1));
	}
	return speed;
}

static gint64 find_speed_of(TuneFacts *facts, const char *interface, char **ret_why)
{
	const GPtrArray *links = tune_facts_get_links(facts, NULL);
	gint64 speed = get_speed(tune_facts_get_root(facts), links, interface, DEEPEST);

	if (!speed)
		*ret_why = g_strdup_printf("%s does not tell its speed", interface);
	return speed * 1000000 / 8 / 1024;
}

gint64 tune_drbd_find_speed(TuneFacts *facts, const char *ip, char **ret_why)
{
	struct in_addr address;

	*ret_why = NULL;
	if (inet_pton(AF_INET, ip, &address) != 1) {
		*ret_why = g_strdup_printf("%s is not IPv4", ip);
		return 0;
	}
	g_autofree char *routes = tune_root_read(tune_facts_get_root(facts), ROUTES, NULL);
	g_autofree char *interface = routes ? find_interface(routes, address) : NULL;
	if (!interface) {
		*ret_why = g_strdup_printf("no interface has the network of %s", ip);
		return 0;
	}
	return find_speed_of(facts, interface, ret_why);
}

/* "ipv4:192.0.2.11:11000" */
gint64 tune_drbd_find_link(TuneFacts *facts, char **ret_why)
{
	const TuneDrbd *drbd = tune_facts_get_drbd(facts, NULL);
	const char *address = drbd ? get_local_address(drbd) : NULL;
	g_auto(GStrv) parts = address ? g_strsplit(address, ":", 3) : NULL;

	if (!parts || !parts[0] || !parts[1]) {
		*ret_why = g_strdup("nothing is connected");
		return 0;
	}
	return tune_drbd_find_speed(facts, parts[1], ret_why);
}

/* ---- the input ---- */

static gint64 get_configured(const TuneDrbdPolicy *policy, const TuneDrbdDevice *device,
			     const char *option, gboolean *ret_is_auto)
{
	*ret_is_auto = FALSE;
	for (guint i = 0; i < policy->settings->len; i++) {
		const TuneSetting *setting = policy->settings->pdata[i];
		if (strcmp(setting->key, option) != 0)
			continue;
		*ret_is_auto = strcmp(setting->want, TUNE_DRBD_AUTO) == 0;
		return *ret_is_auto ? 0 : g_ascii_strtoll(setting->want, NULL, 10);
	}
	gint64 number = device ? tune_drbd_get_number(device, option) : -1;
	return MAX(number, 0);
}

TuneDrbdBasis tune_drbd_get_basis(const TuneDrbdPolicy *policy, const TuneDrbdDevice *device,
				  gint64 link)
{
	TuneDrbdBasis basis = { .link = link };
	gboolean is_auto;
	gint64 ahead = get_configured(policy, device, "disk/c-plan-ahead", &is_auto);
	const char *option = ahead || !device ? "disk/c-max-rate" : "disk/resync-rate";

	basis.rate = get_configured(policy, device, option, &is_auto);
	basis.is_rate_asked = basis.rate > 0;
	if (!basis.is_rate_asked)
		basis.rate = link;
	basis.buffers = get_configured(policy, device, "net/max-buffers", &is_auto);
	return basis;
}

/* ---- the formulas ---- */

static gint64 compute_buffers(const TuneDrbdBasis *basis)
{
	gint64 most = basis->is_rate_asked ? MOST_BUFFERS : MOST_BUFFERS_UNASKED;

	if (basis->buffers)
		return basis->buffers;
	if (!basis->rate)
		return -1;
	return CLAMP((basis->rate + TUNE_DRBD_KIB_PER_BUFFER - 1) / TUNE_DRBD_KIB_PER_BUFFER,
		     FEWEST_BUFFERS, most);
}

static gint64 compute_rate(const TuneDrbdBasis *basis)
{
	if (basis->is_rate_asked)
		return basis->rate;
	if (!basis->link)
		return -1;
	return CLAMP(MIN(basis->link, compute_buffers(basis) * TUNE_DRBD_KIB_PER_BUFFER),
		     LEAST_RATE, MOST_RATE);
}

static gint64 compute_epoch(const TuneDrbdBasis *basis)
{
	gint64 buffers = compute_buffers(basis);

	return MIN(buffers, MOST_EPOCH);
}

static gint64 compute_min_rate(const TuneDrbdBasis *basis)
{
	gint64 rate = compute_rate(basis);

	return rate < 0 ? -1 : rate / 5;
}

/* The sectors of two round trips; two sectors are a KiB. */
static gint64 compute_fill_of(gint64 rate)
{
	return 2 * rate * ROUND_TRIP_MS / 1000 * 2;
}

static gint64 compute_fill(const TuneDrbdBasis *basis)
{
	gint64 rate = compute_rate(basis);

	return rate < 0 ? -1 : CLAMP(compute_fill_of(rate), LEAST_FILL, MOST_FILL);
}

static char *explain_buffers(const TuneDrbdBasis *basis, gint64 value)
{
	g_autofree char *of = g_strdup_printf(basis->is_rate_asked ? "the %" G_GINT64_FORMAT
								     " wanted"
								   : "the link's %" G_GINT64_FORMAT,
					      basis->rate);

	if (value == FEWEST_BUFFERS && basis->rate < value * TUNE_DRBD_KIB_PER_BUFFER)
		return g_strdup_printf("DRBD's default lets through %" G_GINT64_FORMAT
				       " KiB/s, enough for %s; up to %" G_GINT64_FORMAT
				       " MiB a connection",
				       value * TUNE_DRBD_KIB_PER_BUFFER, of, value / 256);
	return g_strdup_printf("%d KiB/s of resync each, so %" G_GINT64_FORMAT
			       " of %s; up to %" G_GINT64_FORMAT " MiB a connection",
			       TUNE_DRBD_KIB_PER_BUFFER, value * TUNE_DRBD_KIB_PER_BUFFER, of,
			       value / 256);
}

static char *explain_epoch(const TuneDrbdBasis *basis, gint64 value G_GNUC_UNUSED)
{
	return g_strdup_printf("as max-buffers, %" G_GINT64_FORMAT ", and at most %d",
			       compute_buffers(basis), MOST_EPOCH);
}

static char *explain_rate(const TuneDrbdBasis *basis, gint64 value)
{
	if (basis->is_rate_asked)
		return g_strdup("as the rate that is wanted");
	if (value == basis->link)
		return g_strdup("what the link carries");
	if (value > basis->link)
		return g_strdup_printf("DRBD takes no less; the link carries %" G_GINT64_FORMAT,
				       basis->link);
	return g_strdup_printf("what %" G_GINT64_FORMAT
			       " max-buffers let through; the link carries %" G_GINT64_FORMAT,
			       compute_buffers(basis), basis->link);
}

static char *explain_min_rate(const TuneDrbdBasis *basis, gint64 value G_GNUC_UNUSED)
{
	return g_strdup_printf("a fifth of %" G_GINT64_FORMAT
			       ": a resync ends one day, and guests keep the rest",
			       compute_rate(basis));
}

static char *explain_fill(const TuneDrbdBasis *basis, gint64 value)
{
	if (compute_fill_of(compute_rate(basis)) < value)
		return g_strdup_printf(
			"DRBD's default: two round trips of %d ms at %" G_GINT64_FORMAT
			" KiB/s take fewer sectors",
			ROUND_TRIP_MS, compute_rate(basis));
	return g_strdup_printf(
		"sectors on their way for two round trips of %d ms at %" G_GINT64_FORMAT " KiB/s",
		ROUND_TRIP_MS, compute_rate(basis));
}

static const struct {
	const char *option;
	gint64 (*compute)(const TuneDrbdBasis *basis);
	char *(*explain)(const TuneDrbdBasis *basis, gint64 value);
} formulas[] = {
	{ "net/max-buffers", compute_buffers, explain_buffers },
	{ "net/max-epoch-size", compute_epoch, explain_epoch },
	{ "disk/c-max-rate", compute_rate, explain_rate },
	{ "disk/resync-rate", compute_rate, explain_rate },
	{ "disk/c-min-rate", compute_min_rate, explain_min_rate },
	{ "disk/c-fill-target", compute_fill, explain_fill },
};

gboolean tune_drbd_can_be_auto(const TuneParam *param)
{
	for (guint i = 0; i < G_N_ELEMENTS(formulas); i++)
		if (param->section == &tune_section_drbd &&
		    strcmp(formulas[i].option, param->key) == 0)
			return TRUE;
	return FALSE;
}

gint64 tune_drbd_compute(const TuneDrbdBasis *basis, const char *option, char **ret_reason)
{
	*ret_reason = NULL;
	for (guint i = 0; i < G_N_ELEMENTS(formulas); i++) {
		if (strcmp(formulas[i].option, option) != 0)
			continue;
		gint64 value = formulas[i].compute(basis);
		if (value >= 0)
			*ret_reason = formulas[i].explain(basis, value);
		return value;
	}
	return -1;
}
