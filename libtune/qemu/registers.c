/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/qemu/registers.h>

/* Which registers of a vCPU have been read. */
enum { HAS_CR4 = 1, HAS_EFER = 2, HAS_BOTH = 3 };

/* @number: of the last vCPU; @told: set of its registers that have been read */
typedef struct {
	guint n_cpus;
	gint64 number;
	guint told;
	TuneRegisters registers;
} Parser;

/* FALSE unless the digits are followed by a blank or the end of the line. */
static gboolean read_digits(const char *text, guint base, guint64 *ret_value)
{
	size_t length = strspn(text, base == 16 ? "0123456789abcdefABCDEF" : "0123456789");

	*ret_value = g_ascii_strtoull(text, NULL, base);
	return length > 0 && length <= 16 &&
	       (text[length] == '\0' || g_ascii_isspace(text[length]));
}

/* QEMU lists vCPUs in the order of their numbers; a number out of order makes the text invalid. */
static gboolean begin_cpu(Parser *parser, const char *number)
{
	guint64 value;

	if (!read_digits(number, 10, &value) || value > G_MAXUINT32 ||
	    (gint64)value <= parser->number || (parser->n_cpus && parser->told != HAS_BOTH))
		return FALSE;
	parser->number = (gint64)value;
	parser->n_cpus++;
	parser->told = 0;
	return TRUE;
}

static gboolean read_register(Parser *parser, guint which, const char *digits, guint64 *value)
{
	guint64 bits;

	if (!parser->n_cpus || (parser->told & which) || !read_digits(digits, 16, &bits))
		return FALSE;
	*value |= bits;
	parser->told |= which;
	return TRUE;
}

/* "CPU#0", "CR0=80050033 CR2=... CR3=... CR4=00772ef0", "EFER=0000000000000d01"; other lines are skipped. */
static gboolean read_line(Parser *parser, const char *line)
{
	if (g_str_has_prefix(line, "CPU#"))
		return begin_cpu(parser, line + strlen("CPU#"));
	if (g_str_has_prefix(line, "EFER="))
		return read_register(parser, HAS_EFER, line + strlen("EFER="),
				     &parser->registers.efer);
	if (!g_str_has_prefix(line, "CR0="))
		return TRUE;
	const char *cr4 = strstr(line, " CR4=");
	return cr4 && read_register(parser, HAS_CR4, cr4 + strlen(" CR4="), &parser->registers.cr4);
}

gboolean tune_registers_parse(const char *text, guint n_cpus, TuneRegisters *ret_registers)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	Parser parser = { .number = -1 };

	for (char **line = lines; *line; line++)
		if (!read_line(&parser, *line))
			return FALSE;
	if (!n_cpus || parser.n_cpus != n_cpus || parser.told != HAS_BOTH)
		return FALSE;
	*ret_registers = parser.registers;
	return TRUE;
}
