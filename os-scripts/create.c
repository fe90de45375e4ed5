/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb create: the table of variants, each with the function that installs it. */
#include <string.h>

#include "os-scripts/guard.h"
#include "os-scripts/hold.h"
#include "os-scripts/os.h"
#include "os-scripts/parameters.h"
#include "os-scripts/variants.h"

/* With the names of variants.list, in its order. */
static const OsVariant variants[] = {
	{ "wrap", FALSE, os_wrap },
	{ "image", TRUE, os_image },
	{ "debootstrap", TRUE, os_debootstrap },
	{ "noop", TRUE, os_noop },
};

static const OsVariant *find_variant(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(variants); i++)
		if (strcmp(variants[i].name, name) == 0)
			return &variants[i];
	return NULL;
}

gboolean os_noop(Os *os G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

gboolean os_create(Os *os, GError **error)
{
	const OsVariant *variant = find_variant(os->environment->variant);

	if (!variant)
		return os_fail(error, TUNE_ERROR_INVALID, "there is no variant '%s'",
			       os->environment->variant);
	if (!os_parameters_check(os->environment, error))
		return FALSE;
	g_autoptr(GArray) held = os_disks_hold(os, error);
	if (!held || !os_guard_disks(os, held, error))
		return FALSE;
	if (!variant->is_holding)
		g_array_set_size(held, 0);
	return variant->create(os, error);
}
