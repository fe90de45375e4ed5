/* SPDX-License-Identifier: BSD-2-Clause */
/* The errors of this program are the library's: TUNE_ERROR. */
#ifndef OS_FAIL_H
#define OS_FAIL_H

#include <libtune/tune.h>

/** Raise and return in one statement; always FALSE. */
gboolean os_fail(GError **error, TuneErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** The same from errno, as "WHAT: text". */
gboolean os_fail_errno(GError **error, const char *what);

#endif
