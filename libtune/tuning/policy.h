/* SPDX-License-Identifier: BSD-2-Clause */
/* What an administrator wants, as read from YAML.  Never sees the host. */
#ifndef TUNE_POLICY_H
#define TUNE_POLICY_H

#include <libtune/tuning/params.h>
#include <libtune/tune-tuning.h>

/**
 * One wanted value.
 *
 * @key: as the policy has it, where @param stands for any
 * @want: preferences of a choice are joined by TUNE_PREFERENCE, fields of a vector by blanks
 * @origin: FILE:LINE
 * @place: path of what it sets, in one spelling and without the object, to find what is set twice
 */
typedef struct {
	const TuneParam *param;
	char *key;
	char *want;
	char *origin;
	char *place;
} TuneSetting;

/**
 * @settings, for the disks or interfaces that fit all words of @match (NULL-terminated).  Where several rules give a disk
 * the same key, the last one counts.
 */
typedef struct {
	GPtrArray *match;
	GPtrArray *settings;
} TuneRule;

/**
 * @settings: of all minors, array of TuneSetting; "auto" is a value to be computed
 * @link: KiB/s of the replication link; 0: that of the interface
 * @is_cache_safe: the disks' caches keep their contents without power
 * @is_there: the policy speaks of DRBD at all
 */
typedef struct {
	GPtrArray *settings;
	gint64 link;
	gboolean is_cache_safe;
	gboolean is_there;
} TuneDrbdPolicy;

/**
 * @settings: of the host, array of TuneSetting
 * @rules: of disks, array of TuneRule; @link_rules: of network interfaces
 * @guard_s: seconds in which a new MTU has to prove itself; 0 when nothing is said
 * @volume_groups: NULL-terminated
 * @cpu: what it says of CPUs
 * @drbd: and of DRBD
 * @guests: and of the OS definition
 */
struct TunePolicy {
	char *file;
	GPtrArray *settings;
	GPtrArray *rules;
	GPtrArray *link_rules;
	guint guard_s;
	GPtrArray *volume_groups;
	TuneCpuPolicy cpu;
	TuneDrbdPolicy drbd;
	TuneGuestPolicy guests;
};

/** From text; @file is for messages. */
TunePolicy *tune_policy_parse(const char *text, gsize length, const char *file, GError **error);

/** TuneDiskClass, or-ed, that its rules for disks ask for. */
guint tune_policy_get_disk_classes(const TunePolicy *policy);

#endif
