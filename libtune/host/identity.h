/* SPDX-License-Identifier: BSD-2-Clause */
/* Which incarnation of an object this is: its name may be another one's tomorrow. */
#ifndef TUNE_IDENTITY_H
#define TUNE_IDENTITY_H

#include <libtune/host/facts.h>

/** What a name is the name of. */
typedef enum {
	TUNE_OBJECT_HOST,
	TUNE_OBJECT_DISK,
	TUNE_OBJECT_LINK,
	TUNE_OBJECT_MINOR,
} TuneObjectKind;

/** A mark that the next object called @object will not have; "-" where nothing tells them apart.  Free it. */
char *tune_object_identify(TuneFacts *facts, TuneObjectKind kind, const char *object);

#endif
