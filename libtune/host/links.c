/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/text.h>
#include <libtune/ganeti/node.h>
#include <libtune/host/links.h>
#include <libtune/base/root.h>

#define NET "sys/class/net"
#define LOWER "lower_"
#define DATAPATH "ovs-system"
/* Deeper than any stack that the kernel permits (MAX_NEST_DEV is 8). */
#define DEEPEST 16

/* clang-format off */
static const struct {
	const char *word;
	guint class;
} words[] = {
	{ "replication", TUNE_LINK_REPLICATION },
	{ "primary",     TUNE_LINK_PRIMARY },
	{ "bridge",      TUNE_LINK_BRIDGE },
	{ "port",        TUNE_LINK_PORT },
	{ "bond",        TUNE_LINK_BOND },
	{ "vlan",        TUNE_LINK_VLAN },
	{ "physical",    TUNE_LINK_PHYSICAL },
	{ "tap",         TUNE_LINK_TAP },
};

/* Entries of an interface's directory that tell its kind (Documentation/ABI/testing/sysfs-class-net). */
static const struct {
	const char *entry;
	guint class;
} kinds[] = {
	{ "bridge",    TUNE_LINK_BRIDGE },
	{ "brport",    TUNE_LINK_PORT },
	{ "bonding",   TUNE_LINK_BOND },
	{ "device",    TUNE_LINK_PHYSICAL },
	{ "tun_flags", TUNE_LINK_TAP },
};
/* clang-format on */

guint tune_link_class_from_word(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].class;
	return 0;
}

/* "bond0", "tap3" and "vlan7" are names of interfaces, so only long words count, and not those that begin alike. */
const char *tune_link_class_nearest(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strlen(words[i].word) > 5 && !g_str_has_prefix(word, words[i].word) &&
		    tune_edit_distance(words[i].word, word) <= 2)
			return words[i].word;
	return NULL;
}

gboolean tune_link_matches(const TuneLink *link, const char *const *wanted)
{
	for (; *wanted; wanted++) {
		gboolean is_opposite = **wanted == '!';
		const char *word = *wanted + is_opposite;
		guint class = tune_link_class_from_word(word);
		gboolean is_match = class ? (link->classes & class) != 0
					  : g_pattern_match_simple(word, link->name);
		if (is_match == is_opposite)
			return FALSE;
	}
	return TRUE;
}

/* ---- the interfaces of a host ---- */

static void link_free(gpointer data)
{
	TuneLink *link = data;

	g_ptr_array_unref(link->lowers);
	g_ptr_array_unref(link->addresses);
	g_free(link->name);
	g_free(link);
}

static int compare_name(const void *name, const void *link)
{
	return strverscmp(name, (*(const TuneLink *const *)link)->name);
}

/* They are sorted, by tune_root_list(); a search by halves matters on nodes with hundreds of taps. */
const TuneLink *tune_links_get(const GPtrArray *links, const char *name)
{
	gpointer *found = bsearch(name, links->pdata, links->len, sizeof(gpointer), compare_name);

	return found ? *found : NULL;
}

static void read_entry(TuneLink *link, const char *entry)
{
	if (g_str_has_prefix(entry, LOWER))
		g_ptr_array_add(link->lowers, g_strdup(entry + strlen(LOWER)));
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].entry, entry) == 0)
			link->classes |= kinds[i].class;
}

/* Of a VLAN, only the uevent tells that it is one. */
static gboolean is_vlan(TuneRoot *root, const char *directory)
{
	g_autofree char *path = g_strconcat(directory, "/uevent", NULL);
	g_autofree char *shown = tune_root_read_attribute(root, path, NULL);

	return shown && strstr(shown, "DEVTYPE=vlan");
}

/* With Xen, the host's end of a guest's interface has a "device" like a network card, but on a bus of its own. */
static gboolean is_vif(TuneRoot *root, const char *directory)
{
	g_autofree char *path = g_strconcat(directory, "/device/subsystem", NULL);
	g_autofree char *bus = tune_root_read_link(root, path, NULL);

	return bus && g_str_has_suffix(bus, "/xen-backend");
}

/* NULL when @name is no interface ("bonding_masters"), or has just disappeared. */
static TuneLink *read_link(TuneRoot *root, const char *name)
{
	g_autofree char *directory = g_build_filename(NET, name, NULL);
	g_autoptr(GPtrArray) entries = tune_root_list(root, directory, NULL);

	if (!entries)
		return NULL;
	TuneLink *link = g_new0(TuneLink, 1);
	link->name = g_strdup(name);
	link->lowers = g_ptr_array_new_with_free_func(g_free);
	link->addresses = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < entries->len; i++)
		read_entry(link, entries->pdata[i]);
	if (link->lowers->len && is_vlan(root, directory))
		link->classes |= TUNE_LINK_VLAN;
	if (link->classes & TUNE_LINK_PHYSICAL && is_vif(root, directory))
		link->classes ^= TUNE_LINK_PHYSICAL | TUNE_LINK_TAP;
	return link;
}

