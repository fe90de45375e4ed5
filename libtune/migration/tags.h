/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags that tell Ganeti's planners between which nodes guests can move.  */
#ifndef TUNE_TAGS_H
#define TUNE_TAGS_H

#include <libtune/tune-migration.h>

/** How Ganeti's planners spell it: hbal(1), "Migration tags". */
#define TUNE_TAG_MIGRATION "htools:migration:cpu"
#define TUNE_TAG_ALLOW "htools:allowmigration:"
#define TUNE_TAG_CLASS "cpu:"

/** Whether @tag of a node, or of the cluster, is one that we have made. */
gboolean tune_tag_is_ours(const char *tag, gboolean is_of_node);

#endif
