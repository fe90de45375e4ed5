/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of DRBD's options that suit a link: formulas, and the speed of the link. */
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

/** tune_drbd_parse_speed: KiB/s of "10G", "2.5G", "100M" or a number of Mb/s; 0 when @speed is invalid. */
gint64 tune_drbd_parse_speed(const char *speed);

/** tune_drbd_find_speed: KiB/s of the interface in the network of @ip; 0 when unknown, with the reason in @ret_why. */
gint64 tune_drbd_find_speed(TuneFacts *facts, const char *ip, char **ret_why);

/** tune_drbd_find_link: KiB/s of the interface that DRBD replicates over; 0 when unknown, with the reason in @ret_why. */
gint64 tune_drbd_find_link(TuneFacts *facts, char **ret_why);

/**
 * The input of the formulas, in KiB/s and buffers; 0 is unknown.
 *
 * @link: speed of the replication link
 * @rate: the maximum that a resync should reach
 * @is_rate_asked: the rate was configured; otherwise it is that of the link
 * @buffers: max-buffers, if configured
 */
typedef struct {
	gint64 link;
	gint64 rate;
	gboolean is_rate_asked;
	gint64 buffers;
} TuneDrbdBasis;

/** tune_drbd_get_basis: numbers of @policy, and where it has none, those of @device (may be NULL). */
TuneDrbdBasis tune_drbd_get_basis(const TuneDrbdPolicy *policy, const TuneDrbdDevice *device,
				  gint64 link);

/**
 * tune_drbd_compute: the value of @option ("net/max-buffers"); -1 when the speed of the link is unknown.  Free
 * @ret_reason.
 */
gint64 tune_drbd_compute(const TuneDrbdBasis *basis, const char *option, char **ret_reason);

#endif
