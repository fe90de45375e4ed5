/* SPDX-License-Identifier: BSD-2-Clause */
/* unroll HOST-FILE DIRECTORY: make the machine that a file of tests/hosts describes. */
#include <stdio.h>
#include <stdlib.h>

#include <glib.h>

#include "tests/unit/host.h"

int main(int argc, char *argv[])
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	if (argc != 3) {
		fprintf(stderr, "usage: unroll HOST-FILE DIRECTORY\n");
		return 2;
	}
	if (!g_file_get_contents(argv[1], &text, NULL, &error)) {
		fprintf(stderr, "unroll: %s\n", error->message);
		return EXIT_FAILURE;
	}
	g_autofree char *fault = host_unroll(text, argv[2]);
	if (fault)
		fprintf(stderr, "unroll: %s: %s\n", argv[1], fault);
	return fault ? EXIT_FAILURE : EXIT_SUCCESS;
}
