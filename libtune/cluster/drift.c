/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests of this node that run with another cpu_type than the configured one, which their next start brings.  Only the
 * master knows the configuration, so only there can they be listed.
 */
#include <libtune/qemu/guest.h>
#include <libtune/tune-cluster.h>

static void drift_free(gpointer data)
{
	TuneGuestDrift *drift = data;

	g_free(drift->instance);
	g_free(drift->runs);
	g_free(drift->configured);
	g_free(drift);
}

static void add_drift(GPtrArray *drifts, TuneRoot *root, const char *instance,
		      const char *configured)
{
	g_autoptr(TuneGuest) guest = tune_guest_find(root, instance, NULL);

	if (!guest || !guest->is_running)
		return;
	/* QEMU's default is no -cpu in the command line, and an empty text in Ganeti. */
	if (g_strcmp0(guest->cpu, *configured ? configured : NULL) == 0)
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
