/* SPDX-License-Identifier: BSD-2-Clause */
/* A host with the kernel of kernel.h and one disk, "sda"; and how it is after a policy was applied. */
#ifndef TUNE_TEST_PLAN_HOST_H
#define TUNE_TEST_PLAN_HOST_H

#include <libtune/tune.h>

#define PLAN_QUEUE "sys/block/sda/queue/"
#define PLAN_WAIT_MS 100

#define PLAN_ALL_OF_DISK                                                                           \
	"disks:\n"                                                                                 \
	"- match: sda\n"                                                                           \
	"  read_ahead_kb: 4096\n"                                                                  \
	"  wbt_lat_usec: 0\n"                                                                      \
	"  max_sectors_kb: 512\n"                                                                  \
	"  iosched/read_expire: 150\n"                                                             \
	"  nr_requests: 1024\n"                                                                    \
	"  scheduler: [mq-deadline, none]\n"

/** What plan_boot() has made last. */
extern TuneRoot *plan_host;

/** A fresh one.  The tree holds what is not a value: which disks there are, the boot, the memory. */
void plan_boot(void);

/** Resolved and looked at; nothing is written. */
TunePlan *plan_look(const char *yaml);

/** Fails the test when that fails as a whole. */
void plan_apply(TunePlan *plan);

TunePlan *plan_look_and_apply(const char *yaml);

/** The way back, by the journal; nothing is written. */
TunePlan *plan_look_back(void);

TunePlan *plan_revert(void);

/** "NAME VERDICT" of every step, one per line. */
void plan_check_told(const TunePlan *plan, const char *wanted);

/** Fails the test, and the rest of it, when there is none. */
const TuneStep *plan_get(const TunePlan *plan, const char *name);

#endif
