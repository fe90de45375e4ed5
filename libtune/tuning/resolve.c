/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes steps for the host and its disks: finds the disks, and the setting that counts for each. */
#include <fcntl.h>
#include <string.h>

#include <libtune/host/disks.h>
#include <libtune/base/error.h>
#include <libtune/tuning/dirty-auto.h>
#include <libtune/tuning/drbd-auto.h>
#include <libtune/tuning/resolve.h>
#include <libtune/base/root.h>

/* An attribute may be a pattern: one step for each match, or one step, absent, without a match. */
static void add_attributes(TunePlan *plan, const TuneSetting *setting)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(plan->root, setting->key);

	for (guint i = 0; i < paths->len; i++)
		tune_plan_add_setting(plan, setting, paths->pdata[i], NULL);
	if (!paths->len)
		tune_plan_add_setting(plan, setting, setting->key, NULL);
}

void tune_plan_resolve_host(TunePlan *plan, const TunePolicy *policy)
{
	g_autoptr(GPtrArray) settings = tune_settings_sort(policy->settings);

	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *setting = settings->pdata[i];
		if (setting->param->section == &tune_section_attributes &&
		    strpbrk(setting->key, "*?"))
			add_attributes(plan, setting);
		else if (tune_dirty_can_be_auto(setting->param) &&
			 strcmp(setting->want, TUNE_DRBD_AUTO) == 0)
			tune_dirty_add(plan, policy, setting);
		else
			tune_plan_add_setting(plan, setting, setting->key, NULL);
	}
}

/* ---- disks ---- */

static gboolean fits_disk(gconstpointer disk, const char *const *words)
{
	return tune_disk_matches(disk, words);
}

static const TuneRuleObjects objects = { "disk", fits_disk, tune_disk_class_from_word };

static GPtrArray *choose_settings(const TunePolicy *policy, const TuneDisk *disk)
{
	return tune_rules_choose(policy->rules, disk, &objects);
}

/* The scheduler's own attributes come and go with it, so they are where the scheduler is. */
static gboolean has_attribute(const TunePlan *plan, const char *disk, const char *key)
{
	const char *lasting = g_str_has_prefix(key, "iosched/") ? "scheduler" : key;
	g_autofree char *path = tune_section_format_path(&tune_section_disks, lasting, disk);
	g_auto(filedesc) fd = tune_root_open_file(plan->root, path, O_PATH, 0, NULL);

	return fd >= 0;
}

static gboolean has_paths(const GPtrArray *disks, const TuneDisk *disk)
{
	for (guint i = 0; i < disks->len; i++)
		if (g_strcmp0(((const TuneDisk *)disks->pdata[i])->head, disk->name) == 0)
			return TRUE;
	return FALSE;
}

/*
 * What counts for a path of an NVMe namespace: the settings of its disk that the disk has no attribute for, and those of
 * rules that name the path itself.
 */
static GPtrArray *choose_path_settings(const TunePlan *plan, const TunePolicy *policy,
				       const TuneDisk *path, const TuneDisk *head)
{
	g_autoptr(GPtrArray) of_head = choose_settings(policy, head);
	g_autoptr(GPtrArray) own = choose_settings(policy, path);
	g_autoptr(GPtrArray) both = g_ptr_array_new();

	for (guint i = 0; i < of_head->len; i++) {
		const TuneSetting *setting = of_head->pdata[i];
		if (!has_attribute(plan, head->name, setting->key))
			g_ptr_array_add(both, (gpointer)setting);
	}
	tune_settings_overlay(both, own);
	return tune_settings_sort(both);
}

/* With @classes, a path's disk or the disk itself is taken to be of these, too. */
static GPtrArray *choose_if(const TunePlan *plan, const TunePolicy *policy, const GPtrArray *disks,
			    const TuneDisk *disk, guint classes)
{
	const TuneDisk *head = disk->head ? tune_disks_get(disks, disk->head) : NULL;
	TuneDisk taken = head ? *head : *disk;

	taken.classes |= classes;
	return head ? choose_path_settings(plan, policy, disk, &taken)
		    : choose_settings(policy, &taken);
}

