/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that take a verb: cpu, cluster, hooks. */
#ifndef GNT_TUNE_VERBS_H
#define GNT_TUNE_VERBS_H

#include "gnt-tune/options.h"
#include "gnt-tune/table.h"

/**
 * @arguments: what it takes besides options, for a help text; "" where it takes nothing else
 * @columns: NULL where the output is no table
 * @options: the set of options that it takes
 */
typedef struct {
	const char *name;
	Run *run;
	const char *arguments;
	const Column *columns;
	guint options;
	const char *summary;
} Verb;

/** @help: more text for the help of the command, or NULL */
typedef struct Verbs {
	const char *command;
	const Verb *verbs;
	guint n_verbs;
	const char *help;
} Verbs;

/** Returns NULL when no verb has this name. */
const Verb *verbs_find(const Verbs *verbs, const char *name);

/**
 * Runs the verb that @arguments start with.  A verb whose row has "" for arguments gets none.  Where a verb returns
 * EXIT_USAGE, the error is made here: it says what the verb takes.
 */
int verbs_run(const Verbs *verbs, const Options *options, char **arguments, GError **error);

/** The verbs, what they do and their fields, as a help text; of @verb alone unless it is NULL.  Free it. */
char *verbs_describe(const Verbs *verbs, const Verb *verb);

#endif
