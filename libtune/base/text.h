/* SPDX-License-Identifier: BSD-2-Clause */
/* Words compared. */
#ifndef TUNE_TEXT_H
#define TUNE_TEXT_H

#include <libtune/tune-base.h>

/** How many letters to add, drop, change or swap to make one word the other. */
guint tune_edit_distance(const char *a, const char *b);

#endif
