/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of udev's rules: their syntax, and which of their assignments set a value.  Source: udev(7). */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/base/root.h>

/* udev ignores longer rules, too. */
#define LONGEST_RULE 16384

/** `key{attribute}operator"value"`, for example `ATTR{queue/scheduler}="none"`.  Points into the rule. */
typedef struct {
	const char *key;
	const char *attribute;
	const char *value;
	gboolean is_match;
	gboolean is_opposite;
} Token;

/* ---- the syntax of udev(7) ---- */

static char *cut_attribute(char *brace, Token *token)
{
	char *end = strchr(brace, '}');

	*brace = '\0';
	token->attribute = brace + 1;
	if (end)
		*end++ = '\0';
	return end;
}

/* "==" and "!=" compare, "=", "+=" and ":=" write. */
static char *cut_operator(char *at, Token *token)
{
	size_t length = strspn(at, "=!+-:");

	token->is_opposite = *at == '!';
	token->is_match = length == 2 && at[1] == '=' && (*at == '=' || *at == '!');
	if (length == 0 || length > 2)
		return NULL;
	*at = '\0';
	return at + length;
}

static char *cut_value(char *at, Token *token)
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
static char *cut_token(char *at, Token *token)
{
	at += strspn(at, " \t\r,");
	*token = (Token){ .key = at };
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

/* NULL when the rule is invalid: udev ignores all of it then. */
static GArray *parse_rule(char *rule)
{
	g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(Token));
	Token token;

	while (rule[strspn(rule, " \t\r,")]) {
		rule = cut_token(rule, &token);
		if (!rule)
			return NULL;
		g_array_append_val(tokens, token);
	}
	return g_steal_pointer(&tokens);
}

/* ---- which setting a rule is about ---- */

static gboolean is_one_of(const char *patterns, const char *text)
{
	g_auto(GStrv) list = g_strsplit(patterns, "|", -1);
	gboolean is_found = FALSE;

	for (char **pattern = list; *pattern && !is_found; pattern++)
		is_found = tune_glob_matches(*pattern, text, 0);
	return is_found;
}

/* Conditions on anything but KERNEL cannot be judged from files, so they count as fulfilled. */
static gboolean may_match(const GArray *tokens, const char *kernel)
{
	for (guint i = 0; i < tokens->len; i++) {
		const Token *token = &g_array_index(tokens, Token, i);
		if (token->is_match && strcmp(token->key, "KERNEL") == 0 &&
		    is_one_of(token->value, kernel) == token->is_opposite)
			return FALSE;
	}
	return TRUE;
}

/* udev writes attributes of devices only, and these directories hold all devices. */
static gboolean is_of_device(const char *path)
{
	return g_str_has_prefix(path, "sys/block/") || g_str_has_prefix(path, "sys/devices/") ||
	       g_str_has_prefix(path, "sys/class/") || g_str_has_prefix(path, "sys/bus/");
}

/* The kernel's name of the device whose @attribute is looked for, or NULL when another attribute is. */
static char *find_device(const TuneSearch *search, const char *attribute)
{
	if (!*attribute || !g_str_has_suffix(search->own, attribute) || !is_of_device(search->own))
		return NULL;
	size_t length = strlen(search->own) - strlen(attribute);
	if (length < 2 || search->own[length - 1] != '/')
		return NULL;
	g_autofree char *directory = g_strndup(search->own, length - 1);
	g_autofree char *name = g_path_get_basename(directory);
	if (search->step->object && strcmp(name, search->step->object) != 0)
		return NULL;
	return g_steal_pointer(&name);
}

static TuneTarget match_token(const TuneSearch *search, const GArray *tokens, const Token *token)
{
	if (token->is_match || !token->attribute)
		return TUNE_TARGET_NONE;
	if (strcmp(token->key, "SYSCTL") == 0)
		return tune_search_match_sysctl(search, token->attribute);
	if (strcmp(token->key, "ATTR") != 0)
		return TUNE_TARGET_NONE;
	g_autofree char *kernel = find_device(search, token->attribute);
	return kernel && may_match(tokens, kernel) ? TUNE_TARGET_OWN : TUNE_TARGET_NONE;
}

static void add_rule(TuneSearch *search, const char *path, guint line, char *rule)
{
	g_autoptr(GArray) tokens = parse_rule(rule);

	for (guint i = 0; tokens && i < tokens->len; i++) {
		const Token *token = &g_array_index(tokens, Token, i);
		TuneTarget target = match_token(search, tokens, token);
		if (target != TUNE_TARGET_NONE)
			tune_search_add(search, target, path, line, token->value);
	}
}

/* ---- files ---- */

/* Reads one rule: lines that end in a backslash are joined, comments between them are left out. */
static gboolean read_rule(TuneConf *conf, GString *rule, guint *ret_line)
{
	char *line;

	g_string_truncate(rule, 0);
	*ret_line = 0;
	while ((line = tune_conf_next(conf))) {
		line = skip_blanks(line);
		if (*line == '#')
			continue;
		if (!*ret_line)
			*ret_line = conf->line;
		g_string_append(rule, line);
		if (!rule->len || rule->str[rule->len - 1] != '\\')
			return TRUE;
		g_string_truncate(rule, rule->len - 1);
	}
	return rule->len > 0;
}

static void read_rules(gpointer data, TuneConf *conf)
{
	g_autoptr(GString) rule = g_string_new(NULL);
	guint line;

	while (read_rule(conf, rule, &line))
		if (rule->len < LONGEST_RULE)
			add_rule(data, conf->path, line, rule->str);
}

gboolean tune_origins_read_udev(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "udev/rules.d", ".rules", error);

	return paths && tune_conf_each(search->root, paths, read_rules, search, error);
}
