/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a setting was read: file and line. */
#include <string.h>

#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"

static void test_settings(void)
{
	static const char text[] = "version: 1\n"
				   "sysctl:\n"
				   "  vm/swappiness: 10\n"
				   "  kernel.panic: 1\n";
	g_autoptr(TunePolicy) policy = tune_policy_parse(text, strlen(text), "some/file", NULL);
	const TuneSetting *known = policy->settings->pdata[0];
	const TuneSetting *other = policy->settings->pdata[1];

	CHECK_TEXT(tune_policy_get_file(policy), "some/file");
	CHECK_TEXT(known->origin, "some/file:3");
	CHECK_TEXT(known->param->key, "vm.swappiness");
	CHECK_TEXT(other->origin, "some/file:4");
	CHECK_TEXT(other->param->key, "*");
}

int main(void)
{
	static const Check checks[] = {
		{ "settings", test_settings },
		{ NULL, NULL },
	};

	return check_main("policy-setting", checks);
}
