/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a guest that its owner has replaced by something else: that is left, and the rest is done. */
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "os-scripts/dropins.h"
#include "tests/unit/check.h"
#include "tests/unit/tree-directory.h"

#include <libtune/base/root.h>

#define OLD "inst1.example.com"
#define NEW "web.example.org"
#define GIB (1024L * 1024 * 1024)

static const OsGuestFacts facts = {
	.serial_speed = 38400, .has_loader = TRUE, .root_uuid = "0a1b", .is_discarded = TRUE
};

/* ---- what can be in a file's place ---- */

static gboolean make_directory(const char *path)
{
	return mkdir(path, 0755) == 0;
}

static gboolean make_fifo(const char *path)
{
	return mkfifo(path, 0644) == 0;
}

static gboolean make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_auto(filedesc) old = open(".", O_PATH | O_DIRECTORY);
	g_auto(filedesc) fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* The path of a socket can have 107 bytes. */
	g_strlcpy(address.sun_path, name, sizeof(address.sun_path));
	gboolean is_made = chdir(directory) == 0 &&
			   bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	return fchdir(old) == 0 && is_made;
}

/* As /dev/zero, which has no end. */
static gboolean make_character_device(const char *path)
{
	return mknod(path, S_IFCHR | 0644, makedev(1, 5)) == 0;
}

/* A number that no driver has. */
static gboolean make_block_device(const char *path)
{
	return mknod(path, S_IFBLK | 0644, makedev(0, 0)) == 0;
}

static gboolean make_sparse(const char *path)
{
	g_auto(filedesc) fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	return fd >= 0 && ftruncate(fd, GIB) == 0;
}

static const struct {
	const char *name;
	gboolean (*make)(const char *path);
	mode_t type;
} kinds[] = {
	{ "directory", make_directory, S_IFDIR },
	{ "FIFO", make_fifo, S_IFIFO },
	{ "socket", make_socket, S_IFSOCK },
	{ "character device", make_character_device, S_IFCHR },
	{ "block device", make_block_device, S_IFBLK },
	{ "file of 1 GiB", make_sparse, S_IFREG },
};

/* ---- where ---- */

enum {
	READ,    /* before it is written: a large file stays */
	WRITTEN, /* only a regular file or a link is replaced */
	REMOVED, /* all but a directory */
};

/* clang-format off */
static const struct {
	const char *path;
	int use;
} places[] = {
	{ "etc/fstab",                                              READ },
	{ "etc/hostname",                                           READ },
	{ "etc/hosts",                                              READ },
	{ "etc/mailname",                                           READ },
	{ "etc/iscsi/initiatorname.iscsi",                          READ },
	{ "boot/grub/grub.cfg",                                     READ },
	{ "boot/extlinux/a.conf",                                   READ },
	{ "boot/loader/entries/a.conf",                             READ },
	{ "etc/machine-id",                                         WRITTEN },
	{ "etc/sysctl.d/60-tune.conf",                              WRITTEN },
	{ "etc/udev/rules.d/60-tune-scheduler.rules",               WRITTEN },
	{ "etc/default/grub.d/60-tune.cfg",                         WRITTEN },
	{ "etc/systemd/system/tune-host-keys.service",              WRITTEN },
	{ "etc/systemd/system/timers.target.wants/fstrim.timer",    WRITTEN },
	{ "etc/ssh/ssh_host_rsa_key",                               REMOVED },
	{ "etc/nvme/hostnqn",                                       REMOVED },
	{ "var/lib/systemd/random-seed",                            REMOVED },
	{ "var/lib/dhcp/dhclient.a.leases",                         REMOVED },
};
/* clang-format on */

