/* SPDX-License-Identifier: BSD-2-Clause */
/* What create can do, once the disks may be written to. */
#ifndef OS_VARIANTS_H
#define OS_VARIANTS_H

#include "os-scripts/os.h"

/**
 * @is_holding: nobody else on the node may hold the disks meanwhile
 * @create: puts the system on the disks and tunes it
 */
typedef struct {
	const char *name;
	gboolean is_holding;
	gboolean (*create)(Os *os, GError **error);
} OsVariant;

/** Another OS definition does it. */
gboolean os_wrap(Os *os, GError **error);

/** A file on the node is copied or unpacked. */
gboolean os_image(Os *os, GError **error);

/** Debian, by mmdebstrap(1). */
gboolean os_debootstrap(Os *os, GError **error);

/** Nothing more: an installer is booted, or the disks stay as they are. */
gboolean os_noop(Os *os, GError **error);

#endif
