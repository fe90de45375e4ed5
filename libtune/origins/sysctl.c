/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of sysctl.d and sysctl.conf.  Which line takes effect: sysctl.d(5), systemd-sysctl(8), sysctl(8). */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/params.h>

#define SYSCTL_CONF "etc/sysctl.conf"

/**
 * What the lines so far make of one key, or of one glob of keys.
 *
 * @path: of the key below the root
 * @target: which setting it is about
 * @value: NULL where a line "-key" excludes the key from globs
 * @origin: index of the line in the search's @found
 */
typedef struct {
	char *path;
	TuneTarget target;
	char *value;
	guint origin;
} Option;

/** @options: array of Option, in the order in which they are written to the kernel */
typedef struct {
	TuneSearch *search;
	GPtrArray *options;
} Sysctl;

static void free_option(gpointer data)
{
	Option *option = data;

	g_free(option->path);
	g_free(option->value);
	g_free(option);
}

static gboolean find_option(const GPtrArray *options, const char *path, guint *ret_index)
{
	for (guint i = 0; i < options->len; i++) {
		const Option *option = options->pdata[i];
		if (strcmp(option->path, path) == 0) {
			*ret_index = i;
			return TRUE;
		}
	}
	return FALSE;
}

/* A later line with the same key takes the place of the earlier one, and moves to the end unless it has the same value. */
static void put_option(GPtrArray *options, const char *path, TuneTarget target, const char *value,
		       guint origin)
{
	guint index;

	if (find_option(options, path, &index)) {
		Option *same = options->pdata[index];
		if (g_strcmp0(same->value, value) == 0) {
			same->origin = origin;
			return;
		}
		g_ptr_array_remove_index(options, index);
	}
	Option *option = g_new0(Option, 1);
	option->path = g_strdup(path);
	option->target = target;
	option->value = g_strdup(value);
	option->origin = origin;
	g_ptr_array_add(options, option);
}

static void add_line(Sysctl *sysctl, const TuneConf *conf, const char *key, const char *value)
{
	TuneSearch *search = sysctl->search;

	while (*key == '/')
		key++;
	g_autofree char *path = tune_section_format_path(&tune_section_sysctl, key, NULL);
	TuneTarget target = tune_search_match(search, path);
	if (target == TUNE_TARGET_NONE)
		return;
	if (value)
		tune_search_add(search, target, conf->path, conf->line, value);
	put_option(sysctl->options, path, target, value, value ? search->found->len - 1 : 0);
}

/* A key that a line names is left alone by all globs, whatever the order, and also where that line only excludes it. */
static gboolean is_named(const GPtrArray *options, TuneTarget target)
{
	for (guint i = 0; i < options->len; i++) {
		const Option *option = options->pdata[i];
		if (option->target == target && !tune_glob_is(option->path))
			return TRUE;
	}
	return FALSE;
}

/* The index of the line that is written last, or -1. */
static gint find_winner(const GPtrArray *options)
{
	gint winner = -1;

	for (guint i = 0; i < options->len; i++) {
		const Option *option = options->pdata[i];
		if (option->value &&
		    (!tune_glob_is(option->path) || !is_named(options, option->target)))
			winner = (gint)option->origin;
	}
	return winner;
}

static void read_file(gpointer data, TuneConf *conf)
{
	char *line;

	while ((line = tune_conf_next_setting(conf))) {
		const char *value = tune_conf_split(line);
		gboolean is_marked = *line == '-';
		if (value || is_marked)
			add_line(data, conf, g_strstrip(line + is_marked), value);
	}
}

/* ---- etc/sysctl.conf ---- */

/*
 * procps reads sysctl.conf after all other files.  systemd reads it only by a link in etc/sysctl.d; without one,
 * nothing reads it at boot, which *@ret_is_unused tells.
 */
static void place_sysctl_conf(TuneRoot *root, GPtrArray *paths, gboolean *ret_is_unused)
{
	gboolean has_systemd = tune_conf_exists(root, "usr/lib/systemd/systemd-sysctl") ||
			       tune_conf_exists(root, "lib/systemd/systemd-sysctl");
	guint link = 0;

	while (link < paths->len && !tune_conf_is_same(root, paths->pdata[link], SYSCTL_CONF))
		link++;
	*ret_is_unused = has_systemd && link == paths->len;
	if (has_systemd)
		return;
	if (link < paths->len)
		g_ptr_array_remove_index(paths, link);
	g_ptr_array_add(paths, g_strdup(SYSCTL_CONF));
}

/* Only "sysctl --system" reads the file then.  Its lines are reported, but take no effect at boot. */
static gboolean read_unused(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(free_option);
	g_autoptr(TuneConf) conf = tune_conf_open(search->root, SYSCTL_CONF, error);
	Sysctl sysctl = { search, options };

	if (!conf)
		return FALSE;
	read_file(&sysctl, conf);
	return TRUE;
}

gboolean tune_origins_read_sysctl(TuneSearch *search, GError **error)
{
	g_autoptr(GPtrArray) options = g_ptr_array_new_with_free_func(free_option);
	Sysctl sysctl = { search, options };
	gboolean is_unused;

	if (!g_str_has_prefix(search->own, "proc/sys/"))
		return TRUE;
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "sysctl.d", ".conf", error);
	if (!paths)
		return FALSE;
	place_sysctl_conf(search->root, paths, &is_unused);
	if (!tune_conf_each(search->root, paths, read_file, &sysctl, error) ||
	    (is_unused && !read_unused(search, error)))
		return FALSE;
	search->winner = find_winner(options);
	return TRUE;
}
