/* SPDX-License-Identifier: BSD-2-Clause */
/* How much page cache may be dirty, by the slowest of link and disks. */
#include <string.h>

#include <libtune/base/root.h>
#include <libtune/tuning/policy.h>

#include "tests/unit/check.h"

#define VALUES "proc/sys/vm/dirty_bytes = 0\nproc/sys/vm/dirty_background_bytes = 0\n"
/* A disk of xenvg; which kind it is, its name and its queue tell. */
#define VOLUME(disk, rotational)                                                                   \
	"sys/block/" disk "/queue/rotational = " rotational "\n"                                   \
	"sys/class/block/" disk "/holders/dm-0 -> ../../dm-0\n"                                    \
	"sys/class/block/dm-0/dm/uuid = "                                                          \
	"LVM-8Bwyu3HKrv5sSNTifv6uCZ5XTkJoMXeDqnM2y0UBlhvqnWI9c7wnycMqKT4EPnd4\n"                   \
	"sys/class/block/dm-0/dm/name = xenvg-disk0_data\n"

/* A node of a cluster with a network for DRBD. */
#define NODE                                                                                       \
	"proc/sys/kernel/hostname = n1\nvar/lib/ganeti/ssconf_node_secondary_ips = n1 10.0.1.1\n"  \
	"proc/net/route = br0\t0001000A\t00000000\t1\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"

static const struct {
	const char *label;
	const char *host;
	const char *drbd;
	const char *background;
	const char *limit;
	const char *note;
} rows[] = {
	{ "a link of 1 Gb/s", VOLUME("sda", "0"), "link: 1G", "124780544", "499122176",
	  "4 s of the replication link, 119 MiB/s" },
	{ "a disk that turns behind 10 Gb/s", VOLUME("sda", "1"), "link: 10G", "157286400",
	  "629145600", "4 s of sda, a disk that turns, 150 MiB/s" },
	{ "an SSD behind 10 Gb/s", VOLUME("sda", "0"), "link: 10G", "419430400", "1677721600",
	  "4 s of sda, an SSD, 400 MiB/s" },
	{ "NVMe behind 25 Gb/s: the most", VOLUME("nvme0n1", "0"), "link: 25G", "1073741824",
	  "4294967296", "4 s of nvme0n1, an NVMe disk, 1500 MiB/s, and no more than this" },
	{ "a link of 100 Mb/s: the least", VOLUME("sda", "0"), "link: 100M", "67108864",
	  "268435456", "4 s of the replication link, 11 MiB/s, and no less than this" },
	{ "disks alone", VOLUME("sda", "0"), "", "419430400", "1677721600",
	  "4 s of sda, an SSD, 400 MiB/s" },
	{ "at boot, before DRBD is connected: the link by the node's own address",
	  VOLUME("sda", "0") NODE "sys/class/net/br0/speed = 1000\n", "", "124780544", "499122176",
	  "4 s of the replication link, 119 MiB/s" },
	{ "a link of unknown speed could be the slowest", VOLUME("sda", "0") NODE, "", "auto",
	  "auto",
	  "the speed of the replication link is not known (br0 does not tell its speed): say drbd: link, or a number" },
	{ "nothing is known", "sys/block/vda/queue/rotational = 1\n", "", "auto", "auto",
	  "neither the link's speed nor a disk with Ganeti's volumes is known: say drbd: link, or "
	  "a number" },
};

static void check_dirty(const char *more, const char *drbd, const char *background,
			const char *limit, const char *note)
{
	g_autofree char *text = g_strconcat(VALUES, more, NULL);
	g_autofree char *yaml = g_strdup_printf("sysctl: {vm.dirty_background_bytes: auto, "
						"vm.dirty_bytes: auto}\ndrbd: {%s}\n",
						drbd);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host(text);
	g_autoptr(TunePolicy) policy = tune_policy_parse(yaml, strlen(yaml), "p", &error);
	CHECK_NO_ERROR(error);
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, &error);
	CHECK_NO_ERROR(error);
	CHECK_TEXT(tune_plan_get_step(plan, 0)->want, background);
	CHECK_TEXT(tune_plan_get_step(plan, 1)->want, limit);
	CHECK_TEXT(tune_plan_get_step(plan, 1)->note, note);
	CU_ASSERT_EQUAL(tune_plan_get_step(plan, 1)->verdict,
			strcmp(limit, "auto") ? TUNE_VERDICT_WOULD_CHANGE : TUNE_VERDICT_UNKNOWN);
}

static void test_rows(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].label);
		check_dirty(rows[i].host, rows[i].drbd, rows[i].background, rows[i].limit,
			    rows[i].note);
	}
}

static void test_only_bytes(void)
{
	static const char *const others[] = { "sysctl: {vm.dirty_ratio: auto}",
					      "sysctl: {vm.swappiness: auto}" };

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(GError) error = NULL;
		check_row(others[i]);
		CU_ASSERT_PTR_NULL(tune_policy_parse(others[i], strlen(others[i]), "p", &error));
		CHECK_ERROR(error, TUNE_ERROR_SYNTAX);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "values and reasons", test_rows },
		{ "no other parameter", test_only_bytes },
		{ NULL, NULL },
	};

	return check_main("dirty-auto", checks);
}
