/* SPDX-License-Identifier: BSD-2-Clause */
/* How drop-ins change the files of a guest; a second time they change nothing. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>

#include "os-scripts/dropins.h"
#include "tests/unit/check.h"
#include "tests/unit/tree-directory.h"

#define UUID "0a1b2c3d-0000-4000-8000-000000000000"
#define LINKED "link to "

static const OsGuestFacts usual = {
	.serial_speed = 38400, .has_loader = TRUE, .root_uuid = UUID, .is_discarded = TRUE
};
static const OsGuestFacts no_serial = { .has_loader = TRUE, .root_uuid = UUID };
static const OsGuestFacts no_loader = { .serial_speed = 38400, .root_uuid = UUID };
static const OsGuestFacts no_uuid = { .serial_speed = 38400, .has_loader = TRUE };

static void apply(TuneRoot *tree, const char *names, const OsGuestFacts *facts, GString *log)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	guint set = 0;

	CU_ASSERT(os_dropins_from_names(names, &set, &error));
	g_autoptr(OsTree) files = new_directory_tree(tree);
	CU_ASSERT(os_dropins_apply(files, set, facts, lines));
	CHECK_NO_ERROR(error);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(log, "%s\n", (char *)lines->pdata[i]);
}

/* The text of a file, or where a link points to; NULL when there is nothing. */
static char *show(TuneRoot *tree, const char *path)
{
	g_autofree char *target = tune_root_read_link(tree, path, NULL);

	return target ? g_strconcat(LINKED, target, NULL) : tune_root_read(tree, path, NULL);
}

/* ---- one file each ---- */

#define GRUB_TAIL                                                                                  \
	"\nserial --unit=0 --speed=38400\nterminal_input console serial\n"                         \
	"terminal_output console serial"
#define CONSOLE "console=tty0 console=ttyS0,38400n8"

#define DROPBEAR                                                                                   \
	"usr/lib/systemd/systemd = x\nusr/bin/dropbearkey = "                                      \
	"x\netc/dropbear/dropbear_rsa_host_key = k"
#define INITIATOR "etc/iscsi/initiatorname.iscsi"
#define INITIATOR_FILE INITIATOR " = InitiatorName=iqn.1993-08.org.debian:01:abc"

typedef struct {
	const char *row;
	const char *name;
	const OsGuestFacts *facts;
	const char *tree;
	const char *path;
	const char *text; /* NULL: not there */
} Row;

