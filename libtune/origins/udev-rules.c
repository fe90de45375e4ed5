/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of udev's rules: which of their assignments set a value.  Source: udev(7). */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/origins/udev-match.h>
#include <libtune/base/root.h>

/* udev ignores longer rules, too. */
#define LONGEST_RULE 16384

/* ---- which setting a rule is about ---- */

/* udev writes attributes of devices only, and these directories hold all devices. */
static gboolean is_of_device(const char *path)
{
	return g_str_has_prefix(path, "sys/block/") || g_str_has_prefix(path, "sys/devices/") ||
	       g_str_has_prefix(path, "sys/class/") || g_str_has_prefix(path, "sys/bus/");
}

/* The directory of the device whose @attribute is looked for, or NULL when another attribute is. */
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
	return g_steal_pointer(&directory);
}

/* The directory of the disk or interface that is tuned; NULL where the setting is an attribute given by its path. */
static char *find_object(const TuneSearch *search)
{
	if (!search->step->object || !is_of_device(search->own))
		return NULL;
	g_autofree char *inside = g_strdup_printf("/%s/", search->step->object);
	const char *at = strstr(search->own, inside);
	return at ? g_strndup(search->own, (gsize)(at - search->own) + strlen(inside) - 1) : NULL;
}

/* A program that a rule runs, with the attribute or the sysctl among its arguments. */
static gboolean is_in_command(const TuneSearch *search, const char *device, const char *command)
{
	const char *tail = device ? search->own + strlen(device) + 1 : search->own;
	g_autofree char *dots = NULL;

	if (g_str_has_prefix(search->own, "proc/sys/")) {
		tail = search->own + strlen("proc/sys/");
		dots = g_strdelimit(g_strdup(tail), "/", '.');
	}
	return strstr(command, tail) || (dots && strstr(command, dots));
}

/** What @token sets; @device is the directory of its device, or NULL where it is any device. */
typedef struct {
	const TuneUdevToken *token;
	TuneTarget target;
	char *device;
	gboolean is_program;
	const char *further;
} Assignment;

/* "../queue/scheduler" is set on the disk by a rule for its partitions. */
static Assignment match_attribute(const TuneSearch *search, const TuneUdevToken *token)
{
	Assignment found = { token, TUNE_TARGET_NONE, NULL, FALSE, NULL };
	const char *attribute = token->attribute;

	while (g_str_has_prefix(attribute, "../"))
		attribute += strlen("../");
	g_autofree char *device = find_device(search, attribute);
	if (!device)
		return found;
	found.target = TUNE_TARGET_OWN;
	if (attribute == token->attribute)
		found.device = g_steal_pointer(&device);
	else
		found.further = "a device below it matches";
	return found;
}

static Assignment match_token(const TuneSearch *search, const TuneUdevToken *token)
{
	Assignment found = { token, TUNE_TARGET_NONE, NULL, FALSE, NULL };

	if (token->is_match)
		return found;
	if (token->attribute && strcmp(token->key, "SYSCTL") == 0)
		found.target = tune_search_match_sysctl(search, token->attribute);
	else if (token->attribute && strcmp(token->key, "ATTR") == 0)
		return match_attribute(search, token);
	else if (strcmp(token->key, "RUN") == 0) {
		found.device = find_object(search);
		found.is_program = TRUE;
		if (is_in_command(search, found.device, token->value))
			found.target = TUNE_TARGET_OWN;
	}
	return found;
}

/* ---- rules of one file ---- */

/**
 * @skips_to: the label before which nothing counts, or NULL
 * @jumps: labels, each with the condition under which the rules before it are left out
 * @run_winner: the last program that a rule runs, for udev runs programs after all rules; an index, or -1
 */
typedef struct {
	TuneSearch *search;
	char *skips_to;
	GHashTable *jumps;
	gint run_winner;
} Rules;

static const char *get_value(const GArray *tokens, const char *key)
{
	for (guint i = 0; i < tokens->len; i++) {
		const TuneUdevToken *token = &g_array_index(tokens, TuneUdevToken, i);
		if (!token->is_match && strcmp(token->key, key) == 0)
			return token->value;
	}
	return NULL;
}

static void append_condition(GString *conditions, const char *more)
{
	if (more)
		g_string_append_printf(conditions, "%s%s", conditions->len ? ", " : "", more);
}

