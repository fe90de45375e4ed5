/* SPDX-License-Identifier: BSD-2-Clause */
/* Ganeti's disk parameters for DRBD.  Sources: Ganeti, lib/storage/drbd_cmdgen.py, gnt-cluster(8). */
#include <string.h>

#include <libtune/ganeti/drbd-parameters.h>
#include <libtune/base/json.h>
#include <libtune/base/root.h>

#define CONFIG "var/lib/ganeti/config.data"

/* clang-format off */
static const struct {
	const char *key;
	const char *option;
	gboolean is_dynamic;
} numbers[] = {
	{ "resync-rate",    "disk/resync-rate",    FALSE },
	{ "c-plan-ahead",   "disk/c-plan-ahead",   TRUE },
	{ "c-fill-target",  "disk/c-fill-target",  TRUE },
	{ "c-delay-target", "disk/c-delay-target", TRUE },
	{ "c-min-rate",     "disk/c-min-rate",     TRUE },
	{ "c-max-rate",     "disk/c-max-rate",     TRUE },
};
/* clang-format on */

/* ---- units ---- */

static gint64 get_unit(const char *option)
{
	if (g_str_has_suffix(option, "-rate"))
		return 1024;
	return g_str_has_suffix(option, "-fill-target") || g_str_has_suffix(option, "-fill") ? 512
											     : 1;
}

/* Like new_strtoll() of drbd-utils, which also takes sectors, and rounds up. */
char *tune_drbd_convert(const char *option, const char *value)
{
	static const struct {
		char letter;
		guint shift;
	} units[] = { { 's', 9 }, { 'k', 10 }, { 'm', 20 }, { 'g', 30 } };
	gint64 unit = get_unit(option);
	char *end;
	gint64 number = g_ascii_strtoll(value, &end, 10);

	if (end == value || !*end || end[1] || number < 0 || number > G_MAXINT32)
		return g_strdup(value);
	for (guint i = 0; i < G_N_ELEMENTS(units); i++)
		if (units[i].letter == g_ascii_tolower(*end))
			return g_strdup_printf("%" G_GINT64_FORMAT,
					       ((number << units[i].shift) + unit - 1) / unit);
	return g_strdup(value);
}

/* ---- one parameter ---- */

static void parameter_free(gpointer data)
{
	TuneDrbdParameter *parameter = data;

	g_free(parameter->option);
	g_free(parameter->value);
	g_free(parameter);
}

static void add_parameter(GPtrArray *parameters, const char *option, const char *value,
			  const char *key)
{
	TuneDrbdParameter *parameter = g_new(TuneDrbdParameter, 1);

	*parameter = (TuneDrbdParameter){ g_strdup(option), tune_drbd_convert(option, value), key };
	g_ptr_array_add(parameters, parameter);
}

static gboolean has_option(const GPtrArray *parameters, const char *option)
{
	for (guint i = 0; i < parameters->len; i++)
		if (strcmp(((const TuneDrbdParameter *)parameters->pdata[i])->option, option) == 0)
			return TRUE;
	return FALSE;
}

/*
 * "--max-buffers 8192 --sndbuf-size=512k", split like a shell does.  An option for which Ganeti has a parameter of its
 * own is skipped: Ganeti sets that parameter after it has attached the disk with these options.
 */
static void add_custom(GPtrArray *parameters, const char *text, const char *group, const char *key)
{
	g_auto(GStrv) words = NULL;
	int n_words;

	if (!text || !g_shell_parse_argv(text, &n_words, &words, NULL))
		return;
	for (char **word = words; *word; word++) {
		char *equals = strchr(*word, '=');
		const char *value = equals ? equals + 1 : word[1];
		if (!g_str_has_prefix(*word, "--") || !value)
			continue;
		if (equals)
			*equals = '\0';
		g_autofree char *option = g_strconcat(group, "/", *word + 2, NULL);
		if (!has_option(parameters, option))
			add_parameter(parameters, option, value, key);
	}
}

/* ---- Ganeti's configuration ---- */

static const char *find_group(json_t *config, const char *node_name)
{
	const char *uuid;
	json_t *node;

	json_object_foreach (json_object_get(config, "nodes"), uuid, node)
		if (g_strcmp0(json_string_value(json_object_get(node, "name")), node_name) == 0)
			return json_string_value(json_object_get(node, "group"));
	return NULL;
}

static const json_t *get_parameter(const json_t *holder, const char *key)
{
	const json_t *parameters = json_object_get(holder, "diskparams");

	return json_object_get(json_object_get(parameters, "drbd"), key);
}

/* A group's own value takes precedence over the cluster's. */
static const json_t *get_value(const json_t *config, const char *group, const char *key)
{
	const json_t *groups = json_object_get(config, "nodegroups");
	const json_t *own = group ? get_parameter(json_object_get(groups, group), key) : NULL;

	return own ? own : get_parameter(json_object_get(config, "cluster"), key);
}

static void add_numbers(GPtrArray *parameters, const json_t *config, const char *group)
{
	gboolean is_dynamic = FALSE;
	gint64 number;

	tune_json_boolean(get_value(config, group, "dynamic-resync"), &is_dynamic);
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		if (numbers[i].is_dynamic != is_dynamic ||
		    !tune_json_number(get_value(config, group, numbers[i].key), &number))
			continue;
		g_autofree char *value = g_strdup_printf("%" G_GINT64_FORMAT, number);
		add_parameter(parameters, numbers[i].option, value, numbers[i].key);
	}
}

static GPtrArray *read_parameters(json_t *config, const char *node_name)
{
	GPtrArray *parameters = g_ptr_array_new_with_free_func(parameter_free);
	const char *group = find_group(config, node_name);

	add_numbers(parameters, config, group);
	add_custom(parameters, json_string_value(get_value(config, group, "disk-custom")), "disk",
		   "disk-custom");
	add_custom(parameters, json_string_value(get_value(config, group, "net-custom")), "net",
		   "net-custom");
	return parameters;
}

GPtrArray *tune_drbd_read_cluster(TuneRoot *root)
{
	g_autofree char *text = tune_root_read(root, CONFIG, NULL);
	g_autofree char *node_name = text ? tune_ganeti_node_name(root, NULL) : NULL;

	if (!node_name)
		return NULL;
	json_auto_t *config = tune_json_parse(text, strlen(text), CONFIG, NULL);
	return json_is_object(json_object_get(config, "cluster"))
		       ? read_parameters(config, node_name)
		       : NULL;
}
