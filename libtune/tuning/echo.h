/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP echo to several hosts at a time, to find out which sizes of packets arrive in one piece. */
#ifndef TUNE_ECHO_H
#define TUNE_ECHO_H

#include <libtune/tune-tuning.h>

/**
 * What an answer proves about the path to the peer and back, for packets of N bytes.
 *
 * @TUNE_ECHO_REACHED: a small packet was answered
 * @TUNE_ECHO_WHOLE: a packet of N bytes, which must not be fragmented, was answered in one piece.  The answer matters: a
 *   peer with a smaller MTU may receive the packet (Ethernet has room for a VLAN tag of 4 bytes, many cards for much
 *   more), but has to answer in fragments
 * @TUNE_ECHO_CUT: a packet of N + 1 bytes was answered in fragments: the peer sends nothing larger than N
 */
typedef enum {
	TUNE_ECHO_REACHED = 1 << 0,
	TUNE_ECHO_WHOLE = 1 << 1,
	TUNE_ECHO_CUT = 1 << 2,
} TuneEchoProof;

/**
 * @node: that has the @address
 * @proven: set of TuneEchoProof
 */
typedef struct {
	char *node;
	char *address;
	guint proven;
} TuneEcho;

TuneEcho *tune_echo_new(const char *node, const char *address);
void tune_echo_free(gpointer echo);

/**
 * tune_echo_ask: send to each of @echoes, an array of TuneEcho, until it has proven all of @wanted, or until @deadline.
 *
 * The result is in @proven; no answer is no error.  Fails when packets cannot be sent as needed: without the permission
 * for raw sockets, or when this host sends more than @size bytes in one packet.
 */
gboolean tune_echo_ask(GPtrArray *echoes, guint size, guint wanted, gint64 deadline,
		       GError **error);

#endif
