/* SPDX-License-Identifier: BSD-2-Clause */
/* One rule of udev: its syntax, and whether it matches a device, as far as sysfs tells.  Which values it sets, the reader knows. */
#ifndef TUNE_UDEV_MATCH_H
#define TUNE_UDEV_MATCH_H

#include <libtune/origins/search.h>

/** `key{attribute}operator"value"`, for example `ATTR{queue/scheduler}="none"`.  Points into the rule. */
typedef struct {
	const char *key;
	const char *attribute;
	const char *value;
	gboolean is_match;
	gboolean is_opposite;
} TuneUdevToken;

/** The tokens of @rule, which is cut up; array of TuneUdevToken.  NULL when it is invalid: udev ignores all of it then. */
GArray *tune_udev_parse(char *rule);

typedef enum {
	TUNE_UDEV_NO,
	TUNE_UDEV_MAYBE,
	TUNE_UDEV_YES,
} TuneUdevAnswer;

/**
 * Whether the rule matches when udev adds the device at boot.
 *
 * @device: the device's directory below the root ("sys/block/sda"); NULL: any device
 * @ret_condition: for TUNE_UDEV_MAYBE, the tokens that cannot be judged, as the rule spells them; free it
 */
TuneUdevAnswer tune_udev_judge(const TuneSearch *search, const GArray *tokens, const char *device,
			       char **ret_condition);

#endif
