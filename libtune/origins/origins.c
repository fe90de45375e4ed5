/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of programs that may set a value at boot; the readers of their configuration are in files of their own. */
#include <string.h>

#include <libtune/origins/origins.h>
#include <libtune/tuning/params.h>

#define DISKS "sys/block/"
#define DISKS_ALIAS "sys/class/block/"

/* In the order in which they write at boot; ksmtuned writes again every minute. */
/* clang-format off */
static const struct {
	const char *who;
	gboolean (*read)(TuneSearch *search, GError **error);
} kinds[] = {
	{ "modprobe.d", tune_origins_read_modprobe },
	{ "kernel command line", tune_origins_read_command_line },
	{ "udev",       tune_origins_read_udev },
	{ "sysctl.d",   tune_origins_read_sysctl },
	{ "tmpfiles.d", tune_origins_read_tmpfiles },
	{ "sysfs.conf", tune_origins_read_sysfs_conf },
	{ "TuneD",      tune_origins_read_tuned },
	{ "ganeti-tune.service", tune_origins_read_own },
	{ "ksmtuned",   tune_origins_read_ksmtuned },
};
/* clang-format on */

/* ---- the search ---- */

static gboolean read_kinds(TuneSearch *search, GError **error)
{
	gint winner = -1;

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		search->who = kinds[i].who;
		search->winner = -1;
		if (!kinds[i].read(search, error))
			return FALSE;
		if (search->winner >= 0)
			winner = search->winner;
	}
	if (winner >= 0)
		((TuneOrigin *)search->found->pdata[winner])->wins = TRUE;
	return TRUE;
}

GPtrArray *tune_origins_find(TuneRoot *root, const TuneStep *step, GError **error)
{
	g_autoptr(GPtrArray) found = tune_search_new_found();
	const TuneParam *param = step->param;
	g_autofree char *pair = param->pair ? tune_section_format_path(param->section, param->pair,
								       NULL)
					    : NULL;
	g_autofree char *alias = g_str_has_prefix(step->path, DISKS)
					 ? g_strconcat(DISKS_ALIAS, step->path + strlen(DISKS),
						       NULL)
					 : NULL;
	TuneSearch search = { .root = root,
			      .step = step,
			      .own = step->path + strspn(step->path, "/"),
			      .pair = pair,
			      .alias = alias,
			      .found = found };

	return read_kinds(&search, error) ? g_steal_pointer(&found) : NULL;
}
