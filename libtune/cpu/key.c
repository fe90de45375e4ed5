/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short name for all data of a CPU that can refuse a move, and for nothing else.  It depends on that CPU alone: it
 * stays the same when other nodes are added or removed, and changes only on a node that will give its guests another
 * CPU.
 */
#include <string.h>

#include <libtune/cpu/compare.h>

#define N_DIGITS 8

static const char *name_vendor(const TuneCpu *cpu)
{
	static const struct {
		const char *vendor;
		const char *name;
	} rows[] = {
		{ "GenuineIntel", "intel" },   { "AuthenticAMD", "amd" },
		{ "HygonGenuine", "hygon" },   { "CentaurHauls", "centaur" },
		{ "  Shanghai  ", "zhaoxin" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(cpu->vendor, rows[i].vendor) == 0)
			return rows[i].name;
	return "cpu";
}

/* Bits whose loss or appearance refuses a move; of a layout, all bits. */
static guint64 get_refusing_bits(guint word)
{
	const TuneCpuMasks *masks = tune_cpu_masks();
	guint64 refusing = masks->refused[word];

	if (tune_cpu_word_info(word)->kind == TUNE_WORD_EQUAL)
		return G_MAXUINT64;
	/* The number of AVX10's version must not become smaller. */
	if (word == TUNE_CPU_24_0_EBX)
		refusing |= 0xff;
	for (guint64 left = masks->gained[word]; left; left &= left - 1) {
		guint bit = (guint)__builtin_ctzll(left);
		if (TUNE_CPU_REFUSING >> tune_cpu_bit_find(word, bit)->class & 1)
			refusing |= G_GUINT64_CONSTANT(1) << bit;
	}
	return refusing;
}

static void append_words(GString *text, const TuneCpu *cpu)
{
	const TuneCpuMasks *masks = tune_cpu_masks();

	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		if (!(masks->refused_words >> word & 1))
			continue;
		if (!tune_cpu_knows(cpu, word))
			g_string_append_printf(text, "%s ?\n", tune_cpu_word_name(word));
		else if (cpu->words[word] & get_refusing_bits(word))
			g_string_append_printf(text, "%s %" G_GINT64_MODIFIER "x\n",
					       tune_cpu_word_name(word),
					       cpu->words[word] & get_refusing_bits(word));
	}
}

static void append_layout(GString *text, const TuneCpu *cpu)
{
	guint n_infos;
	const TuneCpuComponentInfo *infos = tune_cpu_component_infos(&n_infos);

	for (guint i = 0; i < n_infos; i++) {
		const TuneCpuComponent *component = &cpu->components[infos[i].number];
		if (infos[i].is_running)
			continue;
		if (!(cpu->known_components >> infos[i].number & 1))
			g_string_append_printf(text, "xsave %u ?\n", infos[i].number);
		else if (component->size)
			g_string_append_printf(text, "xsave %u %x %x %x\n", infos[i].number,
					       component->size, component->offset,
					       component->flags & 2);
	}
}

static void append_counters(GString *text, const TuneCpu *cpu)
{
	TuneCpuCounters counters = tune_cpu_get_counters(cpu);

	if (!tune_cpu_knows(cpu, TUNE_CPU_A_EAX))
		g_string_append(text, "counters ?\n");
	else if (tune_cpu_loads_counters(counters))
		g_string_append_printf(text, "counters %u %u\n", counters.general, counters.fixed);
}

/* Only the two numbers by which an older QEMU is told from a newer one: "7.2". */
static void append_qemu(GString *text, const TuneCpu *cpu)
{
	const char *version = cpu->texts[TUNE_CPU_QEMU];

	if (!version)
		return;
	g_auto(GStrv) numbers = g_strsplit_set(version, ". ", 3);
	g_string_append_printf(text, "qemu %s.%s\n", numbers[0],
			       numbers[0] && numbers[1] ? numbers[1] : "");
}

char *tune_cpu_make_key(const TuneCpu *cpu)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, "vendor %s\naddress %u\n", cpu->vendor,
			       cpu->fields & TUNE_CPU_HAS_PHYS_BITS ? cpu->phys_bits : 0);
	append_words(text, cpu);
	append_layout(text, cpu);
	append_counters(text, cpu);
	append_qemu(text, cpu);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, -1);
	return g_strdup_printf("%s-%.*s", name_vendor(cpu), N_DIGITS, sum);
}
