/* SPDX-License-Identifier: BSD-2-Clause */
/* From a policy to steps: which objects are meant, and which setting counts for each. */
#include <string.h>

#include <libtune/host/disks.h>
#include <libtune/base/error.h>
#include <libtune/base/text.h>
#include <libtune/tuning/order-links.h>
#include <libtune/tuning/plan.h>
#include <libtune/tuning/policy.h>
#include <libtune/base/root.h>

static gint compare_rows(gconstpointer a, gconstpointer b)
{
	const TuneSetting *first = *(const TuneSetting *const *)a;
	const TuneSetting *second = *(const TuneSetting *const *)b;

	return first->param < second->param ? -1 : first->param > second->param;
}

GPtrArray *tune_settings_sort(const GPtrArray *settings)
{
	GPtrArray *sorted = g_ptr_array_new();

	for (guint i = 0; i < settings->len; i++)
		g_ptr_array_add(sorted, settings->pdata[i]);
	g_ptr_array_sort(sorted, compare_rows);
	return sorted;
}

Step *tune_plan_add_setting(TunePlan *plan, const TuneSetting *setting, const char *key,
			    const char *object)
{
	return tune_plan_add(
		plan, tune_step_new(setting->param, key, object, setting->want, setting->origin));
}

/* An attribute may be a pattern: one step for each that is there, or one that says that there is none. */
static void add_attributes(TunePlan *plan, const TuneSetting *setting)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(plan->root, setting->key);

	for (guint i = 0; i < paths->len; i++)
		tune_plan_add_setting(plan, setting, paths->pdata[i], NULL);
	if (!paths->len)
		tune_plan_add_setting(plan, setting, setting->key, NULL);
}

static void resolve_host(TunePlan *plan, const TunePolicy *policy)
{
	g_autoptr(GPtrArray) settings = tune_settings_sort(policy->settings);

	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *setting = settings->pdata[i];
		if (setting->param->section == &tune_section_attributes &&
		    strpbrk(setting->key, "*?"))
			add_attributes(plan, setting);
		else
			tune_plan_add_setting(plan, setting, setting->key, NULL);
	}
}

/* ---- disks ---- */

/* A later rule's setting takes the place of an earlier one's for the same key. */
static void overlay(GPtrArray *chosen, const GPtrArray *settings)
{
	for (guint i = 0; i < settings->len; i++) {
		TuneSetting *setting = settings->pdata[i];
		guint j = 0;
		while (j < chosen->len &&
		       strcmp(((TuneSetting *)chosen->pdata[j])->key, setting->key) != 0)
			j++;
		if (j < chosen->len)
			chosen->pdata[j] = setting;
		else
			g_ptr_array_add(chosen, setting);
	}
}

GPtrArray *tune_rules_choose(const GPtrArray *rules, gconstpointer object,
			     gboolean (*fits)(gconstpointer object, const char *const *words))
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();

	for (guint i = 0; i < rules->len; i++) {
		const TuneRule *rule = rules->pdata[i];
		if (fits(object, (const char *const *)rule->match->pdata))
			overlay(chosen, rule->settings);
	}
	return tune_settings_sort(chosen);
}

static gboolean fits_disk(gconstpointer disk, const char *const *words)
{
	return tune_disk_matches(disk, words);
}

static GPtrArray *choose(const TunePolicy *policy, const TuneDisk *disk)
{
	return tune_rules_choose(policy->rules, disk, fits_disk);
}

static void resolve_disk(TunePlan *plan, const TunePolicy *policy, const TuneDisk *disk)
{
	g_autoptr(GPtrArray) chosen = choose(policy, disk);

	for (guint i = 0; i < chosen->len; i++) {
		const TuneSetting *setting = chosen->pdata[i];
		tune_plan_add_setting(plan, setting, setting->key, disk->name);
	}
}

/* It carries volumes of a group that is not known: what would depend on the group is unknown, too. */
static void resolve_doubtful_disk(TunePlan *plan, const TunePolicy *policy, const TuneDisk *disk)
{
	TuneDisk in_use = { disk->name, disk->classes | TUNE_DISK_DRBD };
	g_autoptr(GPtrArray) if_not = choose(policy, disk);
	g_autoptr(GPtrArray) if_so = choose(policy, &in_use);
	g_autoptr(GPtrArray) either = tune_settings_sort(if_not);

	overlay(either, if_so);
	g_ptr_array_sort(either, compare_rows);
	for (guint i = 0; i < either->len; i++) {
		TuneSetting *setting = either->pdata[i];
		tune_plan_add_setting(plan, setting, setting->key, disk->name);
		if (!g_ptr_array_find(if_not, setting, NULL) ||
		    !g_ptr_array_find(if_so, setting, NULL))
			tune_step_bar(plan->steps->pdata[plan->steps->len - 1],
				      TUNE_VERDICT_UNKNOWN,
				      g_strdup("holds an LVM physical volume of unknown group: is "
					       "pvs(8) there?"));
	}
}

