/* SPDX-License-Identifier: BSD-2-Clause */
/* apply and revert: show the plan, carry it out, and show how each step ended. */
#include <stdio.h>

#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

/* How long to wait for another apply or revert to end. */
#define WAIT_MS 10000

static int carry_out(TunePlan *plan, const Options *options, GError **error)
{
	guint n_to_do = tune_plan_count(plan, TUNE_VERDICT_WOULD_CHANGE);
	/* An unknown field of -o must fail before anything is written. */
	g_autoptr(Table) table = table_new("settings", step_columns, options, error);

	if (!table)
		return EXIT_FAILED;
	/* A program that reads the output expects one table. */
	gboolean is_for_people = !options->json && !options->separator;
	if ((options->dry_run || (n_to_do && is_for_people)) &&
	    !steps_print(plan, options, step_is_not_same, stderr, error))
		return EXIT_FAILED;
	if (options->dry_run)
		return tune_plan_is_fulfilled(plan) ? EXIT_AS_WANTED : EXIT_DIFFERS;
	if (!tune_plan_apply(plan, WAIT_MS, error) ||
	    !steps_print(plan, options, step_is_not_same, stderr, error))
		return EXIT_FAILED;
	return tune_plan_is_fulfilled(plan) ? EXIT_AS_WANTED : EXIT_FAILED;
}

int run_apply(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;

	if (!steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	if (!plan)
		return EXIT_FAILED;
	int status = carry_out(plan, options, error);
	if (!*error && !options->dry_run && !tune_journal_rest(root, FALSE, error))
		return EXIT_FAILED;
	return status;
}

/* A value that something else has changed is left alone, and that is no failure.  One that is still to be put back is. */
static int judge_revert(TuneRoot *root, GError **error)
{
	TuneJournalSummary left;

	if (!tune_journal_summarise(root, &left, error))
		return EXIT_FAILED;
	return left.count ? EXIT_FAILED : EXIT_AS_WANTED;
}

int run_revert(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);

	if (!root)
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new_revert(root, error);
	if (!plan)
		return EXIT_FAILED;
	/* From now on no disk that appears may start the service, which would apply the policy again. */
	if (!options->dry_run && tune_plan_get_length(plan) &&
	    !tune_journal_rest(root, TRUE, error))
		return EXIT_FAILED;
	int status = carry_out(plan, options, error);
	return *error || options->dry_run ? status : judge_revert(root, error);
}
