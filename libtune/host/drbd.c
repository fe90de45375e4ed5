/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs drbdsetup(8) once for all minors, and after a write once more for the minor that was written to. */
#include <string.h>

#include <libtune/host/drbd.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

#define PROC "proc/drbd"

/* ---- options ---- */

const char *tune_drbd_get(const TuneDrbdDevice *device, const char *option)
{
	for (guint i = 0; i < TUNE_DRBD_N_OPTIONS; i++)
		if (strcmp(tune_drbd_options[i], option) == 0)
			return device->values[i];
	return NULL;
}

gint64 tune_drbd_get_number(const TuneDrbdDevice *device, const char *option)
{
	const char *value = tune_drbd_get(device, option);
	gint64 number;

	return value && g_ascii_string_to_signed(value, 10, 0, G_MAXINT64, &number, NULL) ? number
											  : -1;
}

/* ---- look ---- */

static char *read_proc(TuneRoot *root, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *proc = tune_root_read(root, PROC, &local);

	if (!proc && !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		g_propagate_error(error, g_steal_pointer(&local));
	return proc;
}

/* When the kernel has DRBD but drbdsetup is missing, there may be minors all the same: an error, and not "absent". */
static char *run_drbdsetup(TuneRoot *root, const char *what, GError **error)
{
	const char *const argv[] = { TUNE_DRBD_PROGRAM, "show", what, "--show-defaults", NULL };
	g_autoptr(GError) local = NULL;
	char *answer = tune_command_read(root, argv, TUNE_DRBD_TIMEOUT_MS, &local);

	if (!answer)
		tune_fail(error,
			  local->code == TUNE_ERROR_ABSENT ? TUNE_ERROR_IO
							   : (TuneErrorCode)local->code,
			  "%s", local->message);
	return answer;
}

static TuneDrbd *query_devices(TuneRoot *root, const char *what, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *show = NULL, *proc = read_proc(root, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	/* Without proc/drbd the module is not loaded, and drbdsetup would load it. */
	if (proc && !(show = run_drbdsetup(root, what, error))) {
		g_free(proc);
		return NULL;
	}
	return tune_drbd_parse(proc, show, error);
}

TuneDrbd *tune_drbd_look(TuneRoot *root, GError **error)
{
	return query_devices(root, "all", error);
}

/* ---- one device ---- */

/* Minors are sorted, and a node may have a thousand: search by halves. */
static gboolean find_index(const TuneDrbd *drbd, const char *name, guint *ret_index)
{
	guint low = 0, high = drbd->devices->len;
	guint64 minor;

	if (!g_str_has_prefix(name, "drbd") ||
	    !g_ascii_string_to_unsigned(name + strlen("drbd"), 10, 0, G_MAXUINT, &minor, NULL))
		return FALSE;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const TuneDrbdDevice *device = drbd->devices->pdata[middle];
		if (device->minor < minor)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_index = low;
	return low < drbd->devices->len &&
	       ((TuneDrbdDevice *)drbd->devices->pdata[low])->minor == minor;
}

static gpointer fail_no_minor(const char *name, GError **error)
{
	return tune_fail_null(error, TUNE_ERROR_ABSENT, "%s: no such minor", name);
}

/* drbdsetup fails for a minor that is gone; /proc/drbd tells whether it is. */
static gboolean has_minor(TuneRoot *root, const TuneDrbdDevice *device)
{
	g_autofree char *proc = tune_root_read(root, PROC, NULL);
	g_autofree char *line = g_strdup_printf("\n%2u: cs:", device->minor);
	const char *found = proc ? strstr(proc, line) : NULL;

	return found && !g_str_has_prefix(found + strlen(line), "Unconfigured");
}

/* The fresh device takes the place of the old one; @drbd takes over the texts that its fields point into. */
static void replace_device(TuneDrbd *drbd, guint index, TuneDrbd *fresh)
{
	gpointer old = drbd->devices->pdata[index];

	drbd->devices->pdata[index] = fresh->devices->pdata[0];
	fresh->devices->pdata[0] = old;
	g_ptr_array_extend_and_steal(drbd->texts, fresh->texts);
	fresh->texts = g_ptr_array_new();
}

static gboolean query_again(TuneRoot *root, TuneDrbd *drbd, guint index, GError **error)
{
	TuneDrbdDevice *device = drbd->devices->pdata[index];
	g_autofree char *number = g_strdup_printf("%u", device->minor);
	g_autoptr(TuneDrbd) fresh = query_devices(root, number, error);

	if (!fresh)
		return FALSE;
	if (fresh->devices->len != 1)
		return tune_fail(error, TUNE_ERROR_ABSENT, "%s: no such minor", device->name);
	replace_device(drbd, index, fresh);
	return TRUE;
}

const TuneDrbdDevice *tune_drbd_find(TuneRoot *root, TuneDrbd *drbd, const char *name,
				     GError **error)
{
	g_autoptr(GError) local = NULL;
	guint index;

	if (!find_index(drbd, name, &index))
		return fail_no_minor(name, error);
	TuneDrbdDevice *device = drbd->devices->pdata[index];
	if (device->is_stale && !query_again(root, drbd, index, &local)) {
		if (!has_minor(root, device))
			return fail_no_minor(name, error);
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return drbd->devices->pdata[index];
}

void tune_drbd_mark_stale(TuneDrbd *drbd, const TuneDrbdDevice *device)
{
	for (guint i = 0; i < drbd->devices->len; i++) {
		TuneDrbdDevice *other = drbd->devices->pdata[i];
		if (g_strcmp0(other->resource, device->resource) == 0)
			other->is_stale = TRUE;
	}
}
