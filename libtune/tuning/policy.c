/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/host/disks.h>
#include <libtune/tuning/policy-read.h>

/* The default of gnt-cluster init (Ganeti's DEFAULT_VG). */
#define DEFAULT_VOLUME_GROUP "xenvg"

/* Beside Ganeti's own /srv/ganeti/os and /srv/ganeti/export. */
#define DEFAULT_IMAGES "/srv/ganeti/images"

/* Without KVM a virtual machine takes half a minute to start, and its work is ten times slower. */
#define DEFAULT_DEADLINE_S (30 * 60)

static void setting_free(gpointer data)
{
	TuneSetting *setting = data;

	g_free(setting->key);
	g_free(setting->want);
	g_free(setting->origin);
	g_free(setting->place);
	g_free(setting);
}

static void rule_free(gpointer data)
{
	TuneRule *rule = data;

	g_ptr_array_unref(rule->match);
	g_ptr_array_unref(rule->settings);
	g_free(rule->origin);
	g_free(rule);
}

TuneRule *tune_rule_new(void)
{
	TuneRule *rule = g_new0(TuneRule, 1);

	rule->match = g_ptr_array_new_null_terminated(4, g_free, TRUE);
	rule->settings = g_ptr_array_new_with_free_func(setting_free);
	return rule;
}

void tune_policy_free(TunePolicy *policy)
{
	if (!policy)
		return;
	g_ptr_array_unref(policy->settings);
	g_ptr_array_unref(policy->rules);
	g_ptr_array_unref(policy->link_rules);
	g_ptr_array_unref(policy->volume_groups);
	g_ptr_array_unref(policy->drbd.settings);
	g_ptr_array_unref(policy->guests.images);
	tune_policy_free(policy->base);
	g_free(policy->cpu.type);
	g_free(policy->file);
	g_free(policy);
}

const char *tune_policy_get_file(const TunePolicy *policy)
{
	return policy->file;
}

const TuneCpuPolicy *tune_policy_get_cpu(const TunePolicy *policy)
{
	return &policy->cpu;
}

const TuneGuestPolicy *tune_policy_get_guests(const TunePolicy *policy)
{
	return &policy->guests;
}

guint tune_policy_get_disk_classes(const TunePolicy *policy)
{
	guint classes = 0;

	for (guint i = 0; i < policy->rules->len; i++) {
		const TuneRule *rule = policy->rules->pdata[i];
		for (guint j = 0; j < rule->match->len; j++) {
			const char *word = rule->match->pdata[j];
			classes |= tune_disk_class_from_word(word + (*word == '!'));
		}
	}
	return classes;
}

TunePolicy *tune_policy_new(const char *file)
{
	TunePolicy *policy = g_new0(TunePolicy, 1);

	policy->file = g_strdup(file);
	policy->settings = g_ptr_array_new_with_free_func(setting_free);
	policy->rules = g_ptr_array_new_with_free_func(rule_free);
	policy->link_rules = g_ptr_array_new_with_free_func(rule_free);
	policy->drbd.settings = g_ptr_array_new_with_free_func(setting_free);
	policy->volume_groups = g_ptr_array_new_null_terminated(1, g_free, TRUE);
	g_ptr_array_add(policy->volume_groups, g_strdup(DEFAULT_VOLUME_GROUP));
	/* Without a section on CPUs the safe values count. */
	policy->cpu.is_gate_on = TRUE;
	policy->cpu.is_unknown_refused = TRUE;
	policy->cpu.type = g_strdup(TUNE_CPU_TYPE_KEEP);
	policy->guests.images = g_ptr_array_new_null_terminated(1, g_free, TRUE);
	g_ptr_array_add(policy->guests.images, g_strdup(DEFAULT_IMAGES));
	policy->guests.deadline_s = DEFAULT_DEADLINE_S;
	return policy;
}
