/* SPDX-License-Identifier: BSD-2-Clause */
/* After gnt-node remove: publishing drops the records of nodes that the cluster does not have any more. */
#include "hooks/publish.h"

int main(int argc, char *argv[])
{
	static const HookKind kind = {
		.path = "node-remove",
		.phase = "post",
		.summary = "Drop the CPU record of a node that has left, on all others.",
		.run = hook_publish,
	};

	return hook_main(&kind, argc, argv);
}
