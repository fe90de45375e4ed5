/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/guest.h"

static gboolean change_name(const Os *os, const OsGuest *guest, GError **error)
{
	const OsEnvironment *environment = os->environment;
	g_autoptr(TuneRoot) tree = tune_root_open(guest->volume->directory, error);
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);

	if (!tree)
		return FALSE;
	gboolean good = tune_hostname_change(tree, environment->old_name, environment->instance,
					     log, error);
	for (guint i = 0; i < log->len; i++)
		os_say(os, "%s: %s", guest->where, (char *)log->pdata[i]);
	return good;
}

/* An import runs it under any name: mounting alone would write to a disk that is back as it was. */
static gboolean is_renamed(const OsEnvironment *environment)
{
	return strcmp(environment->old_name, environment->instance) != 0;
}

static gboolean has_disk(const OsEnvironment *environment)
{
	return environment->disks->len > 0 &&
	       ((const OsDisk *)environment->disks->pdata[0])->path != NULL;
}

/* A guest that nobody here can read keeps its name: Ganeti has renamed the instance already, and could not go back. */
gboolean os_rename(Os *os, GError **error)
{
	g_autoptr(OsGuest) guest = NULL;

	if (!is_renamed(os->environment))
		return TRUE;
	if (has_disk(os->environment) && !os_guest_open(os, &guest, error))
		return FALSE;
	if (!guest) {
		os_say(os, "the guest keeps its name: disk 0 has no root file system that can be "
			   "mounted here");
		return TRUE;
	}
	if (!change_name(os, guest, error)) {
		g_prefix_error(error, "%s: ", guest->where);
		return FALSE;
	}
	return os_guest_close(g_steal_pointer(&guest), error);
}
