/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The OS parameters: a table, of which parameters.list is what Ganeti reads.  Ganeti may leave out any of
 * them at any time, so each has a default.
 */
#ifndef OS_PARAMETERS_H
#define OS_PARAMETERS_H

#include "os-scripts/environment.h"

/**
 * @name: as on Ganeti's command line; @fallback: its value when it is not given, "" for none
 * @choices: "a|b|c", or NULL for any text
 * @check: what a text must be besides, or NULL; TRUE when @value, never empty, is good.  Its error says what is wanted
 * @summary: as in parameters.list
 */
typedef struct {
	const char *name;
	const char *fallback;
	const char *choices;
	gboolean (*check)(const char *value, GError **error);
	const char *summary;
} OsParameter;

const OsParameter *os_parameters(guint *n_parameters);

/** The value of a parameter of the table: given, or else its default; never NULL. */
const char *os_parameter_get(const OsEnvironment *environment, const char *name);

/** Whether a parameter that is yes or no is yes. */
gboolean os_parameter_is_yes(const OsEnvironment *environment, const char *name);

/** Checks all that are given: TUNE_ERROR_INVALID names the first whose value is invalid. */
gboolean os_parameters_check(const OsEnvironment *environment, GError **error);

#endif
