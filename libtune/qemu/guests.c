/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests that run on this node. */
#include <libtune/base/error.h>
#include <libtune/qemu/guest.h>
#include <libtune/base/root.h>
#include <libtune/tune-cpu.h>

void tune_running_guest_free(gpointer data)
{
	TuneRunningGuest *guest = data;

	g_free(guest->instance);
	g_free(guest->cpu_type);
	g_free(guest->qemu);
	g_free(guest->hvparams);
	g_free(guest->note);
	g_free(guest);
}

/* A guest that cannot be read is listed with the reason, so that it does not hide the others. */
static void add_running(GPtrArray *running, TuneRoot *root, const char *instance)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneGuest) guest = tune_guest_find(root, instance, &error);

	if (guest && !guest->is_running)
		return;
	TuneRunningGuest *found = g_new0(TuneRunningGuest, 1);
	found->instance = g_strdup(instance);
	if (guest) {
		found->cpu_type = g_strdup(guest->cpu ? guest->cpu : "");
		found->is_kvm = guest->is_kvm;
		found->started = tune_guest_get_start(root, guest->pid);
		found->qemu = g_strdup(tune_guest_find_qemu(root, guest->pid));
		found->hvparams = tune_guest_read_parameters(root, instance);
	} else {
		found->note = g_strdup(error->message);
	}
	g_ptr_array_add(running, found);
}

/* Ganeti makes the directory with the first guest, so without it there is none. */
GPtrArray *tune_guest_list(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) running = g_ptr_array_new_with_free_func(tune_running_guest_free);
	g_autoptr(GError) local = NULL;
	g_autoptr(GPtrArray) names = tune_root_list(root, TUNE_GUEST_DIRECTORY "/pid", &local);

	if (local && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	for (guint i = 0; names && i < names->len; i++)
		add_running(running, root, names->pdata[i]);
	return g_steal_pointer(&running);
}
