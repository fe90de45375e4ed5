/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "os-scripts/machine.h"

/* Made by supermin from the node's packages, kept by libguestfs, and made anew when one of them has changed. */
#define KEPT_APPLIANCE "/var/cache/ganeti-tune/appliance"
/* Keeps, until the next boot, whether KVM starts the machine. */
#define ACCELERATOR "run/ganeti-tune/accelerator"

/* Their places in our own /tmp. */
#define APPLIANCE "/tmp/appliance"
#define DISK "/tmp/disk"

/* libguestfs starts no machine without a disk: where there is no guest, it gets an empty one. */
#define EMPTY_SIZE (1024 * 1024)

#define MEMORY_MIB 768
/* For the first try with KVM, which takes a few seconds where it works, and can hang where it does not. */
#define KVM_TRY_S 60

#define WAY_OUT "see \"Guests' disks\" in ganeti-tune-os(7)"

/* ---- the deadline ---- */

static char deadline_line[512];

/* Calls only what is safe in a signal handler. */
static void end_at_deadline(int signal_number G_GNUC_UNUSED)
{
	ssize_t n = write(STDERR_FILENO, deadline_line, strlen(deadline_line));

	_exit(n < 0 ? 2 : 1);
}

static void set_deadline(const Os *os, guint seconds)
{
	const struct sigaction action = { .sa_handler = end_at_deadline };
	g_autofree char *text = g_strdup_printf(
		"the work in the guest's disk was not done after %u s, see guests: deadline in tune.yaml(5)",
		seconds);
	g_autofree char *line = os_describe_failure(os, text);

	g_strlcpy(deadline_line, line, sizeof(deadline_line));
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

/* ---- making it ---- */

static guestfs_h *make_handle(TuneAccelerator accelerator, GError **error)
{
	guestfs_h *guestfs = guestfs_create_flags(GUESTFS_CREATE_NO_ENVIRONMENT);
	const char *forced = accelerator == TUNE_ACCELERATOR_KVM ? "force_kvm" : "force_tcg";

	if (!guestfs) {
		os_fail_errno(error, "libguestfs");
		return NULL;
	}
	/* It must not print its errors: we ask for them. */
	guestfs_set_error_handler(guestfs, NULL, NULL);
	if (guestfs_set_backend(guestfs, "direct") == 0 &&
	    guestfs_set_backend_setting(guestfs, forced, "1") == 0 &&
	    guestfs_set_cachedir(guestfs, APPLIANCE) == 0 &&
	    guestfs_set_memsize(guestfs, MEMORY_MIB) == 0 && guestfs_set_smp(guestfs, 1) == 0 &&
	    guestfs_set_network(guestfs, 0) == 0)
		return guestfs;
	os_fail(error, TUNE_ERROR_IO, "libguestfs: %s", guestfs_last_error(guestfs));
	guestfs_close(guestfs);
	return NULL;
}

static gboolean try_kvm(void)
{
	g_autoptr(GError) error = NULL;
	guestfs_h *guestfs = make_handle(TUNE_ACCELERATOR_KVM, &error);

	return guestfs && guestfs_add_drive_scratch(guestfs, EMPTY_SIZE, -1) == 0 &&
	       guestfs_launch(guestfs) == 0;
}

/* Tries in a child, as a launch has no deadline.  libguestfs ends the machine when the child has ended. */
static gboolean does_kvm_work(void)
{
	if (access("/dev/kvm", R_OK | W_OK) < 0)
		return FALSE;
	pid_t child = fork();
	if (child == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(KVM_TRY_S);
		_exit(try_kvm() ? 0 : 1);
	}
	int status = 0;
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static TuneAccelerator find_accelerator(const Os *os)
{
	g_autofree char *known = tune_root_read(os->root, ACCELERATOR, NULL);

	if (g_strcmp0(known, "kvm") == 0)
		return TUNE_ACCELERATOR_KVM;
	if (g_strcmp0(known, "tcg") == 0)
		return TUNE_ACCELERATOR_TCG;
	return does_kvm_work() ? TUNE_ACCELERATOR_KVM : TUNE_ACCELERATOR_TCG;
}

/*
 * Called when a machine has started: one that does not start says nothing about KVM.  When this cannot be kept, the
 * next verb tries again.
 */
static void keep_accelerator(const Os *os, TuneAccelerator accelerator)
{
	g_autofree char *known = tune_root_read(os->root, ACCELERATOR, NULL);
	gboolean is_kvm = accelerator == TUNE_ACCELERATOR_KVM;

	if (known)
		return;
	if (!is_kvm)
		os_say(os,
		       "KVM does not start the virtual machine that opens guests' disks: it runs without, and slower, until the next boot of the node");
	tune_root_save(os->root, ACCELERATOR, is_kvm ? "kvm\n" : "tcg\n", NULL);
}

static gboolean bind_to(int fd, const char *place)
{
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);

	return mount(link, place, NULL, MS_BIND, NULL) == 0;
}

/*
 * Makes a /tmp of our own: the sockets and overlays of libguestfs disappear with it, however we end.  What libguestfs
 * needs of the node may be below the node's /tmp, so it is bound to names in the new one.
 */
static gboolean make_tmp(const OsDisk *disk, GError **error)
{
	const char *appliance = g_getenv("LIBGUESTFS_CACHEDIR") ?: KEPT_APPLIANCE;

	if (g_mkdir_with_parents(appliance, 0700) < 0)
		return os_fail_errno(error, appliance);
	int fd = disk ? open(disk->path, O_PATH | O_CLOEXEC) : -1;
	if (disk && fd < 0)
		return os_fail_errno(error, disk->path);
	int kept = open(appliance, O_PATH | O_DIRECTORY | O_CLOEXEC);
	gboolean good = kept >= 0 &&
			mount("tune", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") == 0 &&
			g_mkdir(APPLIANCE, 0700) == 0 && bind_to(kept, APPLIANCE) &&
			g_file_set_contents(DISK, "", 0, NULL) &&
			(disk ? bind_to(fd, DISK) : truncate(DISK, EMPTY_SIZE) == 0);
	if (!good)
		os_fail_errno(error, "a /tmp for the virtual machine");
	if (fd >= 0)
		close(fd);
	if (kept >= 0)
		close(kept);
	return good;
}

/* The sizes of writes that mkfs reads from its disk; QEMU takes 65535 sectors at most. */
static gboolean set_io_sizes(guestfs_h *guestfs, const TuneTopology *topology)
{
	guint64 piece, stripe;

	tune_topology_get_stripe(topology, topology->sector, &piece, &stripe);
	if (!piece || piece / topology->sector > G_MAXUINT16)
		return TRUE;
	g_autofree char *minimum = g_strdup_printf("scsi-hd.min_io_size=%" G_GUINT64_FORMAT, piece);
	g_autofree char *optimum = g_strdup_printf("scsi-hd.opt_io_size=%" G_GUINT64_FORMAT,
						   stripe);
	return guestfs_config(guestfs, "-global", minimum) == 0 &&
	       guestfs_config(guestfs, "-global", optimum) == 0;
}

/* A guest that takes QEMU over may start no program and change no limit: qemu(1), "-sandbox". */
#define SANDBOX "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

static gboolean add_disk(guestfs_h *guestfs, const TuneTopology *topology)
{
	/* Without werror=report, QEMU stops the machine and waits for room when the node's storage is full. */
	return guestfs_config(guestfs, "-sandbox", SANDBOX) == 0 &&
	       guestfs_config(guestfs, "-global", "scsi-hd.werror=report") == 0 &&
	       guestfs_add_drive_opts(guestfs, DISK, GUESTFS_ADD_DRIVE_OPTS_FORMAT, "raw",
				      GUESTFS_ADD_DRIVE_OPTS_BLOCKSIZE, (int)topology->sector,
				      -1) == 0 &&
	       set_io_sizes(guestfs, topology);
}

OsMachine *os_machine_start(const Os *os, const OsDisk *disk, const TuneTopology *topology,
			    guint extra_s, GError **error)
{
	g_autoptr(TunePolicy) policy = tune_policy_load(os->root, NULL, error);

	if (!policy || !make_tmp(disk, error))
		return NULL;
	const TuneGuestPolicy *guests = tune_policy_get_guests(policy);
	gboolean is_auto = guests->accelerator == TUNE_ACCELERATOR_AUTO;
	TuneAccelerator accelerator = is_auto ? find_accelerator(os) : guests->accelerator;
	/* Not before the try with KVM, which has a deadline of its own. */
	set_deadline(os, guests->deadline_s + extra_s);
	g_autoptr(OsMachine) machine = g_new0(OsMachine, 1);
	machine->topology = *topology;
	machine->guestfs = make_handle(accelerator, error);
	if (!machine->guestfs)
		return NULL;
	if (add_disk(machine->guestfs, topology) && guestfs_launch(machine->guestfs) == 0) {
		if (is_auto)
			keep_accelerator(os, accelerator);
		return g_steal_pointer(&machine);
	}
	os_machine_fail(machine,
			"the virtual machine that opens guests' disks did not start, " WAY_OUT,
			error);
	return NULL;
}

/* ---- its end ---- */

/* libguestfs(3) adds to some reasons how to debug libguestfs. */
static char *cut_advice(const char *reason)
{
	static const char *const advice[] = { "\nThis usually means",
					      "\nTo see full error messages" };
	gsize length = strlen(reason);

	for (guint i = 0; i < G_N_ELEMENTS(advice); i++) {
		const char *found = strstr(reason, advice[i]);
		if (found)
			length = MIN(length, (gsize)(found - reason));
	}
	return g_strndup(reason, length);
}

gboolean os_machine_fail(const OsMachine *machine, const char *what, GError **error)
{
	g_autofree char *reason = cut_advice(guestfs_last_error(machine->guestfs)
						     ?: "no reason given");

	return os_fail(error, TUNE_ERROR_IO, "%s: %s", what, reason);
}

/* Only the machine's kernel learns that a late write has failed: it logs "I/O error, dev sda, ..." or the like. */
static gboolean check_writes(const OsMachine *machine, GError **error)
{
	char *log = guestfs_dmesg(machine->guestfs);
	gboolean good = log && !strstr(log, " error, dev sda");

	if (!log)
		os_machine_fail(machine, "asking whether all was written", error);
	else if (!good)
		os_fail(error, TUNE_ERROR_IO,
			"the node could not write all, is its storage full? See dmesg and df there");
	free(log);
	return good;
}

/* What is asked of a machine that has ended fails with a reason that says less. */
static gboolean check_running(const OsMachine *machine, GError **error)
{
	return guestfs_is_ready(machine->guestfs) > 0 ||
	       os_fail(error, TUNE_ERROR_IO,
		       "the virtual machine ended while it had the disk: QEMU was killed, or its kernel fell over what is there");
}

static gboolean write_back(const OsMachine *machine, GError **error)
{
	return (guestfs_umount_all(machine->guestfs) == 0 && guestfs_sync(machine->guestfs) == 0) ||
	       os_machine_fail(machine, "closing the disk", error);
}

gboolean os_machine_close(OsMachine *machine, GError **error)
{
	gboolean good = check_running(machine, error) && write_back(machine, error) &&
			check_writes(machine, error) &&
			(guestfs_shutdown(machine->guestfs) == 0 ||
			 os_machine_fail(machine, "closing the disk", error));
	os_machine_free(machine);
	return good;
}

void os_machine_free(OsMachine *machine)
{
	if (!machine)
		return;
	if (machine->guestfs)
		guestfs_close(machine->guestfs);
	alarm(0);
	g_free(machine);
}
