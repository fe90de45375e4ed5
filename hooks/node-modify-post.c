/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "hooks/publish.h"

/* Ganeti says "None" of what the command did not name. */
static gboolean becomes(const Hook *hook, const char *name, const char *wanted)
{
	const char *value = hook_get(hook, name);

	return value && strcmp(value, wanted) == 0;
}

/* Whatever was published while it was away, and whatever it can give now. */
static gboolean run(Hook *hook, GError **error)
{
	if (becomes(hook, "OFFLINE", "False") || becomes(hook, "VM_CAPABLE", "True"))
		return hook_publish(hook, error);
	return TRUE;
}

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "node-modify",
		.phase = "post",
		.summary = "Publish the CPU records anew when a node comes back online.",
		.run = run,
	};

	return hook_main(&kind, argc, argv);
}
