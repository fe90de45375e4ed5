/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest of Ganeti's KVM hypervisor on this node: its process, and what its QEMU was started with.
 * Sources: Ganeti, lib/hypervisor/hv_kvm/__init__.py (pid file, runtime file, sockets).
 */
#ifndef TUNE_GUEST_H
#define TUNE_GUEST_H

#include <libtune/qemu/qmp.h>

/** Where Ganeti keeps what it knows of running guests; var/run is a link to /run on Debian. */
#define TUNE_GUEST_DIRECTORY "var/run/ganeti/kvm-hypervisor"

/**
 * @name: of the instance
 * @is_running: its process is there.  Without one, all that follows is NULL, 0 or FALSE
 * @pid: of its QEMU
 * @is_kvm: its QEMU was told to use KVM, at least if it can; tune_cpu_ask_qemu() tells whether it does
 * @binary: of QEMU, as it was started
 * @cpu: the value of -cpu, or NULL: QEMU's default
 * @machine: the machine type, or NULL: QEMU's default
 */
typedef struct {
	char *name;
	gboolean is_running;
	GPid pid;
	gboolean is_kvm;
	char *binary;
	char *cpu;
	char *machine;
} TuneGuest;

/**
 * tune_guest_find: what runs under @name on the host below @root.
 *
 * The command line is that of the process; when it may not be read, the one that Ganeti saved in the
 * runtime file, which it also starts the target of a migration with.  A guest that does not run is no
 * error.  TUNE_ERROR_INVALID when @name, the pid file or the runtime file cannot be right, or the process
 * of that number is not this guest.
 */
TuneGuest *tune_guest_find(TuneRoot *root, const char *name, GError **error);
void tune_guest_free(TuneGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneGuest, tune_guest_free)

/** tune_guest_read_cpu_type: Ganeti's hypervisor parameter cpu_type as it was at the start; free it. */
char *tune_guest_read_cpu_type(TuneRoot *root, const char *name, GError **error);

/**
 * tune_guest_connect: talk to its QEMU, until @deadline at the latest (see tune_qmp_connect()).
 *
 * The socket of ganeti-kvmd is tried first, as Ganeti's own migration does not need it.  Where the daemon
 * runs it keeps that socket busy, so a fifth of the time must do; then the one for Ganeti itself.
 */
TuneQmp *tune_guest_connect(TuneRoot *root, const char *name, gint64 deadline, GError **error);

#endif
