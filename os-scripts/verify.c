/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb verify: checks the OS parameters. */
#include "os-scripts/os.h"
#include "os-scripts/parameters.h"

gboolean os_verify(Os *os, GError **error)
{
	return os_parameters_check(os->environment, error);
}
