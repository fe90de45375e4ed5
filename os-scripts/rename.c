/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb rename: the new name, and keys of its own for a guest that is a copy. */
#include <string.h>

#include "os-scripts/disk.h"
#include "os-scripts/dropins.h"
#include "os-scripts/guest.h"
#include "os-scripts/hold.h"

static void change_name(const Os *os, const OsGuest *guest)
{
	const OsEnvironment *environment = os->environment;
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);

	os_hostname_change(guest->tree, environment->old_name, environment->instance, log);
	for (guint i = 0; i < log->len; i++)
		os_say(os, "%s: %s", guest->where, (char *)log->pdata[i]);
}

#define INSTANCES "var/lib/ganeti/ssconf_instance_list"

/*
 * Whether the guest is a copy: Ganeti calls us after an import under a new name, too.  Then both names are in its list.
 * A list that does not have the new name yet is older than the rename, and says nothing of the old one.
 */
static gboolean has_original(const Os *os)
{
	g_autofree char *list = tune_root_read(os->root, INSTANCES, NULL);
	g_auto(GStrv) names = list ? g_strsplit(list, "\n", -1) : NULL;

	return names && g_strv_contains((const char *const *)names, os->environment->old_name) &&
	       g_strv_contains((const char *const *)names, os->environment->instance);
}

/* A guest that cannot be read here keeps its name: Ganeti has renamed the instance already, and does not undo that. */
gboolean os_rename(Os *os, GError **error)
{
	const OsEnvironment *environment = os->environment;
	const OsDisk *disk = environment->disks->len ? environment->disks->pdata[0] : NULL;

	/* Ganeti also runs this verb after an import, where the name need not be new. */
	if (strcmp(environment->old_name, environment->instance) == 0)
		return TRUE;
	if (!disk || !disk->path) {
		os_say(os, "the guest keeps its name: it has no disk that can be read here");
		return TRUE;
	}
	if (!os_guest_may_open(os)) {
		os_say(os, "the guest keeps its name: tuning=none");
		return TRUE;
	}
	g_autoptr(GArray) held = os_disks_hold(os, error);
	if (!held)
		return FALSE;
	g_autoptr(OsMachine) machine = os_disk_start_machine(os, disk, 0, error);
	if (!machine)
		return FALSE;
	g_autoptr(OsGuest) guest = os_guest_find(os, machine);
	if (guest) {
		change_name(os, guest);
		if (has_original(os))
			os_guest_renew_identity(os, guest);
	} else {
		os_say(os,
		       "the guest keeps its name: disk 0 has no root file system that can be mounted");
	}
	return os_machine_close(g_steal_pointer(&machine), error);
}