/* A guest that has one file of each kind, but not @path. */
static char *make_guest(const char *path)
{
	static const char *const lines[] = { "etc/fstab = /dev/vda1 / ext4 defaults 0 1",
					     "etc/default/grub = x",
					     "etc/hostname = inst1",
					     "etc/hostid = i",
					     "usr/lib/systemd/systemd = x",
					     "usr/lib/systemd/system/fstrim.timer = x",
					     "usr/sbin/sshd = x" };
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *prefix = g_strconcat(path, " ", NULL);
	g_autofree char *above = g_path_get_dirname(path);

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
		if (!g_str_has_prefix(lines[i], prefix))
			g_string_append_printf(text, "%s\n", lines[i]);
	g_string_append_printf(text, "%s/ /\n", above);
	return check_unroll_text(text->str);
}

/* All that is ever done to a guest; the log as lines. */
static char *do_all(const char *directory)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = tune_root_open(directory, &error);
	CHECK_NO_ERROR(error);
	g_autoptr(OsTree) tree = new_directory_tree(root);
	g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_free);

	alarm(60);
	os_hostname_change(tree, OLD, NEW, log);
	os_dropins_apply(tree, ~0u, &facts, log);
	alarm(0);
	g_ptr_array_add(log, NULL);
	return g_strjoinv("\n", (char **)log->pdata);
}

static mode_t get_type(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0;
}

/* The type of file that should be there at the end; 0 for none. */
static mode_t expect_type(guint place, mode_t type)
{
	if (places[place].use == REMOVED)
		return type == S_IFDIR ? type : 0;
	if (places[place].use == WRITTEN && type == S_IFREG)
		return strstr(places[place].path, "timers.target.wants") ? S_IFLNK : type;
	return type;
}

static void check_place_with(guint place, guint kind)
{
	const char *path = places[place].path;
	g_autofree char *directory = make_guest(path);
	g_autofree char *file = g_build_filename(directory, path, NULL);
	g_autofree char *seed = g_build_filename(directory, "etc/hostid", NULL);
	g_autofree char *left = g_strconcat(path, ": left as it is: ", NULL);

	CU_ASSERT(kinds[kind].make(file));
	g_autofree char *log = do_all(directory);
	mode_t wanted = expect_type(place, kinds[kind].type);
	gboolean must_tell = wanted && (kinds[kind].type != S_IFREG || places[place].use == READ);
	CU_ASSERT_EQUAL(get_type(file), wanted);
	if (must_tell)
		CHECK_HOLDS(log, left);
	/* The other drop-ins were applied. */
	CU_ASSERT_EQUAL(get_type(seed), 0);
}

static void test_odd_files(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(places); i++)
		for (guint j = 0; j < G_N_ELEMENTS(kinds); j++)
			if (geteuid() == 0 ||
			    (kinds[j].type != S_IFCHR && kinds[j].type != S_IFBLK)) {
				check_row_format("a %s as %s", kinds[j].name, places[i].path);
				check_place_with(i, j);
			}
}

/* ---- immutable, linked ---- */

static gboolean set_immutable(const char *path, gboolean is_immutable)
{
	g_auto(filedesc) fd = open(path, O_RDONLY);
	int flags;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return FALSE;
	flags = is_immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void test_immutable(void)
{
	static const char *const paths[] = { "etc/hostname", "etc/fstab", "etc/hostid" };

	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		check_row(paths[i]);
		g_autofree char *directory = make_guest("none");
		g_autofree char *file = g_build_filename(directory, paths[i], NULL);
		g_autofree char *rule = g_build_filename(
			directory, "etc/udev/rules.d/60-tune-scheduler.rules", NULL);
		g_autofree char *left = g_strconcat(paths[i], ": left as it is: ", NULL);
		if (!set_immutable(file, TRUE)) {
			check_skip("files cannot be made immutable here");
			return;
		}
		g_autofree char *log = do_all(directory);
		set_immutable(file, FALSE);
		CHECK_HOLDS(log, left);
		CU_ASSERT_EQUAL(get_type(rule), S_IFREG);
	}
}

/* The other name of a hard-linked file keeps its text. */
static void test_hard_link(void)
{
	g_autofree char *directory = make_guest("none");
	g_autofree char *file = g_build_filename(directory, "etc/fstab", NULL);
	g_autofree char *other = g_build_filename(directory, "etc/other", NULL);
	g_autofree char *text = NULL;

	CU_ASSERT_EQUAL(link(file, other), 0);
	g_autofree char *log = do_all(directory);
	CHECK_HOLDS(log, "root: etc/fstab");
	g_file_get_contents(other, &text, NULL, NULL);
	CHECK_TEXT(text, "/dev/vda1 / ext4 defaults 0 1\n");
}

