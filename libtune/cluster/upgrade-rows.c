/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/cluster/upgrade.h>

const char *tune_upgrade_kind_name(TuneUpgradeKind kind)
{
	static const char *const names[] = {
		[TUNE_UPGRADE_FREEZE] = "freeze",   [TUNE_UPGRADE_RESTART] = "restart",
		[TUNE_UPGRADE_STEP] = "step",       [TUNE_UPGRADE_DONE] = "done",
		[TUNE_UPGRADE_BLOCKED] = "blocked", [TUNE_UPGRADE_LIFT] = "lift",
	};

	return names[kind];
}

static void free_row(gpointer data)
{
	TuneUpgradeRow *row = data;

	g_free(row->object);
	g_free(row->what);
	g_free(row);
}

GPtrArray *tune_upgrade_rows_new(void)
{
	return g_ptr_array_new_with_free_func(free_row);
}

TuneUpgradeRow *tune_upgrade_add(GPtrArray *rows, TuneUpgradeKind kind, const char *object,
				 char *what)
{
	TuneUpgradeRow *row = g_new0(TuneUpgradeRow, 1);

	row->kind = kind;
	row->object = g_strdup(object);
	row->what = what;
	g_ptr_array_add(rows, row);
	return row;
}
