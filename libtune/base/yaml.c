/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/yaml.h>

/* Deeper than any file that we read needs. */
#define DEEPEST 16

/* Some editors put it before UTF-8.  libyaml would take it for an indentation of the first line. */
#define BOM "\xef\xbb\xbf"

struct TuneYaml {
	char *file;
	yaml_document_t document;
};

gboolean tune_yaml_fail(TuneYaml *yaml, const yaml_node_t *node, GError **error, const char *format,
			...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	return tune_fail(error, TUNE_ERROR_SYNTAX, "%s:%zu:%zu: %s", yaml->file,
			 node->start_mark.line + 1, node->start_mark.column + 1, text);
}

/* libyaml checks the encoding before it counts lines, so the line of such a byte is counted here. */
static void find_bad_byte(const yaml_parser_t *parser, size_t *line, size_t *column)
{
	const unsigned char *text = parser->input.string.start;

	*line = *column = 0;
	for (size_t i = 0; i < parser->problem_offset; i++) {
		*column = text[i] == '\n' ? 0 : *column + 1;
		*line += text[i] == '\n';
	}
}

static gboolean fail_syntax(const char *file, const yaml_parser_t *parser, GError **error)
{
	size_t line = parser->problem_mark.line, column = parser->problem_mark.column;

	if (parser->error == YAML_READER_ERROR)
		find_bad_byte(parser, &line, &column);
	return tune_fail(error, TUNE_ERROR_SYNTAX, "%s:%zu:%zu: %s", file, line + 1, column + 1,
			 parser->problem ? parser->problem : "is not YAML");
}

static int get_descent(yaml_event_type_t type)
{
	switch (type) {
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return 1;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return -1;
	default:
		return 0;
	}
}

/* Aliases, anchors and tags: no file that we read needs them, and a few of them can keep libyaml busy for hours. */
static const char *find_excess(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "an alias";
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor ? "an anchor"
		       : event->data.scalar.tag  ? "a tag"
						 : NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor ? "an anchor"
		       : event->data.sequence_start.tag  ? "a tag"
							 : NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor ? "an anchor"
		       : event->data.mapping_start.tag  ? "a tag"
							: NULL;
	default:
		return NULL;
	}
}

/* libyaml also knows the line breaks of Unicode. */
static gboolean does_start_line(const char *text, gsize at)
{
	static const char *const breaks[] = { "\n", "\r", "\xc2\x85", "\xe2\x80\xa8",
					      "\xe2\x80\xa9" };

	for (guint i = 0; i < G_N_ELEMENTS(breaks); i++) {
		gsize size = strlen(breaks[i]);
		if (size <= at && memcmp(text + at - size, breaks[i], size) == 0)
			return TRUE;
	}
	return at == 0;
}

/* libyaml reads all directives before the first event, in a time that grows with the square of their number. */
static gboolean check_directives(const char *file, const char *text, gsize length, GError **error)
{
	const char *found = memchr(text, '%', length);
	guint line = 0;

	while (found && !does_start_line(text, (gsize)(found - text)))
		found = memchr(found + 1, '%', length - (gsize)(found + 1 - text));
	if (!found)
		return TRUE;
	for (gsize at = 0; text + at <= found; at++)
		line += does_start_line(text, at) &&
			!(at && text[at - 1] == '\r' && text[at] == '\n');
	return tune_fail(error, TUNE_ERROR_SYNTAX, "%s:%u:1: a directive (%%) is not allowed here",
			 file, line);
}

/* libyaml's time grows with the square of the depth: 100 KiB of "[" take it half a minute. */
static gboolean check_events(const char *file, yaml_parser_t *parser, guint most_nodes,
			     GError **error)
{
	gboolean is_end = FALSE;
	guint n_nodes = 0;
	int depth = 0;

	while (!is_end) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event))
			return fail_syntax(file, parser, error);
		depth += get_descent(event.type);
		n_nodes += event.type == YAML_SCALAR_EVENT || get_descent(event.type) > 0;
		is_end = event.type == YAML_STREAM_END_EVENT;
		yaml_mark_t mark = event.start_mark;
		const char *excess = find_excess(&event);
		yaml_event_delete(&event);
		if (excess)
			return tune_fail(error, TUNE_ERROR_SYNTAX,
					 "%s:%zu:%zu: %s is not allowed here", file, mark.line + 1,
					 mark.column + 1, excess);
		if (depth > DEEPEST)
			return tune_fail(error, TUNE_ERROR_SYNTAX, "%s:%zu:%zu: nested too deeply",
					 file, mark.line + 1, mark.column + 1);
		if (most_nodes && n_nodes > most_nodes)
			return tune_fail(error, TUNE_ERROR_SYNTAX,
					 "%s:%zu:%zu: more than %u values", file, mark.line + 1,
					 mark.column + 1, most_nodes);
	}
	return TRUE;
}

/* A second document would be ignored silently. */
static gboolean check_end(const char *file, yaml_parser_t *parser, GError **error)
{
	yaml_document_t rest;

	if (!yaml_parser_load(parser, &rest))
		return fail_syntax(file, parser, error);
	const yaml_node_t *top = yaml_document_get_root_node(&rest);
	gboolean is_end = top == NULL;
	if (!is_end)
		tune_fail(error, TUNE_ERROR_SYNTAX, "%s:%zu:1: a second document", file,
			  rest.start_mark.line + 1);
	yaml_document_delete(&rest);
	return is_end;
}

