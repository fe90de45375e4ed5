/* SPDX-License-Identifier: BSD-2-Clause */
/* How errors are made: from a code and a text, or from errno.  Knows no noun of the other files. */
#include <errno.h>
#include <string.h>

#include <libtune/base/error.h>

#define LONGEST_TEXT 200

GQuark tune_error_quark(void)
{
	return g_quark_from_static_string("tune-error-quark");
}

gboolean tune_fail(GError **error, TuneErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(TUNE_ERROR, (int)code, format, args);
	va_end(args);
	return FALSE;
}

gpointer tune_fail_null(GError **error, TuneErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(TUNE_ERROR, (int)code, format, args);
	va_end(args);
	return NULL;
}

static TuneErrorCode code_from_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
	case ENODEV:
	case ENXIO:
		return TUNE_ERROR_ABSENT;
	case EACCES:
	case EPERM:
	case EROFS:
		return TUNE_ERROR_DENIED;
	case EINVAL:
	case EBUSY:
	case ERANGE:
	case EOPNOTSUPP:
	case ENOMEM:
		return TUNE_ERROR_REFUSED;
	default:
		return TUNE_ERROR_IO;
	}
}

gboolean tune_fail_errno(GError **error, const char *what)
{
	int number = errno;

	/* Every file is opened by openat2(2), which no seccomp filter of ours takes away. */
	if (number == ENOSYS)
		return tune_fail(
			error, TUNE_ERROR_IO,
			"%s: this kernel lacks a system call: Linux 5.6 or later is needed", what);
	return tune_fail(error, code_from_errno(number), "%s: %s", what, g_strerror(number));
}

char *tune_error_clean(const char *text)
{
	GString *clean = g_string_new(NULL);

	for (const char *c = text; *c && clean->len < LONGEST_TEXT; c++)
		g_string_append_c(clean, g_ascii_isprint(*c) ? *c : '?');
	if (strlen(text) > LONGEST_TEXT)
		g_string_append(clean, "...");
	return g_string_free(clean, FALSE);
}
