/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plan is a list of steps in the order of writes; a step is one value of one object.  Here a step is read and gets its
 * verdict; planner.h makes the steps, and apply.c writes them.
 */
#ifndef TUNE_PLAN_H
#define TUNE_PLAN_H

#include <libtune/tuning/policy.h>
#include <libtune/tune-tuning.h>

/**
 * A TuneStep with the data that only the library needs.
 *
 * @public: must come first; tests and programs see nothing else
 * @key: of @public.param, with the real name in place of a "*"
 * @asked: the wanted value as the policy has it; @public.want is the value that this host makes of it;
 *   NULL when the step only reads the current value
 * @reason: why this value is wanted, where it is computed for this host, or NULL; becomes the note of a step that has no
 *   other
 * @is_exact: the value must be @asked to the letter, as it is one that is put back
 * @is_final: the verdict will not change: the step is neither read again nor written
 * @is_transient: a value on the way to another one, which replaces it
 * @read_only_reason: why the step may not be written; NULL: it may
 * @is_guarded: the write could cut the node off: see guard.h
 * @depth: of an interface: layers below it
 */
typedef struct {
	TuneStep public;
	char *key;
	char *asked;
	char *reason;
	gboolean is_exact;
	gboolean is_final;
	gboolean is_transient;
	char *read_only_reason;
	gboolean is_guarded;
	guint depth;
} Step;

/**
 * @facts: about the host, found when they were first needed
 * @steps: array of Step; the steps of one object are neighbours, in the order of the table
 * @findings: as tune_plan_get_findings()
 * @backend: only in tests, a fake kernel that serves all sections; otherwise NULL
 * @is_revert: it puts back the values in the journal, and writes no records itself
 * @guard_s: seconds after which guarded steps are put back unless the network has been checked
 */
struct TunePlan {
	TuneRoot *root;
	TuneFacts *facts;
	GPtrArray *steps;
	GPtrArray *findings;
	const TuneBackend *backend;
	gboolean is_revert;
	guint guard_s;
};

TunePlan *tune_plan_new_empty(TuneRoot *root);

/** tune_plan_renew_facts: forget the facts, which may be outdated; the next use finds them anew. */
void tune_plan_renew_facts(TunePlan *plan);

/** tune_step_new: a step that is in no plan yet. */
Step *tune_step_new(const TuneParam *param, const char *key, const char *object, const char *want,
		    const char *origin);

void tune_step_free(gpointer step);

/** tune_plan_add: add @step to the end; the plan owns it.  Returns @step. */
Step *tune_plan_add(TunePlan *plan, Step *step);

/** Add the steps that put back the old values in @records (of tune_journal_load()); values that others have set stay. */
void tune_plan_resolve_revert(TunePlan *plan, const GPtrArray *records);

/** Make the steps of a plan to revert anew: the journal may have changed while the plan waited for the lock. */
gboolean tune_plan_renew_revert(TunePlan *plan, GError **error);

/** tune_plan_get_backend: the mechanism that reads and writes values of @section. */
const TuneBackend *tune_plan_get_backend(const TunePlan *plan, const TuneSection *section);

/** tune_plan_read: the text that is shown at @path, read by the backend of @section; free it. */
char *tune_plan_read(const TunePlan *plan, const TuneSection *section, const char *path,
		     GError **error);

/** tune_plan_decide: read all steps, and set their verdicts, each by itself and then with regard to earlier steps. */
void tune_plan_decide(TunePlan *plan);

/** tune_plan_read_step: read the current value of @step, and set its verdict, unless that is final. */
void tune_plan_read_step(const TunePlan *plan, Step *step);

/** tune_step_settle: set verdict and note; the step takes over @note. */
void tune_step_settle(Step *step, TuneVerdict verdict, char *note);

/** tune_step_finish: the same, as the final verdict: the step is neither read nor written any more. */
void tune_step_finish(Step *step, TuneVerdict verdict, char *note);

/** tune_verdict_from_error: the verdict after a failed read or write. */
TuneVerdict tune_verdict_from_error(const GError *error);

#endif
