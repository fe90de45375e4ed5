/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual machine that has a guest's disk.  A guest's disk belongs to its tenant: no byte of it is for a kernel
 * or a program of the node to parse.  guestfs-security(1) says why, and libguestfs(3) makes the machine: its kernel
 * is the node's, its only disk the guest's, and it has no network.
 */
#ifndef OS_MACHINE_H
#define OS_MACHINE_H

#include <guestfs.h>

#include "os-scripts/os.h"
#include "os-scripts/tree.h"

/** The disk inside the machine. */
#define OS_MACHINE_DISK "/dev/sda"

/** @topology: of the disk, read on the node: inside, only its sizes are known */
typedef struct {
	guestfs_h *guestfs;
	TuneTopology topology;
} OsMachine;

/**
 * Starts the virtual machine, once for each verb.
 *
 * @disk: the guest's disk; NULL for an empty one
 * @topology: of the disk: programs in the machine see its sector size, and its minimal and optimal size of writes
 * @extra_s: seconds that the work may take beyond the policy's deadline; when they are over, the process logs that and
 *           ends, and the machine ends with it
 */
OsMachine *os_machine_start(const Os *os, const OsDisk *disk, const TuneTopology *topology,
			    guint extra_s, GError **error);

/** Writes all to the disk, ends the machine and frees @machine.  FALSE when not all was written. */
gboolean os_machine_close(OsMachine *machine, GError **error);

/** Ends it at once: what was not written is lost. */
void os_machine_free(OsMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsMachine, os_machine_free)

/** Makes an error, "WHAT: reason", of the reason that libguestfs gave last; always FALSE. */
gboolean os_machine_fail(const OsMachine *machine, const char *what, GError **error);

/** tree-guestfs.c: the files of what is mounted in @machine, which stays the caller's. */
OsTree *os_tree_new_guestfs(OsMachine *machine);

#endif
