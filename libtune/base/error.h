/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNE_ERROR_H
#define TUNE_ERROR_H

#include <libtune/tune-base.h>

/** Raise and return in one statement; always FALSE. */
gboolean tune_fail(GError **error, TuneErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** The same for functions that return a pointer; always NULL. */
gpointer tune_fail_null(GError **error, TuneErrorCode code, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/** From errno, as "WHAT: text"; always FALSE.  @what is the path or object. */
gboolean tune_fail_errno(GError **error, const char *what);

/** A copy of @text that fits into a one-line message: printable ASCII, "?" for all else, cut when it is long. */
char *tune_error_clean(const char *text);

#endif
