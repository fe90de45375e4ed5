/* SPDX-License-Identifier: BSD-2-Clause */
/* What bounds a resync. */
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

#endif
