/* SPDX-License-Identifier: BSD-2-Clause */
/* This node's name, addresses and peers, from Ganeti's ssconf files.  Runs no command, knows no tuning. */
#ifndef TUNE_GANETI_H
#define TUNE_GANETI_H

#include <libtune/tune-ganeti.h>

/**
 * tune_ganeti_check_name: whether @name can be an instance's, and so never leaves its directory.
 *
 * What Ganeti allows (lib/netutils.py, Hostname): 1 to 255 letters, digits, ".", "_" and "-", without ".."
 * and not hidden.  Fails with TUNE_ERROR_INVALID.
 */
gboolean tune_ganeti_check_name(const char *name, GError **error);

/** The two networks of a cluster; they are the same when the cluster has no secondary one. */
typedef enum {
	TUNE_NETWORK_PRIMARY,
	TUNE_NETWORK_REPLICATION,
} TuneNetwork;

/** @node: its name; @address: in one of the networks */
typedef struct {
	char *node;
	char *address;
} TunePeer;

/** This node's own address, or NULL when it is not known; free it. */
char *tune_ganeti_get_address(TuneRoot *root, TuneNetwork network);

/** The same of the node that has the name @own. */
char *tune_ganeti_get_address_of(TuneRoot *root, const char *own, TuneNetwork network);

/** All other nodes that are not offline; array of TunePeer, unref it.  NULL when the nodes are not known. */
GPtrArray *tune_ganeti_list_peers(TuneRoot *root, TuneNetwork network);

#endif
