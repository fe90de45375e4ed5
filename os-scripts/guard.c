/* SPDX-License-Identifier: BSD-2-Clause */
#include "os-scripts/guard.h"
#include "os-scripts/parameters.h"
#include "os-scripts/peek.h"

#define WAY_OUT "if it may be lost, use -O overwrite=yes"

static gboolean check_disk(const Os *os, const OsDisk *disk, int fd, gboolean may_pass,
			   GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *found = NULL;

	if (!os_peek(fd, disk->path, &found, &local)) {
		if (!may_pass)
			return os_fail(
				error, TUNE_ERROR_REFUSED,
				"disk %u: not known whether it holds something: %s: " WAY_OUT,
				disk->index, local->message);
		os_say(os, "disk %u: not known what it held: %s", disk->index, local->message);
		return TRUE;
	}
	if (!found)
		return TRUE;
	if (!may_pass)
		return os_fail(error, TUNE_ERROR_REFUSED, "disk %u (%s) holds %s: " WAY_OUT,
			       disk->index, disk->path, found);
	os_say(os, "disk %u (%s) held %s", disk->index, disk->path, found);
	return TRUE;
}

gboolean os_guard_disks(const Os *os, const GArray *held, GError **error)
{
	const OsEnvironment *environment = os->environment;
	gboolean may_pass = environment->is_reinstall ||
			    os_parameter_is_yes(environment, "overwrite");

	for (guint i = 0; i < held->len; i++)
		if (!check_disk(os, environment->disks->pdata[i], g_array_index(held, int, i),
				may_pass, error))
			return FALSE;
	return TRUE;
}
