/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's tree of files, as libguestfs shows it in the virtual machine. */
#include <errno.h>
#include <string.h>

#include "os-scripts/machine.h"

#define LABEL "security.selinux"

typedef struct {
	OsTree base;
	OsMachine *machine;
} GuestfsTree;

static guestfs_h *get_guestfs(OsTree *tree)
{
	return ((GuestfsTree *)tree)->machine->guestfs;
}

/* libguestfs takes absolute paths only. */
static char *make_absolute(const char *path)
{
	return g_strconcat(*path == '/' ? "" : "/", path, NULL);
}

static gboolean fail_tree(OsTree *tree, const char *path, GError **error)
{
	return os_machine_fail(((GuestfsTree *)tree)->machine, path, error);
}

static gboolean tree_exists(OsTree *tree, const char *path)
{
	g_autofree char *absolute = make_absolute(path);

	return guestfs_exists(get_guestfs(tree), absolute) > 0 ||
	       guestfs_is_symlink(get_guestfs(tree), absolute) > 0;
}

/* To read anything but a regular file could block, or never end, inside the machine, too. */
static gboolean check_file(OsTree *tree, const char *path, GError **error)
{
	guestfs_h *guestfs = get_guestfs(tree);
	int is_file = guestfs_is_file_opts(guestfs, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1,
					   -1);

	if (is_file < 0)
		return fail_tree(tree, path, error);
	if (is_file)
		return TRUE;
	if (guestfs_exists(guestfs, path) > 0)
		return os_fail(error, TUNE_ERROR_REFUSED, "%s: is not a regular file", path);
	return os_fail(error, TUNE_ERROR_ABSENT, "%s: is not there", path);
}

static char *read_file(OsTree *tree, const char *path, GError **error)
{
	guestfs_h *guestfs = get_guestfs(tree);
	g_autofree char *absolute = make_absolute(path);
	size_t size;

	if (!check_file(tree, absolute, error))
		return NULL;
	gint64 length = guestfs_filesize(guestfs, absolute);
	if (length > OS_TREE_FILE_MAX) {
		os_fail(error, TUNE_ERROR_REFUSED, "%s: has more than %d KiB", absolute,
			OS_TREE_FILE_MAX / 1024);
		return NULL;
	}
	char *bytes = length < 0 ? NULL : guestfs_read_file(guestfs, absolute, &size);
	if (!bytes) {
		fail_tree(tree, absolute, error);
		return NULL;
	}
	char *text = g_strchomp(g_strndup(bytes, size));
	free(bytes);
	return text;
}

static gboolean is_enforcing(OsTree *tree)
{
	g_autofree char *text = os_tree_read(tree, "etc/selinux/config", NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	return g_strv_contains((const char *const *)lines, "SELINUX=enforcing");
}

/*
 * A new file gets the label of its directory, as the guest's policy would most likely give it.  Where the directory has
 * none, a guest that enforces labels makes all of them anew at its next boot: selinux-autorelabel(8).
 */
static void set_label(OsTree *tree, const char *path)
{
	guestfs_h *guestfs = get_guestfs(tree);
	g_autofree char *directory = g_path_get_dirname(path);
	size_t size;
	char *label = guestfs_lgetxattr(guestfs, directory, LABEL, &size);
	gboolean is_set = label && guestfs_lsetxattr(guestfs, LABEL, label, (int)size, path) == 0;

	free(label);
	if (!is_set && is_enforcing(tree))
		guestfs_touch(guestfs, "/.autorelabel");
}

static gboolean write_new(OsTree *tree, const char *new_path, const char *old_path,
			  const char *text)
{
	guestfs_h *guestfs = get_guestfs(tree);

	/* What stands in its place is removed and not opened; a directory stays, and this fails. */
	if (guestfs_rm_f(guestfs, new_path) < 0 ||
	    guestfs_write(guestfs, new_path, text, strlen(text)) < 0)
		return FALSE;
	if (guestfs_is_file(guestfs, old_path) > 0)
		return guestfs_copy_attributes(guestfs, old_path, new_path,
					       GUESTFS_COPY_ATTRIBUTES_ALL, 1, -1) == 0;
	set_label(tree, new_path);
	return guestfs_chmod(guestfs, 0644, new_path) == 0;
}

/* Makes the parents first, as each new directory gets its label. */
static gboolean make_directory(OsTree *tree, const char *path, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);

	if (tree_exists(tree, path))
		return TRUE;
	if (!make_directory(tree, parent, error))
		return FALSE;
	if (guestfs_mkdir_mode(get_guestfs(tree), path, 0755) < 0)
		return fail_tree(tree, path, error);
	set_label(tree, path);
	return TRUE;
}

