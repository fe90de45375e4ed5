/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/base/error.h>
#include <libtune/base/json.h>

/* Up to here a double is exact. */
#define LARGEST_NUMBER 9007199254740992.0

json_t *tune_json_parse(const char *text, gsize length, const char *name, GError **error)
{
	json_error_t fault;
	/* QEMU also writes whole numbers of 64 bits without a sign, which are too large for jansson's integers. */
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
				  &fault);

	if (json)
		return json;
	g_autofree char *reason = tune_error_clean(fault.text);
	return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: not JSON: %s", name, reason);
}

gboolean tune_json_number(const json_t *json, gint64 *ret_number)
{
	double number = json_real_value(json);

	if (!json_is_real(json) || number < -LARGEST_NUMBER || number > LARGEST_NUMBER ||
	    number < (double)(gint64)number || number > (double)(gint64)number)
		return FALSE;
	*ret_number = (gint64)number;
	return TRUE;
}

gboolean tune_json_boolean(const json_t *json, gboolean *ret_value)
{
	if (!json_is_boolean(json))
		return FALSE;
	*ret_value = json_is_true(json);
	return TRUE;
}
