/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Ganeti tells the scripts of an OS definition, in their environment: ganeti-os-interface(7).
 * Knows names and forms of variables, not what is done with them.
 */
#ifndef OS_ENVIRONMENT_H
#define OS_ENVIRONMENT_H

#include <libtune/tune.h>

/**
 * @path: device or file; NULL where only a URI leads to the disk
 * @size_mib: 0 when Ganeti does not say (before 3.0)
 */
typedef struct {
	guint index;
	char *path;
	char *uri;
	gint64 size_mib;
} OsDisk;

/** A disk as a stream: EXPORT_* or IMPORT_*. */
typedef struct {
	guint index;
	char *path;
	char *uri;
} OsStream;

/** What a verb cannot do without, as a set; what is there is read and checked either way. */
enum {
	OS_NEEDS_INSTANCE = 1 << 0,
	OS_NEEDS_DISKS = 1 << 1, /* as far as there are any, each with a path */
	OS_NEEDS_EXPORT = 1 << 2,
	OS_NEEDS_IMPORT = 1 << 3,
	OS_NEEDS_OLD_NAME = 1 << 4,
};

/**
 * @os_name: of the definition, without the variant; @variant: "" when it has none
 * @instance: NULL for verify, which is not about one
 * @disks: array of OsDisk, in order
 * @stream: of export and import
 * @size_fd: where an export announces its size, or -1
 * @old_name: of rename
 * @kernel_path: what the hypervisor boots in place of the guest's boot loader, or NULL
 * @serial_speed: of the serial console, 0 when the instance has none
 * @is_discarded: what the guest trims is freed on the node (disk_discard=unmap)
 */
typedef struct {
	char **envp;
	char *os_name;
	char *variant;
	char *instance;
	GPtrArray *disks;
	OsStream stream;
	int size_fd;
	char *old_name;
	char *kernel_path;
	gint64 serial_speed;
	gboolean is_reinstall;
	gboolean is_discarded;
} OsEnvironment;

/** @envp: as environ(7), copied.  TUNE_ERROR_INVALID names the variable. */
OsEnvironment *os_environment_new(char **envp, guint needs, GError **error);
void os_environment_free(OsEnvironment *environment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsEnvironment, os_environment_free)

/** Any variable; NULL when it is not set, or empty. */
const char *os_environment_get(const OsEnvironment *environment, const char *name);

#endif
