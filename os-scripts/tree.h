/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's files, whoever holds them: a virtual machine that has the guest's disk (tree-guestfs.c), or a directory
 * of the unit tests (tree-directory.c).  What edits a guest's files knows this interface alone, so that no byte of a
 * guest's disk has to be read by the node.
 *
 * Paths are relative to the guest's root.  Links are followed inside the guest, and never out of it.  Only regular
 * files are read and written; anything else in their place is TUNE_ERROR_REFUSED, and is left as it is.
 */
#ifndef OS_TREE_H
#define OS_TREE_H

#include <libtune/tune.h>

/* A guest's configuration files are kilobytes (fstab, grub.cfg); more than this is not read: TUNE_ERROR_REFUSED. */
#define OS_TREE_FILE_MAX (1024 * 1024)
/* A pattern finds at most as many paths; what is beyond is left alone. */
#define OS_TREE_PATHS_MAX 64

typedef struct OsTree OsTree;

/** The two ends of the interface are two of these.  What each function has to do stands at its wrapper below. */
typedef struct {
	gboolean (*exists)(OsTree *tree, const char *path);
	char *(*read)(OsTree *tree, const char *path, GError **error);
	gboolean (*save)(OsTree *tree, const char *path, const char *text, GError **error);
	char *(*read_link)(OsTree *tree, const char *path, GError **error);
	gboolean (*link)(OsTree *tree, const char *target, const char *path, GError **error);
	gboolean (*remove)(OsTree *tree, const char *path, GError **error);
	GPtrArray *(*glob)(OsTree *tree, const char *pattern);
	void (*free)(OsTree *tree);
} OsTreeClass;

/** Each end has a struct of its own that begins with this one. */
struct OsTree {
	const OsTreeClass *class;
};

/** Whether there is anything at @path, a dangling link too. */
gboolean os_tree_exists(OsTree *tree, const char *path);

/** Text of a regular file without trailing white space; free it.  NULL with TUNE_ERROR_ABSENT when it is not there. */
char *os_tree_read(OsTree *tree, const char *path, GError **error);

/**
 * Write a file through a new one beside it, so that it is either old or new.  Missing directories are made.
 * Owner, mode, ACLs, SELinux label and the other extended attributes of the old file survive; a new file has mode
 * 0644, owner root, and the SELinux label of its directory.
 */
gboolean os_tree_save(OsTree *tree, const char *path, const char *text, GError **error);

/** Where a link points to, as it stands there; free it.  NULL with an error when @path is no link. */
char *os_tree_read_link(OsTree *tree, const char *path, GError **error);

/** Make a link at @path, in place of a link or a file that is there.  Missing directories are made. */
gboolean os_tree_link(OsTree *tree, const char *target, const char *path, GError **error);

/** Remove what is at @path unless it is a directory; that it is not there is no error. */
gboolean os_tree_remove(OsTree *tree, const char *path, GError **error);

/** Paths that a shell pattern finds, in order, at most OS_TREE_PATHS_MAX; strings to free.  Never NULL. */
GPtrArray *os_tree_glob(OsTree *tree, const char *pattern);

void os_tree_free(OsTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OsTree, os_tree_free)

#endif
