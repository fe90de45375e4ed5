/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/dropins.h"

/*
 * Files that tell one machine from another, and that the guest makes anew when they are missing.  virt-sysprep(1) has
 * such a list, too.  Ours has nothing that only a person can make again, such as accounts or certificates of a site.
 */
/* clang-format off */
static const char *const secrets[] = {
	/* systemd-random-seed.service(8), systemd-boot-random-seed.service(8), and what sysvinit has */
	"var/lib/systemd/random-seed", "var/lib/random-seed", "var/lib/urandom/random-seed",
	"boot/loader/random-seed", "boot/efi/loader/random-seed", "efi/loader/random-seed",
	/* systemd-creds(1): the key of the host's credentials */
	"var/lib/systemd/credential.secret",
	/* NetworkManager.conf(5): stable addresses and DHCP identifiers come from it */
	"var/lib/NetworkManager/secret_key", "var/lib/NetworkManager/seen-bssids",
	/* a client's leases are for the addresses of the original; leases that a server has given are data */
	"var/lib/NetworkManager/*.lease", "var/lib/dhcp/dhclient*.leases", "var/lib/dhclient/*.lease*", "var/lib/dhcpcd/*.lease*",
	"var/lib/dhcpcd/duid", "var/lib/dhcpcd/secret", "etc/dhcpcd.duid", "etc/dhcpcd.secret",
	/* gethostid(3) */
	"etc/hostid",
};

/* Names on a storage network: two initiators of one name disturb each other.  Debian's packages make them at the next start or installation. */
static const char *const storage_names[] = {
	"etc/nvme/hostid", "etc/nvme/hostnqn",
};
/* clang-format on */

#define INITIATOR "etc/iscsi/initiatorname.iscsi"

#define UNITS "etc/systemd/system/"
#define WANTS UNITS "multi-user.target.wants/"

static gboolean has_systemd(OsDropinRun *run)
{
	return os_tree_exists(run->tree, "usr/lib/systemd/systemd") ||
	       os_tree_exists(run->tree, "lib/systemd/systemd");
}

/* ---- SSH host keys: they are removed only where it is certain that something makes new ones ---- */

/* Adds a service that runs at a boot without keys. */
static gboolean put_unit(OsDropinRun *run, const char *name, const char *text)
{
	g_autofree char *path = g_strconcat(UNITS, name, NULL);
	g_autofree char *target = g_strconcat("/", path, NULL);
	g_autofree char *link = g_strconcat(WANTS, name, NULL);

	return os_dropin_put(run, path, text) && os_dropin_link(run, target, link);
}

/* Debian's sshd does not start without keys, and makes none. */
static gboolean ensure_ssh_key_maker(OsDropinRun *run)
{
	if (has_systemd(run))
		return put_unit(run, "tune-host-keys.service",
				"[Unit]\n"
				"Description=SSH host keys of this guest's own\n"
				"Before=ssh.service ssh.socket sshd.service\n"
				"ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key\n"
				"\n"
				"[Service]\n"
				"Type=oneshot\n"
				"ExecStart=/usr/bin/ssh-keygen -A\n"
				"\n"
				"[Install]\n"
				"WantedBy=multi-user.target\n");
	/* cloud-init makes keys, and so does the script of OpenRC in Alpine and Gentoo. */
	return os_tree_exists(run->tree, "usr/bin/cloud-init") ||
	       os_tree_exists(run->tree, "etc/init.d/sshd");
}

static void renew_ssh_keys(OsDropinRun *run)
{
	if (!os_tree_exists(run->tree, "usr/sbin/sshd"))
		return;
	if (ensure_ssh_key_maker(run))
		os_dropin_remove(run, "etc/ssh/ssh_host_*_key*");
	else
		os_dropin_log(run, "SSH host keys stay: nothing here would make new ones");
}

/*
 * Debian makes Dropbear's keys when it is installed, and its unit lacks the option -R, by which dropbear(8) makes them.
 * dropbearkey(1) of an older release does not know all types.
 */
static const char dropbear_unit[] =
	"[Unit]\n"
	"Description=Dropbear's host keys of this guest's own\n"
	"Before=dropbear.service\n"
	"ConditionPathExistsGlob=!/etc/dropbear/dropbear_*_host_key\n"
	"\n"
	"[Service]\n"
	"Type=oneshot\n"
	"ExecStart=-/usr/bin/dropbearkey -t rsa -f /etc/dropbear/dropbear_rsa_host_key\n"
	"ExecStart=-/usr/bin/dropbearkey -t ecdsa -f /etc/dropbear/dropbear_ecdsa_host_key\n"
	"ExecStart=-/usr/bin/dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key\n"
	"\n"
	"[Install]\n"
	"WantedBy=multi-user.target\n";

static gboolean ensure_dropbear_key_maker(OsDropinRun *run)
{
	return has_systemd(run) && os_tree_exists(run->tree, "usr/bin/dropbearkey") &&
	       put_unit(run, "tune-dropbear-keys.service", dropbear_unit);
}

static void renew_dropbear_keys(OsDropinRun *run)
{
	g_autoptr(GPtrArray) keys = os_tree_glob(run->tree, "etc/dropbear/dropbear_*_host_key");

	if (!keys->len)
		return;
	if (ensure_dropbear_key_maker(run))
		os_dropin_remove(run, "etc/dropbear/dropbear_*_host_key");
	else
		os_dropin_log(run, "Dropbear's host keys stay: nothing here would make new ones");
}

/* ---- names on a storage network ---- */

/* Debian's iscsid makes a name where the file says so; open-iscsi's own unit where there is no file. */
static void renew_initiator_name(OsDropinRun *run)
{
	g_autofree char *text = os_dropin_read(run, INITIATOR);
	g_autofree char *unit = os_dropin_find_unit(run, "iscsi-init.service");

	if (!text || !strstr(text, "InitiatorName="))
		return;
	if (os_tree_exists(run->tree, "lib/open-iscsi/startup-checks.sh") ||
	    os_tree_exists(run->tree, "usr/lib/open-iscsi/startup-checks.sh"))
		os_dropin_put(run, INITIATOR, "GenerateName=yes\n");
	else if (unit)
		os_dropin_remove(run, INITIATOR);
	else
		os_dropin_log(run, "the iSCSI name stays: nothing here would make a new one");
}

/* ---- the drop-in ---- */

/* The next boot fills an empty file (machine-id(5)); D-Bus has a copy of it, or a link to it. */
static void renew_machine_id(OsDropinRun *run)
{
	g_autofree char *link = os_tree_read_link(run->tree, "var/lib/dbus/machine-id", NULL);

	if (os_tree_exists(run->tree, "etc/machine-id"))
		os_dropin_put(run, "etc/machine-id", "");
	if (!link)
		os_dropin_remove(run, "var/lib/dbus/machine-id");
}

void os_dropin_identity(OsDropinRun *run)
{
	renew_machine_id(run);
	for (guint i = 0; i < G_N_ELEMENTS(secrets); i++)
		os_dropin_remove(run, secrets[i]);
	for (guint i = 0; i < G_N_ELEMENTS(storage_names); i++)
		os_dropin_remove(run, storage_names[i]);
	renew_initiator_name(run);
	renew_dropbear_keys(run);
	renew_ssh_keys(run);
}
