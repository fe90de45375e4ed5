/* SPDX-License-Identifier: BSD-2-Clause */
/* make-record QEMU NODE: what this machine can give, as the record of a node of that name. */
#include <stdio.h>
#include <stdlib.h>

#include <libtune/tune.h>

#define DEADLINE_US (20 * G_USEC_PER_SEC)

static TuneCpu *load(const char *binary, GError **error)
{
	g_autoptr(TuneRoot) root = tune_root_open("/", error);

	if (!root)
		return NULL;
	return tune_cpu_load_node(root, binary, g_get_monotonic_time() + DEADLINE_US, error);
}

int main(int argc, char *argv[])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = argc == 3 ? load(argv[1], &error) : NULL;

	if (!cpu) {
		fprintf(stderr, "make-record: %s\n", error ? error->message : "QEMU NODE");
		return EXIT_FAILURE;
	}
	tune_cpu_set_node(cpu, argv[2]);
	g_autofree char *yaml = tune_cpu_to_yaml(cpu);
	fputs(yaml, stdout);
	return EXIT_SUCCESS;
}
