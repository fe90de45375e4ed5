/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes steps for DRBD: finds the minors that are meant, and computes the values of "auto". */
#include <string.h>

#include <libtune/tuning/drbd-auto.h>
#include <libtune/tuning/resolve.h>

/** @link, @why: found when the first value needs the speed of the link */
typedef struct {
	TunePlan *plan;
	const TuneDrbdPolicy *policy;
	gint64 link;
	char *why;
	gboolean has_link;
} Resolver;

static gint64 get_link_speed(Resolver *resolver)
{
	if (!resolver->has_link) {
		resolver->link = resolver->policy->link;
		if (!resolver->link)
			resolver->link = tune_drbd_find_link(resolver->plan->facts, &resolver->why);
		resolver->has_link = TRUE;
	}
	return resolver->link;
}

static Step *add_step(TunePlan *plan, const TuneSetting *setting, const char *object,
		      const char *want)
{
	return tune_plan_add(
		plan, tune_step_new(setting->param, setting->key, object, want, setting->origin));
}

static void add_computed(Resolver *resolver, const TuneSetting *setting,
			 const TuneDrbdDevice *device)
{
	TuneDrbdBasis basis = tune_drbd_get_basis(resolver->policy, device,
						  get_link_speed(resolver));
	char *reason;
	gint64 value = tune_drbd_compute(&basis, setting->key, &reason);
	g_autofree char *want = value < 0 ? g_strdup(setting->want)
					  : g_strdup_printf("%" G_GINT64_FORMAT, value);
	Step *step = add_step(resolver->plan, setting, device->name, want);

	step->reason = reason;
	if (value < 0)
		tune_step_finish(
			step, TUNE_VERDICT_UNKNOWN,
			g_strdup_printf("the link's speed is not known (%s): say it in drbd: link",
					resolver->why ? resolver->why : "no link"));
}

static void add_device(Resolver *resolver, const GPtrArray *settings, const TuneDrbdDevice *device)
{
	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *setting = settings->pdata[i];
		if (strcmp(setting->want, TUNE_DRBD_AUTO) == 0)
			add_computed(resolver, setting, device);
		else
			add_step(resolver->plan, setting, device->name, setting->want);
	}
}

/* Ganeti attaches volumes by the path /dev/VG/LV. */
static gboolean is_among(const TuneDrbdDevice *device, const char *const *volumes)
{
	const char *prefix = "/dev/";

	return !volumes || (device->disk && g_str_has_prefix(device->disk, prefix) &&
			    g_strv_contains(volumes, device->disk + strlen(prefix)));
}

/* When the minors are unknown, each setting gets one step. */
static void add_unknown_steps(TunePlan *plan, const GPtrArray *settings, const GError *error)
{
	for (guint i = 0; i < settings->len; i++) {
		const TuneSetting *setting = settings->pdata[i];
		tune_step_finish(add_step(plan, setting, NULL, setting->want), TUNE_VERDICT_UNKNOWN,
				 g_strdup(error->message));
	}
}

void tune_plan_resolve_drbd(TunePlan *plan, const TunePolicy *policy, const char *const *volumes)
{
	g_autoptr(GPtrArray) settings = tune_settings_sort(policy->drbd.settings);
	g_autoptr(GError) error = NULL;

	if (!settings->len || (volumes && !*volumes))
		return;
	Resolver resolver = { .plan = plan, .policy = &policy->drbd };
	const TuneDrbd *drbd = tune_facts_get_drbd(plan->facts, &error);
	if (!drbd) {
		add_unknown_steps(plan, settings, error);
		return;
	}
	for (guint i = 0; i < drbd->devices->len; i++)
		if (is_among(drbd->devices->pdata[i], volumes))
			add_device(&resolver, settings, drbd->devices->pdata[i]);
	g_free(resolver.why);
}

void tune_plan_add_reading_drbd(TunePlan *plan, const TuneParam *param, const char *key,
				GError **error)
{
	const TuneDrbd *drbd = tune_facts_get_drbd(plan->facts, error);

	for (guint i = 0; drbd && i < drbd->devices->len; i++) {
		const TuneDrbdDevice *device = drbd->devices->pdata[i];
		tune_plan_add(plan, tune_step_new(param, key, device->name, NULL, NULL));
	}
}
