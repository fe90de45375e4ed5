/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of AIDA64 and its forerunners, the format of InstLatx64's collection and of vendors:
 *
 *	------[ CPUID Registers / Logical CPU #0 ]------
 *	CPUID 00000007: 00000000-F3BFA7EB-98C05FEE-FC984510 [SL 00]
 *	------[ MSR Registers ]------
 *	MSR 0000010A: 0000-0000-0000-002B
 *
 * All other lines are skipped.
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

/* MSRs, and leaves in front of all headlines, belong to the first CPU. */
static TuneDumpCpu *get_first(Reader *reader)
{
	return reader->dump->cpus->len ? reader->dump->cpus->pdata[0]
				       : tune_dump_add_cpu(reader->dump, 0);
}

static gboolean read_leaf(Reader *reader)
{
	TuneLine *line = &reader->line;
	TuneCpuLeaf leaf;

	if (!tune_line_read_word(line, &leaf.leaf, reader->error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(leaf.registers); i++) {
		if (!tune_line_accept(line, i ? "-" : ":"))
			return tune_line_fail(line, reader->error,
					      "expected four registers, as in '0-0-0-0'");
		if (!tune_line_read_word(line, &leaf.registers[i], reader->error))
			return FALSE;
	}
	/* "[SL 0B]" stands between the registers and their description; older programs omit it for a single sub-leaf. */
	leaf.sub = 0;
	if (tune_line_accept(line, "[SL") && !tune_line_read_word(line, &leaf.sub, reader->error))
		return FALSE;
	if (!reader->cpu)
		reader->cpu = get_first(reader);
	/* Programs that do not number sub-leaves write sub-leaf 0 first; the others are dropped as duplicates. */
	tune_dump_add_leaf(reader->cpu, &leaf);
	return TRUE;
}

/* Four times sixteen bits, or "< FAILED >" when the program could not read the MSR. */
static gboolean read_msr(Reader *reader)
{
	TuneLine *line = &reader->line;
	guint32 index;
	guint64 value = 0;

	if (!tune_line_read_word(line, &index, reader->error))
		return FALSE;
	if (!tune_line_accept(line, ":"))
		return tune_line_fail(line, reader->error, "expected a value");
	if (tune_line_accept(line, "<"))
		return TRUE;
	for (guint i = 0; i < 4; i++) {
		guint64 part;
		if (i && !tune_line_accept(line, "-"))
			return tune_line_fail(line, reader->error,
					      "expected four parts, as in '0-0-0-0'");
		if (!tune_line_read_number(line, G_MAXUINT16, &part, reader->error))
			return FALSE;
		value = value << 16 | part;
	}
	tune_dump_add_msr(get_first(reader), index, value);
	return TRUE;
}

/* "Logical CPU #4" in a headline, "CPU#004 AffMask: 0x10" of other programs. */
static gboolean read_headline(const char *line, guint *ret_number)
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

	if (read_headline(reader->line.at, &number)) {
		reader->cpu = tune_dump_add_cpu(reader->dump, number);
		return TRUE;
	}
	if (tune_line_accept(&reader->line, "CPUID "))
		/* "CPUID Manufacturer: ..." and the like are no leaves. */
		return !g_ascii_isdigit(*reader->line.at) || read_leaf(reader);
	if (tune_line_accept(&reader->line, "MSR "))
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
