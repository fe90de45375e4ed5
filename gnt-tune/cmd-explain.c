/* SPDX-License-Identifier: BSD-2-Clause */
/* explain: the current value of a parameter, the wanted one, and who else sets it. */
#include "gnt-tune/commands.h"
#include "gnt-tune/steps.h"

const Column explain_columns[] = {
	{ "param", FALSE, "name of the parameter" },
	{ "object", FALSE, "the disk or interface it belongs to" },
	{ "what", TRUE, "which fact" },
	{ "text", TRUE, "value" },
	{ NULL, FALSE, NULL },
};

static void add_fact(Table *table, const TuneStep *step, const char *what, const char *text)
{
	const char *cells[] = { step->name, step->object, what, text };

	if (text)
		table_add(table, cells);
}

static void add_wanted(Table *table, const TuneStep *step)
{
	g_autofree char *wanted = step->want ? g_strdup_printf("%s (%s)", step->want, step->origin)
					     : NULL;

	add_fact(table, step, "wanted", wanted ? wanted : "nothing: it is not in the policy");
	if (step->want)
		add_fact(table, step, "verdict", tune_verdict_name(step->verdict));
	if (step->want || !step->have)
		add_fact(table, step, "because", step->note);
}

static void add_origin(Table *table, const TuneStep *step, const TuneOrigin *origin)
{
	const char *value = origin->value ? origin->value : "(decided at run time)";
	g_autofree char *text =
		origin->condition
			? g_strdup_printf("%s: %s, if %s", origin->place, value, origin->condition)
			: g_strdup_printf("%s: %s%s", origin->place, value,
					  origin->wins ? ", the last one at boot" : "");
	g_autofree char *what = g_strdup_printf("set by %s", origin->who);

	add_fact(table, step, what, text);
}

static gboolean add_origins(Table *table, TuneRoot *root, const TuneStep *step, GError **error)
{
	g_autoptr(GPtrArray) origins = tune_origins_find(root, step, error);

	if (!origins)
		return FALSE;
	for (guint i = 0; i < origins->len; i++)
		add_origin(table, step, origins->pdata[i]);
	return TRUE;
}

static gboolean explain_step(Table *table, TuneRoot *root, const TuneStep *step, GError **error)
{
	const TuneParam *param = step->param;

	add_fact(table, step, "parameter", step->name);
	add_fact(table, step, "of", step->object);
	add_fact(table, step, "does", param->summary);
	add_fact(table, step, "now", step->have ? step->have : tune_verdict_name(step->verdict));
	add_wanted(table, step);
	if (!add_origins(table, root, step, error))
		return FALSE;
	add_fact(table, step, "values", param->domain);
	add_fact(table, step, "compares", tune_param_compares(param));
	add_fact(table, step, "depends on", param->after);
	add_fact(table, step, "one with", param->pair);
	add_fact(table, step, "risk", tune_risk_name(param->risk));
	for (const char *const *line = tune_param_get_advice(param); *line; line++)
		add_fact(table, step, "known", *line);
	add_fact(table, step, "path", step->path);
	add_fact(table, step, "source", param->source);
	return TRUE;
}

static int explain_parameter(const Options *options, const char *name, GError **error)
{
	g_autoptr(TuneRoot) root = NULL;
	g_autoptr(TunePolicy) policy = NULL;
	g_autoptr(Table) table = table_new("explanation", explain_columns, options, error);

	if (!table || !steps_load(options, &root, &policy, error))
		return EXIT_FAILED;
	g_autoptr(TunePlan) plan = tune_plan_new_of(root, policy, name, error);
	if (!plan)
		return EXIT_FAILED;
	const char *blank[] = { "", "", "", "" };
	for (guint i = 0; i < tune_plan_get_length(plan); i++) {
		if (i && !options->json && !options->separator)
			table_add(table, blank);
		if (!explain_step(table, root, tune_plan_get_step(plan, i), error))
			return EXIT_FAILED;
	}
	table_print(table);
	return EXIT_AS_WANTED;
}

int run_explain(const Options *options, char **arguments, GError **error)
{
	Options quiet = *options;

	if (!arguments[0] || arguments[1]) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "explain takes one parameter, see gnt-tune list");
		return EXIT_FAILED;
	}
	quiet.no_headers = quiet.no_headers || !(options->json || options->separator);
	return explain_parameter(&quiet, arguments[0], error);
}
