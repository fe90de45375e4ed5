/* SPDX-License-Identifier: BSD-2-Clause */
/* Ganeti's disk parameters for a link.  Sources: gnt-cluster(8), lib/storage/drbd_cmdgen.py, and drbd-auto.c. */
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/tune-ganeti.h>

#define SECONDARY_IPS "var/lib/ganeti/ssconf_node_secondary_ips"

static void advice_free(gpointer data)
{
	TuneDrbdAdvice *advice = data;

	g_free(advice->key);
	g_free(advice->value);
	g_free(advice->reason);
	g_free(advice);
}

/* Takes over @value and @reason. */
static void add(GPtrArray *advices, const char *key, char *value, char *reason)
{
	TuneDrbdAdvice *advice = g_new(TuneDrbdAdvice, 1);

	*advice = (TuneDrbdAdvice){ g_strdup(key), value, reason };
	g_ptr_array_add(advices, advice);
}

static void add_computed(GPtrArray *advices, const TuneDrbdBasis *basis, const char *option)
{
	char *reason;
	gint64 value = tune_drbd_compute(basis, option, &reason);

	add(advices, strchr(option, '/') + 1, g_strdup_printf("%" G_GINT64_FORMAT, value), reason);
}

static void add_net(GPtrArray *advices, const TuneDrbdBasis *basis)
{
	g_autofree char *why = NULL, *unused = NULL;
	gint64 buffers = tune_drbd_compute(basis, "net/max-buffers", &why);
	gint64 epoch = tune_drbd_compute(basis, "net/max-epoch-size", &unused);

	add(advices, "net-custom",
	    g_strdup_printf("--max-buffers %" G_GINT64_FORMAT " --max-epoch-size %" G_GINT64_FORMAT,
			    buffers, epoch),
	    g_strdup_printf("%s; max-epoch-size %s", why, unused));
}

/* ---- the link ---- */

/* Where nothing is connected, Ganeti tells which address DRBD would use: "NODE ADDRESS" a line. */
static char *find_secondary(TuneRoot *root)
{
	g_autofree char *node = tune_ganeti_node_name(root, NULL);
	g_autofree char *text = node ? tune_root_read(root, SECONDARY_IPS, NULL) : NULL;
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(*line, " ", 2);
		if (words[0] && words[1] && strcmp(words[0], node) == 0)
			return g_strdup(words[1]);
	}
	return NULL;
}

static gint64 ask_link(TuneRoot *root, GError **error)
{
	g_autofree char *ip = find_secondary(root);
	const TuneDrbd *drbd = ip ? NULL : tune_drbd_look(root, error);
	g_autofree char *why = NULL;

	if (!ip && !drbd)
		return 0;
	gint64 link = ip ? tune_drbd_find_speed(root, ip, &why)
			 : tune_drbd_find_link(root, drbd, &why);
	if (!link)
		tune_fail(error, TUNE_ERROR_ABSENT,
			  "the replication link's speed is not known (%s): say --link 10G", why);
	return link;
}

static gint64 get_link(TuneRoot *root, const char *speed, GError **error)
{
	if (!speed || strcmp(speed, TUNE_DRBD_AUTO) == 0)
		return ask_link(root, error);
	gint64 link = tune_drbd_parse_speed(speed);
	if (!link)
		tune_fail(error, TUNE_ERROR_INVALID,
			  "'%s' is no speed: say a number of Mb/s, or 1G, 10G", speed);
	return link;
}

/* ---- the parameters ---- */

GPtrArray *tune_drbd_advise(TuneRoot *root, const char *speed, GError **error)
{
	gint64 link = get_link(root, speed, error);
	TuneDrbdBasis basis = { .link = link, .rate = link };

	if (!link)
		return NULL;
	GPtrArray *advices = g_ptr_array_new_with_free_func(advice_free);
	add(advices, "dynamic-resync", g_strdup("True"),
	    g_strdup("without it Ganeti sets resync-rate alone, which DRBD ignores while "
		     "c-plan-ahead is 20, its default"));
	add(advices, "c-plan-ahead", g_strdup("20"), g_strdup("2 s, DRBD's default"));
	add_computed(advices, &basis, "disk/c-fill-target");
	add(advices, "c-delay-target", g_strdup("10"),
	    g_strdup("DRBD's default; not looked at while c-fill-target is set"));
	add_computed(advices, &basis, "disk/c-max-rate");
	add_computed(advices, &basis, "disk/c-min-rate");
	add_net(advices, &basis);
	add(advices, "disk-custom", g_strdup("--al-extents 3389"),
	    g_strdup("13 GiB that guests may write to without a note first; that much is resynced "
		     "after a crash (User's Guide 8.4)"));
	return advices;
}

char *tune_drbd_advice_format(const GPtrArray *advices)
{
	GString *command = g_string_new("gnt-cluster modify -D 'drbd:");

	for (guint i = 0; i < advices->len; i++) {
		const TuneDrbdAdvice *advice = advices->pdata[i];
		g_string_append_printf(command, "%s%s=%s", i ? "," : "", advice->key,
				       advice->value);
	}
	g_string_append_c(command, '\'');
	return g_string_free(command, FALSE);
}
