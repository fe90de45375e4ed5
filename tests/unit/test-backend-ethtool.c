/* SPDX-License-Identifier: BSD-2-Clause */
/* Features and rings, on a host whose network cards are files. */
#include <string.h>

#include <libtune/tuning/plan.h>
#include <libtune/base/root.h>

#include "tests/unit/check.h"
#include "tests/unit/link-host.h"

#define WAIT_MS 100
#define FEATURE "ethtool/eth1/feature/"

#define OFFLOADS                                                                                   \
	NET "eth1/mtu = 1500\n" FEATURE "tx-scatter-gather = on\n" FEATURE                         \
	    "tx-scatter-gather-fraglist = off [fixed]\n" FEATURE                                   \
	    "tx-tcp-segmentation = on\n" FEATURE "tx-tcp6-segmentation = on\n" FEATURE             \
	    "tx-tcp-mangleid-segmentation = off\n" FEATURE "rx-lro = off [fixed]\n" FEATURE        \
	    "rx-gro = on\n" FEATURE "highdma = on [fixed]\n"                                       \
	    "ethtool/eth1/ring/rx = 512 of 4096\nethtool/eth1/ring/tx = 512 of 512\n"

static const struct {
	const char *settings;
	const char *plan;
} offloads[] = {
	{ "feature/tso: off", "ethtool.feature/tso eth1 on>off would-change\n" },
	{ "feature/tso: on", "ethtool.feature/tso eth1 on>on same\n" },
	{ "feature/lro: off", "ethtool.feature/lro eth1 off>off same\n" },
	{ "feature/lro: on",
	  "ethtool.feature/lro eth1 off>on absent: 'on' is not possible: shows 'off [fixed]'\n" },
	{ "feature/gso: off", "ethtool.feature/gso eth1 ->off absent\n" },
	{ "feature/tx-tcp6-segmentation: off",
	  "ethtool.feature/tx-tcp6-segmentation eth1 on>off would-change\n" },
	{ "feature/no-such-one: off", "ethtool.feature/no-such-one eth1 ->off absent\n" },
	{ "ring/rx: max", "ethtool.ring/rx eth1 512>4096 would-change\n" },
	{ "ring/rx: 5000",
	  "ethtool.ring/rx eth1 512>5000 refused: '5000' is not possible: shows '512 of 4096'\n" },
	{ "ring/tx: max", "ethtool.ring/tx eth1 512>512 same\n" },
	{ "ring/rx-jumbo: max", "ethtool.ring/rx-jumbo eth1 ->max absent\n" },
};

static void test_offloads(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);

	for (size_t i = 0; i < G_N_ELEMENTS(offloads); i++) {
		check_row(offloads[i].settings);
		g_autofree char *policy = g_strdup_printf(RULE("eth1", "%s"), offloads[i].settings);
		g_autoptr(TunePlan) plan = link_plan(root, policy, NULL);
		g_autofree char *text = link_describe(plan);
		CHECK_TEXT(text, offloads[i].plan);
	}
}

static const char *const features[] = { FEATURE "tx-scatter-gather",
					FEATURE "tx-tcp-segmentation",
					FEATURE "tx-tcp6-segmentation",
					FEATURE "tx-tcp-mangleid-segmentation",
					FEATURE "rx-gro",
					"ethtool/eth1/ring/rx" };

static char *dump(TuneRoot *root)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(features); i++) {
		g_autofree char *shown = tune_root_read(root, features[i], NULL);
		g_string_append_printf(text, "%s ", shown);
	}
	return g_string_free(text, FALSE);
}

/* A group is switched off, then on with more features than before; a revert restores each feature. */
static void test_bit_by_bit(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = link_plan(
		root, RULE("eth1", "feature/tso: off, feature/sg: off, ring/rx: max"), NULL);
	g_autofree char *before = dump(root);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *between = dump(root);
	CHECK_TEXT(between, "off off off off on 4096 of 4096 ");
	g_autoptr(TunePlan) on = link_plan(root, RULE("eth1", "feature/tso: on"), NULL);
	CU_ASSERT(tune_plan_apply(on, WAIT_MS, &error));
	g_autofree char *more = dump(root);
	CHECK_TEXT(more, "off on on on on 4096 of 4096 ");
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CU_ASSERT(tune_plan_apply(back, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autofree char *after = dump(root);
	CHECK_TEXT(after, before);
	CU_ASSERT(tune_plan_is_fulfilled(back));
}

/* A revert writes each feature, not the group: that would also turn on features that were off before. */
static void test_no_group(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = link_plan(root, RULE("eth1", "feature/tso: off"), NULL);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CHECK_NO_ERROR(error);
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	for (guint i = 0; i < tune_plan_get_length(back); i++)
		CU_ASSERT(strcmp(tune_plan_get_step(back, i)->name, "ethtool.feature/tso") != 0);
	CU_ASSERT_EQUAL(tune_plan_count(back, TUNE_VERDICT_WOULD_CHANGE), 2);
}

/* When a card was replaced, the new one must not get the old one's values. */
static void test_another_card(void)
{
	g_autoptr(TuneRoot) root = check_host(MACHINE CLUSTER OFFLOADS);
	g_autoptr(GError) error = NULL;
	g_autoptr(TunePlan) off = link_plan(root, RULE("eth1", "feature/gro: off"), NULL);

	CU_ASSERT(tune_plan_apply(off, WAIT_MS, &error));
	CU_ASSERT(tune_root_write(root, NET "eth1/ifindex", "11", &error));
	g_autoptr(TunePlan) back = tune_plan_new_revert(root, &error);
	CU_ASSERT(tune_plan_apply(back, WAIT_MS, &error));
	g_autofree char *shown = tune_root_read(root, FEATURE "rx-gro", NULL);
	CHECK_TEXT(shown, "off");
}

int main(void)
{
	static const Check checks[] = {
		{ "features and rings", test_offloads },
		{ "features are put back bit by bit", test_bit_by_bit },
		{ "a group is not put back as one", test_no_group },
		{ "another card of the same name", test_another_card },
		{ NULL, NULL },
	};

	return check_main("backend-ethtool", checks);
}
