/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines "LEAF SUB EAX EBX ECX EDX" and "msr INDEX VALUE", and the output of `cpuid -r`. */
#include <stdlib.h>

#include <libtune/cpu/dump.h>

typedef struct {
	TuneDump *dump;
	TuneDumpCpu *cpu;
	TuneLine line;
	GError **error;
} Reader;

static gboolean read_msr(Reader *reader)
{
	guint32 index;
	guint64 value;

	if (!tune_line_read_word(&reader->line, &index, reader->error) ||
	    !tune_line_read_number(&reader->line, G_MAXUINT64, &value, reader->error))
		return FALSE;
	if (!tune_line_is_end(&reader->line))
		return tune_line_fail(&reader->line, reader->error,
				      "more than a number and a value");
	tune_dump_add_msr(reader->cpu, index, value);
	return TRUE;
}

/* "LEAF SUB EAX EBX ECX EDX", or `cpuid -r`'s "LEAF SUB: eax=EAX ebx=EBX ecx=ECX edx=EDX". */
static gboolean read_leaf(Reader *reader)
{
	static const char *const names[] = { "eax=", "ebx=", "ecx=", "edx=" };
	TuneLine *line = &reader->line;
	const char *start = line->at;
	TuneCpuLeaf leaf;

	if (!tune_line_read_word(line, &leaf.leaf, reader->error) ||
	    !tune_line_read_word(line, &leaf.sub, reader->error))
		return FALSE;
	gboolean is_named = tune_line_accept(line, ":");
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (is_named && !tune_line_accept(line, names[i]))
			return tune_line_fail(line, reader->error,
					      "expected a register, as in 'eax=0x1'");
		if (!tune_line_read_word(line, &leaf.registers[i], reader->error))
			return FALSE;
	}
	if (!tune_line_is_end(line))
		return tune_line_fail(line, reader->error, "more than four registers");
	if (tune_dump_add_leaf(reader->cpu, &leaf))
		return TRUE;
	line->at = start;
	return tune_line_fail(line, reader->error, "duplicate leaf");
}

/* "CPU 1:", or "CPU:" of `cpuid -1 -r`. */
static void begin_cpu(Reader *reader)
{
	guint number = (guint)g_ascii_strtoull(reader->line.at, NULL, 10);

	if (reader->cpu->leaves->len)
		reader->cpu = tune_dump_add_cpu(reader->dump, number);
	reader->cpu->number = number;
}

static gboolean read_line(Reader *reader)
{
	if (tune_line_is_end(&reader->line))
		return TRUE;
	if (!tune_line_accept(&reader->line, "CPU"))
		return tune_line_accept(&reader->line, "msr ") ? read_msr(reader)
							       : read_leaf(reader);
	begin_cpu(reader);
	return TRUE;
}

gboolean tune_dump_read_words(TuneDump *dump, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	Reader reader = { dump, tune_dump_add_cpu(dump, 0), { .file = dump->file }, error };

	for (guint i = 0; lines[i]; i++) {
		reader.line.number = i + 1;
		reader.line.start = reader.line.at = lines[i];
		if (!read_line(&reader))
			return FALSE;
	}
	return TRUE;
}
