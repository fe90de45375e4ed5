/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/ganeti/node.h>
#include <libtune/host/disks.h>
#include <libtune/tuning/dirty-auto.h>
#include <libtune/tuning/drbd-auto.h>

#define MIB G_GINT64_CONSTANT(1048576)
#define KIB_PER_MIB 1024

/* Writing back starts after a second, and writers wait after four; within bounds that suit any node. */
/* clang-format off */
static const struct {
	const char *key;
	gint64 seconds;
	gint64 least;
	gint64 most;
} limits[] = {
	{ "vm.dirty_background_bytes", 1, 64 * MIB,  1024 * MIB },
	{ "vm.dirty_bytes",            4, 256 * MIB, 4096 * MIB },
};

/* MiB/s that a disk of this kind writes in a row, on the low side; what it really writes only a test of it tells. */
static const struct {
	guint class;
	gint64 rate;
	const char *noun;
} kinds[] = {
	{ TUNE_DISK_ROTATIONAL, 150,  "a disk that turns" },
	{ TUNE_DISK_SSD,        400,  "an SSD" },
	{ TUNE_DISK_NVME,       1500, "an NVMe disk" },
};
/* clang-format on */

/** @rate: MiB/s, 0 when nothing is known; @noun: what has it; @why: the link's speed is not known, and could be less */
typedef struct {
	gint64 rate;
	char *noun;
	char *why;
} Slowest;

static void consider(Slowest *slowest, gint64 rate, const char *noun)
{
	if (!rate || (slowest->rate && slowest->rate <= rate))
		return;
	slowest->rate = rate;
	g_free(slowest->noun);
	slowest->noun = g_strdup(noun);
}

/* Only disks with Ganeti's volumes: guests write to no other. */
static void consider_disks(const TunePlan *plan, const TunePolicy *policy, Slowest *slowest)
{
	const guint wanted = TUNE_DISK_DRBD | TUNE_DISK_ROTATIONAL | TUNE_DISK_SSD;
	const char *const *groups = (const char *const *)policy->volume_groups->pdata;
	g_autoptr(GPtrArray) disks = tune_disks_find(plan->root, wanted, groups, NULL);

	for (guint i = 0; disks && i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		for (guint j = 0; j < G_N_ELEMENTS(kinds); j++) {
			g_autofree char *noun = g_strdup_printf("%s, %s", disk->name,
								kinds[j].noun);
			if (disk->classes & TUNE_DISK_DRBD && disk->classes & kinds[j].class)
				consider(slowest, kinds[j].rate, noun);
		}
	}
}

/* At boot nothing is connected yet, but the node has its address in the network of DRBD.  A host without one has no link. */
static gint64 find_link(const TunePlan *plan, const TunePolicy *policy, char **ret_why)
{
	gint64 link = policy->drbd.link ? policy->drbd.link
					: tune_drbd_find_link(plan->facts, ret_why);
	g_autofree char *address = link ? NULL
					: tune_ganeti_get_address(plan->root,
								  TUNE_NETWORK_REPLICATION);

	if (link)
		return link;
	g_clear_pointer(ret_why, g_free);
	return address ? tune_drbd_find_speed(plan->facts, address, ret_why) : 0;
}

static Slowest find_slowest(const TunePlan *plan, const TunePolicy *policy)
{
	Slowest slowest = { 0, NULL, NULL };
	gint64 link = find_link(plan, policy, &slowest.why);

	consider(&slowest, link / KIB_PER_MIB, "the replication link");
	consider_disks(plan, policy, &slowest);
	return slowest;
}

static guint find_limit(const TuneParam *param)
{
	guint i = 0;

	while (i < G_N_ELEMENTS(limits) && strcmp(limits[i].key, param->key) != 0)
		i++;
	return i;
}

gboolean tune_dirty_can_be_auto(const TuneParam *param)
{
	return param->section == &tune_section_sysctl && find_limit(param) < G_N_ELEMENTS(limits);
}

void tune_dirty_add(TunePlan *plan, const TunePolicy *policy, const TuneSetting *setting)
{
	guint index = find_limit(setting->param);
	Slowest slowest = find_slowest(plan, policy);
	g_autofree char *noun = slowest.noun;
	g_autofree char *why = slowest.why;
	gboolean is_known = slowest.rate && !why;
	gint64 asked = limits[index].seconds * slowest.rate * MIB;
	gint64 value = CLAMP(asked, limits[index].least, limits[index].most);
	g_autofree char *want = is_known ? g_strdup_printf("%" G_GINT64_FORMAT, value)
					 : g_strdup(setting->want);
	Step *step = tune_plan_add(
		plan, tune_step_new(setting->param, setting->key, NULL, want, setting->origin));

	if (!is_known) {
		tune_step_finish(
			step, TUNE_VERDICT_UNKNOWN,
			why ? g_strdup_printf(
				      "the speed of the replication link is not known (%s): say drbd: link, or a number",
				      why)
			    : g_strdup("neither the link's speed nor a disk with Ganeti's volumes "
				       "is known: say drbd: link, or a number"));
		return;
	}
	step->reason = g_strdup_printf("%" G_GINT64_FORMAT " s of %s, %" G_GINT64_FORMAT " MiB/s%s",
				       limits[index].seconds, noun, slowest.rate,
				       value == asked  ? ""
				       : value < asked ? ", and no more than this"
						       : ", and no less than this");
}
