/* SPDX-License-Identifier: BSD-2-Clause */
/* What Ganeti tells hooks of a migration. */
#ifndef HOOK_MIGRATION_H
#define HOOK_MIGRATION_H

#include "hooks/hook.h"

/**
 * The migration of the environment; its texts live as long as the environment, but @binary is left out.
 *
 * FALSE when there is nothing to compare: it is a clean-up after a failed one, which moves no guest, or KVM does not run the
 * instance.
 */
gboolean hook_read_migration(const Hook *hook, TuneMigration *ret_migration);

#endif
