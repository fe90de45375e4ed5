/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy: the values that an administrator wants, as read from YAML.  It does not depend on the host. */
#ifndef TUNE_POLICY_H
#define TUNE_POLICY_H

#include <libtune/tuning/params.h>
#include <libtune/tune-tuning.h>

/**
 * One wanted value.
 *
 * @key: as in the policy, where @param is a row with a "*"
 * @want: preferences of a choice are joined by TUNE_PREFERENCE, fields of a vector by blanks
 * @origin: FILE:LINE
 * @place: canonical path without the object, by which a value that is set twice is found
 */
typedef struct {
	const TuneParam *param;
	char *key;
	char *want;
	char *origin;
	char *place;
} TuneSetting;

/**
 * @settings, for the disks or interfaces that match all words of @match (NULL-terminated).  When several rules have the
 * same key for a disk, the last one counts.
 *
 * @origin: FILE:LINE
 */
typedef struct {
	GPtrArray *match;
	GPtrArray *settings;
	char *origin;
} TuneRule;

/**
 * @settings: of all minors, array of TuneSetting; "auto" is a value to be computed
 * @link: KiB/s of the replication link; 0: the speed of the interface
 * @is_cache_safe: the disks' caches keep their contents without power
 * @is_there: the policy has a section on DRBD
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
 * @guard_s: seconds in which a new MTU has to be proven; 0 when the policy does not set it
 * @volume_groups: NULL-terminated
 * @base: while it is read, the policy that it includes; then NULL
 * @cpu, @drbd, @guests: sections on CPUs, DRBD and the OS definition
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
	TunePolicy *base;
};

/** tune_setting_is_same: whether @a and @b set the same value, also in two units, so that only one of them may count. */
gboolean tune_setting_is_same(const TuneSetting *a, const TuneSetting *b);

/** tune_policy_parse: read a policy from @text; @file is for messages. */
TunePolicy *tune_policy_parse(const char *text, gsize length, const char *file, GError **error);

/** tune_policy_get_disk_classes: set of TuneDiskClass that its rules for disks name. */
guint tune_policy_get_disk_classes(const TunePolicy *policy);

#endif
