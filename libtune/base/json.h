/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON, read by jansson: what QEMU answers and what Ganeti keeps.  jansson's lookups take NULL and answer NULL (or
 * 0) for whatever is missing or of another type, so that they chain and the caller complains once.
 */
#ifndef TUNE_JSON_H
#define TUNE_JSON_H

#include <jansson.h>

#include <libtune/tune-base.h>

/**
 * tune_json_parse: read one JSON object or list; @name is for messages.  Free it with json_decref().
 *
 * Fails with TUNE_ERROR_INVALID: no JSON, a member that stands twice, a string with a NUL in it, more levels than
 * jansson takes (2048), a number that no double holds.
 */
json_t *tune_json_parse(const char *text, gsize length, const char *name,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The value of a whole number of at most 53 bits, and a sign. */
gboolean tune_json_number(const json_t *json, gint64 *ret_number);

/** The value of true or false. */
gboolean tune_json_boolean(const json_t *json, gboolean *ret_value);

#endif
