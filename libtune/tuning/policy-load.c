/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a policy from a file: the sections that it can have, and who may have written it. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/host/disks.h>
#include <libtune/tuning/policy-read.h>

extern const char tune_default_policy[];

#define DEFAULT_WORD "default"

static TunePolicy *parse_default(GError **error)
{
	return tune_policy_parse(tune_default_policy, strlen(tune_default_policy),
				 TUNE_POLICY_BUILTIN, error);
}

/* ---- sections ---- */

static const TuneSection *get_disk_section(const char *key G_GNUC_UNUSED)
{
	return &tune_section_disks;
}

static gboolean parse_disks(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			    GError **error)
{
	static const TuneRuleKind kind = { "a disk", tune_disk_class_from_word,
					   tune_disk_class_nearest, get_disk_section };

	return tune_policy_parse_rules(yaml, node, &kind, policy->rules, error);
}

static gboolean parse_version(TuneYaml *yaml, const yaml_node_t *node,
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

/* Whether vgcreate(8) accepts the name. */
static gboolean is_volume_group(const char *name)
{
	return *name && *name != '-' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+_.-")] == '\0';
}

static gboolean parse_volume_groups(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
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

/* Only the built-in policy: a file beside this one would have to be trusted, and found, as this one. */
static gboolean parse_include(TuneYaml *yaml, const yaml_node_t *node, TunePolicy *policy,
			      GError **error)
{
	const char *word = tune_yaml_get_scalar(yaml, node, error);

	if (!word)
		return FALSE;
	if (strcmp(word, DEFAULT_WORD) != 0)
		return tune_yaml_fail(yaml, node, error,
				      "include: '%s' is not '" DEFAULT_WORD
				      "', the only policy that can be included",
				      word);
	policy->base = parse_default(error);
	return policy->base != NULL;
}

static const TunePolicyKey sections[] = {
	{ "version", parse_version, NULL },
	{ "include", parse_include, NULL },
	{ "volume-groups", parse_volume_groups, NULL },
	{ "sysctl", NULL, &tune_section_sysctl },
	{ "transparent_hugepage", NULL, &tune_section_thp },
	{ "ksm", NULL, &tune_section_ksm },
	{ "disks", parse_disks, NULL },
	{ "links", tune_policy_parse_links, NULL },
	{ "links-deadline", tune_policy_parse_links_deadline, NULL },
	{ "attributes", NULL, &tune_section_attributes },
	{ "cpu", tune_policy_parse_cpu, NULL },
	{ "drbd", tune_policy_parse_drbd, NULL },
	{ "guests", tune_policy_parse_guests, NULL },
	{ NULL, NULL, NULL },
};

/* ---- what is included ---- */

static gboolean is_set(const GPtrArray *settings, const TuneSetting *setting)
{
	for (guint i = 0; i < settings->len; i++)
		if (tune_setting_is_same(settings->pdata[i], setting))
			return TRUE;
	return FALSE;
}

/* Add to @settings those of @base that it does not set itself. */
static void inherit_settings(GPtrArray *settings, GPtrArray *base)
{
	for (guint i = base->len; i-- > 0;)
		if (!is_set(settings, base->pdata[i]))
			g_ptr_array_add(settings, g_ptr_array_steal_index(base, i));
}

/* Rules of @base come first: of several for one object, the last one counts. */
static void inherit_rules(GPtrArray **rules, GPtrArray **base)
{
	GPtrArray *own = *rules;

	g_ptr_array_extend_and_steal(*base, own);
	*rules = g_steal_pointer(base);
	*base = g_ptr_array_new();
}

/* The other sections of the built-in policy say what holds without them, too. */
static void inherit(TunePolicy *policy)
{
	TunePolicy *base = policy->base;

	inherit_settings(policy->settings, base->settings);
	inherit_settings(policy->drbd.settings, base->drbd.settings);
	inherit_rules(&policy->rules, &base->rules);
	inherit_rules(&policy->link_rules, &base->link_rules);
	g_clear_pointer(&policy->base, tune_policy_free);
}

TunePolicy *tune_policy_parse(const char *text, gsize length, const char *file, GError **error)
{
	g_autoptr(TuneYaml) yaml = tune_yaml_new(text, length, file, 0, error);

	if (!yaml)
		return NULL;
	g_autoptr(TunePolicy) policy = tune_policy_new(file);
	const TunePolicyMapping mapping = { sections, NULL, NULL };
	const yaml_node_t *top = tune_yaml_get_top(yaml);
	/* A file of comments has no top node: it sets nothing. */
	if (top && !tune_policy_parse_mapping(yaml, top, &mapping, policy, error))
		return NULL;
	if (policy->base)
		inherit(policy);
	return g_steal_pointer(&policy);
}

/* ---- files ---- */

/* Users who can write the policy can change the kernel as root, so only root may.  A FIFO or a device may have no end. */
static gboolean check_trusted(int fd, const char *file, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return tune_fail_errno(error, file);
	if (S_ISDIR(status.st_mode))
		return tune_fail(error, TUNE_ERROR_SYNTAX, "%s: is a directory", file);
	if (!S_ISREG(status.st_mode))
		return tune_fail(error, TUNE_ERROR_SYNTAX, "%s: is not a regular file", file);
	if (geteuid() == 0 && (status.st_uid != 0 || status.st_mode & 022))
		return tune_fail(
			error, TUNE_ERROR_SYNTAX,
			"%s: not trusted: owner %u, mode %04o; only root may be able to write it (chown root, chmod go-w)",
			file, status.st_uid, status.st_mode & 07777);
	return TRUE;
}

static TunePolicy *load_fd(int fd, const char *file, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!check_trusted(fd, file, error) || !tune_read_all(fd, file, text, error))
		return NULL;
	return tune_policy_parse(text->str, text->len, file, error);
}

TunePolicy *tune_policy_load(TuneRoot *root, const char *file, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (file) {
		g_auto(filedesc) fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0) {
			tune_fail_errno(error, file);
			return NULL;
		}
		return load_fd(fd, file, error);
	}
	g_auto(filedesc)
		fd = tune_root_open_file(root, TUNE_POLICY_FILE, O_RDONLY | O_NONBLOCK, 0, &local);
	if (fd >= 0)
		return load_fd(fd, "/" TUNE_POLICY_FILE, error);
	/* Only without a file the built-in policy counts: one that cannot be read may set other values. */
	if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	/* A dangling symbolic link is an error, not a missing policy. */
	g_auto(filedesc)
		link = tune_root_open_file(root, TUNE_POLICY_FILE, O_PATH | O_NOFOLLOW, 0, NULL);
	if (link >= 0)
		return tune_fail_null(error, TUNE_ERROR_IO, "/%s: is a dangling symbolic link",
				      TUNE_POLICY_FILE);
	return parse_default(error);
}