static GPtrArray *list_links(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) names = tune_root_list(root, NET, error);

	if (!names)
		return NULL;
	GPtrArray *links = g_ptr_array_new_with_free_func(link_free);
	for (guint i = 0; i < names->len; i++) {
		TuneLink *link = strcmp(names->pdata[i], "lo") ? read_link(root, names->pdata[i])
							       : NULL;
		if (link)
			g_ptr_array_add(links, link);
	}
	return links;
}

/* ---- layers ---- */

static guint get_depth(const GPtrArray *links, const TuneLink *link, guint limit)
{
	guint depth = 0;

	for (guint i = 0; limit && i < link->lowers->len; i++) {
		const TuneLink *lower = tune_links_get(links, link->lowers->pdata[i]);
		if (lower)
			depth = MAX(depth, 1 + get_depth(links, lower, limit - 1));
	}
	return depth;
}

/* Marks @link and all interfaces below it, except for the taps of guests on the same bridge. */
static void mark_stack(const GPtrArray *links, TuneLink *link, guint class, guint limit)
{
	link->classes |= class;
	for (guint i = 0; limit && i < link->lowers->len; i++) {
		TuneLink *lower = (TuneLink *)tune_links_get(links, link->lowers->pdata[i]);
		if (lower && !(lower->classes & TUNE_LINK_TAP))
			mark_stack(links, lower, class, limit - 1);
	}
}

static gboolean has_tap(const GPtrArray *links, const TuneLink *bridge)
{
	for (guint i = 0; i < bridge->lowers->len; i++) {
		const TuneLink *port = tune_links_get(links, bridge->lowers->pdata[i]);
		if (port && port->classes & TUNE_LINK_TAP)
			return TRUE;
	}
	return FALSE;
}

/* ---- addresses ---- */

static char *format_address(const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
			  text, sizeof(text));
	else if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
			  sizeof(text));
	return *text ? g_strdup(text) : NULL;
}

static gboolean ask_addresses(const GPtrArray *links, GError **error)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return tune_fail_errno(error, "getifaddrs");
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		/* An IPv4 address may have a label, "eth0:1"; no name of an interface has a colon. */
		g_autofree char *name = g_strndup(a->ifa_name, strcspn(a->ifa_name, ":"));
		const TuneLink *link = tune_links_get(links, name);
		char *address = link ? format_address(a->ifa_addr) : NULL;
		if (address)
			g_ptr_array_add(link->addresses, address);
	}
	freeifaddrs(all);
	return TRUE;
}

static void read_addresses(TuneRoot *root, const TuneLink *link)
{
	g_autofree char *path = g_strdup_printf("rtnetlink/%s/addresses", link->name);
	g_autofree char *text = tune_root_read(root, path, NULL);
	g_auto(GStrv) addresses = text ? g_strsplit(text, " ", -1) : NULL;

	for (char **address = addresses; address && *address; address++)
		g_ptr_array_add(link->addresses, g_strdup(*address));
}

const TuneLink *tune_links_get_owner(const GPtrArray *links, const char *address)
{
	for (guint i = 0; i < links->len; i++) {
		const TuneLink *link = links->pdata[i];
		if (g_ptr_array_find_with_equal_func(link->addresses, address, g_str_equal, NULL))
			return link;
	}
	return NULL;
}

/*
 * When an internal port of Open vSwitch has the primary address, nothing shows which other port its packets use, so
 * all are marked.  All bridges of Open vSwitch have their ports on one datapath (lib/dpif-netlink.c).
 */
static void mark_owner(TuneRoot *root, const GPtrArray *links, const char *node,
		       TuneNetwork network, guint class)
{
	g_autofree char *address = node ? tune_ganeti_get_address_of(root, node, network) : NULL;
	TuneLink *owner = address ? (TuneLink *)tune_links_get_owner(links, address) : NULL;

	if (!owner)
		return;
	mark_stack(links, owner, class, DEEPEST);
	TuneLink *datapath = (TuneLink *)tune_links_get(links, DATAPATH);
	if (class == TUNE_LINK_PRIMARY && datapath && !owner->lowers->len &&
	    !(owner->classes & TUNE_LINK_PHYSICAL))
		mark_stack(links, datapath, TUNE_LINK_PRIMARY, DEEPEST);
}

GPtrArray *tune_links_find(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) links = list_links(root, error);

	if (!links || (tune_root_is_running(root) && !ask_addresses(links, error)))
		return NULL;
	for (guint i = 0; i < links->len; i++) {
		TuneLink *link = links->pdata[i];
		if (!tune_root_is_running(root))
			read_addresses(root, link);
		link->depth = get_depth(links, link, DEEPEST);
		if (link->classes & TUNE_LINK_BRIDGE && has_tap(links, link))
			link->classes |= TUNE_LINK_GUESTS;
	}
	g_autofree char *node = tune_ganeti_node_name(root, NULL);
	mark_owner(root, links, node, TUNE_NETWORK_REPLICATION, TUNE_LINK_REPLICATION);
	mark_owner(root, links, node, TUNE_NETWORK_PRIMARY, TUNE_LINK_PRIMARY);
	return g_steal_pointer(&links);
}

gboolean tune_ganeti_has_address(TuneRoot *root, const char *ip)
{
	g_autoptr(GPtrArray) links = tune_links_find(root, NULL);

	return links && tune_links_get_owner(links, ip);
}
