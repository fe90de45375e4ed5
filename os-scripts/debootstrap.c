/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os-scripts/disk.h"
#include "os-scripts/image.h"
#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"
#include "os-scripts/scratch.h"
#include "os-scripts/source.h"
#include "os-scripts/userns.h"
#include "os-scripts/variants.h"

/* Long enough for a slow mirror. */
#define TIMEOUT_S (3 * 60 * 60)
#define SHORT_S 60

#define PROGRAM "/usr/bin/mmdebstrap"

static char *list_packages(const Os *os)
{
	const char *extra = os_parameter_get(os->environment, "extra-packages");
	const char *tuning = os_parameter_get(os->environment, "tuning");
	const char *keys = os_parameter_get(os->environment, "ssh-keys");
	g_auto(GStrv) names = g_strsplit(tuning, ",", -1);
	gboolean has_agent = strcmp(tuning, "default") == 0 ||
			     g_strv_contains((const char *const *)names, "agent");

	const char *const parts[] = { os_loader_get_packages(os),
				      has_agent ? "qemu-guest-agent" : "",
				      *keys ? "openssh-server" : "", extra };
	GString *list = g_string_new(NULL);
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		if (*parts[i])
			g_string_append_printf(list, "%s%s", list->len ? "," : "", parts[i]);
	return g_string_free(list, FALSE);
}

/* ---- files of the guest that mmdebstrap does not make ---- */

static gboolean write_names(TuneRoot *tree, const char *name, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(name, ".", 2);
	g_autofree char *hostname = g_strconcat(name, "\n", NULL);
	g_autofree char *hosts = g_strdup_printf("127.0.0.1\tlocalhost\n127.0.1.1\t%s%s%s\n"
						 "::1\tlocalhost ip6-localhost ip6-loopback\n",
						 name, parts[1] ? " " : "",
						 parts[1] ? parts[0] : "");

	return tune_root_save(tree, "etc/hostname", hostname, error) &&
	       tune_root_save(tree, "etc/hosts", hosts, error);
}

/* Each network card by DHCP: the node does not know what the guest calls them. */
static gboolean write_network(TuneRoot *tree, GError **error)
{
	return tune_root_save(tree, "etc/network/interfaces",
			      "auto lo\niface lo inet loopback\n\n"
			      "auto /en*=eth\nallow-hotplug /en* /eth*\n"
			      "iface eth inet dhcp\n",
			      error);
}

/* root has no password, so nobody logs in without a key.  The guest's directories get the modes of these. */
static gboolean write_keys(TuneRoot *tree, const char *directory, const char *keys, GError **error)
{
	g_autofree char *home = g_build_filename(directory, "root", NULL);
	g_autofree char *ssh = g_build_filename(home, ".ssh", NULL);

	if (!keys)
		return TRUE;
	if (!tune_root_save(tree, "root/.ssh/authorized_keys", keys, error))
		return FALSE;
	return (chmod(home, 0700) == 0 && chmod(ssh, 0700) == 0) || os_fail_errno(error, home);
}

/* Makes a directory of files that are copied over the guest's; they belong to the user that is root there. */
static char *make_files(const Os *os, const OsScratch *scratch, const char *keys, GError **error)
{
	g_autofree char *directory = os_scratch_make_directory(scratch, "files", 0, 0755, error);
	g_autoptr(TuneRoot) tree = directory ? tune_root_open(directory, error) : NULL;

	if (!tree || !write_names(tree, os->environment->instance, error) ||
	    !write_network(tree, error) || !write_keys(tree, directory, keys, error))
		return NULL;
	g_autofree char *owner = g_strdup_printf("%u:%u", OS_USERNS_FIRST, OS_USERNS_FIRST);
	const char *const argv[] = { "chown", "--recursive", owner, directory, NULL };
	return os_command(os, argv, NULL, SHORT_S, error) ? g_steal_pointer(&directory) : NULL;
}

/* ---- running it ---- */

