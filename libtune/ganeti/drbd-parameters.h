/* SPDX-License-Identifier: BSD-2-Clause */
/* Ganeti's disk parameters for DRBD, and in which units they are. */
#ifndef TUNE_DRBD_PARAMETERS_H
#define TUNE_DRBD_PARAMETERS_H

#include <libtune/tune-ganeti.h>

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
