/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's tree of files as a directory of a test. */
#include <fcntl.h>
#include <sys/stat.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>

#include "tests/unit/tree-directory.h"

typedef struct {
	OsTree base;
	TuneRoot *root;
} DirectoryTree;

static TuneRoot *get_root(OsTree *tree)
{
	return ((DirectoryTree *)tree)->root;
}

static gboolean tree_exists(OsTree *tree, const char *path)
{
	g_autofree char *target = tune_root_read_link(get_root(tree), path, NULL);

	return target || tune_root_exists(get_root(tree), path);
}

/* @flags: O_NOFOLLOW for what stands there itself. */
static gboolean get_status(OsTree *tree, const char *path, int flags, struct stat *status,
			   GError **error)
{
	g_auto(filedesc) fd = tune_root_open_file(get_root(tree), path, O_PATH | flags, 0, error);

	return fd >= 0 && (fstat(fd, status) == 0 || tune_fail_errno(error, path));
}

static char *read_file(OsTree *tree, const char *path, GError **error)
{
	struct stat status;

	if (!get_status(tree, path, 0, &status, error))
		return NULL;
	if (!S_ISREG(status.st_mode))
		return tune_fail_null(error, TUNE_ERROR_REFUSED, "%s: is not a regular file", path);
	if (status.st_size > OS_TREE_FILE_MAX)
		return tune_fail_null(error, TUNE_ERROR_REFUSED, "%s: has more than %d KiB", path,
				      OS_TREE_FILE_MAX / 1024);
	return tune_root_read(get_root(tree), path, error);
}

/* Anything but a file or a link stays. */
static gboolean check_place(OsTree *tree, const char *path, GError **error)
{
	struct stat status;

	return !get_status(tree, path, O_NOFOLLOW, &status, NULL) || S_ISREG(status.st_mode) ||
	       S_ISLNK(status.st_mode) ||
	       tune_fail(error, TUNE_ERROR_REFUSED, "%s: is not a regular file", path);
}

static gboolean save_file(OsTree *tree, const char *path, const char *text, GError **error)
{
	return check_place(tree, path, error) && tune_root_save(get_root(tree), path, text, error);
}

static char *read_target(OsTree *tree, const char *path, GError **error)
{
	return tune_root_read_link(get_root(tree), path, error);
}

static gboolean make_link(OsTree *tree, const char *target, const char *path, GError **error)
{
	return check_place(tree, path, error) &&
	       tune_root_link(get_root(tree), target, path, error);
}

static gboolean remove_file(OsTree *tree, const char *path, GError **error)
{
	struct stat status;

	return !get_status(tree, path, O_NOFOLLOW, &status, NULL) ||
	       tune_root_remove(get_root(tree), path, error);
}

static GPtrArray *find_paths(OsTree *tree, const char *pattern)
{
	GPtrArray *paths = tune_root_glob(get_root(tree), pattern);

	if (paths->len > OS_TREE_PATHS_MAX)
		g_ptr_array_set_size(paths, OS_TREE_PATHS_MAX);
	return paths;
}

static void free_tree(OsTree *tree)
{
	g_free(tree);
}

static const OsTreeClass directory_class = {
	.exists = tree_exists,
	.read = read_file,
	.save = save_file,
	.read_link = read_target,
	.link = make_link,
	.remove = remove_file,
	.glob = find_paths,
	.free = free_tree,
};

OsTree *new_directory_tree(TuneRoot *root)
{
	DirectoryTree *tree = g_new0(DirectoryTree, 1);

	tree->base.class = &directory_class;
	tree->root = root;
	return &tree->base;
}
