/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/origins/origins.h>

#define SYSCTL_CONF "etc/sysctl.conf"

/**
 * Where the value stands when all files have been read.
 *
 * @is_explicit: named by a line of its own, which beats every glob, whatever their order
 * @winner: index of the origin, or -1
 */
typedef struct {
	gboolean is_explicit;
	gint winner;
} Standing;

typedef struct {
	TuneSearch *search;
	Standing own;
	Standing pair;
} Sysctl;

/* A "-key" without a value keeps globs from the key; it also undoes what stood before it. */
static void take(Sysctl *sysctl, const TuneConf *conf, const char *key, const char *value)
{
	TuneSearch *search = sysctl->search;
	TuneTarget target = tune_search_match_sysctl(search, key);

	if (target == TUNE_TARGET_NONE)
		return;
	Standing *standing = target == TUNE_TARGET_OWN ? &sysctl->own : &sysctl->pair;
	gboolean is_glob = tune_glob_is(key);
	if (value)
		tune_search_add(search, target, conf->path, conf->line, value);
	if (is_glob && (standing->is_explicit || !value))
		return;
	standing->is_explicit = !is_glob;
	standing->winner = value ? (gint)search->found->len - 1 : -1;
}

static void read_file(gpointer data, TuneConf *conf)
{
	char *line;

	while ((line = tune_conf_next_setting(conf))) {
		const char *value = tune_conf_split(line);
		gboolean is_marked = *line == '-';
		if (value || is_marked)
			take(data, conf, g_strstrip(line + is_marked), value);
	}
}

/* ---- etc/sysctl.conf ---- */

/* procps reads it last of all.  systemd reads it only where a link in etc/sysctl.d leads to it. */
static gboolean boots_with_systemd(TuneRoot *root)
{
	return tune_conf_exists(root, "usr/lib/systemd/systemd-sysctl") ||
	       tune_conf_exists(root, "lib/systemd/systemd-sysctl");
}

/* Index of the link to it among @paths, or -1. */
static gint find_link(TuneRoot *root, const GPtrArray *paths)
{
	for (guint i = 0; i < paths->len; i++)
		if (tune_conf_is_same(root, paths->pdata[i], SYSCTL_CONF))
			return (gint)i;
	return -1;
}

/* Whether it is read in the place that is its own; else a link has it read, or nothing at boot. */
static gboolean place_sysctl_conf(TuneRoot *root, GPtrArray *paths)
{
	gint link = find_link(root, paths);

	if (boots_with_systemd(root))
		return link < 0;
	if (link >= 0)
		g_ptr_array_remove_index(paths, (guint)link);
	g_ptr_array_add(paths, g_strdup(SYSCTL_CONF));
	return FALSE;
}

/* Known to "sysctl --system" alone: worth a report, but not the last word at boot. */
static gboolean read_unused(Sysctl *sysctl, GError **error)
{
	Standing own = sysctl->own, pair = sysctl->pair;
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

	if (!g_str_has_prefix(search->own, "proc/sys/"))
		return TRUE;
	g_autoptr(GPtrArray) paths = tune_conf_list(search->root, "sysctl.d", ".conf", error);
	if (!paths)
		return FALSE;
	gboolean is_unused = place_sysctl_conf(search->root, paths);
	if (!tune_conf_each(search->root, paths, read_file, &sysctl, error) ||
	    (is_unused && !read_unused(&sysctl, error)))
		return FALSE;
	search->winner = MAX(sysctl.own.winner, sysctl.pair.winner);
	return TRUE;
}
