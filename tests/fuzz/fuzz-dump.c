/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of CPUID words, and what is made of it: reduced, saved and loaded again, compared with itself. */
#include <string.h>

#include <libtune/cpu/compare.h>

#include "tests/fuzz/fuzz.h"

static void check_record(const TuneCpu *cpu)
{
	g_autofree char *yaml = tune_cpu_to_yaml(cpu);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) again = tune_cpu_parse_record(yaml, strlen(yaml), "fuzz", &error);

	if (!again)
		g_error("what was saved cannot be loaded: %s", error->message);
	g_autofree char *saved = tune_cpu_to_yaml(again);
	if (strcmp(saved, yaml) != 0)
		g_error("what was loaded is not what was saved");
	tune_cpu_report_free(tune_cpu_compare(cpu, again, 0));
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_parse_dump(text, "fuzz", NULL, &error);

	if ((cpu == NULL) != (error != NULL))
		g_error("a CPU or an error, not both");
	if (!cpu)
		return 0;
	tune_cpu_reduce(cpu);
	check_record(cpu);
	return 0;
}
