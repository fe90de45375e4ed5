/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices LVM reads, by the output of lvmconfig. */
#include <libtune/host/lvm-filter.h>

#include "tests/unit/check.h"

static void test_rows(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		const char *config;
		gboolean loop, drbd;
	} rows[] = {
		{ "nothing is set", "", TRUE, TRUE },
		{ "Debian's default", "filter=[\"a|.*|\"]\nglobal_filter=[\"a|.*|\"]\nuse_devicesfile=0\n", TRUE, TRUE },
		{ "Ganeti's advice", "filter=[\"r|/dev/drbd[0-9]+|\"]\n", TRUE, FALSE },
		{ "ours", "global_filter=[\"r|^/dev/drbd|\",\"r|^/dev/loop|\"]\nfilter=[\"a|.*|\"]\n", FALSE, FALSE },
		{ "accepted before it is rejected", "global_filter=[\"a|.*|\",\"r|^/dev/loop|\"]\n", TRUE, TRUE },
		{ "only some", "global_filter=[\"a|^/dev/sd|\",\"r|.*|\"]\n", FALSE, FALSE },
		{ "both filters count", "global_filter=[\"r|^/dev/loop|\"]\nfilter=[\"r|drbd|\"]\n", FALSE, FALSE },
		{ "another delimiter", "filter=[\"r/loop/\"]\n", FALSE, TRUE },
		{ "one string", "filter=\"r|.*|\"\n", FALSE, FALSE },
		{ "a quote in it", "filter=[\"r|\\\"x|\",\"r|loop|\"]\n", FALSE, TRUE },
		{ "a list of devices", "filter=[\"a|.*|\"]\nuse_devicesfile=1\n", FALSE, FALSE },
		{ "no pattern at all", "filter=[\"r\",\"\",\"r|(|\"]\n", TRUE, TRUE },
		{ "of another name", "my_filter=[\"r|.*|\"]\n", TRUE, TRUE },
	};
	/* clang-format on */

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].name);
		CU_ASSERT_EQUAL(tune_lvm_lets_in(rows[i].config, "/dev/loop0"), rows[i].loop);
		CU_ASSERT_EQUAL(tune_lvm_lets_in(rows[i].config, "/dev/drbd0"), rows[i].drbd);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "filters", test_rows },
		{ NULL, NULL },
	};

	return check_main("lvm-filter", checks);
}
