/* SPDX-License-Identifier: BSD-2-Clause */
/* YAML as a tree in which each node has its line and column, for messages.  Which keys there are, the callers know. */
#ifndef TUNE_YAML_H
#define TUNE_YAML_H

#include <yaml.h>

#include <libtune/tune-base.h>

typedef struct TuneYaml TuneYaml;

/**
 * One document.
 * @file: for messages
 * @most_nodes: values, lists and mappings that it may have; 0 is any number
 * Errors here and below are TUNE_ERROR_SYNTAX, FILE:LINE:COLUMN.
 */
TuneYaml *tune_yaml_new(const char *text, gsize length, const char *file, guint most_nodes,
			GError **error);
void tune_yaml_free(TuneYaml *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneYaml, tune_yaml_free)

/** NULL when the document is empty. */
const yaml_node_t *tune_yaml_get_top(TuneYaml *yaml);

/** Raise an error at @node; always FALSE. */
gboolean tune_yaml_fail(TuneYaml *yaml, const yaml_node_t *node, GError **error, const char *format,
			...) G_GNUC_PRINTF(4, 5);

/** "FILE:LINE" of @node, newly allocated. */
char *tune_yaml_format_place(TuneYaml *yaml, const yaml_node_t *node);

/** The text of a single value; borrowed. */
const char *tune_yaml_get_scalar(TuneYaml *yaml, const yaml_node_t *node, GError **error);

/** The texts of a list of single values, or of one; array of strings. */
GPtrArray *tune_yaml_get_words(TuneYaml *yaml, const yaml_node_t *node, GError **error);

/** The number of items of a list. */
gboolean tune_yaml_get_length(TuneYaml *yaml, const yaml_node_t *node, guint *ret_length,
			      GError **error);
const yaml_node_t *tune_yaml_get_item(TuneYaml *yaml, const yaml_node_t *node, guint index);

/** Iterates over the pairs of a mapping, in the order of the file. */
typedef struct {
	TuneYaml *yaml;
	const yaml_node_pair_t *pair;
	const yaml_node_pair_t *end;
} TuneYamlIter;

/** Fails when @node is no mapping, or has a key twice. */
gboolean tune_yaml_iter_init(TuneYamlIter *iter, TuneYaml *yaml, const yaml_node_t *node,
			     GError **error);
gboolean tune_yaml_iter_next(TuneYamlIter *iter, const yaml_node_t **ret_key,
			     const yaml_node_t **ret_value);

#endif
