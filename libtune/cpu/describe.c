/* SPDX-License-Identifier: BSD-2-Clause */
/* Describes a CPU for people: every field by its name, features by QEMU's names. */
#include <libtune/cpu/record.h>

static void fact_free(gpointer data)
{
	TuneCpuFact *fact = data;

	g_free(fact->name);
	g_free(fact->value);
	g_free(fact);
}

/* Takes @value. */
static void add_fact(GPtrArray *facts, const char *name, char *value)
{
	TuneCpuFact *fact = g_new(TuneCpuFact, 1);

	*fact = (TuneCpuFact){ g_strdup(name), value };
	g_ptr_array_add(facts, fact);
}

static void add_number(GPtrArray *facts, const TuneCpu *cpu, TuneCpuFields field, const char *name,
		       guint64 number)
{
	add_fact(facts, name,
		 cpu->fields & field ? g_strdup_printf("%" G_GUINT64_FORMAT, number) : NULL);
}

static void add_model(GPtrArray *facts, const TuneCpu *cpu)
{
	add_fact(facts, "vendor", *cpu->vendor ? g_strdup(cpu->vendor) : NULL);
	add_fact(facts, "family/model/stepping",
		 cpu->fields & TUNE_CPU_HAS_SIGNATURE
			 ? g_strdup_printf("%u/%u/%u", cpu->family, cpu->model, cpu->stepping)
			 : NULL);
	add_fact(facts, "level", g_strdup(tune_cpu_get_level(cpu)));
	add_number(facts, cpu, TUNE_CPU_HAS_PHYS_BITS, "phys-bits", cpu->phys_bits);
	add_number(facts, cpu, TUNE_CPU_HAS_TSC_KHZ, "tsc-khz", cpu->tsc_khz);
}

static void add_setup(GPtrArray *facts, const TuneCpu *cpu)
{
	for (guint i = 0; i < TUNE_CPU_BASIS; i++)
		add_fact(facts, tune_cpu_text_names[i], g_strdup(cpu->texts[i]));
	/* Only dumps have these. */
	for (guint i = TUNE_CPU_PROFILE; i < TUNE_CPU_PROPERTIES; i++)
		if (cpu->texts[i])
			add_fact(facts, tune_cpu_text_names[i], g_strdup(cpu->texts[i]));
	add_fact(facts, "machines", cpu->machines ? g_strjoinv(" ", cpu->machines) : NULL);
	add_fact(facts, "parameters", cpu->parameters ? g_strjoinv(" ", cpu->parameters) : NULL);
}

/* ---- words ---- */

static void append_bit(GString *text, TuneCpuWord word, guint bit)
{
	const TuneCpuBit *row = tune_cpu_bit_find(word, bit);

	g_string_append(text, text->len ? " " : "");
	if (row)
		g_string_append(text, row->name);
	else
		g_string_append_printf(text, "bit-%u", bit);
}

static char *format_word(const TuneCpu *cpu, TuneCpuWord word)
{
	guint64 value = cpu->words[word];

	if (tune_cpu_word_info(word)->kind != TUNE_WORD_BITS)
		return g_strdup_printf("0x%" G_GINT64_MODIFIER "x", value);
	GString *text = g_string_new(NULL);
	for (; value; value &= value - 1)
		append_bit(text, word, (guint)__builtin_ctzll(value));
	return g_string_free(text, FALSE);
}

/* Words that are zero are left out; words that are unknown are shown, if a CPU of this vendor can have them. */
static void add_words(GPtrArray *facts, const TuneCpu *cpu)
{
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++) {
		const char *name = tune_cpu_word_name(word);
		if (cpu->words[word])
			add_fact(facts, name, format_word(cpu, word));
		else if (!tune_cpu_knows(cpu, word) &&
			 (cpu->maker == TUNE_VENDOR_UNKNOWN ||
			  (tune_cpu_word_info(word)->vendors >> cpu->maker & 1)))
			add_fact(facts, name, NULL);
	}
}

static void add_components(GPtrArray *facts, const TuneCpu *cpu)
{
	for (guint i = 0; i < TUNE_CPU_MAX_COMPONENT; i++) {
		g_autofree char *name = g_strdup_printf("xsave.%u", i);
		if (cpu->components[i].size)
			add_fact(facts, name,
				 g_strdup_printf("%u bytes at %u", cpu->components[i].size,
						 cpu->components[i].offset));
	}
}

GPtrArray *tune_cpu_describe(const TuneCpu *cpu)
{
	GPtrArray *facts = g_ptr_array_new_with_free_func(fact_free);

	add_fact(facts, "source", g_strdup(tune_cpu_source_names[cpu->source]));
	add_model(facts, cpu);
	add_setup(facts, cpu);
	add_words(facts, cpu);
	add_components(facts, cpu);
	return facts;
}
