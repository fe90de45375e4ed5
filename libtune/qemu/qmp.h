/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to a QEMU over QMP: commands, their answers in order, one deadline for all of it.  The callers know the
 * commands.  Source: QEMU, docs/interop/qmp-spec.txt.
 *
 * QMP serves one client at a time, and Ganeti needs the socket for a migration: close it as soon as possible.  QEMU
 * (7.2) reads commands byte by byte, with a system call for each: a long command takes longer.
 */
#ifndef TUNE_QMP_H
#define TUNE_QMP_H

#include <libtune/base/json.h>

typedef struct TuneQmp TuneQmp;

/**
 * tune_qmp_connect: talk to the QEMU that listens on socket @path below @root.
 *
 * @deadline: of the whole connection; g_get_monotonic_time(), microseconds
 *
 * Fails with TUNE_ERROR_ABSENT (no socket), TUNE_ERROR_TIMEOUT (no greeting: QEMU serves another client, or hangs),
 * TUNE_ERROR_IO (nobody listens, or QEMU hangs up) and TUNE_ERROR_INVALID (no QMP).
 */
TuneQmp *tune_qmp_connect(TuneRoot *root, const char *path, gint64 deadline, GError **error);

/** tune_qmp_new: the same over a connected socket @fd, which it takes over and closes; @name is for messages. */
TuneQmp *tune_qmp_new(int fd, const char *name, gint64 deadline, GError **error);
void tune_qmp_close(TuneQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQmp, tune_qmp_close)

/** The version of the greeting, e.g. "7.2.22". */
const char *tune_qmp_get_version(const TuneQmp *qmp);

/** tune_qmp_set_deadline: replace the deadline. */
void tune_qmp_set_deadline(TuneQmp *qmp, gint64 deadline);

/**
 * tune_qmp_ask: add a command to those to be sent, with pairs of argument name and text up to a NULL.
 *
 * It is sent by the next tune_qmp_receive(), so that several commands cost one trip.
 */
void tune_qmp_ask(TuneQmp *qmp, const char *command, ...) G_GNUC_NULL_TERMINATED;

/** tune_qmp_ask_with: the same with @arguments, an object, which it takes over. */
void tune_qmp_ask_with(TuneQmp *qmp, const char *command, json_t *arguments);

/**
 * tune_qmp_receive: the answer to the oldest open command; events in between are passed over.
 *
 * Returns its value, to be freed with json_decref().  TUNE_ERROR_REFUSED with QEMU's message when QEMU answered with an
 * error; the next answers can still be received.  After any other error none can.  An answer of more than 1 MiB is an
 * error (TUNE_ERROR_INVALID).
 */
json_t *tune_qmp_receive(TuneQmp *qmp, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
