/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guests of this node whose CPU is not the configured one: it comes with their next start.  Only the
 * master knows what is configured, so only there can it be told.
 */
#include <string.h>

#include <libtune/guest.h>

static void drift_free(gpointer data)
{
	TuneGuestDrift *drift = data;

	g_free(drift->instance);
	g_free(drift->runs);
	g_free(drift->configured);
	g_free(drift);
}

/* QEMU's own default and Ganeti's word for it come to the same. */
static gboolean is_same_type(const char *runs, const char *configured)
{
	return g_strcmp0(runs, *configured ? configured : NULL) == 0;
}

static void add_drift(GPtrArray *drifts, TuneRoot *root, const char *instance,
		      const char *configured)
{
	g_autoptr(TuneGuest) guest = tune_guest_find(root, instance, NULL);

	if (!guest || !guest->is_running || is_same_type(guest->cpu, configured))
		return;
	TuneGuestDrift *drift = g_new(TuneGuestDrift, 1);
	*drift = (TuneGuestDrift){ g_strdup(instance), g_strdup(guest->cpu ? guest->cpu : ""),
				   g_strdup(configured) };
	g_ptr_array_add(drifts, drift);
}

GPtrArray *tune_guest_list_drift(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) instances = tune_cluster_list_instances(root, FALSE, error);

	if (!instances)
		return NULL;
	GPtrArray *drifts = g_ptr_array_new_with_free_func(drift_free);
	for (guint i = 0; i < instances->len; i++) {
		const TuneInstance *instance = instances->pdata[i];
		if (instance->cpu_type)
			add_drift(drifts, root, instance->name, instance->cpu_type);
	}
	return drifts;
}
