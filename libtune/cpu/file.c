/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU images that people have as files, whatever they are in them. */
#include <fcntl.h>
#include <string.h>

#include <libtune/cpu/cpu.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/base/root.h>

/* The first line that says something; NULL when none does. */
static const char *find_first_line(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return *text ? text : NULL;
		text += strcspn(text, "\n");
	}
}

/* A leaf, an MSR, or the headline of `cpuid -r`; a record begins with "format:". */
static gboolean is_dump(const char *text)
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

TuneCpu *tune_cpu_load_file(const char *path, GError **error)
{
	g_auto(filedesc) fd = open(path, O_RDONLY | O_CLOEXEC);
	g_autoptr(GString) text = g_string_new(NULL);

	if (fd < 0) {
		tune_fail_errno(error, path);
		return NULL;
	}
	if (!tune_read_all(fd, path, text, error))
		return NULL;
	TuneCpu *cpu = is_dump(text->str)
			       ? tune_cpu_parse_dump(text->str, path, error)
			       : tune_cpu_parse_record(text->str, text->len, path, error);
	if (cpu)
		tune_cpu_reduce(cpu);
	return cpu;
}

char **tune_cpu_list_promises(TuneRoot *root)
{
	g_autoptr(GPtrArray) paths = tune_root_glob(root, TUNE_CPU_RECORDS "/*.yaml");
	GPtrArray *nodes = g_ptr_array_new();

	for (guint i = 0; i < paths->len; i++) {
		g_autofree char *node = g_path_get_basename(paths->pdata[i]);
		node[strlen(node) - strlen(".yaml")] = '\0';
		if (tune_ganeti_check_name(node, NULL))
			g_ptr_array_add(nodes, g_steal_pointer(&node));
	}
	g_ptr_array_add(nodes, NULL);
	return (char **)g_ptr_array_free(nodes, FALSE);
}
