/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/json.h>

#include "tests/unit/check.h"

static TuneYaml *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	TuneYaml *json = tune_json_new(text, strlen(text), "text", &error);

	CHECK_NO_ERROR(error);
	return json;
}

/* As QEMU writes, and as Ganeti does: with and without a blank. */
static void test_lookups(void)
{
	g_autoptr(TuneYaml)
		json = parse("{\"a\": [1, \"1\", true, {\"b\":-5}],\"c\":\"x\\u0009\\/\"}");
	const yaml_node_t *top = tune_yaml_get_top(json);
	const yaml_node_t *list = tune_json_get(json, top, "a");
	gint64 number = 0;
	gboolean is_on = FALSE;

	CU_ASSERT_EQUAL(tune_json_length(json, list), 4);
	CU_ASSERT(tune_json_number(tune_json_item(json, list, 0), &number));
	CU_ASSERT_EQUAL(number, 1);
	CHECK_TEXT(tune_json_text(tune_json_item(json, list, 1)), "1");
	CU_ASSERT(tune_json_boolean(tune_json_item(json, list, 2), &is_on));
	CU_ASSERT(is_on);
	const yaml_node_t *b = tune_json_get(json, tune_json_item(json, list, 3), "b");
	CU_ASSERT(tune_json_number(b, &number));
	CU_ASSERT_EQUAL(number, -5);
	CHECK_TEXT(tune_json_text(tune_json_get(json, top, "c")), "x\t/");
}

/* A quote or bracket inside a string ends nothing. */
static void test_quoted(void)
{
	g_autoptr(TuneYaml) json = parse("[\"a\\\"]\\\\\", \"]}\"]");
	const yaml_node_t *top = tune_yaml_get_top(json);

	CHECK_TEXT(tune_json_text(tune_json_item(json, top, 0)), "a\"]\\");
	CHECK_TEXT(tune_json_text(tune_json_item(json, top, 1)), "]}");
}

static void test_wrong_types(void)
{
	g_autoptr(TuneYaml) json = parse("{\"a\": [1, \"1\", \"true\", \"x\\u0000y\"]}");
	const yaml_node_t *top = tune_yaml_get_top(json);
	const yaml_node_t *list = tune_json_get(json, top, "a");
	gint64 number = 42;
	gboolean is_on = TRUE;

	CU_ASSERT_PTR_NULL(tune_json_get(json, list, "a"));
	CU_ASSERT_PTR_NULL(tune_json_get(json, NULL, "a"));
	CU_ASSERT_PTR_NULL(tune_json_get(json, top, "aa"));
	CU_ASSERT_EQUAL(tune_json_length(json, top), 0);
	CU_ASSERT_PTR_NULL(tune_json_item(json, list, 4));
	CU_ASSERT_PTR_NULL(tune_json_item(json, NULL, 0));
	CU_ASSERT_PTR_NULL(tune_json_text(list));
	CU_ASSERT_PTR_NULL(tune_json_text(tune_json_item(json, list, 0)));
	CU_ASSERT_PTR_NULL(tune_json_text(tune_json_item(json, list, 3)));
	CU_ASSERT_FALSE(tune_json_number(tune_json_item(json, list, 1), &number));
	CU_ASSERT_FALSE(tune_json_number(NULL, &number));
	CU_ASSERT_FALSE(tune_json_boolean(tune_json_item(json, list, 0), &is_on));
	CU_ASSERT_FALSE(tune_json_boolean(tune_json_item(json, list, 2), &is_on));
	CU_ASSERT_EQUAL(number, 42);
}

static void check_refused(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneYaml) json = tune_json_new(text, strlen(text), "f", &error);

	if (json)
		CHECK_TEXT(text, "refused");
	CHECK_HOLDS(error ? error->message : NULL, "f:");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
}

static void test_not_json(void)
{
	static const char *const texts[] = {
		"",           "\r",          "1",          "\"a\"",
		"{\"a\": ",   "{\"a\": 1}}", "[1, 2",      "\x01",
		"{\"a\"} x",  "{} {}",       "[\"a",       "[\"a\\\"]",
		"[&a 1, *a]", "- 1",         "a: b",       "QEMU 7.2.22 monitor",
		"[!!str 1]",  "[1]]",        "{\"a\": 1]", "[1, # 2]",
		"['a']",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		check_refused(texts[i]);
}

/* Each would keep libyaml busy for minutes, or hours. */
static void test_bombs(void)
{
	static const char *const pieces[] = { "[", "- ", "? ", "{\"a\":", "[\"a\",", "&a " };
	gint64 start = g_get_monotonic_time();

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 1000000)
			g_string_append(text, pieces[i]);
		check_refused(text->str);
		g_string_prepend(text, "{}");
		check_refused(text->str);
	}
	CU_ASSERT(g_get_monotonic_time() - start < G_USEC_PER_SEC);
}

/* What is written must read as what was meant. */
static void test_cut(void)
{
	static const struct {
		const char *text;
		const char *part;
	} rows[] = {
		{ "{\"k\":1}", "1" },
		{ "{\"a\": {\"k\": 1}, \"k\" : {\"k\": [2, \"}\"]}, \"b\": 3}",
		  " {\"k\": [2, \"}\"]}" },
		{ "{\"a\": \"k\", \"kk\": 1, \"k\": \"x,y\"}", " \"x,y\"" },
		{ "{\"a\\\"\": \"\\\\\", \"k\": 1, \"k\": 2}", " 1" },
		{ "{\"k\": 1", NULL },
		{ "{\"k\"", NULL },
		{ "{\"k", NULL },
		{ "[\"k\", 1]", NULL },
		{ "{\"a\": \"k\"}", NULL },
		{ "", NULL },
		{ "}}}", NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *part = tune_json_cut(rows[i].text, strlen(rows[i].text), "k");
		CHECK_TEXT(part ? part : "none", rows[i].part ? rows[i].part : "none");
	}
}

static void test_append(void)
{
	static const char *const texts[] = { "", "a\"b\\c", "tab\tnew\nline",
					     "gr\xc3\xbc\xc3\x9f" };

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_string_assign(text, "[");
		tune_json_append(text, texts[i]);
		g_string_append_c(text, ']');
		g_autoptr(TuneYaml) json = parse(text->str);
		CHECK_TEXT(tune_json_text(tune_json_item(json, tune_yaml_get_top(json), 0)),
			   texts[i]);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "lookups", test_lookups },
		{ "quoted", test_quoted },
		{ "wrong types", test_wrong_types },
		{ "not JSON", test_not_json },
		{ "bombs", test_bombs },
		{ "a part cut out", test_cut },
		{ "written is read", test_append },
		{ NULL, NULL },
	};

	return check_main("json", checks);
}
