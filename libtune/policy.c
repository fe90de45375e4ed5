/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <libtune/disks.h>
#include <libtune/error.h>
#include <libtune/policy.h>
#include <libtune/root.h>
#include <libtune/yaml.h>

/* What gnt-cluster init takes when nothing is said (Ganeti's DEFAULT_VG). */
#define DEFAULT_VOLUME_GROUP "xenvg"

extern const char tune_default_policy[];

static void setting_free(gpointer data)
{
	TuneSetting *setting = data;

	g_free(setting->key);
	g_free(setting->want);
	g_free(setting->origin);
	g_free(setting->place);
	g_free(setting);
}

static void rule_free(gpointer data)
{
	TuneRule *rule = data;

	g_ptr_array_unref(rule->match);
	g_ptr_array_unref(rule->settings);
	g_free(rule);
}

static TuneRule *rule_new(void)
{
	TuneRule *rule = g_new(TuneRule, 1);

	rule->match = g_ptr_array_new_null_terminated(4, g_free, TRUE);
	rule->settings = g_ptr_array_new_with_free_func(setting_free);
	return rule;
}

void tune_policy_free(TunePolicy *policy)
{
	if (!policy)
		return;
	g_ptr_array_unref(policy->settings);
	g_ptr_array_unref(policy->rules);
	g_ptr_array_unref(policy->volume_groups);
	g_free(policy->file);
	g_free(policy);
}

const char *tune_policy_get_file(const TunePolicy *policy)
{
	return policy->file;
}

guint tune_policy_get_disk_classes(const TunePolicy *policy)
{
	guint classes = 0;

	for (guint i = 0; i < policy->rules->len; i++) {
		const TuneRule *rule = policy->rules->pdata[i];
		for (guint j = 0; j < rule->match->len; j++) {
			const char *word = rule->match->pdata[j];
			classes |= tune_disk_class_from_word(word + (*word == '!'));
		}
	}
	return classes;
}

/* ---- values ---- */

