/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A conversation with a QEMU over QMP: commands, their answers in order, one deadline for all of it.
 * Knows no command but the greeting's.  Source: QEMU, docs/interop/qmp-spec.txt.
 *
 * QMP serves one client at a time, and Ganeti needs its socket for a migration: close at once.  QEMU (7.2)
 * reads its commands byte by byte, with a system call each: what is asked costs time by its length.
 */
#ifndef TUNE_QMP_H
#define TUNE_QMP_H

#include <libtune/base/json.h>

typedef struct TuneQmp TuneQmp;

/**
 * tune_qmp_connect: talk to the QEMU that listens on socket @path below @root.
 *
 * @deadline: of the whole conversation; g_get_monotonic_time(), microseconds
 *
 * Fails with TUNE_ERROR_ABSENT (no socket), TUNE_ERROR_TIMEOUT (nobody greets: another client is being
 * served, or QEMU hangs), TUNE_ERROR_IO (nobody listens, or hangs up) and TUNE_ERROR_INVALID (no QMP).
 */
TuneQmp *tune_qmp_connect(TuneRoot *root, const char *path, gint64 deadline, GError **error);

/** The same over a connected socket, which belongs to it from here on; @name is for messages. */
TuneQmp *tune_qmp_new(int fd, const char *name, gint64 deadline, GError **error);
void tune_qmp_close(TuneQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneQmp, tune_qmp_close)

/** The version of the greeting, e.g. "7.2.22". */
const char *tune_qmp_get_version(const TuneQmp *qmp);

/** From here on another deadline holds. */
void tune_qmp_set_deadline(TuneQmp *qmp, gint64 deadline);

/**
 * tune_qmp_ask: put a command, with pairs of argument name and text up to a NULL.
 *
 * It is sent by the next tune_qmp_receive(), so that several commands cost one trip.
 */
void tune_qmp_ask(TuneQmp *qmp, const char *command, ...) G_GNUC_NULL_TERMINATED;

/** tune_qmp_ask_with: the same with @arguments, an object, which it takes over. */
void tune_qmp_ask_with(TuneQmp *qmp, const char *command, json_t *arguments);

/**
 * tune_qmp_receive: the answer to the oldest open command; events in between are passed over.
 *
 * Returns its value, to be freed with json_decref().  TUNE_ERROR_REFUSED when QEMU answered with an error, in its
 * words: the conversation goes on.  After any other error it is over.  An answer of more than 1 MiB is refused
 * (TUNE_ERROR_INVALID).
 */
json_t *tune_qmp_receive(TuneQmp *qmp, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
