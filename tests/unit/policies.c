/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/tuning/params.h>

#include "tests/unit/check.h"
#include "tests/unit/policies.h"

static void print_settings(GString *text, const GPtrArray *settings)
{
	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *setting = settings->pdata[i];
		g_autofree char *name = tune_section_format_name(setting->param->section,
								 setting->key);
		g_string_append_printf(text, "%s=%s ", name, setting->want);
	}
}

char *policies_print(const TunePolicy *policy)
{
	GString *text = g_string_new(NULL);

	print_settings(text, policy->settings);
	print_settings(text, policy->drbd.settings);
	for (guint i = 0; i < policy->rules->len; i++) {
		const TuneRule *rule = policy->rules->pdata[i];
		g_autofree char *match = g_strjoinv(",", (char **)rule->match->pdata);
		g_string_append_printf(text, "%s{", match);
		for (guint j = 0; j < rule->settings->len; j++) {
			const TuneSetting *setting = rule->settings->pdata[j];
			g_string_append_printf(text, "%s=%s ", setting->key, setting->want);
		}
		g_string_append(text, "} ");
	}
	return g_strchomp(g_string_free(text, FALSE));
}

void policies_check_bad(const char *text, gsize length, const char *wanted)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePolicy) policy = tune_policy_parse(text, length, "P", &error);

	CU_ASSERT_PTR_NULL(policy);
	CHECK_TEXT(error ? error->message : NULL, wanted);
	CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
}
