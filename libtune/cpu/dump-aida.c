/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of AIDA64 and its forerunners, in which InstLatx64 and vendors hand CPUs around:
 *
 *	------[ CPUID Registers / Logical CPU #0 ]------
 *	CPUID 00000007: 00000000-F3BFA7EB-98C05FEE-FC984510 [SL 00]
 *	------[ MSR Registers ]------
 *	MSR 0000010A: 0000-0000-0000-002B
 *
 * Among a lot of other lines, which nobody reads.
 */
#include <stdlib.h>
#include <string.h>

#include <libtune/cpu/dump.h>

typedef struct {
	TuneDump *dump;
	TuneDumpCpu *cpu; /* NULL: none has begun */
	TuneLine line;
	GError **error;
} Reader;

/* MSRs, and what stands in front of all headlines, are the first CPU's. */
static TuneDumpCpu *get_first(Reader *reader)
{
	return reader->dump->cpus->len ? reader->dump->cpus->pdata[0]
				       : tune_dump_add_cpu(reader->dump, 0);
}

/* "[SL 0B]" behind the registers, and before what they mean; older programs say it where there are several. */
static gboolean take_sub(Reader *reader, guint32 *ret_sub)
{
	*ret_sub = 0;
	return !tune_line_take(&reader->line, "[SL") ||
	       tune_line_take_word(&reader->line, ret_sub, reader->error);
}

static gboolean read_leaf(Reader *reader)
{
	TuneLine *line = &reader->line;
	TuneCpuLeaf leaf;

	if (!tune_line_take_word(line, &leaf.leaf, reader->error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(leaf.registers); i++) {
		if (!tune_line_take(line, i ? "-" : ":"))
			return tune_line_fail(line, reader->error,
					      "expected four registers, as in '0-0-0-0'");
		if (!tune_line_take_word(line, &leaf.registers[i], reader->error))
			return FALSE;
	}
	if (!take_sub(reader, &leaf.sub))
		return FALSE;
	if (!reader->cpu)
		reader->cpu = get_first(reader);
	/* Programs that number no sub-leaves show the first of them first. */
	tune_dump_add_leaf(reader->cpu, &leaf);
	return TRUE;
}

/* Four times sixteen bits; "< FAILED >" where it could not be read. */
static gboolean read_msr(Reader *reader)
{
	TuneLine *line = &reader->line;
	guint32 index;
	guint64 value = 0;

	if (!tune_line_take_word(line, &index, reader->error))
		return FALSE;
	if (!tune_line_take(line, ":"))
		return tune_line_fail(line, reader->error, "expected a value");
	if (tune_line_take(line, "<"))
		return TRUE;
	for (guint i = 0; i < 4; i++) {
		guint64 part;
		if (i && !tune_line_take(line, "-"))
			return tune_line_fail(line, reader->error,
					      "expected four parts, as in '0-0-0-0'");
		if (!tune_line_take_number(line, G_MAXUINT16, &part, reader->error))
			return FALSE;
		value = value << 16 | part;
	}
	tune_dump_add_msr(get_first(reader), index, value);
	return TRUE;
}

/* "Logical CPU #4" in a headline, "CPU#004 AffMask: 0x10" of other programs. */
static gboolean find_headline(const char *line, guint *ret_number)
{
	const char *number = NULL;

	if (g_str_has_prefix(line, "CPU#"))
		number = line + strlen("CPU#");
	else if (g_str_has_prefix(line, "------[") && strstr(line, "Logical CPU #"))
		number = strstr(line, "Logical CPU #") + strlen("Logical CPU #");
	if (!number)
		return FALSE;
	*ret_number = (guint)g_ascii_strtoull(number, NULL, 10);
	return TRUE;
}

static gboolean read_line(Reader *reader)
{
	guint number;

	if (find_headline(reader->line.at, &number)) {
		reader->cpu = tune_dump_add_cpu(reader->dump, number);
		return TRUE;
	}
	if (tune_line_take(&reader->line, "CPUID "))
		/* "CPUID Manufacturer: ..." is for people. */
		return !g_ascii_isdigit(*reader->line.at) || read_leaf(reader);
	if (tune_line_take(&reader->line, "MSR "))
		return !g_ascii_isxdigit(*reader->line.at) || read_msr(reader);
	return TRUE;
}

gboolean tune_dump_read_aida(TuneDump *dump, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	Reader reader = { dump, NULL, { .file = dump->file }, error };

	for (guint i = 0; lines[i]; i++) {
		reader.line.number = i + 1;
		reader.line.start = reader.line.at = lines[i];
		if (!read_line(&reader))
			return FALSE;
	}
	return TRUE;
}
