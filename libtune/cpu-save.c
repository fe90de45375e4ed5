/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU as a YAML file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <libtune/cpu-record.h>
#include <libtune/error.h>
#include <libtune/root.h>

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

	g_string_append_printf(yaml, "format: %d\n", TUNE_CPU_FORMAT);
	g_string_append_printf(yaml, "source: %s\n", tune_cpu_source_names[cpu->source]);
	for (guint i = 0; i < TUNE_CPU_N_TEXTS; i++)
		append_text(yaml, tune_cpu_text_names[i], cpu->texts[i]);
	append_text(yaml, "vendor", *cpu->vendor ? cpu->vendor : NULL);
	append_numbers(yaml, cpu);
	append_list(yaml, "parameters", cpu->parameters);
	append_list(yaml, "machines", cpu->machines);
	append_words(yaml, cpu);
	append_components(yaml, cpu);
	/* Cut off at the end of a line, the rest would still be YAML. */
	g_string_append(yaml, "complete: yes\n");
	return g_string_free(yaml, FALSE);
}

/* ---- into a file ---- */

static gboolean write_all(int fd, const char *path, const char *text, GError **error)
{
	size_t length = strlen(text);

	while (length) {
		ssize_t n = write(fd, text, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tune_fail_errno(error, path);
		text += n;
		length -= (size_t)n;
	}
	return fsync(fd) == 0 || tune_fail_errno(error, path);
}

static gboolean write_new(TuneRoot *root, const char *path, const char *text, GError **error)
{
	g_auto(filedesc)
		fd = tune_root_open_file(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, error);

	return fd >= 0 && write_all(fd, path, text, error);
}

gboolean tune_cpu_save_record(const TuneCpu *cpu, TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *new_name = g_strconcat(name, ".new", NULL);
	g_autofree char *new_path = g_build_filename(directory, new_name, NULL);
	g_autofree char *text = tune_cpu_to_yaml(cpu);

	if (!tune_root_make_directory(root, directory, error) ||
	    !write_new(root, new_path, text, error))
		return FALSE;
	g_auto(filedesc)
		fd = tune_root_open_file(root, directory, O_RDONLY | O_DIRECTORY, 0, error);
	if (fd < 0)
		return FALSE;
	if (renameat(fd, new_name, fd, name) < 0)
		return tune_fail_errno(error, path);
	return fsync(fd) == 0 || tune_fail_errno(error, path);
}
