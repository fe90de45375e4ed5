/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb prepare: starts the virtual machine of machine.c once, for no guest. */
#include "os-scripts/machine.h"

gboolean os_prepare(Os *os, GError **error)
{
	const TuneTopology any = { .sector = 512 };
	g_autoptr(OsMachine) machine = os_machine_start(os, NULL, &any, 0, error);

	return machine && os_machine_close(g_steal_pointer(&machine), error);
}
