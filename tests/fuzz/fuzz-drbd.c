/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc/drbd and drbdsetup show print, with a line of "==" between them. */
#include <string.h>

#include <libtune/host/drbd.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) parts = g_strsplit(text, "==\n", 2);
	g_autoptr(GError) error = NULL;
	char *show = parts[0] && parts[1] ? g_strdup(parts[1]) : NULL;
	g_autoptr(TuneDrbd)
		drbd = tune_drbd_parse(g_strdup(parts[0] ? parts[0] : ""), show, &error);

	if ((drbd == NULL) != (error != NULL))
		g_error("minors or an error, not both");
	for (guint i = 0; drbd && i < drbd->devices->len; i++)
		for (guint j = 0; j < TUNE_DRBD_N_OPTIONS; j++)
			tune_drbd_get_number(drbd->devices->pdata[i], tune_drbd_options[j]);
	return 0;
}
