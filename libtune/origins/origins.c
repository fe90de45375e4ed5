/* SPDX-License-Identifier: BSD-2-Clause */
#include <fnmatch.h>
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/params.h>

#define LONGEST_PATTERN 4096
#define DISKS "sys/block/"
#define DISKS_ALIAS "sys/class/block/"

/* clang-format off */
static const struct {
	const char *who;
	gboolean (*read)(TuneSearch *search, GError **error);
} kinds[] = {
	{ "sysctl.d",   tune_origins_read_sysctl },
	{ "tmpfiles.d", tune_origins_read_tmpfiles },
	{ "udev",       tune_origins_read_udev },
	{ "sysfs.conf", tune_origins_read_sysfs_conf },
	{ "TuneD",      tune_origins_read_tuned },
	{ "ksmtuned",   tune_origins_read_ksmtuned },
};
/* clang-format on */

/* ---- is it meant ---- */

gboolean tune_glob_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

gboolean tune_glob_matches(const char *pattern, const char *text, int flags)
{
	return strlen(pattern) <= LONGEST_PATTERN && fnmatch(pattern, text, flags) == 0;
}

/* A link that leads to the same attribute means it as well: only sysfs is full of those. */
static gboolean leads_to(const TuneSearch *search, const char *path)
{
	return g_str_has_prefix(path, "sys/") && strlen(path) <= LONGEST_PATTERN &&
	       tune_conf_is_same(search->root, path, search->own);
}

static gboolean means(const char *pattern, const char *path)
{
	return path && (strcmp(pattern, path) == 0 ||
			(tune_glob_is(pattern) && tune_glob_matches(pattern, path, FNM_PATHNAME)));
}

TuneTarget tune_search_match(const TuneSearch *search, const char *pattern)
{
	while (*pattern == '/')
		pattern++;
	if (means(pattern, search->own) || means(pattern, search->alias) ||
	    leads_to(search, pattern))
		return TUNE_TARGET_OWN;
	return means(pattern, search->pair) ? TUNE_TARGET_PAIR : TUNE_TARGET_NONE;
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
	g_free(origin);
}

static char *format_place(const char *path, guint line)
{
	return line ? g_strdup_printf("%s:%u", path, line) : g_strdup(path);
}

void tune_search_add(TuneSearch *search, TuneTarget target, const char *path, guint line,
		     const char *value)
{
	TuneOrigin *origin = g_new0(TuneOrigin, 1);

	origin->who = search->who;
	origin->place = format_place(path, line);
	origin->value = target == TUNE_TARGET_PAIR
				? g_strdup_printf("%s = %s", search->step->param->pair, value)
				: g_strdup(value);
	search->winner = (gint)search->found->len;
	g_ptr_array_add(search->found, origin);
}

/* ---- the search ---- */

static char *format_pair(const TuneParam *param)
{
	return param->pair ? tune_section_format_path(param->section, param->pair, NULL) : NULL;
}

static char *format_alias(const char *path)
{
	return g_str_has_prefix(path, DISKS) ? g_strconcat(DISKS_ALIAS, path + strlen(DISKS), NULL)
					     : NULL;
}

static gboolean read_kinds(TuneSearch *search, GError **error)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		search->who = kinds[i].who;
		search->winner = -1;
		if (!kinds[i].read(search, error))
			return FALSE;
		if (search->winner >= 0)
			((TuneOrigin *)search->found->pdata[search->winner])->wins = TRUE;
	}
	return TRUE;
}

GPtrArray *tune_origins_find(TuneRoot *root, const TuneStep *step, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(origin_free);
	g_autofree char *pair = format_pair(step->param);
	g_autofree char *alias = format_alias(step->path);
	TuneSearch search = { .root = root,
			      .step = step,
			      .own = step->path + strspn(step->path, "/"),
			      .pair = pair,
			      .alias = alias,
			      .found = found };

	return read_kinds(&search, error) ? g_steal_pointer(&found) : NULL;
}
