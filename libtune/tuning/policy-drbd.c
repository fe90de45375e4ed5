/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of a policy on DRBD: options of all minors, and data that a host cannot tell. */
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/tuning/policy-read.h>

static gboolean parse_link(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			   GError **error)
{
	TuneDrbdPolicy *drbd = &policy->drbd;
	const char *speed = tune_yaml_get_scalar(yaml, node, error);

	if (!speed)
		return FALSE;
	if (strcmp(speed, TUNE_DRBD_AUTO) == 0)
		return TRUE;
	drbd->link = tune_drbd_parse_speed(speed);
	return drbd->link ||
	       tune_yaml_fail(yaml, node, error,
			      "invalid speed '%s': say auto, or a number of Mb/s, or 1G, 10G",
			      speed);
}

static gboolean parse_cache(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			    GError **error)
{
	return tune_policy_parse_either(yaml, node, "yes", "no", &policy->drbd.is_cache_safe,
					error);
}

/* Without flushes, a disk that loses power loses data that DRBD has acknowledged. */
static gboolean check_cache(TuneYaml *yaml, const yaml_node_t *node, const TuneDrbdPolicy *drbd,
			    GError **error)
{
	for (guint i = 0; !drbd->is_cache_safe && i < drbd->settings->len; i++) {
		const TuneSetting *setting = drbd->settings->pdata[i];
		if (strcmp(setting->want, "no") == 0)
			return tune_yaml_fail(
				yaml, node, error,
				"%s: no (%s) loses data unless the disks' caches outlive power: say non-volatile-cache: yes",
				setting->key, setting->origin);
	}
	return TRUE;
}

gboolean tune_policy_parse_drbd(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
				GError **error)
{
	static const TunePolicyKey keys[] = {
		{ "link", parse_link, NULL },
		{ "non-volatile-cache", parse_cache, NULL },
		{ NULL, NULL, NULL },
	};
	const TunePolicyMapping mapping = { keys, &tune_section_drbd, policy->drbd.settings };

	policy->drbd.is_there = TRUE;
	return tune_policy_parse_mapping(yaml, node, &mapping, policy, error) &&
	       check_cache(yaml, node, &policy->drbd, error);
}
