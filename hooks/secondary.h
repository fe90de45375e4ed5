/* SPDX-License-Identifier: BSD-2-Clause */
/* The secondary of an instance after replace-disks, when Ganeti does not run the hook there: the master does. */
#ifndef HOOK_SECONDARY_H
#define HOOK_SECONDARY_H

#include "hooks/hook.h"

/** On the master: run this hook there, too, over ssh; the error names that node.  TRUE when it is not needed. */
gboolean hook_run_on_secondary(const Hook *hook, GError **error);

#endif
