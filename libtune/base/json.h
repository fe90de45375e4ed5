/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON, read by libyaml: what QEMU answers and what Ganeti keeps.  Lookups take NULL and answer NULL (or
 * FALSE, or 0) for whatever is missing or of another type, so that they chain and the caller complains once.
 *
 * Of JSON, libyaml lacks the escaped surrogate pair (a character beyond U+FFFF in ASCII) and tabs between
 * tokens; neither QEMU nor Ganeti writes them.
 */
#ifndef TUNE_JSON_H
#define TUNE_JSON_H

#include <libtune/base/yaml.h>

/** One JSON object or list; @name is for messages.  Fails with TUNE_ERROR_INVALID, in time linear in @length. */
TuneYaml *tune_json_new(const char *text, gsize length, const char *name, GError **error);

/**
 * The text of member @key of the object that @text is, cut out unread; NULL when there is none.  For a part of what
 * would take libyaml long as a whole.
 */
char *tune_json_cut(const char *text, gsize length, const char *key);

/** The value of member @key of an object. */
const yaml_node_t *tune_json_get(TuneYaml *json, const yaml_node_t *node, const char *key);

/** How many items a list has. */
guint tune_json_length(TuneYaml *json, const yaml_node_t *node);
const yaml_node_t *tune_json_item(TuneYaml *json, const yaml_node_t *node, guint index);

/** The text of a string without NUL; borrowed. */
const char *tune_json_text(const yaml_node_t *node);

/** The value of a whole number. */
gboolean tune_json_number(const yaml_node_t *node, gint64 *ret_number);

/** The value of true or false. */
gboolean tune_json_boolean(const yaml_node_t *node, gboolean *ret_value);

/** Append UTF-8 @text as a JSON string, quotes included. */
void tune_json_append(GString *json, const char *text);

#endif
