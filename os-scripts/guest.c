/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/dropins.h"
#include "os-scripts/guest.h"
#include "os-scripts/parameters.h"

/*
 * File systems that can have a guest's root, and how they are mounted: an error that a tenant has written into one
 * should end the mount, and not the virtual machine.
 */
/* clang-format off */
static const struct {
	const char *type;
	const char *options;
} mountable[] = {
	{ "ext2",  "errors=remount-ro" },
	{ "ext3",  "errors=remount-ro" },
	{ "ext4",  "errors=remount-ro" },
	{ "xfs",   "nouuid" },
	{ "btrfs", "" },
	{ "f2fs",  "" },
};
/* clang-format on */

/* The root file system of every distribution has one of these, and no other file system has. */
static const char *const of_root[] = { "etc/os-release", "etc/fstab", "usr/lib/os-release" };

void os_guest_free(OsGuest *guest)
{
	if (!guest)
		return;
	os_tree_free(guest->tree);
	g_free(guest->uuid);
	g_free(guest->where);
	g_free(guest);
}

OsGuest *os_guest_new(OsMachine *machine, const char *uuid)
{
	OsGuest *guest = g_new0(OsGuest, 1);

	guest->tree = os_tree_new_guestfs(machine);
	guest->uuid = uuid && *uuid ? g_strdup(uuid) : NULL;
	guest->where = g_strdup("disk 0");
	return guest;
}

/* ---- where it is ---- */

static gboolean is_root(OsTree *tree)
{
	for (guint i = 0; i < G_N_ELEMENTS(of_root); i++)
		if (os_tree_exists(tree, of_root[i]))
			return TRUE;
	return FALSE;
}

static const char *find_mount_options(const char *type)
{
	for (guint i = 0; i < G_N_ELEMENTS(mountable); i++)
		if (g_strcmp0(mountable[i].type, type) == 0)
			return mountable[i].options;
	return NULL;
}

static char *name_device(OsMachine *machine, const char *device)
{
	int number = strcmp(device, OS_MACHINE_DISK) == 0
			     ? 0
			     : guestfs_part_to_partnum(machine->guestfs, device);

	return number > 0 ? g_strdup_printf("disk 0 partition %d", number) : g_strdup("disk 0");
}

static gboolean mount_at_root(const Os *os, OsMachine *machine, const char *device,
			      const char *options, const char *where)
{
	g_autoptr(GError) error = NULL;

	if (guestfs_mount_options(machine->guestfs, options, device, "/") == 0)
		return TRUE;
	os_machine_fail(machine, where, &error);
	os_say(os, "%s", error->message);
	return FALSE;
}

/* Mounts it read-only first: only a guest's root is written to.  What cannot be mounted is logged, and is no root. */
static OsGuest *try_device(const Os *os, OsMachine *machine, const char *device)
{
	guestfs_h *guestfs = machine->guestfs;
	g_autofree char *where = name_device(machine, device);
	char *type = guestfs_vfs_type(guestfs, device);
	const char *options = find_mount_options(type);

	free(type);
	g_autofree char *read_only = g_strconcat("ro,", options, NULL);
	if (!options || !mount_at_root(os, machine, device, read_only, where))
		return NULL;
	char *uuid = guestfs_vfs_uuid(guestfs, device);
	g_autoptr(OsGuest) guest = os_guest_new(machine, uuid);
	free(uuid);
	gboolean is_wanted = is_root(guest->tree);
	if (guestfs_umount_all(guestfs) < 0 || !is_wanted ||
	    !mount_at_root(os, machine, device, *options ? options : "rw", where))
		return NULL;
	g_free(guest->where);
	guest->where = g_steal_pointer(&where);
	return g_steal_pointer(&guest);
}

OsGuest *os_guest_find(const Os *os, OsMachine *machine)
{
	char **devices = guestfs_list_partitions(machine->guestfs);
	OsGuest *guest = NULL;

	if (devices && !devices[0])
		guest = try_device(os, machine, OS_MACHINE_DISK);
	for (guint i = 0; devices && devices[i]; i++) {
		if (!guest)
			guest = try_device(os, machine, devices[i]);
		free(devices[i]);
	}
	free(devices);
	return guest;
}

gboolean os_guest_write_fstab(const Os *os, const OsGuest *guest, GError **error)
{
	g_autofree char *text = g_strdup_printf("UUID=%s\t/\t%s\tdefaults\t0\t1\n", guest->uuid,
						os_parameter_get(os->environment, "filesystem"));
	g_autofree char *have = os_tree_read(guest->tree, "etc/fstab", NULL);
	g_autoptr(GError) local = NULL;

	/* The file that debootstrap(8) leaves says that it is not configured. */
	if (have && !g_str_has_prefix(have, "# UNCONFIGURED FSTAB"))
		return TRUE;
	if (os_tree_save(guest->tree, "etc/fstab", text, &local))
		return TRUE;
	if (!g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	/* A device or a directory that the tar has in its place stays, as when the guest is tuned. */
	os_say(os, "%s: %s, and is left as it is", guest->where, local->message);
	return TRUE;
}

/* ---- tuning ---- */

static gboolean is_tuning_asked_for(const Os *os)
{
	return strcmp(os_parameter_get(os->environment, "tuning"), "default") != 0;
}

gboolean os_guest_may_open(const Os *os)
{
	return strcmp(os_parameter_get(os->environment, "tuning"), "none") != 0;
}

/* FALSE when a file had to be left as it is. */
static gboolean apply_dropins(const Os *os, const OsGuest *guest, guint set)
{
	const OsEnvironment *environment = os->environment;
	const OsGuestFacts facts = {
		.serial_speed = environment->serial_speed,
		.has_loader = environment->kernel_path == NULL,
		.root_uuid = guest->uuid,
		.is_discarded = environment->is_discarded,
	};
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);

	gboolean is_done = os_dropins_apply(guest->tree, set, &facts, log);
	for (guint i = 0; i < log->len; i++)
		os_say(os, "tuning %s", (char *)log->pdata[i]);
	return is_done;
}

gboolean os_guest_tune(const Os *os, const OsGuest *guest, GError **error)
{
	guint set;

	if (!os_dropins_from_names(os_parameter_get(os->environment, "tuning"), &set, error))
		return FALSE;
	return apply_dropins(os, guest, set) || !is_tuning_asked_for(os) ||
	       os_fail(error, TUNE_ERROR_IO,
		       "%s: not all of the tuning that was asked for could be done, the log says which file",
		       guest->where);
}

void os_guest_renew_identity(const Os *os, const OsGuest *guest)
{
	guint identity = 0, asked = 0;

	os_dropins_from_names("identity", &identity, NULL);
	if (os_dropins_from_names(os_parameter_get(os->environment, "tuning"), &asked, NULL) &&
	    !(asked & identity))
		os_say(os, "the guest keeps the SSH keys of %s: tuning is without identity",
		       os->environment->old_name);
	else
		apply_dropins(os, guest, identity);
}

static gboolean report_no_guest(const Os *os, GError **error)
{
	if (is_tuning_asked_for(os))
		return os_fail(
			error, TUNE_ERROR_ABSENT,
			"disk 0 has no root file system to tune: tuning=none, or another way to install it");
	os_say(os, "nothing is tuned: disk 0 has no root file system that can be mounted");
	return TRUE;
}

gboolean os_guest_tune_disk(const Os *os, OsMachine *machine, GError **error)
{
	g_autoptr(OsGuest) guest = os_guest_find(os, machine);

	return guest ? os_guest_tune(os, guest, error) : report_no_guest(os, error);
}
