/* SPDX-License-Identifier: BSD-2-Clause */
/* The other end of a QMP connection: a QEMU whose answers are all written before the first question. */
#ifndef TUNE_TEST_QMP_PEER_H
#define TUNE_TEST_QMP_PEER_H

#include <libtune/qemu/qmp.h>

/**
 * Connect to a QEMU that has written @text and, with @hangs_up, has closed its end.
 * Its end is *@ret_peer, which the caller closes.  NULL and @error as tune_qmp_new() sets it, for "peer".
 */
TuneQmp *peer_start(const char *text, gboolean hangs_up, gint64 deadline, int *ret_peer,
		    GError **error);

/**
 * Close @peer, and return what it was asked: the properties after the first @n_skipped, and "registers" last where
 * the monitor was asked for them; separated by blanks, to be freed.
 */
char *peer_read_asked(int peer, guint n_skipped);

#endif
