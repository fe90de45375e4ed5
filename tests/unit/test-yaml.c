/* SPDX-License-Identifier: BSD-2-Clause */
/* Documents in other encodings, anchors, tags and directives, and large ones. */
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/policies.h"

static void test_nul(void)
{
	static const char inside[] = "version: 1\nks\0m: {}\n";
	static const char behind[] = "version: 1\n\0ksm: { run: 5 }\n";

	policies_check_bad(inside, sizeof(inside) - 1, "P:2:3: control characters are not allowed");
	policies_check_bad(behind, sizeof(behind) - 1, "P:2:1: control characters are not allowed");
}

/* Refused quickly, however large it is. */
static void test_large(void)
{
	g_autofree char *deep = g_strnfill(200000, '[');
	g_autofree char *digits = g_strnfill(1000000, '1');
	g_autofree char *value = g_strconcat("ksm: { run: ", digits, " }\n", NULL);
	g_autofree char *key = g_strconcat("ksm: { ", digits, ": 1 }\n", NULL);
	g_autofree char *fault = g_strconcat("P:1:13: run: '", digits, "' is not a number", NULL);
	gint64 start = g_get_monotonic_time();

	policies_check_bad(deep, strlen(deep), "P:1:17: nested too deeply");
	policies_check_bad(value, strlen(value), fault);
	policies_check_bad(key, strlen(key), "P:1:1000008: did not find expected ',' or '}'");
	CHECK_SOON(start);
}

/* Features of YAML that are not needed, and some of which can keep libyaml busy for hours. */
static void test_excess(void)
{
	static const struct {
		const char *text;
		const char *fault;
	} rows[] = {
		{ "version: &a 1\n", "P:1:10: an anchor is not allowed here" },
		{ "ksm: &a { run: 1 }\n", "P:1:6: an anchor is not allowed here" },
		{ "ksm: { run: *a }\n", "P:1:13: an alias is not allowed here" },
		{ "ksm: { run: !!int 1 }\n", "P:1:13: a tag is not allowed here" },
		{ "ksm: ! [ 1 ]\n", "P:1:6: a tag is not allowed here" },
		{ "%YAML 1.1\n---\nversion: 1\n", "P:1:1: a directive (%) is not allowed here" },
		{ "\n%TAG ! tag:x,1:\n---\nversion: 1\n",
		  "P:2:1: a directive (%) is not allowed here" },
		{ "#\r%TAG ! tag:x,1:\r---\rversion: 1\r",
		  "P:2:1: a directive (%) is not allowed here" },
		{ "#\r\n\r\n%TAG ! tag:x,1:\r\n---\r\n",
		  "P:3:1: a directive (%) is not allowed here" },
		{ "#\xc2\x85%TAG ! tag:x,1:\n---\n", "P:2:1: a directive (%) is not allowed here" },
		{ "#\xe2\x80\xa8%TAG ! tag:x,1:\n---\n",
		  "P:2:1: a directive (%) is not allowed here" },
		{ "#\xe2\x80\xa9%TAG ! tag:x,1:\n---\n",
		  "P:2:1: a directive (%) is not allowed here" },
		{ "\xef\xbb\xbf%YAML 1.1\n---\n", "P:1:1: a directive (%) is not allowed here" },
		{ "\xef\xbb\xbf\xef\xbb\xbf%YAML 1.1\n---\n",
		  "P:1:2: found character that cannot start any token" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		policies_check_bad(rows[i].text, strlen(rows[i].text), rows[i].fault);
	}
}

/* UTF-16 is refused, since a directive in it would not be seen; a byte order mark before UTF-8 is allowed. */
static void test_encodings(void)
{
	static const char wide[] = "\xff\xfe%\0Y\0A\0M\0L\0 \0001\0.\0001\0\n\0";
	static const char marked[] = "\xef\xbb\xbfversion: 1\nksm: { run: 1 }\n";
	g_autoptr(GError) error = NULL;

	policies_check_bad(wide, sizeof(wide) - 1, "P:1:1: invalid leading UTF-8 octet");
	g_autoptr(TunePolicy) policy = tune_policy_parse(marked, strlen(marked), "P", &error);
	CHECK_NO_ERROR(error);
	CU_ASSERT_PTR_NOT_NULL(policy);
}

/* Refused at the first anchor, since libyaml compares each anchor with all others. */
static void test_many_anchors(void)
{
	GString *text = g_string_new("ksm: [");

	for (guint i = 0; text->len < 16 * 1024 * 1024; i++)
		g_string_append_printf(text, "&a%u x,", i);
	policies_check_bad(text->str, text->len, "P:1:7: an anchor is not allowed here");
	g_string_free(text, TRUE);
}

int main(void)
{
	static const Check checks[] = {
		{ "anchors, aliases, tags, directives", test_excess },
		{ "more anchors than could be compared in a day", test_many_anchors },
		{ "encodings", test_encodings },
		{ "NUL bytes", test_nul },
		{ "large ones", test_large },
		{ NULL, NULL },
	};

	return check_main("yaml", checks);
}
