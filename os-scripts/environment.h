/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The variables that Ganeti sets for the scripts of an OS definition: ganeti-os-interface(7).
 * Knows their names and forms, not what is done with the values.
 */
#ifndef OS_ENVIRONMENT_H
#define OS_ENVIRONMENT_H

#include <libtune/tune.h>

/**
 * @path: device or file; NULL when the disk can be reached by a URI only
 * @size_mib: 0 when Ganeti does not tell it (before 3.0)
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

/** The variables that a verb needs, as a set.  Those that are set are read and checked in any case. */
enum {
	OS_NEEDS_INSTANCE = 1 << 0,
	OS_NEEDS_DISKS = 1 << 1, /* each disk, if there are any, with a path */
	OS_NEEDS_EXPORT = 1 << 2,
	OS_NEEDS_IMPORT = 1 << 3,
	OS_NEEDS_OLD_NAME = 1 << 4,
};

/**
 * @os_name: of the definition, without the variant; @variant: "" when it has none
 * @instance: NULL for verify, which is about no instance
 * @disks: array of OsDisk, in order
 * @stream: of export and import
 * @size_fd: where an export announces its size, or -1
 * @old_name: of rename
 * @kernel_path: the kernel that the hypervisor boots instead of the guest's boot loader, or NULL
 * @serial_speed: of the serial console, 0 when the instance has none
 * @is_discarded: blocks that the guest trims are freed on the node (disk_discard=unmap)
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
