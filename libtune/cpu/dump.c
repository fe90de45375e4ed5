/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a CPU of the numbers in a dump. */
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

static TuneCpu *make_cpu(const TuneDumpCpu *words)
{
	TuneCpu *cpu = tune_cpu_new(TUNE_CPU_RAW);

	for (guint i = 0; i < words->msrs->len; i++) {
		const TuneDumpMsr *msr = &g_array_index(words->msrs, TuneDumpMsr, i);
		tune_cpu_set_msr(cpu, msr->index, msr->value);
	}
	tune_cpu_read_leaves(cpu, (const TuneCpuLeaf *)(void *)words->leaves->data,
			     words->leaves->len, FALSE);
	return cpu;
}

/* ---- several CPUs ---- */

/* More groups of CPUs than this make a message too long. */
#define MOST_GROUPS 8

/* The kind of core (Intel SDM, CPUID leaf 0x1a).  No guest sees it, but it explains the other differences. */
#define CORE_KIND 0x1a

static guint32 get_core_kind(const TuneDumpCpu *words)
{
	const TuneCpuLeaf *leaf = find_leaf(words, CORE_KIND, 0);

	return leaf ? leaf->registers[TUNE_REG_EAX] >> 24 : 0;
}

static void append_name(GString *names, const char *name)
{
	g_string_append_printf(names, "%s%s", names->len ? " " : "", name);
}

/* Only of data that guests see: clocks, caches and the numbers of the CPUs always differ. */
static char *list_differences(const TuneCpu *first, const TuneCpu *other)
{
	GString *names = g_string_new(NULL);
	guint64 known = first->known & other->known;

	if (first->family != other->family || first->model != other->model ||
	    first->stepping != other->stepping)
		append_name(names, "model");
	if (first->phys_bits != other->phys_bits)
		append_name(names, "phys-bits");
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if ((known >> word & 1) && first->words[word] != other->words[word])
			append_name(names, tune_cpu_word_name(word));
	return g_string_free(names, FALSE);
}

static char *compare_cpus(const TuneDumpCpu *first, const TuneDumpCpu *other)
{
	g_autoptr(TuneCpu) have = make_cpu(first);
	g_autoptr(TuneCpu) want = make_cpu(other);

	tune_cpu_reduce(have);
	tune_cpu_reduce(want);
	g_autofree char *names = list_differences(have, want);
	if (get_core_kind(first) == get_core_kind(other))
		return g_steal_pointer(&names);
	return g_strdup_printf("%s%s0x1a.0.eax", names, *names ? " " : "");
}

/** CPUs in a row that differ from the first one in the same @names */
typedef struct {
	guint first, last;
	char *names;
} Group;

static void append_group(GString *text, const Group *group)
{
	if (!group->names || !*group->names)
		return;
	g_string_append_printf(text, "%sCPU %u", text->len ? "; " : "", group->first);
	if (group->last != group->first)
		g_string_append_printf(text, " to %u", group->last);
	g_string_append_printf(text, ": %s", group->names);
}

/* NULL when all CPUs are the same. */
static char *format_differences(const TuneDump *dump)
{
	g_autoptr(GString) text = g_string_new(NULL);
	Group group = { 0 };
	guint n_groups = 0;

	for (guint i = 1; i < dump->cpus->len && n_groups <= MOST_GROUPS; i++) {
		const TuneDumpCpu *cpu = dump->cpus->pdata[i];
		g_autofree char *names = compare_cpus(dump->cpus->pdata[0], cpu);
		if (g_strcmp0(names, group.names) != 0) {
			append_group(text, &group);
			g_free(group.names);
			group = (Group){ cpu->number, cpu->number, g_steal_pointer(&names) };
			n_groups += *group.names != '\0';
		}
		group.last = cpu->number;
	}
	if (n_groups <= MOST_GROUPS)
		append_group(text, &group);
	else
		g_string_append(text, "; and more");
	g_free(group.names);
	return text->len ? g_strdup(text->str) : NULL;
}

/* Leave @cpu the features that @other has as well, and add the weaknesses of @other. */
static void join_cpu(TuneCpu *cpu, const TuneCpu *other)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	guint64 known = cpu->known & other->known;

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		guint64 have = cpu->words[word], want = other->words[word];
		if ((known >> word & 1) && tune_cpu_word_info(word)->kind == TUNE_WORD_BITS)
			cpu->words[word] = (have & want) | ((have | want) & masks->gained[word]);
	}
	if (cpu->fields & other->fields & TUNE_CPU_HAS_PHYS_BITS)
		tune_cpu_set_phys_bits(cpu, MIN(cpu->phys_bits, other->phys_bits));
}

/* Some programs write a headline without leaves for a CPU that they could not read. */
static void drop_empty(const TuneDump *dump)
{
	for (guint i = dump->cpus->len; i-- > 1;) {
		const TuneDumpCpu *cpu = dump->cpus->pdata[i];
		if (!cpu->leaves->len)
			g_ptr_array_remove_index(dump->cpus, i);
	}
}

TuneCpu *tune_dump_make_cpu(const TuneDump *dump, const TuneCpuProfile *profile, GError **error)
{
	drop_empty(dump);
	for (guint i = 0; i < dump->cpus->len; i++) {
		const TuneDumpCpu *cpu = dump->cpus->pdata[i];
		if (!find_leaf(cpu, 0, 0))
			return tune_fail_null(
				error, TUNE_ERROR_INVALID,
				"%s:1:1: CPU %u: leaf 0 is missing: not a dump of a CPU",
				dump->file, cpu->number);
	}
	if (!dump->cpus->len)
		return tune_fail_null(error, TUNE_ERROR_INVALID, "%s:1:1: has no CPU", dump->file);
	TuneCpu *cpu = make_cpu(dump->cpus->pdata[0]);
	for (guint i = 1; i < dump->cpus->len; i++) {
		g_autoptr(TuneCpu) other = make_cpu(dump->cpus->pdata[i]);
		join_cpu(cpu, other);
	}
	g_autofree char *differences = format_differences(dump);
	tune_cpu_set_text(cpu, TUNE_CPU_DIFFERS, differences);
	if (cpu->source == TUNE_CPU_RAW)
		tune_cpu_apply_profile(cpu, profile);
	return cpu;
}
