/* SPDX-License-Identifier: BSD-2-Clause */
/* plan and verify: compare the node with its policy; plan shows what would change, verify what is wrong. */
#include <stdio.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

static guint print_idle_rules(const TunePlan *plan)
{
	const GPtrArray *findings = tune_plan_get_findings(plan);

	for (guint i = 0; i < findings->len; i++)
		g_printerr("%s\n", (const char *)findings->pdata[i]);
	return findings->len;
}

/* Returns the number of findings: 1 when it could not be found out. */
static guint mark_contested(TunePlan *plan)
{
	g_autoptr(GError) error = NULL;

	if (tune_plan_mark_contested(plan, &error))
		return 0;
	g_printerr("who else sets these values is not known: %s\n", error->message);
	return 1;
}

static int compare_node(const Options *options, StepFilter *filter, gboolean is_verify,
			GError **error)
{
	/* The count is part of a plan, but --no-headers asks for rows alone. */
	FILE *count = is_verify || options->no_headers ? stderr : stdout;
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	guint n_drbd = 0;

	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	if (!plan)
		return EXIT_FAILED;
	guint n_findings = mark_contested(plan);
	if (!steps_print(plan, options, filter, count, error))
		return EXIT_FAILED;
	if (is_verify && tune_policy_has_drbd(policy) &&
	    !findings_print(tune_plan_get_facts(plan), policy, &n_drbd, error))
		return EXIT_FAILED;
	n_findings += n_drbd + print_idle_rules(plan);
	return tune_plan_is_fulfilled(plan) && !n_findings ? EXIT_AS_WANTED : EXIT_DIFFERS;
}

int run_plan(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	return compare_node(options, step_is_not_same, FALSE, error);
}

int run_verify(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	return compare_node(options, tune_step_is_fault, TRUE, error);
}
