/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in a directory of a host, and files that match a pattern. */
#include <libtune/base/root.h>

#include "tests/unit/check.h"

static char *join(GPtrArray *names)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (guint i = 0; names && i < names->len; i++)
		g_ptr_array_add(all, names->pdata[i]);
	g_ptr_array_add(all, NULL);
	return g_strjoinv(" ", (char **)all->pdata);
}

static void test_list(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneRoot) root = check_host("b/sda10 = 1\n"
					      "b/sda2 = 1\n"
					      "b/sda1/x = 1\n"
					      "b/nvme10n1 -> nowhere\n"
					      "b/nvme2n1 = 1\n"
					      "b/.hidden = 1\n");
	g_autoptr(GPtrArray) names = tune_root_list(root, "b", &error);
	g_autofree char *all = join(names);

	CHECK_NO_ERROR(error);
	CHECK_TEXT(all, ".hidden nvme2n1 nvme10n1 sda1 sda2 sda10");
}

static void test_glob(void)
{
	static const struct {
		const char *pattern;
		const char *found;
	} rows[] = {
		{ "b/*/q/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "/b/*/q/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "b/sd?/q/s", "b/sda/q/s b/sdb/q/s" },
		{ "b/*/*/s", "b/sda/q/s b/sdb/q/s b/sdb10/q/s" },
		{ "*/sdb*/q/?", "b/sdb/q/s b/sdb10/q/s" },
		{ "b/link/*", "b/link/s" },
		{ "b/sda/q/s", "b/sda/q/s" },
		{ "b/sda/q/none", "" },
		{ "b/*/q/none", "" },
		{ "none/*/q", "" },
		{ "b/empty/*", "" },
		/* A pattern does not lead out of the root. */
		{ "out/self/stat?", "" },
		{ "../../b/sd?/q/s", "../../b/sda/q/s ../../b/sdb/q/s" },
	};
	g_autoptr(TuneRoot) root = check_host("b/sdb10/q/s = 1\n"
					      "b/sdb/q/s = 1\n"
					      "b/sda/q/s = 1\n"
					      "b/link -> /b/sda/q\n"
					      "b/empty/ /\n"
					      "out -> /proc\n");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		check_row(rows[i].pattern);
		g_autoptr(GPtrArray) paths = tune_root_glob(root, rows[i].pattern);
		g_autofree char *found = join(paths);
		CHECK_TEXT(found, rows[i].found);
	}
}

int main(void)
{
	static const Check checks[] = {
		{ "list", test_list },
		{ "glob", test_glob },
		{ NULL, NULL },
	};

	return check_main("root-list", checks);
}
