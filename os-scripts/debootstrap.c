/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/guest.h"
#include "os-scripts/loader.h"
#include "os-scripts/parameters.h"
#include "os-scripts/variants.h"

/* A slow mirror is one all the same. */
#define TIMEOUT_S (3 * 60 * 60)

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

static gboolean bootstrap(const Os *os, const char *directory, GError **error)
{
	g_autofree char *packages = list_packages(os);
	g_autofree char *include = g_strconcat("--include=", packages, NULL);
	const char *mirror = os_parameter_get(os->environment, "mirror");
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, (gpointer) "debootstrap");
	if (*packages)
		g_ptr_array_add(argv, include);
	g_ptr_array_add(argv, (gpointer)os_parameter_get(os->environment, "suite"));
	g_ptr_array_add(argv, (gpointer)directory);
	g_ptr_array_add(argv, *mirror ? (gpointer)mirror : NULL);
	g_ptr_array_add(argv, NULL);
	return os_command(os, (const char *const *)argv->pdata, NULL, TIMEOUT_S, error);
}

/* ---- what debootstrap leaves to whoever calls it ---- */

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

/* Any card that there is, by DHCP: the names of cards are the guest's own. */
static gboolean write_network(TuneRoot *tree, GError **error)
{
	return tune_root_save(tree, "etc/network/interfaces",
			      "auto lo\niface lo inet loopback\n\n"
			      "auto /en*=eth\nallow-hotplug /en* /eth*\n"
			      "iface eth inet dhcp\n",
			      error);
}

/* root has no password: without a key, nobody logs in. */
static gboolean copy_keys(const Os *os, TuneRoot *tree, GError **error)
{
	const char *path = os_parameter_get(os->environment, "ssh-keys");

	if (!*path)
		return TRUE;
	g_autofree char *keys = tune_root_read(os->root, path, error);
	g_autofree char *text = keys ? g_strconcat(keys, "\n", NULL) : NULL;
	return text && tune_root_save(tree, "root/.ssh/authorized_keys", text, error);
}

static gboolean configure(const Os *os, const OsVolume *volume, const char *uuid, GError **error)
{
	g_autoptr(TuneRoot) tree = tune_root_open(volume->directory, error);

	return tree && write_names(tree, os->environment->instance, error) &&
	       os_guest_write_fstab(os, tree, uuid, error) && write_network(tree, error) &&
	       copy_keys(os, tree, error);
}

static gboolean drop_archives(const Os *os, const char *directory, GError **error)
{
	g_autofree char *archives = g_build_filename(directory, "var/cache/apt/archives", NULL);
	const char *const argv[] = { "find", archives, "-name", "*.deb", "-delete", NULL };

	return os_command(os, argv, NULL, 60, error);
}

/* What could be known before is not found out after minutes. */
static gboolean check(const Os *os, GError **error)
{
	const char *path = os_parameter_get(os->environment, "ssh-keys");

	return !*path || tune_root_exists(os->root, path) ||
	       os_fail(error, TUNE_ERROR_ABSENT, "ssh-keys: there is no %s on this node", path);
}

gboolean os_debootstrap(Os *os, GError **error)
{
	if (!check(os, error))
		return FALSE;

	g_autofree char *uuid = NULL;
	const OsDisk *disk = os_disk_get_first(os, error);
	g_autoptr(OsVolume) volume = disk ? os_disk_format(os, disk, &uuid, error) : NULL;

	if (!volume ||
	    !os_volume_mount(volume, os_parameter_get(os->environment, "filesystem"), 0, error))
		return FALSE;
	return bootstrap(os, volume->directory, error) && configure(os, volume, uuid, error) &&
	       drop_archives(os, volume->directory, error) &&
	       os_loader_install(os, disk, volume, uuid, error) &&
	       os_guest_tune(os, volume->directory, uuid, error) &&
	       os_volume_close(g_steal_pointer(&volume), error);
}
