/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TREE_DIRECTORY_H
#define TREE_DIRECTORY_H

#include "os-scripts/tree.h"

/** The files below @root, which stays the caller's, as a guest's. */
OsTree *new_directory_tree(TuneRoot *root);

#endif
