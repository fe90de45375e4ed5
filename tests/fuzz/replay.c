/* SPDX-License-Identifier: BSD-2-Clause */
/* The inputs kept for a fuzz target, each a TAP test: those of tests/fuzz/CORPUS. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define LONGEST_S 5

static gboolean replay(const char *path)
{
	g_autofree char *text = NULL;
	gsize length;
	gint64 start = g_get_monotonic_time();

	if (!g_file_get_contents(path, &text, &length, NULL))
		return FALSE;
	LLVMFuzzerTestOneInput((const guint8 *)text, length);
	return g_get_monotonic_time() - start < LONGEST_S * G_USEC_PER_SEC;
}

int main(void)
{
	const char *source = g_getenv("TUNE_SRCDIR");
	g_autofree char *directory = g_build_filename(source ? source : ".", "tests/fuzz", CORPUS,
						      NULL);
	g_autoptr(GDir) inputs = g_dir_open(directory, 0, NULL);
	unsigned n_done = 0;
	unsigned n_bad = 0;
	const char *name;

	while (inputs && (name = g_dir_read_name(inputs))) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		gboolean is_good = replay(path);
		n_bad += !is_good;
		printf("%s %u - %s\n", is_good ? "ok" : "not ok", ++n_done, name);
	}
	printf("1..%u\n", n_done);
	return n_done == 0 || n_bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
