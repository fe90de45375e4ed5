/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/dropins.h"

void os_dropin_log(OsDropinRun *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(run->log, g_strdup_printf("%s: %s", run->name, text));
}

static void report_left(OsDropinRun *run, const char *path, const GError *error)
{
	run->has_failed = TRUE;
	os_dropin_log(run, "%s: left as it is: %s", path, error->message);
}

char *os_dropin_read(OsDropinRun *run, const char *path)
{
	g_autoptr(GError) error = NULL;
	char *text = os_tree_read(run->tree, path, &error);

	if (!text && !g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT))
		report_left(run, path, error);
	return text;
}

gboolean os_dropin_put(OsDropinRun *run, const char *path, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *have = os_tree_read(run->tree, path, NULL);
	g_autofree char *want = g_strchomp(g_strdup(text));

	if (g_strcmp0(have, want) == 0)
		return TRUE;
	if (!os_tree_save(run->tree, path, text, &error)) {
		report_left(run, path, error);
		return FALSE;
	}
	os_dropin_log(run, "%s", path);
	return TRUE;
}

gboolean os_dropin_link(OsDropinRun *run, const char *target, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *have = os_tree_read_link(run->tree, path, NULL);

	if (g_strcmp0(have, target) == 0)
		return TRUE;
	if (!os_tree_link(run->tree, target, path, &error)) {
		report_left(run, path, error);
		return FALSE;
	}
	os_dropin_log(run, "%s", path);
	return TRUE;
}

void os_dropin_remove(OsDropinRun *run, const char *pattern)
{
	g_autoptr(GPtrArray) paths = os_tree_glob(run->tree, pattern);

	for (guint i = 0; i < paths->len; i++) {
		g_autoptr(GError) error = NULL;
		if (os_tree_remove(run->tree, paths->pdata[i], &error))
			os_dropin_log(run, "removed %s", (char *)paths->pdata[i]);
		else
			report_left(run, paths->pdata[i], error);
	}
}

char *os_dropin_find_unit(OsDropinRun *run, const char *unit)
{
	static const char *const directories[] = { "/lib/systemd/system",
						   "/usr/lib/systemd/system" };

	for (guint i = 0; i < G_N_ELEMENTS(directories); i++) {
		g_autofree char *path = g_build_filename(directories[i], unit, NULL);
		if (os_tree_exists(run->tree, path))
			return g_steal_pointer(&path);
	}
	return NULL;
}
