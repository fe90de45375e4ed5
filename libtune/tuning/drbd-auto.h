/* SPDX-License-Identifier: BSD-2-Clause */
/* What DRBD's options should be for a given link.  Pure numbers; knows no host but for the link's speed. */
#ifndef TUNE_DRBD_AUTO_H
#define TUNE_DRBD_AUTO_H

#include <libtune/host/facts.h>
#include <libtune/tuning/policy.h>

/** The value of a policy that is computed. */
#define TUNE_DRBD_AUTO "auto"

/**
 * KiB/s of resync that one of max-buffers lets through: drbd_rs_number_requests() of drbd_worker.c, every
 * 100 ms (SLEEP_TIME) at most max-buffers / 2 pages of 4 KiB.
 */
#define TUNE_DRBD_KIB_PER_BUFFER 20

gboolean tune_drbd_can_be_auto(const TuneParam *param);

/** KiB/s from "10G", "2.5G", "100M" or a number of Mb/s; 0 when it is none. */
gint64 tune_drbd_parse_speed(const char *speed);

/** KiB/s of the interface that has @ip's network; 0: not known, and @ret_why says why. */
gint64 tune_drbd_find_speed(TuneFacts *facts, const char *ip, char **ret_why);

/** KiB/s of the interface that the replication network is on; 0: not known, and @ret_why says why. */
gint64 tune_drbd_find_link(TuneFacts *facts, char **ret_why);

/**
 * What computing starts from, in KiB/s and buffers; 0 is unknown.
 *
 * @link: of the replication link
 * @rate: at most wanted of a resync
 * @is_rate_asked: somebody named it; otherwise it is the link's
 * @buffers: max-buffers, if somebody named them
 */
typedef struct {
	gint64 link;
	gint64 rate;
	gboolean is_rate_asked;
	gint64 buffers;
} TuneDrbdBasis;

/** From the numbers of @policy, and for what it does not name, from what @device has (NULL: nothing). */
TuneDrbdBasis tune_drbd_get_basis(const TuneDrbdPolicy *policy, const TuneDrbdDevice *device,
				  gint64 link);

/** The value of @option ("net/max-buffers"), with a sentence on it; -1 when the link's speed is missing. */
gint64 tune_drbd_compute(const TuneDrbdBasis *basis, const char *option, char **ret_reason);

#endif
