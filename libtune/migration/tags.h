/* SPDX-License-Identifier: BSD-2-Clause */
/* Tags by which hbal, hail and hroller know between which nodes guests can move.  The public part is in tune.h. */
#ifndef TUNE_TAGS_H
#define TUNE_TAGS_H

#include <libtune/tune-migration.h>

/** As in hbal(1), "Migration tags". */
#define TUNE_TAG_MIGRATION "htools:migration:cpu"
#define TUNE_TAG_ALLOW "htools:allowmigration:"
#define TUNE_TAG_CLASS "cpu:"

/** Whether @tag, of a node or of the cluster, has the form of those that we make. */
gboolean tune_tag_is_ours(const char *tag, gboolean is_of_node);

#endif
