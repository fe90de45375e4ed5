/* SPDX-License-Identifier: BSD-2-Clause */
/* After gnt-node modify: a node that comes back has missed what was published, and may have a newer QEMU. */
#include <string.h>

#include "hooks/publish.h"

/* The value is "None" when the command did not change it. */
static gboolean becomes(const Hook *hook, const char *name, const char *wanted)
{
	const char *value = hook_get(hook, name);

	return value && strcmp(value, wanted) == 0;
}

static gboolean publish_if_back(Hook *hook, GError **error)
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
		.run = publish_if_back,
	};

	return hook_main(&kind, argc, argv);
}
