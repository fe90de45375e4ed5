/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of our hooks: their names and programs, and the variables that Ganeti sets for their operations. */
#ifndef TUNE_HOOKS_H
#define TUNE_HOOKS_H

#include <libtune/tune-ganeti.h>

/**
 * One hook, and the variables of its operation.
 *
 * @code, @object: OP_CODE and OBJECT_TYPE
 * @target: the variable whose value OP_TARGET has as well, or NULL
 * @needs: variables without which the hook has nothing to do, or refuses
 * @program: the program that its link leads to; NULL when that has the hook's name
 */
typedef struct {
	const char *name;
	const char *code;
	const char *object;
	const char *target;
	const char *needs;
	const char *program;
} TuneHookKind;

/** tune_hook_find_kind: TUNE_ERROR_INVALID when there is none of that name. */
const TuneHookKind *tune_hook_find_kind(const char *name, GError **error);

/** tune_hook_name_program: below the root; free it. */
char *tune_hook_name_program(const char *name);

#endif
