/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plan is a list of steps in the order of writes; a step is one value of one object.  Knows how a step stands, and
 * neither where steps come from (planner.h) nor how they are written.
 */
#ifndef TUNE_PLAN_H
#define TUNE_PLAN_H

#include <libtune/tuning/policy.h>
#include <libtune/tune-tuning.h>

/**
 * A TuneStep and what only the library needs to know of it.
 *
 * @public: must come first; tests and programs see nothing else
 * @key: of @public.param, with the real name in place of a "*"
 * @asked: what is wanted, in the words of the policy; @public.want is what this host can do of it;
 *   NULL when it is only asked what stands
 * @reason: why this value is wanted, where the policy leaves that to the host; the note of a step that has
 *   no other; NULL
 * @is_exact: what stands must be @asked to the letter (a value that is put back)
 * @is_barred: decided for good; not to be looked at again, and never written
 * @is_transient: a state on the way to another one, which will not stand at the end
 * @hands_off: why it is only looked at, whatever is wanted; NULL: it may be written
 * @is_guarded: could cut the node off: see guard.h
 * @depth: of an interface: layers below it
 */
typedef struct {
	TuneStep public;
	char *key;
	char *asked;
	char *reason;
	gboolean is_exact;
	gboolean is_barred;
	gboolean is_transient;
	char *hands_off;
	gboolean is_guarded;
	guint depth;
} Step;

/**
 * @facts: what the host is, as far as it was asked
 * @steps: array of Step; those of one object stand together, in the order of the table
 * @backend: serves all sections in place of their own; NULL but in tests, where it is a fake kernel
 * @is_revert: puts back what the journal holds, and needs no record of its own
 * @guard_s: seconds in which guarded steps have to prove themselves
 */
struct TunePlan {
	TuneRoot *root;
	TuneFacts *facts;
	GPtrArray *steps;
	const TuneBackend *backend;
	gboolean is_revert;
	guint guard_s;
};

TunePlan *tune_plan_new_empty(TuneRoot *root);

/** Look at the host anew from now on: what is known may be of a moment ago. */
void tune_plan_renew_facts(TunePlan *plan);

/** A step of its own; not in a plan yet. */
Step *tune_step_new(const TuneParam *param, const char *key, const char *object, const char *want,
		    const char *origin);

void tune_step_free(gpointer step);

/** Add to the end; the plan owns it.  Returns @step. */
Step *tune_plan_add(TunePlan *plan, Step *step);

/** Add the steps that put back what @records (of tune_journal_load()) say, barring what is not ours. */
void tune_plan_resolve_revert(TunePlan *plan, const GPtrArray *records);

/** Make the steps of a plan to revert anew: while it waited for the lock, the journal may have grown, or gone. */
gboolean tune_plan_renew_revert(TunePlan *plan, GError **error);

/** How values of @section are reached. */
const TuneBackend *tune_plan_get_backend(const TunePlan *plan, const TuneSection *section);

/** What is shown at @path, read as @section is. */
char *tune_plan_read(const TunePlan *plan, const TuneSection *section, const char *path,
		     GError **error);

/** Read what every step is about, and decide how it stands, each by itself and with those before it. */
void tune_plan_decide(TunePlan *plan);

/** Read what one step is about, and decide how it stands by itself. */
void tune_plan_look_at(const TunePlan *plan, Step *step);

/** How it stands, replacing the verdict and the note; the step takes over @note. */
void tune_step_settle(Step *step, TuneVerdict verdict, char *note);

/** The same for good: the step is neither looked at nor written any more. */
void tune_step_bar(Step *step, TuneVerdict verdict, char *note);

/** What a failed read or write means. */
TuneVerdict tune_verdict_from_error(const GError *error);

#endif