/* clang-format off */
static const Row rows[] = {
	/* The kernel's command line, wherever it is. */
	{ "console: GRUB",
	  "console", &usual, "boot/grub/grub.cfg = x\\n\\tlinux /vmlinuz root=/dev/vda1 ro quiet\\n\\tinitrd /initrd", "boot/grub/grub.cfg",
	  "x\n\tlinux /vmlinuz root=/dev/vda1 ro quiet " CONSOLE "\n\tinitrd /initrd" GRUB_TAIL },
	{ "console: another speed in GRUB",
	  "console", &usual, "boot/grub/grub.cfg = linux /vmlinuz console=ttyS0,115200 ro", "boot/grub/grub.cfg",
	  "linux /vmlinuz ro " CONSOLE GRUB_TAIL },
	{ "console: GRUB 2 of Red Hat",
	  "console", &usual, "boot/grub2/grub.cfg = linuxefi /vmlinuz ro", "boot/grub2/grub.cfg",
	  "linuxefi /vmlinuz ro " CONSOLE GRUB_TAIL },
	{ "console: extlinux",
	  "console", &usual, "boot/extlinux/extlinux.conf = label a\\n  APPEND ro", "boot/extlinux/extlinux.conf",
	  "serial 0 38400\nlabel a\n  APPEND ro " CONSOLE },
	{ "console: entries of systemd-boot",
	  "console", &usual, "boot/loader/entries/a.conf = title a\\noptions ro", "boot/loader/entries/a.conf",
	  "title a\noptions ro " CONSOLE },
	{ "console: Debian's defaults of GRUB",
	  "console", &usual, "etc/default/grub = x", "etc/default/grub.d/60-tune.cfg",
	  "# ganeti-tune: serial console\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX " CONSOLE "\"\n"
	  "GRUB_TERMINAL=\"console serial\"\nGRUB_SERIAL_COMMAND=\"serial --unit=0 --speed=38400\"" },
	{ "console: no GRUB",
	  "console", &usual, "etc/passwd = x", "etc/default/grub.d/60-tune.cfg", NULL },
	{ "console: no serial port",
	  "console", &no_serial, "boot/grub/grub.cfg = linux /vmlinuz ro", "boot/grub/grub.cfg", "linux /vmlinuz ro" },
	{ "console: a loader that is not ours",
	  "console", &no_loader, "boot/grub/grub.cfg = linux /vmlinuz ro", "boot/grub/grub.cfg", "linux /vmlinuz ro" },
	/* The root device. */
	{ "root: device in fstab",
	  "root", &usual, "etc/fstab = # c\\n/dev/vda1 / ext4 errors=remount-ro 0 1\\n/dev/vda2 /home ext4 defaults 0 2", "etc/fstab",
	  "# c\nUUID=" UUID "\t/\text4\terrors=remount-ro 0 1\n/dev/vda2 /home ext4 defaults 0 2" },
	{ "root: label in fstab",
	  "root", &usual, "etc/fstab = LABEL=root / xfs defaults", "etc/fstab", "UUID=" UUID "\t/\txfs\tdefaults" },
	{ "root: overlay",
	  "root", &usual, "etc/fstab = overlay / overlay defaults 0 0", "etc/fstab", "overlay / overlay defaults 0 0" },
	{ "root: no UUID",
	  "root", &no_uuid, "etc/fstab = /dev/vda1 / ext4 defaults 0 1", "etc/fstab", "/dev/vda1 / ext4 defaults 0 1" },
	{ "root: device in GRUB",
	  "root", &usual, "boot/grub/grub.cfg = linux /vmlinuz root=/dev/vda1 ro", "boot/grub/grub.cfg",
	  "linux /vmlinuz ro root=UUID=" UUID },
	{ "root: UUID in GRUB",
	  "root", &usual, "boot/grub/grub.cfg = linux /vmlinuz root=UUID=" UUID " ro", "boot/grub/grub.cfg",
	  "linux /vmlinuz root=UUID=" UUID " ro" },
	{ "root: a loader that is not ours",
	  "root", &no_loader, "boot/grub/grub.cfg = linux /vmlinuz root=/dev/vda1", "boot/grub/grub.cfg",
	  "linux /vmlinuz root=/dev/vda1" },
	/* Times of access. */
	{ "noatime: instead of defaults and relatime",
	  "noatime", &usual, "etc/fstab = /dev/a / ext4 defaults 0 1\\n/dev/b /b xfs relatime,nodev 0 2", "etc/fstab",
	  "/dev/a\t/\text4\tnoatime 0 1\n/dev/b\t/b\txfs\tnoatime,nodev 0 2" },
	{ "noatime: what stays as it is",
	  "noatime", &usual, "etc/fstab = /dev/a / ext4 noatime 0 1\\ntmpfs /tmp tmpfs defaults\\n/dev/c none swap sw 0 0\\nshort", "etc/fstab",
	  "/dev/a / ext4 noatime 0 1\ntmpfs /tmp tmpfs defaults\n/dev/c none swap sw 0 0\nshort" },
	/* Units, where they are installed. */
	{ "trim: unit in lib",
	  "trim", &usual, "lib/systemd/system/fstrim.timer = x", "etc/systemd/system/timers.target.wants/fstrim.timer",
	  LINKED "/lib/systemd/system/fstrim.timer" },
	{ "trim: unit in usr/lib",
	  "trim", &usual, "usr/lib/systemd/system/fstrim.timer = x", "etc/systemd/system/timers.target.wants/fstrim.timer",
	  LINKED "/usr/lib/systemd/system/fstrim.timer" },
	{ "trim: no unit",
	  "trim", &usual, "etc/passwd = x", "etc/systemd/system/timers.target.wants/fstrim.timer", NULL },
	{ "agent",
	  "agent", &usual, "lib/systemd/system/qemu-guest-agent.service = x",
	  "etc/systemd/system/dev-virtio\\x2dports-org.qemu.guest_agent.0.device.wants/qemu-guest-agent.service",
	  LINKED "/lib/systemd/system/qemu-guest-agent.service" },
	{ "scheduler",
	  "scheduler", &usual, "etc/passwd = x", "etc/udev/rules.d/60-tune-scheduler.rules",
	  "# ganeti-tune: the node orders the requests, the guest does not have to.\n"
	  "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", SUBSYSTEMS==\"virtio\", "
	  "ATTR{queue/scheduler}=\"none\"" },
	{ "memory",
	  "memory", &usual, "etc/passwd = x", "etc/sysctl.d/60-tune.conf",
	  "# ganeti-tune: as TuneD's profile virtual-guest.\nvm.swappiness = 30\nvm.dirty_ratio = 30\n"
	  "vm.dirty_background_ratio = 10" },
	/* What must differ from guest to guest. */
	{ "machine ID",
	  "identity", &usual, "etc/machine-id = 0123", "etc/machine-id", "" },
	{ "no machine ID",
	  "identity", &usual, "etc/passwd = x", "etc/machine-id", NULL },
	{ "machine ID of D-Bus",
	  "identity", &usual, "var/lib/dbus/machine-id = 0123", "var/lib/dbus/machine-id", NULL },
	{ "machine ID of D-Bus, a link",
	  "identity", &usual, "var/lib/dbus/machine-id -> /etc/machine-id", "var/lib/dbus/machine-id", LINKED "/etc/machine-id" },
	{ "ssh key, systemd makes a new one",
	  "identity", &usual, "usr/lib/systemd/systemd = x\nusr/sbin/sshd = x\netc/ssh/ssh_host_rsa_key = k", "etc/ssh/ssh_host_rsa_key", NULL },
	{ "public ssh key",
	  "identity", &usual, "usr/lib/systemd/systemd = x\nusr/sbin/sshd = x\netc/ssh/ssh_host_rsa_key.pub = k", "etc/ssh/ssh_host_rsa_key.pub", NULL },
	{ "unit that makes ssh keys",
	  "identity", &usual, "usr/lib/systemd/systemd = x\nusr/sbin/sshd = x", "etc/systemd/system/multi-user.target.wants/tune-host-keys.service",
	  LINKED "/etc/systemd/system/tune-host-keys.service" },
	{ "ssh key, no server",
	  "identity", &usual, "etc/ssh/ssh_host_rsa_key = k", "etc/ssh/ssh_host_rsa_key", "k" },
	/* Keys are removed only where something makes new ones. */
	{ "ssh key, nothing makes a new one",
	  "identity", &usual, "usr/sbin/sshd = x\netc/ssh/ssh_host_rsa_key = k", "etc/ssh/ssh_host_rsa_key", "k" },
	{ "ssh key, cloud-init makes one",
	  "identity", &usual, "usr/sbin/sshd = x\nusr/bin/cloud-init = x\netc/ssh/ssh_host_rsa_key = k", "etc/ssh/ssh_host_rsa_key", NULL },
	{ "ssh key, an init script makes one",
	  "identity", &usual, "usr/sbin/sshd = x\netc/init.d/sshd = x\netc/ssh/ssh_host_rsa_key = k", "etc/ssh/ssh_host_rsa_key", NULL },
	{ "dropbear key, no server",
	  "identity", &usual, "etc/dropbear/dropbear_rsa_host_key = k", "etc/dropbear/dropbear_rsa_host_key", "k" },
	/* Debian's unit makes no keys: one of ours does. */
	{ "dropbear key, nothing makes a new one",
	  "identity", &usual, "lib/systemd/system/dropbear.service = x\netc/dropbear/dropbear_rsa_host_key = k",
	  "etc/dropbear/dropbear_rsa_host_key", "k" },
	{ "dropbear key, our unit makes one",
	  "identity", &usual, DROPBEAR, "etc/dropbear/dropbear_rsa_host_key", NULL },
	{ "unit that makes dropbear keys",
	  "identity", &usual, DROPBEAR, "etc/systemd/system/multi-user.target.wants/tune-dropbear-keys.service",
	  LINKED "/etc/systemd/system/tune-dropbear-keys.service" },
	{ "dropbear without a unit",
	  "identity", &usual, "usr/lib/systemd/systemd = x\nusr/bin/dropbearkey = x",
	  "etc/systemd/system/tune-dropbear-keys.service", NULL },
	{ "init script instead of our unit",
	  "identity", &usual, "usr/sbin/sshd = x\netc/init.d/sshd = x", "etc/systemd/system/tune-host-keys.service", NULL },
	{ "leases that a server gave",
	  "identity", &usual, "var/lib/dhcp/dhcpd.leases = l", "var/lib/dhcp/dhcpd.leases", "l" },
	/* Other files that must differ from guest to guest. */
	{ "systemd's random seed",
	  "identity", &usual, "var/lib/systemd/random-seed = s", "var/lib/systemd/random-seed", NULL },
	{ "random seed of sysvinit",
	  "identity", &usual, "var/lib/urandom/random-seed = s", "var/lib/urandom/random-seed", NULL },
	{ "random seed of the loader",
	  "identity", &usual, "boot/efi/loader/random-seed = s", "boot/efi/loader/random-seed", NULL },
	{ "systemd's credential secret",
	  "identity", &usual, "var/lib/systemd/credential.secret = s", "var/lib/systemd/credential.secret", NULL },
	{ "NetworkManager's secret key",
	  "identity", &usual, "var/lib/NetworkManager/secret_key = s", "var/lib/NetworkManager/secret_key", NULL },
	{ "leases of dhclient",
	  "identity", &usual, "var/lib/dhcp/dhclient.ens3.leases = l", "var/lib/dhcp/dhclient.ens3.leases", NULL },
	{ "NVMe host name",
	  "identity", &usual, "etc/nvme/hostnqn = n", "etc/nvme/hostnqn", NULL },
	{ "hostid",
	  "identity", &usual, "etc/hostid = i", "etc/hostid", NULL },
	/* Names of iSCSI initiators. */
	{ "initiator of Debian",
	  "identity", &usual, "lib/open-iscsi/startup-checks.sh = x\n" INITIATOR_FILE, INITIATOR, "GenerateName=yes" },
	{ "initiator of open-iscsi",
	  "identity", &usual, "usr/lib/systemd/system/iscsi-init.service = x\n" INITIATOR_FILE, INITIATOR, NULL },
	{ "initiator that nothing makes anew",
	  "identity", &usual, INITIATOR_FILE, INITIATOR, "InitiatorName=iqn.1993-08.org.debian:01:abc" },
};
/* clang-format on */

