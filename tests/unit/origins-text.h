/* SPDX-License-Identifier: BSD-2-Clause */
/* What else sets a value, as text: a line for each file, and a star at the one that wins. */
#ifndef TUNE_TEST_ORIGINS_TEXT_H
#define TUNE_TEST_ORIGINS_TEXT_H

#include <libtune/tuning/params.h>

#define SWAPPINESS &tune_section_sysctl, "vm.swappiness", NULL
#define DIRTY_BYTES &tune_section_sysctl, "vm.dirty_bytes", NULL
#define FORWARDING &tune_section_sysctl, "net/ipv4/conf/eth0.100/forwarding", NULL
#define SCHEDULER &tune_section_disks, "scheduler", "sda"
#define READ_EXPIRE &tune_section_disks, "iosched/read_expire", "sda"
#define KSM_RUN &tune_section_ksm, "run", NULL
#define SMART_SCAN &tune_section_ksm, "smart_scan", NULL
#define THP &tune_section_thp, "enabled", NULL
#define ATTRIBUTE(path) &tune_section_attributes, path, NULL

/** The step is three arguments: section, key, object. */
#define CHECK_FIND(host, step, wanted) CHECK_FIND_(host, step, wanted)
#define CHECK_FIND_(host, ...) origins_check(host, __VA_ARGS__, __FILE__, __LINE__)
void origins_check(const char *host, const TuneSection *section, const char *key,
		   const char *object, const char *wanted, const char *file, int line);

/** The text, or that of the error; free it. */
char *origins_find_on(TuneRoot *root, const TuneSection *section, const char *key,
		      const char *object);

#endif
