/* SPDX-License-Identifier: BSD-2-Clause */
/* Which network interfaces a host has, of which kind they are, and which carry the node's addresses.  Reads only. */
#ifndef TUNE_LINKS_H
#define TUNE_LINKS_H

#include <libtune/tune-host.h>

/**
 * @TUNE_LINK_REPLICATION, @TUNE_LINK_PRIMARY: the interface that has the node's secondary or primary IP, and all
 *   interfaces below it; when an internal port of Open vSwitch has the primary IP, all ports of the switch
 * @TUNE_LINK_PORT: a port of a bridge
 * @TUNE_LINK_PHYSICAL: a network card, or the emulated card of a virtual machine
 * @TUNE_LINK_TAP: the host's end of a guest's interface, with KVM a tap, with Xen a vif
 * @TUNE_LINK_GUESTS: a bridge with a tap among its ports
 */
typedef enum {
	TUNE_LINK_REPLICATION = 1 << 0,
	TUNE_LINK_PRIMARY = 1 << 1,
	TUNE_LINK_BRIDGE = 1 << 2,
	TUNE_LINK_PORT = 1 << 3,
	TUNE_LINK_BOND = 1 << 4,
	TUNE_LINK_VLAN = 1 << 5,
	TUNE_LINK_PHYSICAL = 1 << 6,
	TUNE_LINK_TAP = 1 << 7,
	TUNE_LINK_GUESTS = 1 << 8,
} TuneLinkClass;

/**
 * @classes: TuneLinkClass, or-ed
 * @lowers: names of the interfaces below it: ports, slaves, the parent of a VLAN
 * @addresses: IPv4 and IPv6, as text
 * @depth: number of layers below it
 */
typedef struct {
	char *name;
	guint classes;
	guint depth;
	GPtrArray *lowers;
	GPtrArray *addresses;
} TuneLink;

/** The class that a policy's word names ("replication", "bridge", ...), or 0: then it is a name or a pattern. */
guint tune_link_class_from_word(const char *word);

/** The class word of which @word is probably a misspelling, or NULL. */
const char *tune_link_class_nearest(const char *word);

/** Whether @link fits all of @words: class words, names, patterns, each with "!" for the opposite. */
gboolean tune_link_matches(const TuneLink *link, const char *const *words);

/**
 * All interfaces but the loopback, in version order of their names; array of TuneLink, unref it.
 *
 * Below another root than the running host's, addresses are those that the files rtnetlink/LINK/addresses hold.
 */
GPtrArray *tune_links_find(TuneRoot *root, GError **error);

/** The one called @name, or NULL. */
const TuneLink *tune_links_get(const GPtrArray *links, const char *name);

/** The one that has @address, or NULL. */
const TuneLink *tune_links_get_owner(const GPtrArray *links, const char *address);

#endif
