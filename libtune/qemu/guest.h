/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest of Ganeti's KVM hypervisor on this node: its process, and the command line of its QEMU.
 * Sources: Ganeti, lib/hypervisor/hv_kvm/__init__.py (pid file, runtime file, sockets).
 */
#ifndef TUNE_GUEST_H
#define TUNE_GUEST_H

#include <libtune/qemu/qmp.h>

/** The directory with Ganeti's files on running guests; var/run is a link to /run on Debian. */
#define TUNE_GUEST_DIRECTORY "var/run/ganeti/kvm-hypervisor"

/**
 * @name: of the instance
 * @is_running: it has a process; when FALSE, all that follows is NULL, 0 or FALSE
 * @pid: of its QEMU
 * @is_kvm: the command line asks for KVM, perhaps with a second choice; tune_cpu_ask_qemu() tells whether QEMU uses it
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
 * tune_guest_find: the guest of instance @name on the host below @root.
 *
 * The command line is that of the process; when that may not be read, the one that Ganeti saved in the runtime file,
 * with which it also starts QEMU on the target of a migration.  A guest that does not run is no error.
 * TUNE_ERROR_INVALID when @name, the pid file or the runtime file is malformed, or the process of that number is not
 * this guest.
 */
TuneGuest *tune_guest_find(TuneRoot *root, const char *name, GError **error);
void tune_guest_free(TuneGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneGuest, tune_guest_free)

/** tune_running_guest_free: of a TuneRunningGuest; for arrays of them. */
void tune_running_guest_free(gpointer guest);

/** tune_guest_get_start: when the process @pid was started, seconds since the epoch; 0 when that is not known. */
gint64 tune_guest_get_start(TuneRoot *root, GPid pid);

/** tune_guest_find_qemu: whether the file is still there that the process @pid runs, as TuneRunningGuest.qemu; static. */
const char *tune_guest_find_qemu(TuneRoot *root, GPid pid);

/** tune_guest_read_parameters: of instance @name, as TuneRunningGuest.hvparams; NULL when unknown; free it. */
char *tune_guest_read_parameters(TuneRoot *root, const char *name);

/**
 * tune_guest_connect: talk to the QEMU of instance @name, until @deadline at the latest (see tune_qmp_connect()).
 *
 * The socket for ganeti-kvmd is tried first, since Ganeti's own migration does not need it.  Where that daemon runs, it
 * keeps the socket busy; so after a fifth of the time the socket for Ganeti itself is tried.
 */
TuneQmp *tune_guest_connect(TuneRoot *root, const char *name, gint64 deadline, GError **error);

#endif
