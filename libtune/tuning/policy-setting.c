/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads one setting of a policy: finds its parameter, and checks its value. */
#include <string.h>

#include <libtune/base/text.h>
#include <libtune/tuning/dirty-auto.h>
#include <libtune/tuning/drbd-auto.h>
#include <libtune/tuning/policy-read.h>

/* ---- values ---- */

static gboolean check_word(TuneYaml *yaml, const yaml_node_t *node, const TuneParam *param,
			   const char *key, const char *word, GError **error)
{
	const char *fault = param->codec->check(word);

	if (strcmp(word, TUNE_DRBD_AUTO) == 0 &&
	    (tune_drbd_can_be_auto(param) || tune_dirty_can_be_auto(param)))
		return TRUE;
	if (fault)
		return tune_yaml_fail(yaml, node, error, "%s: '%s' %s", key, word, fault);
	if (!tune_domain_contains(param->domain, word))
		return tune_yaml_fail(yaml, node, error, "%s: '%s' is not in %s", key, word,
				      param->domain);
	return TRUE;
}

static char *join_words(TuneYaml *yaml, const yaml_node_t *node, const char *separator,
			GError **error)
{
	g_autoptr(GPtrArray) words = tune_yaml_get_words(yaml, node, error);

	if (!words)
		return NULL;
	for (guint i = 0; words->len > 1 && i < words->len; i++)
		if (!*(const char *)words->pdata[i]) {
			tune_yaml_fail(yaml, node, error, "an item of the list is empty");
			return NULL;
		}
	g_ptr_array_add(words, NULL);
	return g_strjoinv(separator, (char **)words->pdata);
}

/* A list is an order of preference for a choice, and several fields for other values. */
static char *get_want(TuneYaml *yaml, const yaml_node_t *node, const TuneParam *param,
		      const char *key, GError **error)
{
	gboolean is_choice = param->codec == &tune_codec_choice;
	const char preference[] = { TUNE_PREFERENCE, '\0' };

	if (node->type == YAML_SEQUENCE_NODE && !is_choice && param->codec != &tune_codec_vector &&
	    param->codec != &tune_codec_shown) {
		tune_yaml_fail(yaml, node, error, "%s takes one value, not a list", key);
		return NULL;
	}
	g_autofree char *want = join_words(yaml, node, is_choice ? preference : " ", error);
	if (!want)
		return NULL;
	g_auto(GStrv) words = g_strsplit(want, is_choice ? preference : "\n", -1);
	if (!*words) {
		tune_yaml_fail(yaml, node, error, "%s has no value", key);
		return NULL;
	}
	for (char **word = words; *word; word++)
		if (!check_word(yaml, node, param, key, *word, error))
			return NULL;
	return g_steal_pointer(&want);
}

/* ---- keys ---- */

gboolean tune_policy_fail_unknown(TuneYaml *yaml, const yaml_node_t *node, const char *key,
				  const char *nearest, GError **error)
{
	return nearest ? tune_yaml_fail(yaml, node, error, "unknown key '%s', did you mean '%s'?",
					key, nearest)
		       : tune_yaml_fail(yaml, node, error, "unknown key '%s'", key);
}

static char *format_place(const TuneSection *section, const char *key)
{
	g_autofree char *path = tune_section_format_path(section, key, "");

	return g_canonicalize_filename(path, "/");
}

/* Not with "..", and below /sys or /proc/sys: other files are no attributes of the kernel. */
static gboolean is_attribute_of_kernel(const TuneSection *section, const char *key)
{
	g_autofree char *path = tune_section_format_path(section, key, "");
	g_autofree char *place = format_place(section, key);

	if (section->backend != &tune_backend_file)
		return TRUE;
	return strstr(path, "..") == NULL &&
	       (section == &tune_section_ethtool || g_str_has_prefix(place, "/sys/") ||
		g_str_has_prefix(place, "/proc/sys/"));
}

static const char *find_nearest(const TuneSection *section, const char *key)
{
	const TuneParam *nearest = tune_param_find_nearest(section, key);

	if (nearest)
		return nearest->key;
	gboolean has_match = section == &tune_section_disks || section == &tune_section_links;
	return has_match && tune_edit_distance("match", key) < 3 ? "match" : NULL;
}

static const TuneParam *find_param(TuneYaml *yaml, const yaml_node_t *node,
				   const TuneSection *section, const char *key, GError **error)
{
	const TuneParam *param = tune_param_find(section, key);
	const char *nearest = NULL;

	if (!param || tune_param_is_wildcard(param))
		nearest = find_nearest(section, key);
	if (!param || nearest) {
		tune_policy_fail_unknown(yaml, node, key, nearest, error);
		return NULL;
	}
	if (section != &tune_section_attributes && strpbrk(key, "*?")) {
		tune_yaml_fail(yaml, node, error, "'%s': only attributes can be patterns", key);
		return NULL;
	}
	if (!is_attribute_of_kernel(section, key)) {
		tune_yaml_fail(yaml, node, error, "'%s' is not below sys/ or proc/sys/", key);
		return NULL;
	}
	return param;
}

/* The key of the row, or with a "*" the one in the policy, in one spelling. */
static char *canonicalize_key(const TuneParam *param, const char *key)
{
	if (!tune_param_is_wildcard(param))
		return g_strdup(param->key);
	return g_strdup(key + (param->section == &tune_section_attributes && *key == '/'));
}

/* Whether the row of @setting has that of @other as its pair: the same value in another unit. */
static gboolean is_pair(const TuneSetting *setting, const TuneSetting *other)
{
	const TuneParam *param = setting->param;
	g_autofree char *place = param->pair ? format_place(param->section, param->pair) : NULL;

	return g_strcmp0(place, other->place) == 0;
}

gboolean tune_setting_is_same(const TuneSetting *a, const TuneSetting *b)
{
	return strcmp(a->place, b->place) == 0 || is_pair(a, b) || is_pair(b, a);
}

static gboolean check_repeated(TuneYaml *yaml, const yaml_node_t *node, const GPtrArray *settings,
			       const TuneSetting *fresh, GError **error)
{
	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *other = settings->pdata[i];
		if (strcmp(fresh->place, other->place) == 0)
			return tune_yaml_fail(yaml, node, error, "'%s' is set already, at %s",
					      fresh->key, other->origin);
		if (is_pair(fresh, other) || is_pair(other, fresh))
			return tune_yaml_fail(
				yaml, node, error,
				"'%s' and '%s' (%s) are one setting: writing one clears the other",
				fresh->key, other->key, other->origin);
	}
	return TRUE;
}

gboolean tune_policy_parse_setting(TuneYaml *yaml, const TuneSection *section,
				   const yaml_node_t *key_node, const yaml_node_t *value_node,
				   GPtrArray *settings, GError **error)
{
	const char *key = tune_yaml_get_scalar(yaml, key_node, error);
	const TuneParam *param = key ? find_param(yaml, key_node, section, key, error) : NULL;
	char *want = param ? get_want(yaml, value_node, param, key, error) : NULL;

	if (!want)
		return FALSE;
	TuneSetting *setting = g_new(TuneSetting, 1);
	*setting = (TuneSetting){ param, canonicalize_key(param, key), want,
				  tune_yaml_format_place(yaml, key_node),
				  format_place(section, key) };
	gboolean good = check_repeated(yaml, key_node, settings, setting, error);
	g_ptr_array_add(settings, setting);
	return good;
}
