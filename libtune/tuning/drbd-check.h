/* SPDX-License-Identifier: BSD-2-Clause */
/* The limits of a resync. */
#ifndef TUNE_DRBD_CHECK_H
#define TUNE_DRBD_CHECK_H

#include <libtune/host/drbd.h>

/**
 * tune_drbd_get_ceiling: KiB/s that a resync of @device can reach; -1 without a connection.
 *
 * @link: KiB/s of the replication link; 0: unknown
 * @ret_limit: the option that limits it, or "link"; static text
 *
 * In a resync the options of the sync target count; each side can become that.
 */
gint64 tune_drbd_get_ceiling(const TuneDrbdDevice *device, gint64 link, const char **ret_limit);

#endif
