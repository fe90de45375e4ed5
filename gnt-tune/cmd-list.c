/* SPDX-License-Identifier: BSD-2-Clause */
/* list: the library's table of parameters. */
#include "gnt-tune/commands.h"

const Column list_columns[] = {
	{ "param", TRUE, "name, as in a policy and in the output of plan" },
	{ "compares", TRUE, "how the current value is compared with the wanted one" },
	{ "values", TRUE, "the values that it takes; - when only the kernel knows" },
	{ "risk", TRUE, "what changing it may cost" },
	{ "summary", TRUE, "what it does" },
	{ "path", FALSE, "where it is below the root" },
	{ "after", FALSE, "the parameter whose write resets it" },
	{ "pair", FALSE, "the same setting in another unit" },
	{ "source", FALSE, "where its meaning is documented" },
	{ NULL, FALSE, NULL },
};

static void add_param(Table *table, const TuneParam *param)
{
	g_autofree char *name = tune_param_name(param);
	g_autofree char *path = tune_param_path(param);
	const char *cells[] = { name,           tune_param_compares(param),
				param->domain,  tune_risk_name(param->risk),
				param->summary, path,
				param->after,   param->pair,
				param->source };

	table_add(table, cells);
}

int run_list(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("parameters", list_columns, options, error);
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	if (!table)
		return EXIT_FAILED;
	for (guint i = 0; i < n_params; i++)
		add_param(table, &params[i]);
	table_print(table);
	return EXIT_AS_WANTED;
}
