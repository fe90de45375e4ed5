/* SPDX-License-Identifier: BSD-2-Clause */
/* The secondary of an instance, where Ganeti does not run a hook that matters there. */
#ifndef HOOK_SECONDARY_H
#define HOOK_SECONDARY_H

#include "hooks/hook.h"

/** On the master: run this very hook there, too, over ssh; the error names that node.  TRUE when it is not needed. */
gboolean hook_run_on_secondary(const Hook *hook, GError **error);

#endif
