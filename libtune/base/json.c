/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/json.h>

#define DEEPEST 64

/* The character behind the string that starts at @c, or NULL when it does not end. */
static const char *skip_string(const char *c, const char *end)
{
	for (c++; c < end && *c != '"'; c++)
		c += *c == '\\';
	return c < end ? c + 1 : NULL;
}

static int get_step(char c)
{
	return c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
}

/*
 * JSON is the harmless part of YAML: libyaml takes minutes for a mebibyte of brackets, or of dashes.  So
 * nothing reaches it but one object or list, no deeper than anyone needs, of the characters of JSON.
 */
static gboolean is_shaped(const char *text, gsize length)
{
	const char *end = text + length;
	int depth = 0;

	if (length == 0 || get_step(*text) <= 0)
		return FALSE;
	for (const char *c = text; c && c < end;) {
		if (depth == 0 && c > text && !g_ascii_isspace(*c))
			return FALSE;
		if (*c == '"') {
			c = skip_string(c, end);
			continue;
		}
		if (!g_ascii_isalnum(*c) && (*c == '\0' || !strchr("{}[],:+-. \r\n", *c)))
			return FALSE;
		depth += get_step(*c++);
		if (depth > DEEPEST)
			return FALSE;
	}
	return depth == 0;
}

/* What follows the name of a member, or NULL when the string at @c is another name, or none. */
static const char *match_key(const char *c, const char *after, const char *end, const char *key)
{
	size_t length = strlen(key);

	if ((gsize)(after - c) != length + 2 || strncmp(c + 1, key, length) != 0)
		return NULL;
	while (after < end && g_ascii_isspace(*after))
		after++;
	return after < end && *after == ':' ? after + 1 : NULL;
}

char *tune_json_cut(const char *text, gsize length, const char *key)
{
	const char *end = text + length, *value = NULL, *next;
	int depth = 0;

	for (const char *c = text; c && c < end; c = next) {
		next = *c == '"' ? skip_string(c, end) : c + 1;
		if (*c == '"' && depth == 1 && !value && next)
			value = match_key(c, next, end, key);
		if (*c == '"')
			continue;
		depth += get_step(*c);
		if (value && (depth == 0 || (depth == 1 && *c == ',')))
			return g_strndup(value, (gsize)(c - value));
	}
	return NULL;
}

TuneYaml *tune_json_new(const char *text, gsize length, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (!is_shaped(text, length))
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: not JSON", name);
	TuneYaml *json = tune_yaml_new(text, length, name, 0, &local);
	if (!json)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s", local->message);
	return json;
}

const yaml_node_t *tune_json_get(TuneYaml *json, const yaml_node_t *node, const char *key)
{
	return node ? tune_yaml_get_member(json, node, key) : NULL;
}

guint tune_json_length(TuneYaml *json, const yaml_node_t *node)
{
	guint length = 0;

	if (node)
		tune_yaml_get_length(json, node, &length, NULL);
	return length;
}

const yaml_node_t *tune_json_item(TuneYaml *json, const yaml_node_t *node, guint index)
{
	return index < tune_json_length(json, node) ? tune_yaml_get_item(json, node, index) : NULL;
}

/* Only quotes tell "1" from 1. */
static const char *get_scalar(const yaml_node_t *node, gboolean is_quoted)
{
	if (!node || node->type != YAML_SCALAR_NODE)
		return NULL;
	if ((node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) != is_quoted)
		return NULL;
	const char *text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

const char *tune_json_text(const yaml_node_t *node)
{
	return get_scalar(node, TRUE);
}

gboolean tune_json_number(const yaml_node_t *node, gint64 *ret_number)
{
	const char *text = get_scalar(node, FALSE);

	return text && g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, ret_number, NULL);
}

gboolean tune_json_boolean(const yaml_node_t *node, gboolean *ret_value)
{
	const char *text = get_scalar(node, FALSE);
	gboolean is_true = g_strcmp0(text, "true") == 0;

	if (!is_true && g_strcmp0(text, "false") != 0)
		return FALSE;
	*ret_value = is_true;
	return TRUE;
}

void tune_json_append(GString *json, const char *text)
{
	g_string_append_c(json, '"');
	for (const char *c = text; *c; c++) {
		if (g_ascii_iscntrl(*c) || *c == '"' || *c == '\\')
			g_string_append_printf(json, "\\u%04x", (guint8)*c);
		else
			g_string_append_c(json, *c);
	}
	g_string_append_c(json, '"');
}
