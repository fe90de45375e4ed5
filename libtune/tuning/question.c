/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the plan of one parameter: its current value on all objects, and the value that the policy wants. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/text.h>
#include <libtune/tuning/planner.h>
#include <libtune/tuning/resolve.h>

/* A policy, and the user, may name a parameter of the table by its path. */
static void keep_steps_of(TunePlan *plan, const char *name, const char *path)
{
	for (guint i = plan->steps->len; i-- > 0;) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (strcmp(step->name, name) != 0 && g_strcmp0(step->path, path) != 0)
			g_ptr_array_remove_index(plan->steps, i);
	}
}

static const TuneParam *find_attribute(const char *path)
{
	guint n_params;
	const TuneParam *params = tune_params(&n_params);

	for (guint i = 0; i < n_params; i++) {
		g_autofree char *own = tune_param_path(&params[i]);
		if (params[i].section->backend == &tune_backend_file && strcmp(own, path) == 0)
			return &params[i];
	}
	return tune_param_find(&tune_section_attributes, path);
}

static const TuneParam *find_named(const char *name, const char **ret_key)
{
	static const TuneSection *const prefixed[] = { &tune_section_ksm,     &tune_section_thp,
						       &tune_section_disks,   &tune_section_links,
						       &tune_section_ethtool, &tune_section_drbd };

	for (guint i = 0; i < G_N_ELEMENTS(prefixed); i++) {
		size_t length = strlen(prefixed[i]->name);
		if (strncmp(name, prefixed[i]->name, length) == 0 && name[length] == '.') {
			*ret_key = name + length + 1;
			return tune_param_find(prefixed[i], *ret_key);
		}
	}
	*ret_key = name + (*name == '/');
	if (g_str_has_prefix(*ret_key, "sys/") || g_str_has_prefix(*ret_key, "proc/"))
		return find_attribute(*ret_key);
	return **ret_key ? tune_param_find(&tune_section_sysctl, *ret_key) : NULL;
}

static void add_reading_host(TunePlan *plan, const TuneParam *param, const char *key,
			     GError **error G_GNUC_UNUSED)
{
	tune_plan_add(plan, tune_step_new(param, key, NULL, NULL, NULL));
}

/* Without an object there is a step, too, so that the parameter can be explained. */
static void add_reading_steps(TunePlan *plan, const TuneParam *param, const char *key)
{
	static void (*const add_for_objects[])(TunePlan *, const TuneParam *, const char *,
					       GError **) = {
		[TUNE_OBJECT_HOST] = add_reading_host,
		[TUNE_OBJECT_DISK] = tune_plan_add_reading_disks,
		[TUNE_OBJECT_LINK] = tune_plan_add_reading_links,
		[TUNE_OBJECT_MINOR] = tune_plan_add_reading_drbd,
	};
	g_autoptr(GError) error = NULL;

	add_for_objects[param->section->objects](plan, param, key, &error);
	gboolean is_absent = !error || g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT);
	if (!plan->steps->len)
		tune_step_finish(tune_plan_add(plan, tune_step_new(param, key, NULL, NULL, NULL)),
				 is_absent ? TUNE_VERDICT_ABSENT : TUNE_VERDICT_UNKNOWN,
				 g_strdup(error ? error->message : "nothing here has it"));
	tune_plan_prepare(plan);
}

/* The distance of @name from @known, or from its end after a dot or slash: "scheduler" can mean "disk.scheduler". */
static guint measure_distance(const char *known, const char *name)
{
	guint least = tune_edit_distance(known, name);

	for (const char *end = strpbrk(known, "./"); end; end = strpbrk(end + 1, "./")) {
		guint distance = tune_edit_distance(end + 1, name);
		/* Ends are short, so that few letters make one word another. */
		if (distance <= strlen(end + 1) / 4)
			least = MIN(least, distance);
	}
	return least;
}

static gpointer fail_unknown_name(const char *name, GError **error)
{
	guint n_params, best = 4;
	const TuneParam *params = tune_params(&n_params);
	g_autofree char *nearest = NULL;

	for (guint i = 0; i < n_params; i++) {
		g_autofree char *known = tune_param_name(&params[i]);
		guint distance = measure_distance(known, name);
		if (distance < best && !tune_param_is_wildcard(&params[i])) {
			best = distance;
			g_free(nearest);
			nearest = g_steal_pointer(&known);
		}
	}
	return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: no such parameter%s%s%s", name,
			      nearest ? ", did you mean " : "", nearest ? nearest : "",
			      nearest ? "?" : "");
}

/* A row with a "*" matches any name, but where no object has it, the name is unknown. */
static gboolean is_absent_everywhere(const TunePlan *plan)
{
	for (guint i = 0; i < plan->steps->len; i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (!tune_param_is_wildcard(step->param) || step->verdict != TUNE_VERDICT_ABSENT)
			return FALSE;
	}
	return plan->steps->len > 0;
}

TunePlan *tune_plan_new_of(TuneRoot *root, const TunePolicy *policy, const char *name,
			   GError **error)
{
	g_autoptr(TunePlan) plan = tune_plan_new(root, policy, error);
	const char *key;
	const TuneParam *param = find_named(name, &key);

	if (!plan)
		return NULL;
	if (param && !tune_param_is_wildcard(param))
		key = param->key;
	g_autofree char *known = param ? tune_section_format_name(param->section, key)
				       : g_strdup(name);
	g_autofree char *path = param ? tune_section_format_path(param->section, key, NULL) : NULL;
	keep_steps_of(plan, known, path);
	if (plan->steps->len)
		return g_steal_pointer(&plan);
	if (!param)
		return fail_unknown_name(name, error);
	add_reading_steps(plan, param, key);
	if (is_absent_everywhere(plan))
		return fail_unknown_name(name, error);
	return g_steal_pointer(&plan);
}