static gboolean load(TuneYaml *yaml, yaml_parser_t *parser, GError **error)
{
	if (!yaml_parser_load(parser, &yaml->document))
		return fail_syntax(yaml->file, parser, error);
	if (yaml_document_get_root_node(&yaml->document) && !check_end(yaml->file, parser, error)) {
		yaml_document_delete(&yaml->document);
		return FALSE;
	}
	return TRUE;
}

static void start_parser(yaml_parser_t *parser, const char *text, gsize length)
{
	if (!yaml_parser_initialize(parser))
		g_error("out of memory");
	/* libyaml would also detect UTF-16, in which check_directives() finds no lines. */
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, length);
}

TuneYaml *tune_yaml_new(const char *text, gsize length, const char *file, guint most_nodes,
			GError **error)
{
	yaml_parser_t parser;
	TuneYaml *yaml = g_new0(TuneYaml, 1);

	yaml->file = g_strdup(file);
	if (length >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0) {
		text += strlen(BOM);
		length -= strlen(BOM);
	}
	gboolean good = check_directives(file, text, length, error);
	if (good) {
		start_parser(&parser, text, length);
		good = check_events(file, &parser, most_nodes, error);
		yaml_parser_delete(&parser);
	}
	if (good) {
		start_parser(&parser, text, length);
		good = load(yaml, &parser, error);
		yaml_parser_delete(&parser);
	}
	if (good)
		return yaml;
	g_free(yaml->file);
	g_free(yaml);
	return NULL;
}

void tune_yaml_free(TuneYaml *yaml)
{
	if (!yaml)
		return;
	yaml_document_delete(&yaml->document);
	g_free(yaml->file);
	g_free(yaml);
}

const yaml_node_t *tune_yaml_get_top(TuneYaml *yaml)
{
	return yaml_document_get_root_node(&yaml->document);
}

char *tune_yaml_format_place(TuneYaml *yaml, const yaml_node_t *node)
{
	return g_strdup_printf("%s:%zu", yaml->file, node->start_mark.line + 1);
}

static gboolean has_control(const char *text)
{
	for (const char *c = text; *c; c++)
		if (g_ascii_iscntrl(*c))
			return TRUE;
	return FALSE;
}

/* The spellings of null in YAML; in quotes they are ordinary words. */
static gboolean is_null(const yaml_node_t *node, const char *text)
{
	static const char *const words[] = { "~", "null", "Null", "NULL", NULL };

	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && g_strv_contains(words, text);
}

const char *tune_yaml_get_scalar(TuneYaml *yaml, const yaml_node_t *node, GError **error)
{
	if (node->type != YAML_SCALAR_NODE) {
		tune_yaml_fail(yaml, node, error, "expected a single value, not a %s",
			       node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
		return NULL;
	}
	const char *text = (const char *)node->data.scalar.value;
	if (is_null(node, text))
		return "";
	if (strlen(text) != node->data.scalar.length || has_control(text)) {
		tune_yaml_fail(yaml, node, error,
			       "a value must be one line without control characters");
		return NULL;
	}
	return text;
}

GPtrArray *tune_yaml_get_words(TuneYaml *yaml, const yaml_node_t *node, GError **error)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	guint n_words = 1;

	if (node->type == YAML_SEQUENCE_NODE && !tune_yaml_get_length(yaml, node, &n_words, error))
		return NULL;
	for (guint i = 0; i < n_words; i++) {
		const yaml_node_t *item = node->type == YAML_SEQUENCE_NODE
						  ? tune_yaml_get_item(yaml, node, i)
						  : node;
		const char *word = tune_yaml_get_scalar(yaml, item, error);
		if (!word)
			return NULL;
		g_ptr_array_add(words, g_strdup(word));
	}
	return g_steal_pointer(&words);
}

gboolean tune_yaml_get_length(TuneYaml *yaml, const yaml_node_t *node, guint *ret_length,
			      GError **error)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return tune_yaml_fail(yaml, node, error, "expected a list");
	*ret_length = (guint)(node->data.sequence.items.top - node->data.sequence.items.start);
	return TRUE;
}

const yaml_node_t *tune_yaml_get_item(TuneYaml *yaml, const yaml_node_t *node, guint index)
{
	return yaml_document_get_node(&yaml->document, node->data.sequence.items.start[index]);
}

static gboolean check_keys(TuneYaml *yaml, const yaml_node_t *node, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key_node = yaml_document_get_node(&yaml->document, pair->key);
		const char *key = tune_yaml_get_scalar(yaml, key_node, error);
		if (!key)
			return FALSE;
		if (!g_hash_table_add(seen, (gpointer)key))
			return tune_yaml_fail(yaml, key_node, error, "duplicate key '%s'", key);
	}
	return TRUE;
}

gboolean tune_yaml_iter_init(TuneYamlIter *iter, TuneYaml *yaml, const yaml_node_t *node,
			     GError **error)
{
	if (node->type != YAML_MAPPING_NODE)
		return tune_yaml_fail(yaml, node, error,
				      "expected keys with values ('key: value')");
	if (!check_keys(yaml, node, error))
		return FALSE;
	*iter = (TuneYamlIter){ yaml, node->data.mapping.pairs.start,
				node->data.mapping.pairs.top };
	return TRUE;
}

gboolean tune_yaml_iter_next(TuneYamlIter *iter, const yaml_node_t **ret_key,
			     const yaml_node_t **ret_value)
{
	if (iter->pair == iter->end)
		return FALSE;
	*ret_key = yaml_document_get_node(&iter->yaml->document, iter->pair->key);
	*ret_value = yaml_document_get_node(&iter->yaml->document, iter->pair->value);
	iter->pair++;
	return TRUE;
}
