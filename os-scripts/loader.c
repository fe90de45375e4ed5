/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"

/* The boot code of an MBR has so many bytes at most. */
#define CODE_SIZE 440
/* From Debian's syslinux-common on the node, as the guest's own code is not to be trusted. */
#define MBR_CODE "/usr/lib/syslinux/mbr/mbr.bin"
#define GPT_CODE "/usr/lib/syslinux/mbr/gptmbr.bin"
#define CONFIG "boot/extlinux/extlinux.conf"

const char *os_loader_get_packages(const Os *os)
{
	if (os->environment->kernel_path)
		return "";
	return g_strcmp0(os_environment_get(os->environment, "HYPERVISOR"), "kvm") == 0
		       ? "linux-image-cloud-amd64"
		       : "linux-image-amd64";
}

/* Debian keeps /vmlinuz and /initrd.img pointing to the newest kernel. */
static gboolean write_config(const OsGuest *guest, GError **error)
{
	g_autofree char *text = g_strdup_printf("default linux\n"
						"prompt 0\n"
						"timeout 20\n"
						"label linux\n"
						"  linux /vmlinuz\n"
						"  initrd /initrd.img\n"
						"  append ro root=UUID=%s\n",
						guest->uuid);

	return os_tree_save(guest->tree, CONFIG, text, error);
}

static gssize read_code(const char *path, char *code, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	gssize n = fd < 0 ? -1 : read(fd, code, CODE_SIZE);

	if (n < 0 && errno == ENOENT)
		os_fail(error, TUNE_ERROR_ABSENT,
			"%s is not there: install syslinux-common on this node", path);
	else if (n <= 0)
		os_fail_errno(error, path);
	if (fd >= 0)
		close(fd);
	return n;
}

static gboolean write_code(const Os *os, OsMachine *machine, GError **error)
{
	const char *table = os_parameter_get(os->environment, "partition");
	char code[CODE_SIZE];

	/* Without a partition table the first sector is the file system's, and extlinux has written it. */
	if (strcmp(table, "none") == 0)
		return TRUE;
	gssize n = read_code(strcmp(table, "gpt") == 0 ? GPT_CODE : MBR_CODE, code, error);
	return n > 0 &&
	       (guestfs_pwrite_device(machine->guestfs, OS_MACHINE_DISK, code, (size_t)n, 0) == n ||
		os_machine_fail(machine, "boot code", error));
}

static gboolean has_extlinux(OsMachine *machine)
{
	const char *const groups[] = { "extlinux", NULL };

	return guestfs_feature_available(machine->guestfs, (char *const *)groups) > 0;
}

gboolean os_loader_install(const Os *os, OsMachine *machine, const OsGuest *guest, GError **error)
{
	if (os->environment->kernel_path)
		return TRUE;
	if (!os_tree_exists(guest->tree, "vmlinuz")) {
		os_say(os, "no boot loader: there is no kernel /vmlinuz in the guest");
		return TRUE;
	}
	if (!has_extlinux(machine))
		return os_fail(
			error, TUNE_ERROR_ABSENT,
			"the guest gets no boot loader: install extlinux and syslinux-common on this node");
	return write_config(guest, error) &&
	       (guestfs_extlinux(machine->guestfs, "/boot/extlinux") == 0 ||
		os_machine_fail(machine, "extlinux", error)) &&
	       write_code(os, machine, error);
}