/* ---- attributes ---- */

static void test_attributes(void)
{
	g_autofree char *directory = make_guest("none");
	g_autofree char *file = g_build_filename(directory, "etc/fstab", NULL);
	const char *name = geteuid() == 0 ? "security.selinux" : "user.test";
	char value[64] = "";
	struct stat status;

	if (setxattr(file, name, "a_label", 8, 0) < 0) {
		check_skip("files have no extended attributes here");
		return;
	}
	CU_ASSERT_EQUAL(chmod(file, 0640), 0);
	CU_ASSERT(geteuid() != 0 || chown(file, 12, 34) == 0);
	g_autofree char *log = do_all(directory);
	CHECK_HOLDS(log, "noatime: etc/fstab");
	CU_ASSERT_EQUAL(getxattr(file, name, value, sizeof(value)), 8);
	CHECK_TEXT(value, "a_label");
	CU_ASSERT_EQUAL(stat(file, &status), 0);
	CU_ASSERT_EQUAL(status.st_mode & 07777, 0640);
	CU_ASSERT(geteuid() != 0 || (status.st_uid == 12 && status.st_gid == 34));
}

/* ---- limits ---- */

static void test_many_paths(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < OS_TREE_PATHS_MAX + 10; i++)
		g_string_append_printf(text, "etc/%03u.conf = x\n", i);
	g_autoptr(TuneRoot) root = check_host(text->str);
	g_autoptr(OsTree) tree = new_directory_tree(root);
	g_autoptr(GPtrArray) paths = os_tree_glob(tree, "etc/*.conf");
	CU_ASSERT_EQUAL(paths->len, OS_TREE_PATHS_MAX);
	CHECK_TEXT(paths->len ? paths->pdata[0] : NULL, "etc/000.conf");
}

static void test_size(void)
{
	g_autofree char *text = g_strnfill(OS_TREE_FILE_MAX, 'x');
	g_autofree char *directory = check_unroll_text("etc/ /");
	g_autofree char *file = g_build_filename(directory, "etc/x", NULL);
	g_autoptr(TuneRoot) root = tune_root_open(directory, NULL);
	g_autoptr(OsTree) tree = new_directory_tree(root);
	g_autoptr(GError) error = NULL;

	CU_ASSERT(g_file_set_contents(file, text, OS_TREE_FILE_MAX, NULL));
	g_autofree char *read = os_tree_read(tree, "etc/x", NULL);
	CU_ASSERT(read && strlen(read) == OS_TREE_FILE_MAX);
	CU_ASSERT_EQUAL(truncate(file, OS_TREE_FILE_MAX + 1), 0);
	CU_ASSERT_PTR_NULL(os_tree_read(tree, "etc/x", &error));
	CHECK_ERROR(error, TUNE_ERROR_REFUSED);
}

static void test_absent(void)
{
	g_autoptr(TuneRoot) root = check_host("etc/ /");
	g_autoptr(OsTree) tree = new_directory_tree(root);
	g_autoptr(GError) error = NULL;

	CU_ASSERT_PTR_NULL(os_tree_read(tree, "etc/x", &error));
	CHECK_ERROR(error, TUNE_ERROR_ABSENT);
	CU_ASSERT(os_tree_remove(tree, "etc/x", &error));
	CHECK_NO_ERROR(error);
}

int main(void)
{
	static const Check checks[] = {
		{ "odd files in each place", test_odd_files },
		{ "immutable files", test_immutable },
		{ "hard links", test_hard_link },
		{ "owner, mode and attributes stay", test_attributes },
		{ "a pattern that finds too much", test_many_paths },
		{ "the largest file", test_size },
		{ "what is not there", test_absent },
		{ NULL, NULL },
	};

	return check_main("tree", checks);
}
