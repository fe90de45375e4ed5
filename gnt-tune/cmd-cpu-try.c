/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu try: can this node run that cpu_type? */
#include <stdio.h>

#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/cpu.h"
#include "gnt-tune/options.h"

int run_cpu_try(const Options *options, char **arguments, GError **error)
{
	g_autoptr(GError) local = NULL;
	const char *type = arguments[0];

	if (!type || !*type || arguments[1])
		return EXIT_USAGE;
	gint64 deadline = g_get_monotonic_time() + CPU_DEADLINE_US;
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	if (!root)
		return EXIT_FAILED;
	g_autofree char *binary = cpu_find_binary(options, root);
	if (tune_cpu_try(root, binary, type, deadline, &local)) {
		printf("yes: this node can run %s\n", type);
		return EXIT_AS_WANTED;
	}
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED)) {
		printf("no: %s\n", local->message);
		return EXIT_DIFFERS;
	}
	g_propagate_error(error, g_steal_pointer(&local));
	return EXIT_FAILED;
}
