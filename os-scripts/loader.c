/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"

#define INSTALL_S 120
/* What fits before the partitions of an MBR. */
#define CODE_SIZE "440"
#define MBR_CODE "usr/lib/syslinux/mbr/mbr.bin"
#define GPT_CODE "usr/lib/syslinux/mbr/gptmbr.bin"
#define CONFIG "boot/extlinux/extlinux.conf"

const char *os_loader_get_packages(const Os *os)
{
	if (os->environment->kernel_path)
		return "";
	return g_strcmp0(os_environment_get(os->environment, "HYPERVISOR"), "kvm") == 0
		       ? "linux-image-cloud-amd64,extlinux,syslinux-common"
		       : "linux-image-amd64,extlinux,syslinux-common";
}

/* ---- the tree with what a program in it needs ---- */

/* As few as there can be: the guest's programs need not see the node's. */
/* clang-format off */
static const struct {
	const char *name;
	guint major, minor;
} devices[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 },
};
/* clang-format on */

static gboolean make_node(const char *tree, const char *name, mode_t mode, dev_t device)
{
	g_autofree char *path = g_build_filename(tree, "dev", name, NULL);

	return mknod(path, mode, device) == 0;
}

static gboolean make_devices(const char *tree, const OsVolume *volume)
{
	g_autofree char *name = g_path_get_basename(volume->device);
	struct stat status;

	for (guint i = 0; i < G_N_ELEMENTS(devices); i++)
		if (!make_node(tree, devices[i].name, S_IFCHR | 0666,
			       makedev(devices[i].major, devices[i].minor)))
			return FALSE;
	/* The disk that extlinux writes its first sectors to. */
	return stat(volume->device, &status) == 0 &&
	       make_node(tree, name, S_IFBLK | 0600, status.st_rdev);
}

static gboolean mount_at(const char *tree, const char *name, const char *type)
{
	g_autofree char *path = g_build_filename(tree, name, NULL);

	return mount(type, path, type, MS_NOSUID | MS_NOEXEC, NULL) == 0;
}

static void unmount_at(const char *tree, const char *name)
{
	g_autofree char *path = g_build_filename(tree, name, NULL);

	umount2(path, MNT_DETACH);
}

static gboolean run_inside(const Os *os, const OsVolume *volume, GError **error)
{
	const char *tree = volume->directory;
	g_autofree char *name = g_path_get_basename(volume->device);
	g_autofree char *device = g_build_filename("/dev", name, NULL);
	const char *const argv[] = { "chroot",         tree,       "extlinux", "--install",
				     "/boot/extlinux", "--device", device,     NULL };
	gboolean good = mount_at(tree, "dev", "tmpfs") && make_devices(tree, volume) &&
			mount_at(tree, "proc", "proc") && mount_at(tree, "sys", "sysfs");

	if (!good)
		os_fail_errno(error, "mounts for extlinux");
	good = good && os_command(os, argv, NULL, INSTALL_S, error);
	unmount_at(tree, "sys");
	unmount_at(tree, "proc");
	unmount_at(tree, "dev");
	return good;
}

/* ---- the boot loader ---- */

/* Debian keeps /vmlinuz and /initrd.img pointing to the newest kernel. */
static gboolean write_config(TuneRoot *tree, const char *uuid, GError **error)
{
	g_autofree char *text = g_strdup_printf("default linux\n"
						"prompt 0\n"
						"timeout 20\n"
						"label linux\n"
						"  linux /vmlinuz\n"
						"  initrd /initrd.img\n"
						"  append ro root=UUID=%s\n",
						uuid);

	return tune_root_save(tree, CONFIG, text, error);
}

static gboolean write_code(const Os *os, const OsDisk *disk, const char *tree, GError **error)
{
	const char *table = os_parameter_get(os->environment, "partition");
	g_autofree char *input = g_strdup_printf("if=%s/%s", tree,
						 strcmp(table, "gpt") == 0 ? GPT_CODE : MBR_CODE);
	g_autofree char *output = g_strdup_printf("of=%s", disk->path);
	const char *const argv[] = { "dd",          input,
				     output,        "bs=" CODE_SIZE,
				     "count=1",     "conv=notrunc,fsync",
				     "status=none", NULL };

	/* Without a table, the first sector is the file system's, and extlinux has been there. */
	return strcmp(table, "none") == 0 || os_command(os, argv, NULL, INSTALL_S, error);
}

gboolean os_loader_install(const Os *os, const OsDisk *disk, const OsVolume *volume,
			   const char *uuid, GError **error)
{
	g_autoptr(TuneRoot) tree = NULL;

	if (os->environment->kernel_path)
		return TRUE;
	tree = tune_root_open(volume->directory, error);
	if (!tree)
		return FALSE;
	if (!tune_root_exists(tree, "usr/bin/extlinux") || !tune_root_exists(tree, MBR_CODE)) {
		os_say(os, "no boot loader: there is no extlinux with syslinux-common in the "
			   "guest");
		return TRUE;
	}
	return write_config(tree, uuid, error) && run_inside(os, volume, error) &&
	       write_code(os, disk, volume->directory, error);
}
