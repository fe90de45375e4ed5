/* SPDX-License-Identifier: BSD-2-Clause */
#include "os-scripts/os.h"

gboolean os_export(Os *os G_GNUC_UNUSED, GError **error)
{
	return os_fail(error, TUNE_ERROR_REFUSED, "not supported yet");
}