static void test_files(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].row);
		g_autoptr(TuneRoot) tree = check_host(rows[i].tree);
		g_autoptr(GString) log = g_string_new(NULL);
		apply(tree, rows[i].name, rows[i].facts, log);
		g_autofree char *text = show(tree, rows[i].path);
		CHECK_TEXT(text, rows[i].text);
		/* The file exists now, so it is not made again. */
		g_autoptr(GString) again = g_string_new(NULL);
		apply(tree, rows[i].name, rows[i].facts, again);
		g_autofree char *text_again = show(tree, rows[i].path);
		CHECK_TEXT(text_again, rows[i].text);
		if (strstr(again->str, rows[i].path))
			CHECK_TEXT(again->str, "");
	}
}

static void test_all_twice(void)
{
	g_autoptr(GString) log = g_string_new(NULL), again = g_string_new(NULL);
	g_autoptr(TuneRoot) tree = check_host("etc/fstab = /dev/vda1 / ext4 defaults 0 1\n"
					      "etc/default/grub = x\n"
					      "etc/machine-id = 0123\n"
					      "boot/grub/grub.cfg = linux /vmlinuz root=/dev/vda1\n"
					      "boot/extlinux/a.cfg = append root=/dev/vda1\n"
					      "usr/lib/systemd/systemd = x\n"
					      "usr/sbin/sshd = x\n"
					      "etc/ssh/ssh_host_rsa_key = k\n"
					      "lib/systemd/system/fstrim.timer = x\n"
					      "lib/systemd/system/qemu-guest-agent.service = x\n");

	apply(tree, "default", &usual, log);
	CHECK_HOLDS(log->str, "root: etc/fstab\n");
	CHECK_HOLDS(log->str, "identity: removed etc/ssh/ssh_host_rsa_key\n");
	apply(tree, "default", &usual, again);
	CHECK_TEXT(again->str, "");
}

