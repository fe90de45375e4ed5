/* SPDX-License-Identifier: BSD-2-Clause */
#include <fnmatch.h>
#include <string.h>

#include <libtune/origins/search.h>
#include <libtune/tuning/params.h>

#define LONGEST_PATTERN 4096

/* ---- which setting a line is about ---- */

gboolean tune_glob_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

gboolean tune_glob_matches(const char *pattern, const char *text, int flags)
{
	return strlen(pattern) <= LONGEST_PATTERN && fnmatch(pattern, text, flags) == 0;
}

static gboolean matches_path(const char *pattern, const char *path)
{
	return path && (strcmp(pattern, path) == 0 ||
			(tune_glob_is(pattern) && tune_glob_matches(pattern, path, FNM_PATHNAME)));
}

TuneTarget tune_search_match(const TuneSearch *search, const char *pattern)
{
	while (*pattern == '/')
		pattern++;
	if (matches_path(pattern, search->own) || matches_path(pattern, search->alias))
		return TUNE_TARGET_OWN;
	/* In sysfs, many links lead to one attribute. */
	if (g_str_has_prefix(pattern, "sys/") && strlen(pattern) <= LONGEST_PATTERN &&
	    tune_conf_is_same(search->root, pattern, search->own))
		return TUNE_TARGET_OWN;
	return matches_path(pattern, search->pair) ? TUNE_TARGET_PAIR : TUNE_TARGET_NONE;
}

TuneTarget tune_search_match_sysctl(const TuneSearch *search, const char *key)
{
	while (*key == '/')
		key++;
	g_autofree char *path = tune_section_format_path(&tune_section_sysctl, key, NULL);
	return tune_search_match(search, path);
}

/* ---- what was found ---- */

static void origin_free(gpointer data)
{
	TuneOrigin *origin = data;

	g_free(origin->place);
	g_free(origin->value);
	g_free(origin->condition);
	g_free(origin);
}

GPtrArray *tune_search_new_found(void)
{
	return g_ptr_array_new_with_free_func(origin_free);
}

void tune_search_add_if(TuneSearch *search, TuneTarget target, const char *path, guint line,
			const char *value, const char *condition)
{
	TuneOrigin *origin = g_new0(TuneOrigin, 1);

	origin->who = search->who;
	origin->place = line ? g_strdup_printf("%s:%u", path, line) : g_strdup(path);
	origin->condition = g_strdup(condition);
	origin->value = target == TUNE_TARGET_PAIR && value
				? g_strdup_printf("%s = %s", search->step->param->pair, value)
				: g_strdup(value);
	if (!condition)
		search->winner = (gint)search->found->len;
	g_ptr_array_add(search->found, origin);
}

void tune_search_add(TuneSearch *search, TuneTarget target, const char *path, guint line,
		     const char *value)
{
	tune_search_add_if(search, target, path, line, value, NULL);
}
