/* SPDX-License-Identifier: BSD-2-Clause */
/* The section cpu of a policy. */
#include <string.h>

#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"

static char *print_cpus(const TuneCpuPolicy *cpu)
{
	gboolean is_secure = cpu->waivers >> TUNE_CPU_SECURITY & 1;
	gboolean is_nested = cpu->waivers >> TUNE_CPU_NESTED & 1;

	return g_strdup_printf("%s %s %s%s%s%s %s %s", cpu->is_gate_on ? "on" : "off",
			       cpu->is_unknown_refused ? "refuse" : "warn",
			       is_secure ? "security" : "", is_secure && is_nested ? "," : "",
			       is_nested ? "nested" : "", cpu->waivers ? "" : "-",
			       cpu->sets_cluster_default ? "yes" : "no", cpu->type);
}

static void test_cpus(void)
{
	static const struct {
		const char *text;
		const char *cpus; /* gate, unknown, allow, cluster-default, type */
	} rows[] = {
		{ "", "on refuse - no keep" },
		{ "cpu: {}\n", "on refuse - no keep" },
		{ "cpu: { gate: off }\n", "off refuse - no keep" },
		{ "cpu: { gate: 'on', unknown: warn }\n", "on warn - no keep" },
		{ "cpu: { allow: [] }\n", "on refuse - no keep" },
		{ "cpu: { allow: security }\n", "on refuse security no keep" },
		{ "cpu: { allow: [nested, security, nested] }\n",
		  "on refuse security,nested no keep" },
		{ "cpu: { cluster-default: yes }\n", "on refuse - yes keep" },
		{ "cpu: { type: keep }\n", "on refuse - no keep" },
		{ "cpu: { type: 'host,-rtm,host-phys-bits-limit=39' }\n",
		  "on refuse - no host,-rtm,host-phys-bits-limit=39" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(TunePolicy)
			policy = tune_policy_parse(rows[i].text, strlen(rows[i].text), "P", &error);
		CHECK_NO_ERROR(error);
		g_autofree char *cpus = print_cpus(tune_policy_get_cpu(policy));
		CHECK_TEXT(cpus, rows[i].cpus);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "CPUs", test_cpus },
		{ NULL, NULL },
	};

	return check_main("policy-cpu", checks);
}
