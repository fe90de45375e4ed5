/* SPDX-License-Identifier: BSD-2-Clause */
/* plan and verify: the same look, once as what would be done, once as a judgement. */
#include <stdio.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

static int compare(const Options *options, StepFilter *filter, gboolean is_judging, GError **error)
{
	/* What a plan comes to belongs to it; who leaves out the headers wants rows alone. */
	FILE *count = is_judging || options->no_headers ? stderr : stdout;
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	guint n_findings = 0;

	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	if (!plan || !steps_print(plan, options, filter, count, error))
		return EXIT_FAILED;
	if (is_judging && tune_policy_has_drbd(policy) &&
	    !findings_print(tune_plan_get_facts(plan), policy, &n_findings, error))
		return EXIT_FAILED;
	return tune_plan_is_fulfilled(plan) && !n_findings ? EXIT_AS_WANTED : EXIT_DIFFERS;
}

int run_plan(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	return compare(options, step_is_not_same, FALSE, error);
}

int run_verify(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	return compare(options, tune_step_is_fault, TRUE, error);
}