gboolean tune_plan_resolve_disks(TunePlan *plan, const TunePolicy *policy, GError **error)
{
	const char *const *volume_groups = (const char *const *)policy->volume_groups->pdata;
	guint wanted = tune_policy_get_disk_classes(policy);
	g_autoptr(GError) local = NULL;

	if (!policy->rules->len)
		return TRUE;
	g_autoptr(GPtrArray) disks = tune_disks_find(plan->root, wanted, volume_groups, &local);
	if (!disks && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	for (guint i = 0; disks && i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		gboolean is_doubtful = (disk->classes & TUNE_DISK_DRBD_UNKNOWN) &&
				       !(disk->classes & TUNE_DISK_DRBD);
		(is_doubtful ? resolve_doubtful_disk : resolve_disk)(plan, policy, disk);
	}
	return TRUE;
}

gboolean tune_plan_resolve(TunePlan *plan, const TunePolicy *policy, GError **error)
{
	resolve_host(plan, policy);
	if (!tune_plan_resolve_disks(plan, policy, error) ||
	    !tune_links_resolve(plan, policy, error))
		return FALSE;
	tune_plan_resolve_drbd(plan, policy, NULL);
	return TRUE;
}

/* ---- one parameter ---- */

/* A policy, and who asks, may name a parameter of the table by its path. */
static void keep_named(TunePlan *plan, const char *name, const char *path)
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

static void add_disks(TunePlan *plan, const TuneParam *param, const char *key, GError **error)
{
	g_autoptr(GPtrArray) disks = tune_disks_find(plan->root, 0, NULL, error);

	for (guint i = 0; disks && i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		if (!(disk->classes & (TUNE_DISK_STACKED | TUNE_DISK_PATH)))
			tune_plan_add(plan, tune_step_new(param, key, disk->name, NULL, NULL));
	}
}

static void add_questions(TunePlan *plan, const TuneParam *param, const char *key, GError **error)
{
	if (tune_section_is_of_links(param->section))
		tune_links_add_questions(plan, param, key, error);
	else if (param->section == &tune_section_drbd)
		tune_plan_ask_drbd(plan, param, error);
	else if (param->section == &tune_section_disks)
		add_disks(plan, param, key, error);
	else
		tune_plan_add(plan, tune_step_new(param, key, NULL, NULL, NULL));
}

/* What is known of a parameter is worth telling where no object has it, or none could be found. */
static void ask(TunePlan *plan, const TuneParam *param, const char *key)
{
	g_autoptr(GError) error = NULL;

	add_questions(plan, param, key, &error);
	gboolean is_absent = !error || g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT);
	if (!plan->steps->len)
		tune_step_bar(tune_plan_add(plan, tune_step_new(param, key, NULL, NULL, NULL)),
			      is_absent ? TUNE_VERDICT_ABSENT : TUNE_VERDICT_UNKNOWN,
			      g_strdup(error ? error->message : "nothing here has it"));
	tune_plan_look(plan);
}

static gpointer fail_unknown(const char *name, GError **error)
{
	guint n_params, best = 4;
	const TuneParam *params = tune_params(&n_params);
	g_autofree char *nearest = NULL;

	for (guint i = 0; i < n_params; i++) {
		g_autofree char *known = tune_param_name(&params[i]);
		guint distance = tune_edit_distance(known, name);
		if (distance < best) {
			best = distance;
			g_free(nearest);
			nearest = g_steal_pointer(&known);
		}
	}
	return tune_fail_null(error, TUNE_ERROR_INVALID, "%s: no such parameter%s%s%s", name,
			      nearest ? ", did you mean " : "", nearest ? nearest : "",
			      nearest ? "?" : "");
}

/* A wildcard stands for anything: only what is there, or named by the policy, is a parameter. */
static gboolean is_nothing(const TunePlan *plan)
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
	keep_named(plan, known, path);
	if (plan->steps->len)
		return g_steal_pointer(&plan);
	if (!param)
		return fail_unknown(name, error);
	ask(plan, param, key);
	if (is_nothing(plan))
		return fail_unknown(name, error);
	return g_steal_pointer(&plan);
}
