/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes a record: a CPU in a YAML file. */
#include <string.h>

#include <libtune/cpu/record.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

const char *const tune_cpu_source_names[TUNE_CPU_N_SOURCES] = { "raw", "kvm", "guest" };

const char *const tune_cpu_text_names[TUNE_CPU_N_TEXTS] = {
	[TUNE_CPU_NODE] = "node",
	[TUNE_CPU_KERNEL] = "kernel",
	[TUNE_CPU_MICROCODE] = "microcode",
	[TUNE_CPU_QEMU] = "qemu",
	[TUNE_CPU_TYPE] = "cpu",
	[TUNE_CPU_MACHINE] = "machine",
	[TUNE_CPU_ALIAS] = "alias",
	[TUNE_CPU_BASIS] = "basis",
	[TUNE_CPU_PROFILE] = "profile",
	[TUNE_CPU_DIFFERS] = "differs",
	[TUNE_CPU_PROPERTIES] = "properties",
	[TUNE_CPU_MODELS] = "models",
	[TUNE_CPU_OPTIONS] = "options",
	[TUNE_CPU_ALIASES] = "aliases",
	[TUNE_CPU_HOST] = "host",
};

static void append_quoted(GString *yaml, const char *text)
{
	g_string_append_c(yaml, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(yaml, '\\');
		g_string_append_c(yaml, *text);
	}
	g_string_append_c(yaml, '"');
}

static void append_text(GString *yaml, const char *key, const char *text)
{
	if (!text)
		return;
	g_string_append_printf(yaml, "%s: ", key);
	append_quoted(yaml, text);
	g_string_append_c(yaml, '\n');
}

static void append_list(GString *yaml, const char *key, char **list)
{
	if (!list)
		return;
	g_string_append_printf(yaml, "%s:%s\n", key, list[0] ? "" : " []");
	for (; *list; list++) {
		g_string_append(yaml, "- ");
		append_quoted(yaml, *list);
		g_string_append_c(yaml, '\n');
	}
}

static void append_numbers(GString *yaml, const TuneCpu *cpu)
{
	if (cpu->fields & TUNE_CPU_HAS_TIME)
		g_string_append_printf(yaml, "time: %" G_GINT64_FORMAT "\n", cpu->time);
	if (cpu->fields & TUNE_CPU_HAS_SIGNATURE)
		g_string_append_printf(yaml, "model: [%u, %u, %u]\n", cpu->family, cpu->model,
				       cpu->stepping);
	if (cpu->fields & TUNE_CPU_HAS_PHYS_BITS)
		g_string_append_printf(yaml, "phys-bits: %u\n", cpu->phys_bits);
	if (cpu->fields & TUNE_CPU_HAS_TSC_KHZ)
		g_string_append_printf(yaml, "tsc-khz: %" G_GUINT64_FORMAT "\n", cpu->tsc_khz);
	if (cpu->fields & TUNE_CPU_HAS_TSC_SCALING)
		g_string_append_printf(yaml, "tsc-scaling: %s\n", cpu->tsc_scaling ? "yes" : "no");
}

static void append_words(GString *yaml, const TuneCpu *cpu)
{
	g_string_append_printf(yaml, "words:%s\n", cpu->known ? "" : " {}");
	for (guint word = 0; word < TUNE_CPU_N_WORDS; word++)
		if (tune_cpu_knows(cpu, word))
			g_string_append_printf(yaml, "  %s: 0x%" G_GINT64_MODIFIER "x\n",
					       tune_cpu_word_name(word), cpu->words[word]);
}

static void append_components(GString *yaml, const TuneCpu *cpu)
{
	g_string_append_printf(yaml, "xsave:%s\n", cpu->known_components ? "" : " {}");
	for (guint i = 0; i < TUNE_CPU_MAX_COMPONENT; i++)
		if (cpu->known_components >> i & 1)
			g_string_append_printf(yaml, "  %u: [%u, %u, %u]\n", i,
					       cpu->components[i].size, cpu->components[i].offset,
					       cpu->components[i].flags);
}

char *tune_cpu_to_yaml(const TuneCpu *cpu)
{
	GString *yaml = g_string_new("# A CPU as its guests see it; written by ganeti-tune.\n");

	g_string_append_printf(yaml, "format: %u\n", cpu->format);
	g_string_append_printf(yaml, "source: %s\n", tune_cpu_source_names[cpu->source]);
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++)
		append_text(yaml, tune_cpu_text_names[i], cpu->texts[i]);
	append_text(yaml, "vendor", *cpu->vendor ? cpu->vendor : NULL);
	append_numbers(yaml, cpu);
	if (cpu->unused)
		g_string_append_printf(yaml, "unused: %u\n", cpu->unused);
	append_list(yaml, "parameters", cpu->parameters);
	append_list(yaml, "machines", cpu->machines);
	append_words(yaml, cpu);
	append_components(yaml, cpu);
	/* A file that is cut off at the end of a line is still YAML; the reader refuses it without this key. */
	g_string_append(yaml, "complete: yes\n");
	return g_string_free(yaml, FALSE);
}

gboolean tune_cpu_save_record(const TuneCpu *cpu, TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *text = tune_cpu_to_yaml(cpu);

	return tune_root_save(root, path, text, error);
}
