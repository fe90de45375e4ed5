/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of programs with little configuration: systemd-tmpfiles, sysfsutils, ksmtuned, and our own unit. */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/base/root.h>

/* ---- tmpfiles.d ---- */

/** @patterns: the paths, as written, of all lines so far that are about the setting */
typedef struct {
	TuneSearch *search;
	GHashTable *patterns;
} Tmpfiles;

/* Of lines with the same path, the first one takes effect, and later ones that have a "+" (tmpfiles.d(5)). */
static void add_write(Tmpfiles *tmpfiles, const TuneConf *conf, const char *type, const char *path,
		      const char *value)
{
	TuneSearch *search = tmpfiles->search;
	TuneTarget target = tune_search_match(search, path);
	gint winner = search->winner;

	if (target == TUNE_TARGET_NONE)
		return;
	gboolean is_first = g_hash_table_add(tmpfiles->patterns, g_strdup(path));
	tune_search_add(search, target, conf->path, conf->line, value);
	if (!is_first && !strchr(type, '+'))
		search->winner = winner;
}

/* A line has type, path, mode, user, group, age; the rest of it is the argument. */
static void read_tmpfiles(gpointer data, TuneConf *conf)
{
	char *line;

	while ((line = tune_conf_next_setting(conf))) {
		const char *type = tune_conf_cut_word(&line);
		const char *path = tune_conf_cut_word(&line);
		if (*type != 'w')
			continue;
		for (int i = 0; i < 4; i++)
			tune_conf_cut_word(&line);
		const char *value = g_strstrip(line);
		if (*value && strcmp(value, "-") != 0)
			add_write(data, conf, type, path, value);
	}
}

gboolean tune_origins_read_tmpfiles(TuneSearch *search, GError **error)
{
	g_autoptr(GHashTable)
		patterns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "tmpfiles.d", ".conf", error);
	Tmpfiles tmpfiles = { search, patterns };

	return paths && tune_conf_each(search->root, paths, read_tmpfiles, &tmpfiles, error);
}

/* ---- sysfs.conf ---- */

/* The shell of the service expands patterns.  "mode PATH = 0600" and "owner PATH = root" have a blank in the key, so they are no path. */
static void read_sysfs_conf(gpointer data, TuneConf *conf)
{
	TuneSearch *search = data;
	char *line;

	while ((line = tune_conf_next_setting(conf))) {
		line[strcspn(line, "#")] = '\0';
		const char *value = tune_conf_split(line);
		g_autofree char *path = g_strconcat("sys/", line + strspn(line, "/"), NULL);
		if (!value)
			continue;
		TuneTarget target = tune_search_match(search, path);
		if (target != TUNE_TARGET_NONE)
			tune_search_add(search, target, conf->path, conf->line, value);
	}
}

gboolean tune_origins_read_sysfs_conf(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray)
		paths = tune_conf_list_one(search->root, "etc/sysfs.d", ".conf", error);

	if (!paths)
		return FALSE;
	g_ptr_array_insert(paths, 0, g_strdup("etc/sysfs.conf"));
	return tune_conf_each(search->root, paths, read_sysfs_conf, search, error);
}

/* ---- ksmtuned ---- */

#define KSMTUNED_CONF "etc/ksmtuned.conf"

gboolean tune_origins_find_ksmtuned(TuneRoot *root, char **ret_path, GError **error)
{
	static const char *const units[] = { "ksmtuned.service", "ksm.service" };

	for (guint i = 0; !*ret_path && i < G_N_ELEMENTS(units); i++)
		if (!tune_conf_find_start(root, units[i], ret_path, error))
			return FALSE;
	return *ret_path || tune_conf_find_entry(root, "etc/rc2.d", "S*ksmtuned", ret_path, error);
}

gboolean tune_origins_read_ksmtuned(TuneSearch *search, GError **error)
{
	static const char *const files_that_it_writes[] = { "sys/kernel/mm/ksm/run",
							    "sys/kernel/mm/ksm/pages_to_scan",
							    "sys/kernel/mm/ksm/sleep_millisecs",
							    NULL };
	g_autofree char *start = NULL;

	if (!g_strv_contains(files_that_it_writes, search->own))
		return TRUE;
	if (!tune_origins_find_ksmtuned(search->root, &start, error))
		return FALSE;
	if (!start)
		return TRUE;
	gboolean has_conf = tune_conf_exists(search->root, KSMTUNED_CONF);
	tune_search_add(search, TUNE_TARGET_OWN, has_conf ? KSMTUNED_CONF : start, 0, NULL);
	return TRUE;
}

/* ---- our own unit ---- */

gboolean tune_origins_read_own(TuneSearch *search, GError **error)
{
	g_autofree char *start = NULL;

	if (!search->step->want)
		return TRUE;
	if (!tune_conf_find_start(search->root, "ganeti-tune.service", &start, error))
		return FALSE;
	if (start)
		tune_search_add(search, TUNE_TARGET_OWN, search->step->origin, 0,
				search->step->want);
	return TRUE;
}
