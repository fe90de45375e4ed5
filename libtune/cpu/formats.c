/* SPDX-License-Identifier: BSD-2-Clause */
/* THE TABLE of formats of dumps, and which of them a text has. */
#include <fcntl.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/cpu/dump.h>

/* The first line that is neither blank nor a comment; NULL without one. */
static const char *find_first_line(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return *text ? text : NULL;
		text += strcspn(text, "\n");
	}
}

/* A leaf, an MSR, or the headline of `cpuid -r`. */
static gboolean is_words(const char *text)
{
	const char *line = find_first_line(text);

	if (!line)
		return FALSE;
	if (g_str_has_prefix(line, "CPU") || g_str_has_prefix(line, "msr "))
		return TRUE;
	line += g_str_has_prefix(line, "0x") ? 2 : 0;
	size_t n_digits = strspn(line, "0123456789abcdefABCDEF");
	return n_digits > 0 && (line[n_digits] == ' ' || line[n_digits] == '\t');
}

/* All variants have this line; the lines in front of it differ. */
static gboolean is_aida(const char *text)
{
	static const char start[] = "CPUID 00000000:";

	return g_str_has_prefix(text, start) || strstr(text, "\nCPUID 00000000:");
}

static gboolean is_cpudata(const char *text)
{
	const char *line = find_first_line(text);

	return line && *line == '<' && strstr(line, "<cpudata");
}

static gboolean is_firecracker(const char *text)
{
	const char *line = find_first_line(text);

	return line && *line == '{' && strstr(line, "\"cpuid_modifiers\"");
}

/* clang-format off */
static const struct {
	const char *name;
	gboolean (*matches)(const char *text);
	TuneDumpRead *read;
} formats[] = {
	{ "text of AIDA64 or InstLatx64",                     is_aida,    tune_dump_read_aida },
	{ "lines 'leaf sub-leaf eax ebx ecx edx', cpuid -r", is_words,   tune_dump_read_words },
	{ "libvirt's <cpudata>",                              is_cpudata, tune_dump_read_cpudata },
	{ "Firecracker's JSON",                               is_firecracker, tune_dump_read_firecracker },
};
/* clang-format on */

/* "format" is the first key of each record. */
static gboolean is_record(const char *text)
{
	const char *line = find_first_line(text);

	return line && g_str_has_prefix(line, "format");
}

/* Always NULL. */
static TuneCpu *fail_unknown_format(const char *file, GError **error)
{
	g_autoptr(GString) names = g_string_new("a record of gnt-tune");

	for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
		g_string_append_printf(names, "; %s", formats[i].name);
	return tune_fail_null(
		error, TUNE_ERROR_INVALID,
		"%s:1:1: none of the formats that are read: %s (cpuid -r makes one on any machine)",
		file, names->str);
}

TuneCpu *tune_cpu_parse_dump(const char *text, const char *file, const TuneCpuProfile *profile,
			     GError **error)
{
	guint format = 0;

	while (format < G_N_ELEMENTS(formats) && !formats[format].matches(text))
		format++;
	if (format == G_N_ELEMENTS(formats))
		return fail_unknown_format(file, error);
	g_autoptr(TuneDump) dump = tune_dump_new(file);
	return formats[format].read(dump, text, error) ? tune_dump_make_cpu(dump, profile, error)
						       : NULL;
}

TuneCpu *tune_cpu_load_dump(TuneRoot *root, const char *path, GError **error)
{
	g_autofree char *text = tune_root_read(root, path, error);

	return text ? tune_cpu_parse_dump(text, path, NULL, error) : NULL;
}

TuneCpu *tune_cpu_load_file(const char *path, const TuneCpuProfile *profile, GError **error)
{
	g_auto(filedesc) fd = open(path, O_RDONLY | O_CLOEXEC);
	g_autoptr(GString) text = g_string_new(NULL);

	if (fd < 0) {
		tune_fail_errno(error, path);
		return NULL;
	}
	if (!tune_read_all(fd, path, text, error))
		return NULL;
	TuneCpu *cpu = is_record(text->str)
			       ? tune_cpu_parse_record(text->str, text->len, path, error)
			       : tune_cpu_parse_dump(text->str, path, profile, error);
	if (cpu)
		tune_cpu_reduce(cpu);
	return cpu;
}
