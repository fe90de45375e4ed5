/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>

#include "os-scripts/os.h"

void os_clean(char *text)
{
	for (char *c = text; *c; c++)
		if (!g_ascii_isprint(*c))
			*c = '?';
}

void os_say(const Os *os, const char *format, ...)
{
	const char *instance = os->environment ? os->environment->instance : NULL;
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	os_clean(text);
	fprintf(stderr, "tune: %s%s%s\n", instance ? instance : "", instance ? ": " : "", text);
}

gboolean os_fail(GError **error, TuneErrorCode code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(TUNE_ERROR, (int)code, format, args);
	va_end(args);
	return FALSE;
}

gboolean os_fail_errno(GError **error, const char *what)
{
	int number = errno;

	return os_fail(error, TUNE_ERROR_IO, "%s: %s", what, g_strerror(number));
}