static void test_none(void)
{
	g_autoptr(TuneRoot) tree = check_host("etc/fstab = /dev/vda1 / ext4 defaults 0 1\n");
	g_autoptr(GString) log = g_string_new(NULL);

	apply(tree, "none", &usual, log);
	g_autofree char *fstab = show(tree, "etc/fstab");
	CHECK_TEXT(fstab, "/dev/vda1 / ext4 defaults 0 1");
	CHECK_TEXT(log->str, "");
}

static void test_names(void)
{
	g_autoptr(GError) error = NULL;
	guint set = 77, all = 0;

	CU_ASSERT(!os_dropins_from_names("console,nonesuch", &set, &error));
	CU_ASSERT_EQUAL(set, 77);
	CHECK_HOLDS(error ? error->message : NULL, "'nonesuch'");
	CHECK_ERROR(error, TUNE_ERROR_INVALID);
	os_dropins_from_names("default", &all, NULL);
	for (guint i = 0; os_dropin_get(i); i++) {
		CU_ASSERT(os_dropins_from_names(os_dropin_get(i)->name, &set, NULL));
		CU_ASSERT_EQUAL(set, 1u << i);
		all &= ~set;
	}
	CU_ASSERT_EQUAL(all, 0);
}

/* A file that is a directory stays as it is, with a line in the log, and the rest is done. */
static void test_odd_files(void)
{
	static const char *const odd[] = { "etc/fstab", "boot/grub/grub.cfg", "etc/machine-id",
					   "etc/sysctl.d/60-tune.conf" };

	for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
		check_row(odd[i]);
		g_autofree char *files = g_strconcat(odd[i], "/x = a directory\netc/hostid = i\n",
						     NULL);
		g_autoptr(TuneRoot) root = check_host(files);
		g_autoptr(OsTree) tree = new_directory_tree(root);
		g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);
		gboolean is_told = FALSE;
		CU_ASSERT_FALSE(os_dropins_apply(tree, ~0u, &usual, log));
		for (guint j = 0; j < log->len; j++)
			is_told |= strstr(log->pdata[j], odd[i]) &&
				   strstr(log->pdata[j], "left as it is: ");
		CHECK_TEXT(is_told ? odd[i] : "nothing is told", odd[i]);
		CU_ASSERT(!tune_root_exists(root, "etc/hostid"));
		CU_ASSERT(tune_root_exists(root, "etc/udev/rules.d/60-tune-scheduler.rules"));
	}
}