/* Leaves the attributes that an NVMe disk does not have to its paths. */
static gboolean is_of_paths(const TunePlan *plan, const GPtrArray *disks, const TuneDisk *disk,
			    const TuneSetting *setting)
{
	return disk->classes & TUNE_DISK_NVME && !disk->head && has_paths(disks, disk) &&
	       !has_attribute(plan, disk->name, setting->key);
}

static void resolve_disk(TunePlan *plan, const TunePolicy *policy, const GPtrArray *disks,
			 const TuneDisk *disk)
{
	g_autoptr(GPtrArray) chosen = choose_if(plan, policy, disks, disk, 0);

	for (guint i = 0; i < chosen->len; i++) {
		const TuneSetting *setting = chosen->pdata[i];
		if (!is_of_paths(plan, disks, disk, setting))
			tune_plan_add_setting(plan, setting, setting->key, disk->name);
	}
}

/* The disk has volumes of an unknown group, so settings that depend on the group are unknown, too. */
static void resolve_doubtful_disk(TunePlan *plan, const TunePolicy *policy, const GPtrArray *disks,
				  const TuneDisk *disk)
{
	g_autoptr(GPtrArray) if_not = choose_if(plan, policy, disks, disk, 0);
	g_autoptr(GPtrArray) if_so = choose_if(plan, policy, disks, disk, TUNE_DISK_DRBD);
	g_autoptr(GPtrArray) both = tune_settings_sort(if_not);

	tune_settings_overlay(both, if_so);
	g_autoptr(GPtrArray) either = tune_settings_sort(both);
	for (guint i = 0; i < either->len; i++) {
		TuneSetting *setting = either->pdata[i];
		if (is_of_paths(plan, disks, disk, setting))
			continue;
		tune_plan_add_setting(plan, setting, setting->key, disk->name);
		if (!g_ptr_array_find(if_not, setting, NULL) ||
		    !g_ptr_array_find(if_so, setting, NULL))
			tune_step_finish(
				plan->steps->pdata[plan->steps->len - 1], TUNE_VERDICT_UNKNOWN,
				g_strdup(
					"holds an LVM physical volume of unknown group: is pvs(8) there?"));
	}
}

/* Of a path, that of its disk. */
static gboolean is_doubtful(const GPtrArray *disks, const TuneDisk *disk)
{
	const TuneDisk *head = disk->head ? tune_disks_get(disks, disk->head) : NULL;
	guint classes = head ? head->classes : disk->classes;

	return (classes & TUNE_DISK_DRBD_UNKNOWN) && !(classes & TUNE_DISK_DRBD);
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
		if (is_doubtful(disks, disk))
			resolve_doubtful_disk(plan, policy, disks, disk);
		else
			resolve_disk(plan, policy, disks, disk);
	}
	if (disks)
		tune_plan_find_idle_rules(plan, policy->rules, disks, &objects);
	return TRUE;
}

/* Of an NVMe namespace with paths, what has the attribute: the disk, or its paths. */
static gboolean is_read(const TunePlan *plan, const GPtrArray *disks, const TuneDisk *disk,
			const char *key)
{
	if (disk->head)
		return !has_attribute(plan, disk->head, key);
	if (disk->classes & (TUNE_DISK_STACKED | TUNE_DISK_PATH))
		return FALSE;
	return !has_paths(disks, disk) || has_attribute(plan, disk->name, key);
}

void tune_plan_add_reading_disks(TunePlan *plan, const TuneParam *param, const char *key,
				 GError **error)
{
	g_autoptr(GPtrArray) disks = tune_disks_find(plan->root, 0, NULL, error);

	for (guint i = 0; disks && i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		if (is_read(plan, disks, disk, key))
			tune_plan_add(plan, tune_step_new(param, key, disk->name, NULL, NULL));
	}
}
