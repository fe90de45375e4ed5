/* SPDX-License-Identifier: BSD-2-Clause */
/* A record of a node, as a neighbour may have left it: loaded, saved and loaded again, and compared. */
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
}

/* Whatever it holds, it can be judged, both ways, and a guest's options taken away. */
static void compare(TuneCpu *cpu)
{
	g_autoptr(TuneCpu) empty = tune_cpu_new(TUNE_CPU_GUEST);
	g_free(tune_cpu_fingerprint(cpu));

	tune_cpu_report_free(tune_cpu_compare(cpu, empty, 0));
	tune_cpu_report_free(tune_cpu_compare(empty, cpu, 0));
	if (cpu->texts[TUNE_CPU_TYPE])
		tune_cpu_mask(cpu, cpu->texts[TUNE_CPU_TYPE]);
	tune_cpu_report_free(tune_cpu_compare(cpu, cpu, 0));
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(TuneCpu) cpu = tune_cpu_parse_record((const char *)data, size, "fuzz", &error);

	if ((cpu == NULL) != (error != NULL))
		g_error("a CPU or an error, not both");
	if (!cpu)
		return 0;
	check_record(cpu);
	compare(cpu);
	return 0;
}
