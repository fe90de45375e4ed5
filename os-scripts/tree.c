/* SPDX-License-Identifier: BSD-2-Clause */
#include "os-scripts/tree.h"

gboolean os_tree_exists(OsTree *tree, const char *path)
{
	return tree->class->exists(tree, path);
}

char *os_tree_read(OsTree *tree, const char *path, GError **error)
{
	return tree->class->read(tree, path, error);
}

gboolean os_tree_save(OsTree *tree, const char *path, const char *text, GError **error)
{
	return tree->class->save(tree, path, text, error);
}

char *os_tree_read_link(OsTree *tree, const char *path, GError **error)
{
	return tree->class->read_link(tree, path, error);
}

gboolean os_tree_link(OsTree *tree, const char *target, const char *path, GError **error)
{
	return tree->class->link(tree, target, path, error);
}

gboolean os_tree_remove(OsTree *tree, const char *path, GError **error)
{
	return tree->class->remove(tree, path, error);
}

GPtrArray *os_tree_glob(OsTree *tree, const char *pattern)
{
	return tree->class->glob(tree, pattern);
}

void os_tree_free(OsTree *tree)
{
	if (tree)
		tree->class->free(tree);
}