static gboolean check_word(TuneYaml *yaml, const yaml_node_t *node, const TuneParam *param,
			   const char *key, const char *word, GError **error)
{
	const char *fault = param->codec->check(word);

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

/* A list is a preference where one word is chosen, and a row of fields elsewhere. */
static char *get_want(TuneYaml *yaml, const yaml_node_t *node, const TuneParam *param,
		      const char *key, GError **error)
{
	gboolean is_choice = param->codec == &tune_codec_choice;
	const char preference[] = { TUNE_PREFERENCE, '\0' };

	if (node->type == YAML_SEQUENCE_NODE && !is_choice && param->codec != &tune_codec_vector &&
	    param->codec != &tune_codec_text) {
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

static gboolean fail_unknown(TuneYaml *yaml, const yaml_node_t *node, const char *key,
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

/* A path that climbs, or leads to anything but the kernel's own trees, is no attribute of the kernel. */
static gboolean is_attribute_of_kernel(const TuneSection *section, const char *key)
{
	g_autofree char *path = tune_section_format_path(section, key, "");
	g_autofree char *place = format_place(section, key);

	return strstr(path, "..") == NULL &&
	       (g_str_has_prefix(place, "/sys/") || g_str_has_prefix(place, "/proc/sys/"));
}

static const char *find_nearest(const TuneSection *section, const char *key)
{
	const TuneParam *nearest = tune_param_find_nearest(section, key);

	if (nearest)
		return nearest->key;
	return section == &tune_section_disks && tune_edit_distance("match", key) < 3 ? "match"
										      : NULL;
}

static const TuneParam *find_param(TuneYaml *yaml, const yaml_node_t *node,
				   const TuneSection *section, const char *key, GError **error)
{
	const TuneParam *param = tune_param_find(section, key);
	const char *nearest = NULL;

	if (!param || tune_param_is_wildcard(param))
		nearest = find_nearest(section, key);
	if (!param || nearest) {
		fail_unknown(yaml, node, key, nearest, error);
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

/* What the table knows has one name, however it was written. */
static char *canonicalize_key(const TuneParam *param, const char *key)
{
	if (!tune_param_is_wildcard(param))
		return g_strdup(param->key);
	return g_strdup(key + (param->section == &tune_section_attributes && *key == '/'));
}

/* The same value may be meant by two names ("kernel.panic" and "kernel/panic"), or in two units. */
static gboolean is_pair(const TuneSetting *setting, const TuneSetting *other)
{
	const TuneParam *param = setting->param;
	g_autofree char *place = param->pair ? format_place(param->section, param->pair) : NULL;

	return g_strcmp0(place, other->place) == 0;
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

static gboolean parse_setting(TuneYaml *yaml, const TuneSection *section,
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

/* ---- sections ---- */

typedef gboolean ParseSection(TuneYaml *yaml, const yaml_node_t *node, const TuneSection *section,
			      TunePolicy *policy, GError **error);

static gboolean parse_settings(TuneYaml *yaml, const yaml_node_t *node, const TuneSection *section,
			       TunePolicy *policy, GError **error)
{
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	if (!tune_yaml_iter_init(&iter, yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!parse_setting(yaml, section, key, value, policy->settings, error))
			return FALSE;
	return TRUE;
}

static gboolean parse_match(TuneYaml *yaml, const yaml_node_t *node, TuneRule *rule, GError **error)
{
	g_autoptr(GPtrArray) words = tune_yaml_get_words(yaml, node, error);

	if (!words)
		return FALSE;
	if (!words->len)
		return tune_yaml_fail(yaml, node, error, "match: needs at least one word");
	for (guint i = 0; i < words->len; i++) {
		const char *word = words->pdata[i];
		const char *bare = word + (*word == '!');
		const char *nearest = tune_disk_class_from_word(bare)
					      ? NULL
					      : tune_disk_class_nearest(bare);
		if (nearest)
			return tune_yaml_fail(yaml, node, error, "match: '%s', did you mean '%s'?",
					      word, nearest);
		if (!*bare || strchr(bare, '/'))
			return tune_yaml_fail(yaml, node, error,
					      "match: '%s' is not the name of a disk", word);
		g_ptr_array_add(rule->match, g_strdup(word));
	}
	return TRUE;
}

static gboolean parse_rule(TuneYaml *yaml, const yaml_node_t *node, TuneRule *rule, GError **error)
{
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	if (!tune_yaml_iter_init(&iter, yaml, node, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value)) {
		gboolean is_match = g_strcmp0(tune_yaml_get_scalar(yaml, key, NULL), "match") == 0;
		if (!(is_match ? parse_match(yaml, value, rule, error)
			       : parse_setting(yaml, &tune_section_disks, key, value,
					       rule->settings, error)))
			return FALSE;
	}
	if (!rule->match->len)
		return tune_yaml_fail(yaml, node, error, "a rule for disks needs 'match'");
	return TRUE;
}

static gboolean parse_disks(TuneYaml *yaml, const yaml_node_t *node,
			    const TuneSection *section G_GNUC_UNUSED, TunePolicy *policy,
			    GError **error)
{
	guint n_rules;

	if (!tune_yaml_get_length(yaml, node, &n_rules, error))
		return FALSE;
	for (guint i = 0; i < n_rules; i++) {
		TuneRule *rule = rule_new();
		g_ptr_array_add(policy->rules, rule);
		if (!parse_rule(yaml, tune_yaml_get_item(yaml, node, i), rule, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean parse_version(TuneYaml *yaml, const yaml_node_t *node,
			      const TuneSection *section G_GNUC_UNUSED,
			      TunePolicy *policy G_GNUC_UNUSED, GError **error)
{
	const char *version = tune_yaml_get_scalar(yaml, node, error);

	if (!version)
		return FALSE;
	if (strcmp(version, "1") != 0)
		return tune_yaml_fail(yaml, node, error,
				      "version '%s' is not known, this program reads version 1",
				      version);
	return TRUE;
}

/* As vgcreate(8) would take it. */
static gboolean is_volume_group(const char *name)
{
	return *name && *name != '-' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+_.-")] == '\0';
}

static gboolean parse_volume_groups(TuneYaml *yaml, const yaml_node_t *node,
				    const TuneSection *section G_GNUC_UNUSED, TunePolicy *policy,
				    GError **error)
{
	g_autoptr(GPtrArray) groups = tune_yaml_get_words(yaml, node, error);

	if (!groups)
		return FALSE;
	for (guint i = 0; i < groups->len; i++)
		if (!is_volume_group(groups->pdata[i]))
			return tune_yaml_fail(yaml, node, error,
					      "volume-groups: '%s' is not the name of a group",
					      (const char *)groups->pdata[i]);
	g_ptr_array_set_size(policy->volume_groups, 0);
	g_ptr_array_extend_and_steal(policy->volume_groups, g_steal_pointer(&groups));
	return TRUE;
}

static const struct {
	const char *key;
	ParseSection *parse;
	const TuneSection *section;
} sections[] = {
	{ "version", parse_version, NULL },
	{ "volume-groups", parse_volume_groups, NULL },
	{ "sysctl", parse_settings, &tune_section_sysctl },
	{ "transparent_hugepage", parse_settings, &tune_section_thp },
	{ "ksm", parse_settings, &tune_section_ksm },
	{ "disks", parse_disks, NULL },
	{ "attributes", parse_settings, &tune_section_attributes },
};

static gboolean fail_unknown_section(TuneYaml *yaml, const yaml_node_t *node, const char *key,
				     GError **error)
{
	const char *nearest = NULL;
	guint best = 3;

	for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
		guint distance = tune_edit_distance(sections[i].key, key);
		if (distance < best) {
			best = distance;
			nearest = sections[i].key;
		}
	}
	return fail_unknown(yaml, node, key, nearest, error);
}

static gboolean parse_section(TuneYaml *yaml, const yaml_node_t *key_node, const yaml_node_t *value,
			      TunePolicy *policy, GError **error)
{
	const char *key = tune_yaml_get_scalar(yaml, key_node, error);

	if (!key)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(sections); i++)
		if (strcmp(sections[i].key, key) == 0)
			return sections[i].parse(yaml, value, sections[i].section, policy, error);
	return fail_unknown_section(yaml, key_node, key, error);
}

static gboolean parse_policy(TuneYaml *yaml, TunePolicy *policy, GError **error)
{
	const yaml_node_t *top = tune_yaml_get_top(yaml);
	TuneYamlIter iter;
	const yaml_node_t *key, *value;

	/* A file of comments alone asks for nothing. */
	if (!top)
		return TRUE;
	if (!tune_yaml_iter_init(&iter, yaml, top, error))
		return FALSE;
	while (tune_yaml_iter_next(&iter, &key, &value))
		if (!parse_section(yaml, key, value, policy, error))
			return FALSE;
	return TRUE;
}

static TunePolicy *policy_new(const char *file)
{
	TunePolicy *policy = g_new(TunePolicy, 1);

	policy->file = g_strdup(file);
	policy->settings = g_ptr_array_new_with_free_func(setting_free);
	policy->rules = g_ptr_array_new_with_free_func(rule_free);
	policy->volume_groups = g_ptr_array_new_null_terminated(1, g_free, TRUE);
	g_ptr_array_add(policy->volume_groups, g_strdup(DEFAULT_VOLUME_GROUP));
	return policy;
}

TunePolicy *tune_policy_parse(const char *text, gsize length, const char *file, GError **error)
{
	g_autoptr(TuneYaml) yaml = tune_yaml_new(text, length, file, error);

	if (!yaml)
		return NULL;
	g_autoptr(TunePolicy) policy = policy_new(file);
	if (!parse_policy(yaml, policy, error))
		return NULL;
	return g_steal_pointer(&policy);
}

/* ---- files ---- */

/* Whoever may write the policy may write to the kernel as root. */
static gboolean check_owner(int fd, const char *file, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return tune_fail_errno(error, file);
	if (S_ISDIR(status.st_mode))
		return tune_fail(error, TUNE_ERROR_POLICY, "%s: is a directory", file);
	if (geteuid() == 0 && (status.st_uid != 0 || status.st_mode & 022))
		return tune_fail(
			error, TUNE_ERROR_POLICY,
			"%s: not trusted: owner %u, mode %04o; only root may be able to write it "
			"(chown root, chmod go-w)",
			file, status.st_uid, status.st_mode & 07777);
	return TRUE;
}

static TunePolicy *load_fd(int fd, const char *file, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!check_owner(fd, file, error) || !tune_read_all(fd, file, text, error))
		return NULL;
	return tune_policy_parse(text->str, text->len, file, error);
}

TunePolicy *tune_policy_load(TuneRoot *root, const char *file, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (file) {
		g_auto(filedesc) fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			tune_fail_errno(error, file);
			return NULL;
		}
		return load_fd(fd, file, error);
	}
	g_auto(filedesc) fd = tune_root_open_file(root, TUNE_POLICY_FILE, O_RDONLY, 0, &local);
	if (fd >= 0)
		return load_fd(fd, "/" TUNE_POLICY_FILE, error);
	/* Only a file that is not there means the default: one that cannot be read may say something else. */
	if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return tune_policy_parse(tune_default_policy, strlen(tune_default_policy),
				 TUNE_POLICY_BUILTIN, error);
}