/* Where the unit that makes new keys cannot be written, the old keys stay. */
static void test_keys_stay(void)
{
	static const char *const units[] = { "etc/systemd/system/tune-dropbear-keys.service",
					     "etc/systemd/system/multi-user.target.wants/"
					     "tune-dropbear-keys.service" };

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		check_row(units[i]);
		g_autofree char *files = g_strconcat(DROPBEAR "\n", units[i], "/x = a directory",
						     NULL);
		g_autoptr(TuneRoot) root = check_host(files);
		g_autoptr(OsTree) tree = new_directory_tree(root);
		g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);
		CU_ASSERT_FALSE(os_dropins_apply(tree, ~0u, &usual, log));
		CU_ASSERT(tune_root_exists(root, "etc/dropbear/dropbear_rsa_host_key"));
	}
}

/* An image from elsewhere: its absolute links lead to files below its own tree. */
static void test_nothing_leads_out(void)
{
	g_autoptr(TuneRoot) host = check_host("etc/fstab = the node's\n"
					      "tree/etc/fstab -> ../../etc/fstab\n"
					      "tree/etc/sysctl.d -> ../../etc\n");
	g_autofree char *path = g_build_filename(tune_root_get_directory(host), "tree", NULL);
	g_autoptr(TuneRoot) tree = tune_root_open(path, NULL);
	g_autoptr(OsTree) files = new_directory_tree(tree);
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);

	os_dropins_apply(files, ~0u, &usual, log);
	g_autofree char *fstab = tune_root_read(host, "etc/fstab", NULL);
	CHECK_TEXT(fstab, "the node's");
	CU_ASSERT(!tune_root_exists(host, "etc/60-tune.conf"));
	CU_ASSERT(tune_root_exists(host, "tree/etc/60-tune.conf"));
}

int main(void)
{
	static const Check checks[] = {
		{ "files", test_files },
		{ "all of them twice", test_all_twice },
		{ "none", test_none },
		{ "names", test_names },
		{ "an odd file is left, and the rest is done", test_odd_files },
		{ "keys stay where nothing makes new ones", test_keys_stay },
		{ "nothing leads out", test_nothing_leads_out },
		{ NULL, NULL },
	};

	return check_main("dropin", checks);
}
