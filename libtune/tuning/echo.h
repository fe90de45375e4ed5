/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP echo to several hosts at a time, to see which sizes of packet come and go in one piece. */
#ifndef TUNE_ECHO_H
#define TUNE_ECHO_H

#include <libtune/tune-tuning.h>

/**
 * What the answer of a peer can prove of the way to it and back, for a size of packets N.
 *
 * @TUNE_ECHO_REACHED: a small packet
 * @TUNE_ECHO_WHOLE: exactly N bytes that must not be cut on the way there, and were not cut on the way
 *   back.  The latter matters: a peer of a smaller MTU may well receive them (Ethernet allows for 4 bytes of a
 *   VLAN tag, and many cards for much more), but has to answer in pieces
 * @TUNE_ECHO_CUT: one byte more came back in pieces: the peer sends nothing larger than N
 */
typedef enum {
	TUNE_ECHO_REACHED = 1 << 0,
	TUNE_ECHO_WHOLE = 1 << 1,
	TUNE_ECHO_CUT = 1 << 2,
} TuneEchoProof;

/**
 * @node: whose @address it is
 * @proven: TuneEchoProof, or-ed
 */
typedef struct {
	char *node;
	char *address;
	guint proven;
} TuneEcho;

TuneEcho *tune_echo_new(const char *node, const char *address);
void tune_echo_free(gpointer echo);

/**
 * tune_echo_ask: ask each of @echoes, an array of TuneEcho, until it has proven all of @wanted, or @deadline.
 *
 * Who has answered what is in @proven; silence is no error.  Fails when packets cannot be sent as they have to
 * be: without the right to (raw sockets), or when this host itself takes more than @size bytes for one packet.
 */
gboolean tune_echo_ask(GPtrArray *echoes, guint size, guint wanted, gint64 deadline,
		       GError **error);

#endif
