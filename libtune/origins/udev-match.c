/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/origins/udev-match.h>
#include <libtune/base/root.h>

/* ---- the syntax of udev(7) ---- */

static char *cut_attribute(char *brace, TuneUdevToken *token)
{
	char *end = strchr(brace, '}');

	*brace = '\0';
	token->attribute = brace + 1;
	if (end)
		*end++ = '\0';
	return end;
}

/* "==" and "!=" compare, "=", "+=" and ":=" write. */
static char *cut_operator(char *at, TuneUdevToken *token)
{
	size_t length = strspn(at, "=!+-:");

	token->is_opposite = *at == '!';
	token->is_match = length == 2 && at[1] == '=' && (*at == '=' || *at == '!');
	if (length == 0 || length > 2)
		return NULL;
	*at = '\0';
	return at + length;
}

static char *cut_value(char *at, TuneUdevToken *token)
{
	if ((*at == 'e' || *at == 'i') && at[1] == '"')
		at++;
	if (*at != '"')
		return NULL;
	token->value = ++at;
	while (*at && *at != '"')
		at += *at == '\\' && at[1] ? 2 : 1;
	if (!*at)
		return NULL;
	*at = '\0';
	return at + 1;
}

static char *skip_blanks(char *at)
{
	return at ? at + strspn(at, " \t\r") : NULL;
}

/* Returns the text behind the token, or NULL when @at does not begin with a token. */
static char *cut_token(char *at, TuneUdevToken *token)
{
	at += strspn(at, " \t\r,");
	*token = (TuneUdevToken){ .key = at };
	at += strcspn(at, "{=!+-: \t\r");
	if (*at == '{')
		at = cut_attribute(at, token);
	char *end = at;
	at = skip_blanks(at);
	at = at ? cut_operator(at, token) : NULL;
	if (end)
		*end = '\0';
	at = skip_blanks(at);
	return at ? cut_value(at, token) : NULL;
}

GArray *tune_udev_parse(char *rule)
{
	g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(TuneUdevToken));
	TuneUdevToken token;

	while (rule[strspn(rule, " \t\r,")]) {
		rule = cut_token(rule, &token);
		if (!rule)
			return NULL;
		g_array_append_val(tokens, token);
	}
	return g_steal_pointer(&tokens);
}

/* ---- the device ---- */

/** @levels: directories of the device and of what it hangs on, itself first */
typedef struct {
	const TuneSearch *search;
	const char *directory;
	char *name;
	GPtrArray *levels;
	gboolean is_there;
} Device;

/* sys/block/sda is a link into sys/devices, where the directories above it are its parents. */
static char *resolve(TuneRoot *root, const char *directory)
{
	g_autofree char *target = tune_root_read_link(root, directory, NULL);

	if (!target)
		return g_strdup(directory);
	g_autofree char *above = g_path_get_dirname(directory);
	g_autofree char *joined = g_build_filename("/", above, target, NULL);
	g_autofree char *canonical = g_canonicalize_filename(joined, "/");
	return g_strdup(canonical + 1);
}

static GPtrArray *list_levels(TuneRoot *root, const char *directory)
{
	GPtrArray *levels = g_ptr_array_new_with_free_func(g_free);

	g_autofree char *level = resolve(root, directory);

	while (strlen(level) > strlen("sys/devices")) {
		char *above = g_path_get_dirname(level);
		g_ptr_array_add(levels, level);
		level = above;
	}
	return levels;
}

/* ---- one token ---- */

static gboolean is_one_of(const char *patterns, const char *text)
{
	g_auto(GStrv) list = g_strsplit(patterns, "|", -1);
	gboolean is_found = FALSE;

	for (char **pattern = list; *pattern && !is_found; pattern++)
		is_found = tune_glob_matches(*pattern, text, 0);
	return is_found;
}

static TuneUdevAnswer compare(const TuneUdevToken *token, const char *text)
{
	return is_one_of(token->value, text) != token->is_opposite ? TUNE_UDEV_YES : TUNE_UDEV_NO;
}

/* Devices are added at boot; whether one changes later, nobody knows. */
static TuneUdevAnswer judge_action(const TuneUdevToken *token)
{
	if (compare(token, "add") == TUNE_UDEV_YES)
		return TUNE_UDEV_YES;
	return compare(token, "change") == TUNE_UDEV_YES ? TUNE_UDEV_MAYBE : TUNE_UDEV_NO;
}

/* Neither "==" nor "!=" holds of an attribute that is absent. */
static TuneUdevAnswer judge_attribute(const Device *device, const TuneUdevToken *token,
				      const char *directory)
{
	if (!device->is_there || !token->attribute || strpbrk(token->attribute, "[$%"))
		return TUNE_UDEV_MAYBE;
	g_autofree char *path = g_build_filename(directory, token->attribute, NULL);
	/* What is set at boot may have been something else before. */
	if (tune_search_match(device->search, path) != TUNE_TARGET_NONE)
		return TUNE_UDEV_MAYBE;
	g_autofree char *text = tune_root_read_attribute(device->search->root, path, NULL);
	return text ? compare(token, g_strchomp(text)) : TUNE_UDEV_NO;
}

static TuneUdevAnswer judge_link(const Device *device, const TuneUdevToken *token,
				 const char *directory, const char *link)
{
	g_autofree char *path = g_build_filename(directory, link, NULL);
	g_autofree char *target = tune_root_read_link(device->search->root, path, NULL);

	if (!target)
		return TUNE_UDEV_MAYBE;
	g_autofree char *name = g_path_get_basename(target);
	return compare(token, name);
}

