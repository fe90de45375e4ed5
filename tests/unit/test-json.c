/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts that are read as JSON, and texts that are refused, and quickly. */
#include <string.h>

#include <libtune/base/json.h>

#include "tests/unit/check.h"

static json_t *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *json = tune_json_parse(text, strlen(text), "text", &error);

	CHECK_NO_ERROR(error);
	return json;
}

/* With blanks, as QEMU writes, and without, as Ganeti does; and a character that is two surrogates. */
static void test_values(void)
{
	json_auto_t *json = parse("{\"a\": [1, \"1\", true, {\"b\":-5}],\t\"c\":\"x\\u0009\\/\","
				  "\"d\": \"\\ud83d\\ude00\"}\r");
	const json_t *list = json_object_get(json, "a");
	gint64 number = 0;
	gboolean is_on = FALSE;

	CU_ASSERT_EQUAL(json_array_size(list), 4);
	CU_ASSERT(tune_json_number(json_array_get(list, 0), &number));
	CU_ASSERT_EQUAL(number, 1);
	CHECK_TEXT(json_string_value(json_array_get(list, 1)), "1");
	CU_ASSERT(tune_json_boolean(json_array_get(list, 2), &is_on));
	CU_ASSERT(is_on);
	CU_ASSERT(tune_json_number(json_object_get(json_array_get(list, 3), "b"), &number));
	CU_ASSERT_EQUAL(number, -5);
	CHECK_TEXT(json_string_value(json_object_get(json, "c")), "x\t/");
	CHECK_TEXT(json_string_value(json_object_get(json, "d")), "\xf0\x9f\x98\x80");
}

static void test_wrong_types(void)
{
	json_auto_t *json = parse("[1, \"1\", \"true\", 1.5, 18446744073709551552, -1e300, null]");
	gint64 number = 42;
	gboolean is_on = TRUE;

	for (size_t i = 1; i < json_array_size(json) + 1; i++)
		CU_ASSERT_FALSE(tune_json_number(json_array_get(json, i), &number));
	for (size_t i = 0; i < json_array_size(json) + 1; i++)
		CU_ASSERT_FALSE(tune_json_boolean(json_array_get(json, i), &is_on));
	CU_ASSERT_EQUAL(number, 42);
	CU_ASSERT(is_on);
}

static void check_refused(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *json = tune_json_parse(text, strlen(text), "f", &error);

	if (json)
		CHECK_TEXT(text, "refused");
	CHECK_HOLDS(error ? error->message : NULL, "f: not JSON: ");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_refusals(void)
{
	static const char *const texts[] = {
		"",
		"\r",
		"1",
		"\"a\"",
		"{\"a\": ",
		"{\"a\": 1}}",
		"[1, 2",
		"\x01",
		"{\"a\"} x",
		"{} {}",
		"[\"a",
		"[\"a\\\"]",
		"[&a 1, *a]",
		"- 1",
		"a: b",
		"QEMU 7.2.22 monitor",
		"[!!str 1]",
		"[1]]",
		"{\"a\": 1]",
		"[1, # 2]",
		"['a']",
		"[\"x\\u0000y\"]",
		"{\"a\": 1, \"a\": 2}",
		"[{\"a\": 1, \"a\": 1}]",
		"[\"\xff\"]",
		"[1e999]",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		check_row(texts[i]);
		check_refused(texts[i]);
	}
}

/* A mebibyte of values that are begun and not ended. */
static void test_bombs(void)
{
	static const char *const pieces[] = { "[", "- ", "? ", "{\"a\":", "[\"a\",", "&a " };

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		check_row(pieces[i]);
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 1000000)
			g_string_append(text, pieces[i]);
		check_refused(text->str);
		g_string_prepend(text, "{}");
		check_refused(text->str);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "values", test_values },
		{ "wrong types", test_wrong_types },
		{ "refusals", test_refusals },
		{ "bombs", test_bombs },
		{ NULL, NULL },
	};

	return check_main("json", checks);
}
