/* SPDX-License-Identifier: BSD-2-Clause */
/* Ganeti's disk parameters that suit a link.  Sources: gnt-cluster(8), lib/storage/drbd_cmdgen.py, and drbd-auto.c. */
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>

static void advice_free(gpointer data)
{
	TuneDrbdAdvice *advice = data;

	g_free(advice->key);
	g_free(advice->value);
	g_free(advice->reason);
	g_free(advice);
}

/* Takes over @value and @reason. */
static void add_advice(GPtrArray *advices, const char *key, char *value, char *reason)
{
	TuneDrbdAdvice *advice = g_new(TuneDrbdAdvice, 1);

	*advice = (TuneDrbdAdvice){ g_strdup(key), value, reason };
	g_ptr_array_add(advices, advice);
}

static void add_computed(GPtrArray *advices, const TuneDrbdBasis *basis, const char *option)
{
	char *reason;
	gint64 value = tune_drbd_compute(basis, option, &reason);

	add_advice(advices, strchr(option, '/') + 1, g_strdup_printf("%" G_GINT64_FORMAT, value),
		   reason);
}

static void add_net_custom(GPtrArray *advices, const TuneDrbdBasis *basis)
{
	g_autofree char *why = NULL, *unused = NULL;
	gint64 buffers = tune_drbd_compute(basis, "net/max-buffers", &why);
	gint64 epoch = tune_drbd_compute(basis, "net/max-epoch-size", &unused);

	add_advice(advices, "net-custom",
		   g_strdup_printf("--max-buffers %" G_GINT64_FORMAT
				   " --max-epoch-size %" G_GINT64_FORMAT,
				   buffers, epoch),
		   g_strdup_printf("%s; max-epoch-size %s", why, unused));
}

/* ---- the link ---- */

/* Ganeti knows the address that DRBD uses, also when nothing is connected. */
static gint64 find_link_speed(TuneRoot *root, GError **error)
{
	g_autofree char *ip = tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION);
	g_autoptr(TuneFacts) facts = tune_facts_new(root);
	g_autofree char *why = NULL;

	if (!ip && !tune_facts_get_drbd(facts, error))
		return 0;
	gint64 link = ip ? tune_drbd_find_speed(facts, ip, &why) : tune_drbd_find_link(facts, &why);
	if (!link)
		tune_fail(error, TUNE_ERROR_ABSENT,
			  "the replication link's speed is not known (%s): say --link 10G", why);
	return link;
}

static gint64 get_link_speed(TuneRoot *root, const char *speed, GError **error)
{
	if (!speed || strcmp(speed, TUNE_DRBD_AUTO) == 0)
		return find_link_speed(root, error);
	gint64 link = tune_drbd_parse_speed(speed);
	if (!link)
		tune_fail(error, TUNE_ERROR_INVALID,
			  "invalid speed '%s': say a number of Mb/s, or 1G, 10G", speed);
	return link;
}

/* ---- the parameters ---- */

GPtrArray *tune_drbd_advise(TuneRoot *root, const char *speed, GError **error)
{
	gint64 link = get_link_speed(root, speed, error);
	TuneDrbdBasis basis = { .link = link, .rate = link };

	if (!link)
		return NULL;
	GPtrArray *advices = g_ptr_array_new_with_free_func(advice_free);
	add_advice(
		advices, "dynamic-resync", g_strdup("True"),
		g_strdup(
			"without it Ganeti sets resync-rate alone, which DRBD ignores while c-plan-ahead is 20, its default"));
	add_advice(advices, "c-plan-ahead", g_strdup("20"), g_strdup("2 s, DRBD's default"));
	add_computed(advices, &basis, "disk/c-fill-target");
	add_advice(advices, "c-delay-target", g_strdup("10"),
		   g_strdup("DRBD's default; not looked at while c-fill-target is set"));
	add_computed(advices, &basis, "disk/c-max-rate");
	add_computed(advices, &basis, "disk/c-min-rate");
	add_net_custom(advices, &basis);
	add_advice(
		advices, "disk-custom", g_strdup("--al-extents 3389"),
		g_strdup(
			"13 GiB that guests may write to without a note first; that much is resynced after a crash (User's Guide 8.4)"));
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