static gboolean make_directory_of(OsTree *tree, const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);

	return make_directory(tree, directory, error);
}

/* A directory or a device in the place of a file belongs to the tenant, and stays. */
static gboolean check_place(OsTree *tree, const char *path, GError **error)
{
	guestfs_h *guestfs = get_guestfs(tree);

	if (guestfs_exists(guestfs, path) <= 0 || guestfs_is_file(guestfs, path) > 0 ||
	    guestfs_is_symlink(guestfs, path) > 0)
		return TRUE;
	return os_fail(error, TUNE_ERROR_REFUSED, "%s: is not a regular file", path);
}

static gboolean save_file(OsTree *tree, const char *path, const char *text, GError **error)
{
	guestfs_h *guestfs = get_guestfs(tree);
	g_autofree char *absolute = make_absolute(path);
	g_autofree char *new_path = g_strconcat(absolute, ".new", NULL);

	if (!check_place(tree, absolute, error) || !make_directory_of(tree, absolute, error))
		return FALSE;
	/* guestfs_mv() would move it into a directory that a link leads to. */
	if (write_new(tree, new_path, absolute, text) &&
	    guestfs_rename(guestfs, new_path, absolute) == 0)
		return TRUE;
	fail_tree(tree, absolute, error);
	guestfs_rm_f(guestfs, new_path);
	return FALSE;
}

static char *read_target(OsTree *tree, const char *path, GError **error)
{
	g_autofree char *absolute = make_absolute(path);
	char *found = guestfs_readlink(get_guestfs(tree), absolute);

	if (!found) {
		fail_tree(tree, absolute, error);
		return NULL;
	}
	char *target = g_strdup(found);
	free(found);
	return target;
}

static gboolean make_link(OsTree *tree, const char *target, const char *path, GError **error)
{
	guestfs_h *guestfs = get_guestfs(tree);
	g_autofree char *absolute = make_absolute(path);
	g_autofree char *new_path = g_strconcat(absolute, ".new", NULL);

	if (!check_place(tree, absolute, error) || !make_directory_of(tree, absolute, error))
		return FALSE;
	if (guestfs_rm_f(guestfs, new_path) < 0 || guestfs_ln_s(guestfs, target, new_path) < 0)
		return fail_tree(tree, absolute, error);
	set_label(tree, new_path);
	return guestfs_rename(guestfs, new_path, absolute) == 0 || fail_tree(tree, absolute, error);
}

static gboolean remove_file(OsTree *tree, const char *path, GError **error)
{
	g_autofree char *absolute = make_absolute(path);

	return guestfs_rm_f(get_guestfs(tree), absolute) == 0 || fail_tree(tree, absolute, error);
}

static GPtrArray *find_paths(OsTree *tree, const char *pattern)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *absolute = make_absolute(pattern);
	char **found = guestfs_glob_expand_opts(get_guestfs(tree), absolute,
						GUESTFS_GLOB_EXPAND_OPTS_DIRECTORYSLASH, 0, -1);

	for (guint i = 0; found && found[i]; i++) {
		if (i < OS_TREE_PATHS_MAX)
			g_ptr_array_add(paths, g_strdup(found[i] + 1));
		free(found[i]);
	}
	free(found);
	return paths;
}

static void free_tree(OsTree *tree)
{
	g_free(tree);
}

static const OsTreeClass guestfs_class = {
	.exists = tree_exists,
	.read = read_file,
	.save = save_file,
	.read_link = read_target,
	.link = make_link,
	.remove = remove_file,
	.glob = find_paths,
	.free = free_tree,
};

OsTree *os_tree_new_guestfs(OsMachine *machine)
{
	GuestfsTree *tree = g_new0(GuestfsTree, 1);

	tree->base.class = &guestfs_class;
	tree->machine = machine;
	return &tree->base;
}
