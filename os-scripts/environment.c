/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <string.h>

#include "os-scripts/environment.h"

/* constants.MAX_DISKS of Ganeti. */
#define MOST_DISKS 16
#define DEFAULT_SPEED 38400
/* hostname(7) */
#define LONGEST_NAME 253

static gboolean fail_variable(GError **error, const char *name, const char *what)
{
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID, "%s %s", name, what);
	return FALSE;
}

const char *os_environment_get(const OsEnvironment *environment, const char *name)
{
	const char *value = g_environ_getenv(environment->envp, name);

	return value && *value ? value : NULL;
}

static gboolean read_number(const OsEnvironment *environment, const char *name, gint64 largest,
			    gint64 *ret_number, GError **error)
{
	const char *value = os_environment_get(environment, name);

	if (!value)
		return TRUE;
	if (g_ascii_string_to_signed(value, 10, 0, largest, ret_number, NULL))
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID,
		    "%s is '%s', not a number up to %" G_GINT64_FORMAT, name, value, largest);
	return FALSE;
}

static char *dup_value(const OsEnvironment *environment, const char *prefix, const char *suffix)
{
	g_autofree char *name = g_strconcat(prefix, suffix, NULL);

	return g_strdup(os_environment_get(environment, name));
}

/* ---- disks ---- */

static void disk_free(gpointer data)
{
	OsDisk *disk = data;

	g_free(disk->path);
	g_free(disk->uri);
	g_free(disk);
}

static gboolean read_disk(OsEnvironment *environment, guint index, GError **error)
{
	g_autofree char *prefix = g_strdup_printf("DISK_%u_", index);
	g_autofree char *size = g_strconcat(prefix, "SIZE", NULL);
	OsDisk *disk = g_new0(OsDisk, 1);

	g_ptr_array_add(environment->disks, disk);
	disk->index = index;
	disk->path = dup_value(environment, prefix, "PATH");
	disk->uri = dup_value(environment, prefix, "URI");
	return read_number(environment, size, G_MAXINT64, &disk->size_mib, error);
}

static gboolean read_disks(OsEnvironment *environment, GError **error)
{
	gint64 count = 0;

	if (!read_number(environment, "DISK_COUNT", MOST_DISKS, &count, error))
		return FALSE;
	for (guint i = 0; i < (guint)count; i++)
		if (!read_disk(environment, i, error))
			return FALSE;
	return TRUE;
}

static gboolean check_disks(const OsEnvironment *environment, GError **error)
{
	for (guint i = 0; i < environment->disks->len; i++) {
		const OsDisk *disk = environment->disks->pdata[i];
		g_autofree char *name = g_strdup_printf("DISK_%u_PATH", i);
		if (disk->path && !g_path_is_absolute(disk->path))
			return fail_variable(error, name, "is not an absolute path");
		if (disk->path && strlen(disk->path) >= PATH_MAX)
			return fail_variable(error, name, "is too long for a path");
		if (!disk->path)
			return fail_variable(
				error, name,
				disk->uri
					? "is not set: a disk that has only a URI cannot be written to; see the disk parameter 'access'"
					: "is not set");
	}
	return TRUE;
}

/* ---- streams ---- */

static gboolean read_stream(OsEnvironment *environment, const char *prefix, GError **error)
{
	g_autofree char *path = g_strconcat(prefix, "DISK_PATH", NULL);
	g_autofree char *name = g_strconcat(prefix, "INDEX", NULL);
	gint64 index = 0;

	if (!read_number(environment, name, MOST_DISKS - 1, &index, error))
		return FALSE;
	environment->stream.index = (guint)index;
	environment->stream.path = dup_value(environment, prefix, "DISK_PATH");
	environment->stream.uri = dup_value(environment, prefix, "DISK_URI");
	if (!environment->stream.path)
		environment->stream.path = dup_value(environment, prefix, "DEVICE");
	return environment->stream.path ? TRUE : fail_variable(error, path, "is not set");
}

/* ---- the instance ---- */

static gboolean read_serial(OsEnvironment *environment, GError **error)
{
	gint64 speed = DEFAULT_SPEED;
	const char *console = os_environment_get(environment, "INSTANCE_HV_serial_console");

	if (!read_number(environment, "INSTANCE_HV_serial_speed", G_MAXINT32, &speed, error))
		return FALSE;
	environment->serial_speed = console && strcmp(console, "True") == 0 ? speed : 0;
	return TRUE;
}

static gboolean read_instance(OsEnvironment *environment, GError **error)
{
	const char *discard = os_environment_get(environment, "INSTANCE_HV_disk_discard");

	environment->instance = g_strdup(os_environment_get(environment, "INSTANCE_NAME"));
	environment->old_name = g_strdup(os_environment_get(environment, "OLD_INSTANCE_NAME"));
	environment->kernel_path = g_strdup(
		os_environment_get(environment, "INSTANCE_HV_kernel_path"));
	environment->is_discarded = g_strcmp0(discard, "unmap") == 0;
	environment->is_reinstall = g_strcmp0(os_environment_get(environment, "INSTANCE_REINSTALL"),
					      "1") == 0;
	return read_serial(environment, error) && read_disks(environment, error);
}

static gboolean check_name(const char *variable, const char *name, GError **error)
{
	if (!name)
		return fail_variable(error, variable, "is not set: this program is run by Ganeti");
	/* It becomes the name of a file, and a line in the guest's files. */
	if (*name == '.' || *name == '-' || strlen(name) > LONGEST_NAME ||
	    strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-._") != strlen(name))
		return fail_variable(error, variable, "is not the name of an instance");
	return TRUE;
}

static gboolean read_needed(OsEnvironment *environment, guint needs, GError **error)
{
	gint64 size_fd = -1;

	if (needs & OS_NEEDS_INSTANCE && !check_name("INSTANCE_NAME", environment->instance, error))
		return FALSE;
	if (needs & OS_NEEDS_DISKS && !check_disks(environment, error))
		return FALSE;
	if (needs & OS_NEEDS_OLD_NAME &&
	    !check_name("OLD_INSTANCE_NAME", environment->old_name, error))
		return FALSE;
	if (needs & OS_NEEDS_EXPORT && !read_stream(environment, "EXPORT_", error))
		return FALSE;
	if (needs & OS_NEEDS_IMPORT && !read_stream(environment, "IMPORT_", error))
		return FALSE;
	if (!read_number(environment, "EXP_SIZE_FD", G_MAXINT, &size_fd, error))
		return FALSE;
	environment->size_fd = (int)size_fd;
	return TRUE;
}

OsEnvironment *os_environment_new(char **envp, guint needs, GError **error)
{
	g_autoptr(OsEnvironment) environment = g_new0(OsEnvironment, 1);

	environment->envp = g_strdupv(envp);
	environment->disks = g_ptr_array_new_with_free_func(disk_free);
	environment->os_name = g_strdup(os_environment_get(environment, "OS_NAME"));
	environment->variant = g_strdup(os_environment_get(environment, "OS_VARIANT"));
	if (!environment->variant)
		environment->variant = g_strdup("");
	if (!read_instance(environment, error) || !read_needed(environment, needs, error))
		return NULL;
	return g_steal_pointer(&environment);
}

void os_environment_free(OsEnvironment *environment)
{
	if (!environment)
		return;
	g_strfreev(environment->envp);
	g_free(environment->os_name);
	g_free(environment->variant);
	g_free(environment->instance);
	g_ptr_array_unref(environment->disks);
	g_free(environment->stream.path);
	g_free(environment->stream.uri);
	g_free(environment->old_name);
	g_free(environment->kernel_path);
	g_free(environment);
}
