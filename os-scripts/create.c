/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "os-scripts/guard.h"
#include "os-scripts/os.h"
#include "os-scripts/parameters.h"
#include "os-scripts/variants.h"

/* In the order of variants.list, and by the same names. */
static const OsVariant variants[] = {
	{ "wrap", os_wrap },
	{ "image", os_image },
	{ "debootstrap", os_debootstrap },
	{ "noop", os_noop },
};

static const OsVariant *find(const char *name)
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
	const OsVariant *variant = find(os->environment->variant);

	if (!variant)
		return os_fail(error, TUNE_ERROR_INVALID, "there is no variant '%s'",
			       os->environment->variant);
	return os_parameters_check(os->environment, error) && os_guard_disks(os, error) &&
	       variant->create(os, error);
}
