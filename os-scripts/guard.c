/* SPDX-License-Identifier: BSD-2-Clause */
#include "os-scripts/guard.h"
#include "os-scripts/parameters.h"

#define WAY_OUT "if it may be lost, use -O overwrite=yes"

static gboolean look_at(const OsDisk *disk, char **ret_found, GError **error)
{
	g_autoptr(TuneSignature) signature = NULL;

	if (!tune_signature_read(disk->path, 0, 0, &signature, error))
		return FALSE;
	*ret_found = signature ? tune_signature_describe(signature) : NULL;
	return TRUE;
}

static gboolean check(const Os *os, const OsDisk *disk, gboolean may_pass, GError **error)
{
	g_autofree char *found = NULL;

	if (!look_at(disk, &found, error)) {
		g_prefix_error(error,
			       "disk %u: not known whether it holds something: ", disk->index);
		return FALSE;
	}
	if (!found)
		return TRUE;
	if (!may_pass)
		return os_fail(error, TUNE_ERROR_REFUSED, "disk %u (%s) holds %s: " WAY_OUT,
			       disk->index, disk->path, found);
	os_say(os, "disk %u (%s) held %s", disk->index, disk->path, found);
	return TRUE;
}

gboolean os_guard_disks(const Os *os, GError **error)
{
	const OsEnvironment *environment = os->environment;
	gboolean may_pass = environment->is_reinstall ||
			    os_parameter_is_yes(environment, "overwrite");

	for (guint i = 0; i < environment->disks->len; i++)
		if (!check(os, environment->disks->pdata[i], may_pass, error))
			return FALSE;
	return TRUE;
}
