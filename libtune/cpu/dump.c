/* SPDX-License-Identifier: BSD-2-Clause */
/* From numbers that a file has to a CPU. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/dump.h>
#include <libtune/cpu/profile.h>

static void free_cpu(gpointer data)
{
	TuneDumpCpu *cpu = data;

	g_array_unref(cpu->leaves);
	g_array_unref(cpu->msrs);
	g_free(cpu);
}

TuneDump *tune_dump_new(const char *file)
{
	TuneDump *dump = g_new(TuneDump, 1);

	*dump = (TuneDump){ file, g_ptr_array_new_with_free_func(free_cpu) };
	return dump;
}

void tune_dump_free(TuneDump *dump)
{
	if (!dump)
		return;
	g_ptr_array_unref(dump->cpus);
	g_free(dump);
}

TuneDumpCpu *tune_dump_add_cpu(TuneDump *dump, guint number)
{
	TuneDumpCpu *cpu = g_new(TuneDumpCpu, 1);

	*cpu = (TuneDumpCpu){
		number,
		g_array_new(FALSE, FALSE, sizeof(TuneCpuLeaf)),
		g_array_new(FALSE, FALSE, sizeof(TuneDumpMsr)),
	};
	g_ptr_array_add(dump->cpus, cpu);
	return cpu;
}

static const TuneCpuLeaf *find_leaf(const TuneDumpCpu *cpu, guint32 leaf, guint32 sub)
{
	for (guint i = 0; i < cpu->leaves->len; i++) {
		const TuneCpuLeaf *other = &g_array_index(cpu->leaves, TuneCpuLeaf, i);
		if (other->leaf == leaf && other->sub == sub)
			return other;
	}
	return NULL;
}

gboolean tune_dump_add_leaf(TuneDumpCpu *cpu, const TuneCpuLeaf *leaf)
{
	if (find_leaf(cpu, leaf->leaf, leaf->sub))
		return FALSE;
	g_array_append_vals(cpu->leaves, leaf, 1);
	return TRUE;
}

void tune_dump_add_msr(TuneDumpCpu *cpu, guint32 index, guint64 value)
{
	TuneDumpMsr msr = { index, value };

	g_array_append_val(cpu->msrs, msr);
}

static TuneCpu *make_one(const TuneDumpCpu *words)
{
	TuneCpu *cpu = tune_cpu_new(TUNE_CPU_RAW);

	for (guint i = 0; i < words->msrs->len; i++) {
		const TuneDumpMsr *msr = &g_array_index(words->msrs, TuneDumpMsr, i);
		tune_cpu_set_msr(cpu, msr->index, msr->value);
	}
	tune_cpu_take_leaves(cpu, (const TuneCpuLeaf *)(void *)words->leaves->data,
			     words->leaves->len, FALSE);
	return cpu;
}

TuneCpu *tune_dump_make_cpu(const TuneDump *dump, GError **error)
{
	const TuneDumpCpu *first = dump->cpus->len ? dump->cpus->pdata[0] : NULL;

	if (!first || !find_leaf(first, 0, 0))
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "%s:1:1: leaf 0 is missing: not a CPU's words", dump->file);
	TuneCpu *cpu = make_one(first);
	if (cpu->source == TUNE_CPU_RAW)
		tune_cpu_apply_profile(cpu);
	return cpu;
}