/* The rule's own condition, and that no rule before it has left it out. */
static char *join_conditions(const Rules *rules, const char *own, const char *further)
{
	g_autoptr(GString) conditions = g_string_new(NULL);
	GHashTableIter iter;
	gpointer jump;

	append_condition(conditions, own);
	append_condition(conditions, further);
	g_hash_table_iter_init(&iter, rules->jumps);
	while (g_hash_table_iter_next(&iter, NULL, &jump)) {
		g_autofree char *opposite = g_strdup_printf("not (%s)", (const char *)jump);
		append_condition(conditions, opposite);
	}
	return conditions->len ? g_strdup(conditions->str) : NULL;
}

static void add_assignment(Rules *rules, const GArray *tokens, const TuneConf *conf, guint line,
			   const Assignment *found)
{
	TuneSearch *search = rules->search;
	g_autofree char *own = NULL;
	gint winner = search->winner;

	if (tune_udev_judge(search, tokens, found->device, &own) == TUNE_UDEV_NO)
		return;
	g_autofree char *condition = join_conditions(rules, own, found->further);
	tune_search_add_if(search, found->target, conf->path, line,
			   found->is_program ? NULL : found->token->value, condition);
	if (!found->is_program || condition)
		return;
	rules->run_winner = search->winner;
	search->winner = winner;
}

/* udev ignores a jump to a label that does not follow. */
static void add_jump(Rules *rules, const GArray *tokens, const TuneConf *conf, const char *label)
{
	g_autofree char *device = find_object(rules->search);
	g_autofree char *quoted = g_strdup_printf("\"%s\"", label);
	char *condition = NULL;

	if (!strstr(conf->rest, quoted))
		return;
	TuneUdevAnswer answer = tune_udev_judge(rules->search, tokens, device, &condition);
	if (answer == TUNE_UDEV_MAYBE)
		g_hash_table_insert(rules->jumps, g_strdup(label), g_steal_pointer(&condition));
	else if (answer == TUNE_UDEV_YES)
		rules->skips_to = g_strdup(label);
	g_free(condition);
}

static void arrive(Rules *rules, const char *label)
{
	g_hash_table_remove(rules->jumps, label);
	if (g_strcmp0(rules->skips_to, label) == 0)
		g_clear_pointer(&rules->skips_to, g_free);
}

static void add_rule(Rules *rules, const TuneConf *conf, guint line, char *rule)
{
	g_autoptr(GArray) tokens = tune_udev_parse(rule);
	const char *label = tokens ? get_value(tokens, "LABEL") : NULL;

	if (label)
		arrive(rules, label);
	if (!tokens || rules->skips_to)
		return;
	for (guint i = 0; i < tokens->len; i++) {
		Assignment found = match_token(rules->search,
					       &g_array_index(tokens, TuneUdevToken, i));
		if (found.target != TUNE_TARGET_NONE)
			add_assignment(rules, tokens, conf, line, &found);
		g_free(found.device);
	}
	label = get_value(tokens, "GOTO");
	if (label)
		add_jump(rules, tokens, conf, label);
}

/* ---- files ---- */

/* Reads one rule: lines that end in a backslash are joined, comments between them are left out. */
static gboolean read_rule(TuneConf *conf, GString *rule, guint *ret_line)
{
	char *line;

	g_string_truncate(rule, 0);
	*ret_line = 0;
	while ((line = tune_conf_next(conf))) {
		line += strspn(line, " \t\r");
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
	Rules *rules = data;
	g_autoptr(GString) rule = g_string_new(NULL);
	guint line;

	while (read_rule(conf, rule, &line))
		if (rule->len < LONGEST_RULE)
			add_rule(rules, conf, line, rule->str);
	g_clear_pointer(&rules->skips_to, g_free);
	g_hash_table_remove_all(rules->jumps);
}

gboolean tune_origins_read_udev(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "udev/rules.d", ".rules", error);

	g_autoptr(GHashTable)
		jumps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	Rules rules = { search, NULL, jumps, -1 };

	if (!paths || !tune_conf_each(search->root, paths, read_rules, &rules, error))
		return FALSE;
	if (rules.run_winner >= 0)
		search->winner = rules.run_winner;
	return TRUE;
}
