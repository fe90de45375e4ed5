/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DRBD's minors as drbdsetup(8) and /proc/drbd show them.  Knows no policy.
 * Sources: drbdsetup(8) of drbd-utils; drivers/block/drbd of Linux; Ganeti, lib/storage/drbd_cmdgen.py.
 */
#ifndef TUNE_DRBD_H
#define TUNE_DRBD_H

#include <libtune/tune-host.h>

#define TUNE_DRBD_PROGRAM "drbdsetup"
#define TUNE_DRBD_TIMEOUT_MS 5000

/** The DRBD that Ganeti runs, and the only one that is written to. */
#define TUNE_DRBD_WRITTEN_VERSION 8

/** The options that are read.  None of them is a secret. */
#define TUNE_DRBD_N_OPTIONS 22
extern const char *const tune_drbd_options[TUNE_DRBD_N_OPTIONS];

/**
 * One minor.  Texts are borrowed from its TuneDrbd, and NULL when drbdsetup does not print them.
 *
 * @volume: its number within the resource
 * @local, @remote: ends of the connection, as drbdsetup takes them ("ipv4:192.0.2.11:11000")
 * @disk: path of the backing device; NULL when diskless
 * @values: of tune_drbd_options, without their unit; those of "net" are NULL without a connection, those
 *   of "disk" without a disk
 * @connection, @role, @disk_state: of /proc/drbd ("Connected", "Primary/Secondary", "UpToDate/UpToDate")
 */
typedef struct {
	guint minor;
	guint volume;
	char *name;
	const char *resource;
	const char *local;
	const char *remote;
	const char *disk;
	const char *values[TUNE_DRBD_N_OPTIONS];
	const char *connection;
	const char *role;
	const char *disk_state;
	gboolean is_stale;
} TuneDrbdDevice;

/**
 * @version: "8.4.11"; NULL: no DRBD in this kernel, and no devices
 * @major: 8 or 9
 * @devices: array of TuneDrbdDevice, by minor
 */
typedef struct {
	char *version;
	guint major;
	GPtrArray *devices;
	GPtrArray *texts;
} TuneDrbd;

/** @proc: /proc/drbd; @show: `drbdsetup show`; NULL when there is no DRBD.  Takes ownership of both. */
TuneDrbd *tune_drbd_parse(char *proc, char *show, GError **error);
void tune_drbd_free(TuneDrbd *drbd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneDrbd, tune_drbd_free)

/**
 * All minors of the host below @root, by one run of drbdsetup; free it.  A kernel without DRBD is no error.
 */
TuneDrbd *tune_drbd_look(TuneRoot *root, GError **error);

/** The one of @drbd called @name, read again when it was written to.  TUNE_ERROR_ABSENT when there is none. */
const TuneDrbdDevice *tune_drbd_find(TuneRoot *root, TuneDrbd *drbd, const char *name,
				     GError **error);

/** @device and all of @drbd that share its resource have been written to. */
void tune_drbd_mark_stale(TuneDrbd *drbd, const TuneDrbdDevice *device);

/** The value of option "net/max-buffers" and the like, or NULL. */
const char *tune_drbd_get(const TuneDrbdDevice *device, const char *option);

/** The same as a number; -1 where there is none. */
gint64 tune_drbd_get_number(const TuneDrbdDevice *device, const char *option);

#endif