/* sys/block holds the disks, sys/class/NAME the devices of one subsystem. */
static TuneUdevAnswer judge_subsystem(const Device *device, const TuneUdevToken *token)
{
	g_auto(GStrv) parts = g_strsplit(device->directory, "/", 4);
	guint n_parts = g_strv_length(parts);

	if (n_parts == 3 && strcmp(parts[1], "block") == 0)
		return compare(token, "block");
	if (n_parts == 4 && strcmp(parts[1], "class") == 0)
		return compare(token, parts[2]);
	return judge_link(device, token, device->directory, "subsystem");
}

static TuneUdevAnswer judge_environment(const Device *device, const TuneUdevToken *token)
{
	gboolean is_disk = g_str_has_prefix(device->directory, "sys/block/");

	if (is_disk && g_strcmp0(token->attribute, "DEVTYPE") == 0)
		return compare(token, "disk");
	return TUNE_UDEV_MAYBE;
}

static TuneUdevAnswer judge_test(const Device *device, const TuneUdevToken *token)
{
	if (!device->is_there || strpbrk(token->value, "$%*?["))
		return TUNE_UDEV_MAYBE;
	g_autofree char *path = *token->value == '/'
					? g_strdup(token->value)
					: g_build_filename(device->directory, token->value, NULL);
	return tune_conf_exists(device->search->root, path) != token->is_opposite ? TUNE_UDEV_YES
										  : TUNE_UDEV_NO;
}

static TuneUdevAnswer judge_token(const Device *device, const TuneUdevToken *token)
{
	if (strcmp(token->key, "ACTION") == 0)
		return judge_action(token);
	if (!device->directory)
		return TUNE_UDEV_MAYBE;
	if (strcmp(token->key, "KERNEL") == 0)
		return compare(token, device->name);
	if (strcmp(token->key, "SUBSYSTEM") == 0)
		return judge_subsystem(device, token);
	if (strcmp(token->key, "ATTR") == 0)
		return judge_attribute(device, token, device->directory);
	if (strcmp(token->key, "ENV") == 0)
		return judge_environment(device, token);
	if (strcmp(token->key, "TEST") == 0)
		return judge_test(device, token);
	return TUNE_UDEV_MAYBE;
}

/* ---- parents: all such tokens have to hold of one of them, or of the device itself ---- */

static gboolean is_of_parents(const TuneUdevToken *token)
{
	static const char *const keys[] = { "KERNELS", "SUBSYSTEMS", "DRIVERS", "ATTRS", NULL };

	return g_strv_contains(keys, token->key);
}

static TuneUdevAnswer judge_parent_token(const Device *device, const TuneUdevToken *token,
					 const char *level)
{
	g_autofree char *name = g_path_get_basename(level);

	if (strcmp(token->key, "KERNELS") == 0)
		return compare(token, name);
	if (strcmp(token->key, "ATTRS") == 0)
		return judge_attribute(device, token, level);
	return judge_link(device, token, level,
			  strcmp(token->key, "DRIVERS") == 0 ? "driver" : "subsystem");
}

static TuneUdevAnswer judge_level(const Device *device, const GArray *tokens, const char *level)
{
	TuneUdevAnswer answer = TUNE_UDEV_YES;

	for (guint i = 0; i < tokens->len; i++) {
		const TuneUdevToken *token = &g_array_index(tokens, TuneUdevToken, i);
		if (is_of_parents(token))
			answer = MIN(answer, judge_parent_token(device, token, level));
	}
	return answer;
}

static TuneUdevAnswer judge_parents(const Device *device, const GArray *tokens)
{
	TuneUdevAnswer best = TUNE_UDEV_NO;

	if (!device->is_there)
		return TUNE_UDEV_MAYBE;
	for (guint i = 0; i < device->levels->len; i++)
		best = MAX(best, judge_level(device, tokens, device->levels->pdata[i]));
	return best;
}

/* ---- a whole rule ---- */

/* A program that fails ends the rule, like a comparison, also where it is written with "=". */
static gboolean is_condition(const TuneUdevToken *token)
{
	return token->is_match || strcmp(token->key, "PROGRAM") == 0 ||
	       strcmp(token->key, "IMPORT") == 0;
}

static void append_token(GString *condition, const TuneUdevToken *token)
{
	g_string_append_printf(condition, "%s%s", condition->len ? ", " : "", token->key);
	if (token->attribute)
		g_string_append_printf(condition, "{%s}", token->attribute);
	g_string_append_printf(condition, "%s\"%s\"",
			       token->is_opposite ? "!=" : (token->is_match ? "==" : "="),
			       token->value);
}

static TuneUdevAnswer judge(const Device *device, const GArray *tokens, GString *condition)
{
	TuneUdevAnswer of_parents = judge_parents(device, tokens), answer = TUNE_UDEV_YES;

	for (guint i = 0; i < tokens->len; i++) {
		const TuneUdevToken *token = &g_array_index(tokens, TuneUdevToken, i);
		if (!is_condition(token))
			continue;
		TuneUdevAnswer one = is_of_parents(token) ? of_parents : judge_token(device, token);
		if (one == TUNE_UDEV_MAYBE)
			append_token(condition, token);
		answer = MIN(answer, one);
	}
	return answer;
}

TuneUdevAnswer tune_udev_judge(const TuneSearch *search, const GArray *tokens,
			       const char *directory, char **ret_condition)
{
	g_autofree char *name = directory ? g_path_get_basename(directory) : NULL;
	g_autoptr(GPtrArray) levels = directory ? list_levels(search->root, directory) : NULL;
	g_autoptr(GString) condition = g_string_new(NULL);
	Device device = { search, directory, name, levels,
			  directory && tune_conf_exists(search->root, directory) };
	TuneUdevAnswer answer = judge(&device, tokens, condition);

	if (answer == TUNE_UDEV_MAYBE)
		*ret_condition = g_strdup(condition->str);
	return answer;
}
