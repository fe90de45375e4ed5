/* SPDX-License-Identifier: BSD-2-Clause */
/* What bounds a resync, and where options of running minors contradict each other, the policy or the cluster. */
#ifndef TUNE_DRBD_CHECK_H
#define TUNE_DRBD_CHECK_H

#include <libtune/host/drbd.h>

/**
 * KiB/s that a resync of @device can reach, and the name of the option that keeps it there, static text.
 *
 * @link: of the replication link; 0: not known
 *
 * -1 without a connection.  The value of the sync target counts, and either side may become that.
 */
gint64 tune_drbd_get_ceiling(const TuneDrbdDevice *device, gint64 link, const char **ret_limit);

/**
 * What the cluster's disk parameters say of an option.
 *
 * @key: Ganeti's name of the parameter that says so
 */
typedef struct {
	char *option;
	char *value;
	const char *key;
} TuneDrbdParameter;

/**
 * The disk parameters of this node's group, from config.data, which candidates for master have and which is
 * replaced as a whole, so that it takes no lock.  Array of TuneDrbdParameter; NULL where there is none.
 */
GPtrArray *tune_drbd_read_cluster(TuneRoot *root);

/** @value in the unit that @option is shown in: "100M" of a rate is 102400. */
char *tune_drbd_convert(const char *option, const char *value);

#endif
