/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-cpu DIRECTORY: how long the rule takes, on the dumps (*.cpuid) in there.  Prints the microseconds of
 * one comparison, the seconds of a matrix of 1000 nodes made from them and of one of 2000, and the first one's peak
 * memory in MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <libtune/cpu/cpu.h>

#define N_NODES 1000
#define N_ROUNDS 200

static void add_dump(GPtrArray *cpus, const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_autofree char *text = NULL;
	TuneCpu *cpu;

	if (!g_str_has_suffix(name, ".cpuid") || !g_file_get_contents(path, &text, NULL, NULL))
		return;
	cpu = tune_cpu_parse_dump(text, name, NULL, NULL);
	if (!cpu)
		return;
	tune_cpu_reduce(cpu);
	g_ptr_array_add(cpus, cpu);
}

static GPtrArray *load(const char *directory)
{
	GPtrArray *cpus = g_ptr_array_new();
	g_autoptr(GDir) files = g_dir_open(directory, 0, NULL);
	const char *name;

	while (files && (name = g_dir_read_name(files)))
		add_dump(cpus, directory, name);
	return cpus;
}

/* Of the same kinds, each a little different: no two are equal, and nothing can be looked up. */
static void multiply(GPtrArray *cpus, guint n_nodes)
{
	guint n_dumps = cpus->len;

	for (guint i = n_dumps; i < n_nodes; i++) {
		TuneCpu *cpu = tune_cpu_copy(cpus->pdata[i % n_dumps]);
		cpu->words[i % TUNE_CPU_N_WORDS] ^= 1u << i % 32;
		g_ptr_array_add(cpus, cpu);
	}
}

/* All ordered pairs; returns seconds. */
static double judge_all(const GPtrArray *cpus, guint *ret_n_refused)
{
	gint64 start = g_get_monotonic_time();
	guint n_refused = 0;

	for (guint i = 0; i < cpus->len; i++)
		for (guint j = 0; j < cpus->len; j++)
			n_refused += tune_cpu_judge(cpus->pdata[i], cpus->pdata[j], 0) ==
				     TUNE_CPU_REFUSE;
	*ret_n_refused = n_refused;
	return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

static double time_one(const GPtrArray *cpus)
{
	double seconds = 0;
	guint n_refused;

	for (guint i = 0; i < N_ROUNDS; i++)
		seconds += judge_all(cpus, &n_refused);
	return seconds / N_ROUNDS / cpus->len / cpus->len * 1e6;
}

int main(int argc, char *argv[])
{
	g_autoptr(GPtrArray) cpus = load(argc > 1 ? argv[1] : ".");
	struct rusage usage;
	guint n_refused;

	if (cpus->len == 0) {
		fprintf(stderr, "bench-cpu: no dumps\n");
		return EXIT_FAILURE;
	}
	double one = time_one(cpus);
	multiply(cpus, N_NODES);
	double all = judge_all(cpus, &n_refused);
	getrusage(RUSAGE_SELF, &usage);
	multiply(cpus, 2 * N_NODES);
	double twice = judge_all(cpus, &n_refused);
	printf("%.3f %.3f %.3f %.1f %u\n", one, all, twice, (double)usage.ru_maxrss / 1024,
	       n_refused);
	for (guint i = 0; i < cpus->len; i++)
		tune_cpu_free(cpus->pdata[i]);
	return EXIT_SUCCESS;
}