/*
 * mmdebstrap(1) checks signatures, and runs the scripts of Debian's packages.  They are root of a user namespace only, with
 * mounts and processes of their own, and have no rights on the node.  PID 1 is a shell that is killed with us, and the
 * kernel kills the others with it: a process that enters another user namespace does not die with its parent.
 */
static GPtrArray *make_argv(const Os *os, const OsUserns *userns, const char *files)
{
	const char *mirror = os_parameter_get(os->environment, "mirror");
	const char *suite = os_parameter_get(os->environment, "suite");
	g_autofree char *packages = list_packages(os);
	const char *const words[] = {
		"unshare", "--pid",           "--fork", "--kill-child", "sh",
		"-c",      "\"$@\"; exit $?", "sh",     "nsenter",      "--setuid",
		"0",       "--setgid",        "0"
	};
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		g_ptr_array_add(argv, g_strdup(words[i]));
	g_ptr_array_add(argv, g_strconcat("--user=", userns->path, NULL));
	g_ptr_array_add(argv, g_strdup(PROGRAM));
	g_ptr_array_add(argv, g_strdup("--mode=unshare"));
	g_ptr_array_add(argv, g_strdup("--format=tar"));
	g_ptr_array_add(argv, g_strdup_printf("--customize-hook=sync-in %s /", files));
	if (*packages)
		g_ptr_array_add(argv, g_strconcat("--include=", packages, NULL));
	g_ptr_array_add(argv, g_strdup(suite));
	g_ptr_array_add(argv, g_strdup("-"));
	/* apt does not see the node's files from the guest's tree, so they are copied there. */
	if (g_str_has_prefix(mirror, "file:"))
		g_ptr_array_add(argv, g_strconcat("copy:", mirror + strlen("file:"), NULL));
	else if (*mirror)
		g_ptr_array_add(argv, g_strdup(mirror));
	g_ptr_array_add(argv, NULL);
	return argv;
}

static gboolean run_mmdebstrap(const Os *os, const OsScratch *scratch, const char *files, int tar,
			       GError **error)
{
	g_autofree char *work = os_scratch_make_directory(scratch, "work", OS_USERNS_FIRST, 0700,
							  error);
	g_autoptr(OsUserns) userns = work ? os_userns_new(error) : NULL;

	if (!userns)
		return FALSE;
	g_autofree char *home = g_strconcat("HOME=", work, NULL);
	g_autofree char *temporary = g_strconcat("TMPDIR=", work, NULL);
	const char *const envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", home,
				     temporary, NULL };
	g_autoptr(GPtrArray) argv = make_argv(os, userns, files);
	TuneCommand command = TUNE_COMMAND((const char *const *)argv->pdata, TIMEOUT_S * 1000u);

	command.envp = envp;
	command.output = tar;
	return os_command_run(os, &command, error);
}

static gboolean make_guest(const Os *os, const OsScratch *scratch, const char *keys, GError **error)
{
	g_autofree char *files = make_files(os, scratch, keys, error);
	int tar = files ? os_scratch_make_file(scratch, error) : -1;
	gboolean good = tar >= 0 && run_mmdebstrap(os, scratch, files, tar, error) &&
			os_image_unpack(os, tar, "the tar of mmdebstrap", error);

	if (tar >= 0)
		close(tar);
	return good;
}

gboolean os_debootstrap(Os *os, GError **error)
{
	g_autofree char *keys = NULL;

	if (!os_disk_get_first(os, error))
		return FALSE;
	if (!tune_root_exists(os->root, PROGRAM))
		return os_fail(
			error, TUNE_ERROR_ABSENT,
			"mmdebstrap is not installed on this node: apt-get install mmdebstrap");
	/* A wrong file should fail now, and not after minutes. */
	if (*os_parameter_get(os->environment, "ssh-keys") &&
	    !(keys = os_source_read(os, "ssh-keys", error)))
		return FALSE;
	g_autoptr(OsScratch) scratch = os_scratch_new(os, error);
	return scratch && make_guest(os, scratch, keys, error);
}
