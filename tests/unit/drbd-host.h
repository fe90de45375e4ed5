/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine of tests/hosts/drbd-84.host, whose drbdsetup is a script that keeps what it is told. */
#ifndef TUNE_TEST_DRBD_HOST_H
#define TUNE_TEST_DRBD_HOST_H

#include <libtune/tune.h>

/** Where drbd_open_host() has unrolled it last. */
extern const char *drbd_host;

/** A fresh one: six minors. */
TuneRoot *drbd_open_host(void);

/** A file of it; free it. */
char *drbd_read_file(const char *path);

/** What runs in the place of its drbdsetup first: shell. */
void drbd_replace_tool(const char *script);

TunePolicy *drbd_policy(const char *yaml);
TunePlan *drbd_plan(TuneRoot *root, const char *yaml);

/** Fails the test when that fails as a whole. */
void drbd_apply(TunePlan *plan);

#endif
