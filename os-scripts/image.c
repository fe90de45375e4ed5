/* SPDX-License-Identifier: BSD-2-Clause */
#include "os-scripts/variants.h"

gboolean os_image(Os *os G_GNUC_UNUSED, GError **error)
{
	return os_fail(error, TUNE_ERROR_REFUSED, "not there yet");
}
