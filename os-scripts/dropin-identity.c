/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/dropins.h"

/*
 * What makes a machine one of its kind, and is made anew by the guest when it is not there.  virt-sysprep(1) has
 * such a list, too; what only a person can make again (accounts, certificates of a site) is not in ours.
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
	/* leases are for the addresses of the original */
	"var/lib/NetworkManager/*.lease", "var/lib/dhcp/*.leases", "var/lib/dhclient/*.lease*", "var/lib/dhcpcd/*.lease*",
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

#define KEYS_UNIT "tune-host-keys.service"

/* Whatever makes SSH host keys when there are none.  Debian's sshd does not start without keys, and makes none. */
static gboolean has_key_maker(OsDropinRun *run)
{
	static const char *const makers[] = {
		"/usr/lib/systemd/systemd", "/lib/systemd/systemd", /* a unit of ours */
		"usr/bin/cloud-init",                               /* its module ssh */
		"etc/init.d/sshd", /* OpenRC's, of Alpine and Gentoo */
	};

	for (guint i = 0; i < G_N_ELEMENTS(makers); i++)
		if (os_tree_exists(run->tree, makers[i]))
			return TRUE;
	return FALSE;
}

static void renew_ssh_keys(OsDropinRun *run)
{
	if (!os_tree_exists(run->tree, "usr/sbin/sshd"))
		return;
	if (!has_key_maker(run)) {
		os_dropin_log(run, "SSH host keys stay: nothing here would make new ones");
		return;
	}
	os_dropin_remove(run, "etc/ssh/ssh_host_*_key*");
	os_dropin_put(run, "etc/systemd/system/" KEYS_UNIT,
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
	os_dropin_link(run, "/etc/systemd/system/" KEYS_UNIT,
		       "etc/systemd/system/multi-user.target.wants/" KEYS_UNIT);
}

/* Dropbear makes its keys by itself only with the option -R, which Debian's unit and Alpine's script give it. */
static void renew_dropbear_keys(OsDropinRun *run)
{
	if (os_tree_exists(run->tree, "etc/dropbear/dropbear.conf") ||
	    os_tree_exists(run->tree, "lib/systemd/system/dropbear.service") ||
	    os_tree_exists(run->tree, "usr/lib/systemd/system/dropbear.service"))
		os_dropin_remove(run, "etc/dropbear/dropbear_*_host_key");
}

/* open-iscsi's unit makes a name where the file says so: "GenerateName=yes". */
static void renew_initiator_name(OsDropinRun *run)
{
	g_autofree char *text = os_tree_read(run->tree, INITIATOR, NULL);

	if (text && strstr(text, "InitiatorName="))
		os_dropin_put(run, INITIATOR, "GenerateName=yes\n");
}

/* Empty is made anew at the next boot (machine-id(5)); dbus has a copy or a link. */
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
