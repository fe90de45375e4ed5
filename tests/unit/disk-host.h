/* SPDX-License-Identifier: BSD-2-Clause */
/* Block devices of a host as lines of its description, and the classes that they should get. */
#ifndef TUNE_TEST_DISK_HOST_H
#define TUNE_TEST_DISK_HOST_H

#include <libtune/host/disks.h>

#define DISK_EVERYTHING                                                                            \
	(TUNE_DISK_ROTATIONAL | TUNE_DISK_SSD | TUNE_DISK_DRBD | TUNE_DISK_MULTIQUEUE)

/* clang-format off */
/* A block device and the directory that both lists of devices know it by. */
#define DEVICE(name) \
	"sys/block/" name " -> ../devices/" name "\n" \
	"sys/class/block/" name " -> ../../devices/" name "\n"
#define DISK(name) \
	DEVICE(name) \
	"sys/devices/" name "/queue/rotational = 1\n"
/* clang-format on */

/** Names of groups: Ganeti's, or none. */
extern const char *const disk_xenvg[];
extern const char *const disk_no_group[];

/**
 * @host: where it is unrolled
 * @wanted: "sda=ssd+drbd" for each disk, in order; the many that are only stacked are left out
 */
void disk_check(const char *host, const char *const *groups, const char *wanted);

#endif
