/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads words and numbers from a line; errors tell the place. */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/dump.h>

gboolean tune_line_fail(const TuneLine *line, GError **error, const char *what)
{
	return tune_fail(error, TUNE_ERROR_INVALID, "%s:%u:%u: %s", line->file, line->number,
			 (guint)(line->at - line->start) + 1, what);
}

static void skip_blanks(TuneLine *line)
{
	while (*line->at == ' ' || *line->at == '\t' || *line->at == '\r')
		line->at++;
}

gboolean tune_line_is_end(TuneLine *line)
{
	skip_blanks(line);
	return *line->at == '\0' || *line->at == '#';
}

gboolean tune_line_accept(TuneLine *line, const char *text)
{
	skip_blanks(line);
	if (!g_str_has_prefix(line->at, text))
		return FALSE;
	line->at += strlen(text);
	return TRUE;
}

gboolean tune_line_read_number(TuneLine *line, guint64 largest, guint64 *ret_number, GError **error)
{
	skip_blanks(line);
	const char *digits = line->at + (g_str_has_prefix(line->at, "0x") ? 2 : 0);
	if (!g_ascii_isxdigit(*digits))
		return tune_line_fail(line, error, "expected a hexadecimal number");
	char *end;
	guint64 number = g_ascii_strtoull(digits, &end, 16);
	if (end - digits > 16 || number > largest)
		return tune_line_fail(line, error, "the number is too large");
	if (*end && !strchr(" \t\r:#-]", *end))
		return tune_line_fail(line, error, "expected a hexadecimal number");
	line->at = end;
	*ret_number = number;
	return TRUE;
}

gboolean tune_line_read_word(TuneLine *line, guint32 *ret_word, GError **error)
{
	guint64 number = 0;

	if (!tune_line_read_number(line, G_MAXUINT32, &number, error))
		return FALSE;
	*ret_word = (guint32)number;
	return TRUE;
}
