/* SPDX-License-Identifier: BSD-2-Clause */
/* What a look at one host has found, for those who plan and write. */
#ifndef TUNE_FACTS_H
#define TUNE_FACTS_H

#include <libtune/host/drbd.h>

TuneRoot *tune_facts_get_root(const TuneFacts *facts);

/** As tune_links_find(); borrowed. */
const GPtrArray *tune_facts_get_links(TuneFacts *facts, GError **error);

/** As tune_drbd_look(); borrowed. */
TuneDrbd *tune_facts_get_drbd(TuneFacts *facts, GError **error);

/** The minor called @name, read again when it was written to; borrowed.  TUNE_ERROR_ABSENT when there is none. */
const TuneDrbdDevice *tune_facts_get_minor(TuneFacts *facts, const char *name, GError **error);

#endif
