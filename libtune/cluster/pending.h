/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a running guest is not as Ganeti would start it now: the table of parameters, and the judgement of one guest. */
#ifndef TUNE_PENDING_H
#define TUNE_PENDING_H

#include <libtune/tune-cluster.h>

/** Names of the hypervisor parameters that are compared, in the order of PendingGuest.configured. */
char **tune_pending_list_parameters(void);

/**
 * All that is known of a running guest.
 *
 * @configured: its parameters of today, by tune_pending_list_parameters(), as gnt-instance lists them; NULL: not known
 * @sees: the CPU that it sees; NULL where it was not asked, and where @fault says why not
 * @record: of its node, or NULL
 */
typedef struct {
	const TuneInstance *instance;
	const TuneRunningGuest *guest;
	char *const *configured;
	const TuneCpu *sees;
	const char *fault;
	const TuneCpu *record;
} PendingGuest;

/** tune_pending_new: an array of TunePending that owns them; unref it. */
GPtrArray *tune_pending_new(void);

/** tune_pending_judge: add to @rows what a new start of the guest would change, and what of it is not known. */
void tune_pending_judge(const PendingGuest *guest, GPtrArray *rows);

/** tune_pending_add: add a row; @what is taken over. */
void tune_pending_add(GPtrArray *rows, const TuneInstance *instance, TunePendingClass kind,
		      char *what);

#endif
