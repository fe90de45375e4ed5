/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of sysctl.d and sysctl.conf.  Which line takes effect: sysctl.d(5), systemd-sysctl(8), sysctl(8). */
#include <string.h>

#include <libtune/origins/origins.h>

#define SYSCTL_CONF "etc/sysctl.conf"

/**
 * Which of the lines so far takes effect.
 *
 * @is_explicit: a line names the key itself, which takes precedence over all globs, in any order
 * @winner: index of the origin, or -1
 */
typedef struct {
	gboolean is_explicit;
	gint winner;
} Precedence;

typedef struct {
	TuneSearch *search;
	Precedence own;
	Precedence pair;
} Sysctl;

/* A line "-key" without a value excludes the key from globs; it also cancels the lines before it. */
static void add_line(Sysctl *sysctl, const TuneConf *conf, const char *key, const char *value)
{
	TuneSearch *search = sysctl->search;
	TuneTarget target = tune_search_match_sysctl(search, key);

	if (target == TUNE_TARGET_NONE)
		return;
	Precedence *precedence = target == TUNE_TARGET_OWN ? &sysctl->own : &sysctl->pair;
	gboolean is_glob = tune_glob_is(key);
	if (value)
		tune_search_add(search, target, conf->path, conf->line, value);
	if (is_glob && (precedence->is_explicit || !value))
		return;
	precedence->is_explicit = !is_glob;
	precedence->winner = value ? (gint)search->found->len - 1 : -1;
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
static gboolean read_unused(Sysctl *sysctl, GError **error)
{
	Precedence own = sysctl->own, pair = sysctl->pair;
	g_autoptr(TuneConf) conf = tune_conf_open(sysctl->search->root, SYSCTL_CONF, error);

	if (!conf)
		return FALSE;
	read_file(sysctl, conf);
	sysctl->own = own;
	sysctl->pair = pair;
	return TRUE;
}

gboolean tune_origins_read_sysctl(TuneSearch *search, GError **error)
{
	Sysctl sysctl = { search, { FALSE, -1 }, { FALSE, -1 } };
	gboolean is_unused;

	if (!g_str_has_prefix(search->own, "proc/sys/"))
		return TRUE;
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "sysctl.d", ".conf", error);
	if (!paths)
		return FALSE;
	place_sysctl_conf(search->root, paths, &is_unused);
	if (!tune_conf_each(search->root, paths, read_file, &sysctl, error) ||
	    (is_unused && !read_unused(&sysctl, error)))
		return FALSE;
	search->winner = MAX(sysctl.own.winner, sysctl.pair.winner);
	return TRUE;
}
