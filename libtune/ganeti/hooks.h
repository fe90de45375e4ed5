/* SPDX-License-Identifier: BSD-2-Clause */
/* Our hooks: what they are called, where their programs are, what Ganeti says of their operations. */
#ifndef TUNE_HOOKS_H
#define TUNE_HOOKS_H

#include <libtune/tune.h>

/**
 * One hook: what Ganeti says of its operation.
 *
 * @code, @object: OP_CODE and OBJECT_TYPE
 * @target: which variable OP_TARGET repeats, or NULL
 * @needs: what the hook asks for; without it, it has nothing to do or refuses
 * @program: what its link leads to; NULL is a program of its own name
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
