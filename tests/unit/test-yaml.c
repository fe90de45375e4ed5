/* SPDX-License-Identifier: BSD-2-Clause */
/* Documents that are no text, and large ones. */
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

/* However large, it takes no time to speak of. */
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
	CU_ASSERT(g_get_monotonic_time() - start < 20 * G_USEC_PER_SEC);
}

int main(void)
{
	static const Check checks[] = {
		{ "NUL bytes", test_nul },
		{ "large ones", test_large },
		{ NULL, NULL },
	};

	return check_main("yaml", checks);
}
