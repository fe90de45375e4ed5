/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/cpu/compare.h>
#include <libtune/base/error.h>

/* Of the bits whose loss is a reason. */
typedef struct {
	guint64 common[TUNE_CPU_N_WORDS]; /* bits that all CPUs have */
	guint64 any[TUNE_CPU_N_WORDS];    /* bits that one of them has */
	guint least_phys_bits, most_phys_bits;
	gboolean is_pmu_off; /* one has fewer counters than another */
} Group;

static gboolean check_known(const TuneCpu *cpu, GError **error)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	guint64 unknown = masks->refused_words & ~cpu->known;

	if (!(cpu->fields & TUNE_CPU_HAS_PHYS_BITS))
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: phys-bits are unknown",
				 tune_cpu_name_node(cpu));
	/* A bare CPU cannot tell what KVM adds; it takes part in the baseline with the words that it has. */
	if (unknown && cpu->source != TUNE_CPU_RAW)
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: %s are unknown",
				 tune_cpu_name_node(cpu),
				 tune_cpu_word_info((TuneCpuWord)__builtin_ctzll(unknown))->label);
	return TRUE;
}

static gboolean check_group(const TuneCpu *const *cpus, guint n_cpus, GError **error)
{
	if (n_cpus == 0)
		return tune_fail(error, TUNE_ERROR_INVALID, "no CPU to make a baseline of");
	for (guint i = 0; i < n_cpus; i++) {
		if (!check_known(cpus[i], error))
			return FALSE;
		if (strcmp(cpus[i]->vendor, cpus[0]->vendor) != 0)
			return tune_fail(error, TUNE_ERROR_INVALID,
					 "%s has a CPU of %s, %s one of %s: nothing in common",
					 tune_cpu_name_node(cpus[0]), cpus[0]->vendor,
					 tune_cpu_name_node(cpus[i]), cpus[i]->vendor);
	}
	return TRUE;
}

/* ---- features in common ---- */

static gboolean is_same_layout(const TuneCpuComponent *a, const TuneCpuComponent *b)
{
	return a->size == b->size && a->offset == b->offset && ((a->flags ^ b->flags) & 2) == 0;
}

/* State that two nodes store in different ways cannot move, so no guest may use the features that have it. */
static void drop_unlike_components(Group *group, const TuneCpu *const *cpus, guint n_cpus)
{
	guint n_infos;
	const TuneCpuComponentInfo *infos = tune_cpu_component_infos(&n_infos);

	for (guint i = 0; i < n_infos; i++)
		for (guint k = 1; k < n_cpus; k++) {
			if (is_same_layout(&cpus[0]->components[infos[i].number],
					   &cpus[k]->components[infos[i].number]))
				continue;
			for (guint f = 0; f < G_N_ELEMENTS(infos[i].features); f++)
				group->common[infos[i].features[f].word] &=
					~infos[i].features[f].mask;
		}
}

/* Counters of version 1 are not loaded into KVM, so a difference in them does no harm. */
static gboolean has_unlike_counters(const TuneCpu *const *cpus, guint n_cpus)
{
	TuneCpuCounters first = { 0 };

	for (guint i = 0; i < n_cpus; i++) {
		TuneCpuCounters counters = tune_cpu_get_counters(cpus[i]);
		if (!tune_cpu_loads_counters(counters))
			continue;
		if (!tune_cpu_loads_counters(first))
			first = counters;
		if (counters.general != first.general || counters.fixed != first.fixed)
			return TRUE;
	}
	return FALSE;
}

static void join_cpus(Group *group, const TuneCpu *const *cpus, guint n_cpus)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	*group = (Group){ .least_phys_bits = G_MAXUINT };
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		group->common[word] = masks->lost[word];
		for (guint i = 0; i < n_cpus; i++) {
			if (cpus[i]->source != TUNE_CPU_RAW || tune_cpu_knows(cpus[i], word))
				group->common[word] &= cpus[i]->words[word];
			group->any[word] |= cpus[i]->words[word] & masks->lost[word];
		}
	}
	for (guint i = 0; i < n_cpus; i++) {
		group->least_phys_bits = MIN(group->least_phys_bits, cpus[i]->phys_bits);
		group->most_phys_bits = MAX(group->most_phys_bits, cpus[i]->phys_bits);
	}
	drop_unlike_components(group, cpus, n_cpus);
	group->is_pmu_off = has_unlike_counters(cpus, n_cpus);
}

/* Names of the bits in @words that some of the CPUs lack; a name that stands for two bits is listed once. */
static GPtrArray *list_dropped(const Group *group, const guint64 *words)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		for (guint64 rest = words[word] & group->any[word] & ~group->common[word]; rest;
		     rest &= rest - 1) {
			guint bit = (guint)__builtin_ctzll(rest);
			const char *name = tune_cpu_bit_find(word, bit)->name;
			if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
				g_ptr_array_add(names, (gpointer)name);
		}
	return names;
}

static char *format_type(const Group *group)
{
	g_autoptr(GPtrArray) names = list_dropped(group, group->any);
	GString *type = g_string_new("host");

	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(type, ",-%s", (const char *)names->pdata[i]);
	if (group->is_pmu_off)
		g_string_append(type, ",pmu=off");
	if (group->least_phys_bits != group->most_phys_bits)
		g_string_append_printf(type, ",host-phys-bits-limit=%u", group->least_phys_bits);
	return g_string_free(type, FALSE);
}

static char *format_cost(const Group *group, const TuneCpu *cpu)
{
	g_autoptr(GPtrArray) names = list_dropped(group, cpu->words);

	if (group->is_pmu_off && tune_cpu_get_counters(cpu).version)
		g_ptr_array_add(names, (gpointer) "pmu");
	g_ptr_array_add(names, NULL);
	return g_strjoinv(" ", (char **)names->pdata);
}

char *tune_cpu_baseline(const TuneCpu *const *cpus, guint n_cpus, char ***ret_costs, GError **error)
{
	if (!check_group(cpus, n_cpus, error))
		return NULL;
	Group group;
	join_cpus(&group, cpus, n_cpus);
	if (ret_costs) {
		*ret_costs = g_new0(char *, n_cpus + 1);
		for (guint i = 0; i < n_cpus; i++)
			(*ret_costs)[i] = format_cost(&group, cpus[i]);
	}
	return format_type(&group);
}
