/* SPDX-License-Identifier: BSD-2-Clause */
/* What Ganeti's files say of this node and its peers.  Knows no tuning. */
#ifndef TUNE_GANETI_H
#define TUNE_GANETI_H

#include <libtune/tune.h>

/**
 * tune_ganeti_check_name: whether @name can be an instance's, and so never leaves its directory.
 *
 * What Ganeti allows (lib/netutils.py, Hostname): 1 to 255 letters, digits, ".", "_" and "-", without ".."
 * and not hidden.  Fails with TUNE_ERROR_INVALID.
 */
gboolean tune_ganeti_check_name(const char *name, GError **error);

/** The two networks of a cluster; without one of its own, replication uses the primary one. */
typedef enum {
	TUNE_NETWORK_PRIMARY,
	TUNE_NETWORK_REPLICATION,
} TuneNetwork;

/** @node: its name; @address: in one of the networks */
typedef struct {
	char *node;
	char *address;
} TunePeer;

/** This node's own address, or NULL where nothing tells it; free it. */
char *tune_ganeti_get_address(TuneRoot *root, TuneNetwork network);

/** All other nodes that are not offline; array of TunePeer, unref it.  NULL: nothing tells which nodes there are. */
GPtrArray *tune_ganeti_list_peers(TuneRoot *root, TuneNetwork network);

#endif
