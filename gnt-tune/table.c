/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "gnt-tune/table.h"

#define MARK "red"

const Column table_fact_columns[] = {
	{ "field", TRUE, "name of the fact" },
	{ "value", TRUE, "its value" },
	{ NULL, FALSE, NULL },
};

/**
 * @chosen: indices into @columns, in the order of the output
 * @text: rows for --separator, which libsmartcols would pad or escape
 * @is_streamed: rows are printed at once, and do not wait in @text for table_print()
 */
struct Table {
	const Column *columns;
	GArray *chosen;
	const char *separator;
	gboolean no_headers;
	gboolean is_streamed;
	struct libscols_table *rows;
	GString *text;
};

static gboolean find_column(const Column *columns, const char *field, guint *index)
{
	for (*index = 0; columns[*index].field; (*index)++)
		if (strcmp(columns[*index].field, field) == 0)
			return TRUE;
	return FALSE;
}

static gboolean fail_unknown_field(const char *field, GError **error)
{
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "unknown output field '%s', see --help", field);
	return FALSE;
}

/* As in the gnt-* commands: "a,b" shows these fields, "+a,b" the default ones and then these. */
static gboolean choose_columns(Table *table, const char *output, GError **error)
{
	gboolean has_defaults = !output || *output == '+';

	for (guint i = 0; has_defaults && table->columns[i].field; i++)
		if (table->columns[i].is_default)
			g_array_append_val(table->chosen, i);
	if (!output || strcmp(output, "+") == 0)
		return TRUE;
	g_auto(GStrv) fields = g_strsplit(output + (*output == '+'), ",", -1);
	/* g_strsplit() returns no field at all for an empty text. */
	if (!*fields)
		return fail_unknown_field("", error);
	for (char **field = fields; *field; field++) {
		guint index;
		if (!find_column(table->columns, *field, &index))
			return fail_unknown_field(*field, error);
		g_array_append_val(table->chosen, index);
	}
	return TRUE;
}

static const char *get_field(const Table *table, guint column)
{
	return table->columns[g_array_index(table->chosen, guint, column)].field;
}

gboolean table_shows(const Table *table, const char *field)
{
	for (guint i = 0; i < table->chosen->len; i++)
		if (strcmp(get_field(table, i), field) == 0)
			return TRUE;
	return FALSE;
}

static void add_columns(Table *table, gboolean is_json)
{
	for (guint i = 0; i < table->chosen->len; i++) {
		g_autofree char *header = is_json ? g_strdup(get_field(table, i))
						  : g_ascii_strup(get_field(table, i), -1);
		scols_table_new_column(table->rows, header, 0, 0);
	}
}

static gboolean wants_colour(void)
{
	const char *no_colour = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

static void set_up_output(Table *table, const char *name, const Options *options)
{
	table->separator = options->json ? NULL : options->separator;
	table->no_headers = options->no_headers;
	table->rows = scols_new_table();
	if (!table->rows)
		g_error("out of memory");
	scols_table_set_name(table->rows, name);
	scols_table_enable_json(table->rows, options->json);
	scols_table_enable_noheadings(table->rows, options->no_headers);
	scols_table_enable_colors(table->rows, wants_colour());
	/* Do not cut off values at the edge of the terminal: the rest would look like a value. */
	scols_table_set_termforce(table->rows, SCOLS_TERMFORCE_NEVER);
	add_columns(table, options->json);
}

Table *table_new(const char *name, const Column *columns, const Options *options, GError **error)
{
	g_autoptr(Table) table = g_new0(Table, 1);

	table->columns = columns;
	table->chosen = g_array_new(FALSE, FALSE, sizeof(guint));
	table->text = g_string_new(NULL);
	if (!choose_columns(table, options->output, error))
		return NULL;
	set_up_output(table, name, options);
	return g_steal_pointer(&table);
}

void table_free(Table *table)
{
	if (!table)
		return;
	if (table->rows)
		scols_unref_table(table->rows);
	g_array_unref(table->chosen);
	g_string_free(table->text, TRUE);
	g_free(table);
}

static const char *get_cell(const Table *table, const char *const *cells, guint column)
{
	return cells[g_array_index(table->chosen, guint, column)];
}

/* JSON must be UTF-8, and values of the kernel need not be.  A cell that is not set is null in JSON. */
static void set_cell(Table *table, struct libscols_line *line, guint column, const char *cell)
{
	g_autofree char *valid = cell ? g_utf8_make_valid(cell, -1) : NULL;

	if (!scols_table_is_json(table->rows))
		scols_line_set_data(line, column, cell ? cell : "-");
	else if (valid)
		scols_line_set_data(line, column, valid);
}

/*
 * A name that a guest or another node has chosen may have control characters, which could move a terminal's cursor or
 * set its title: there they become question marks.  A script gets all but newlines as they are: a row is one line.
 */
static char *clean_cell(const char *cell, gboolean is_terminal)
{
	if (!is_terminal)
		return g_strdelimit(g_strdup(cell), "\n", '?');
	g_autofree char *valid = g_utf8_make_valid(cell, -1);
	GString *clean = g_string_new(NULL);
	for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
		gunichar letter = g_utf8_get_char(c);
		g_string_append_unichar(clean, g_unichar_iscntrl(letter) ? '?' : letter);
	}
	return g_string_free(clean, FALSE);
}

static void add_text(Table *table, const char *const *cells)
{
	gboolean is_terminal = isatty(STDOUT_FILENO);

	for (guint i = 0; i < table->chosen->len; i++) {
		const char *cell = get_cell(table, cells, i);
		g_string_append(table->text, i ? table->separator : "");
		g_autofree char *clean = clean_cell(cell ? cell : "-", is_terminal);
		g_string_append(table->text, clean);
	}
	g_string_append_c(table->text, '\n');
	if (!table->is_streamed)
		return;
	fwrite(table->text->str, 1, table->text->len, stdout);
	g_string_truncate(table->text, 0);
}

static struct libscols_line *add_line(Table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table->rows, NULL);

	if (!line)
		g_error("out of memory");
	for (guint i = 0; i < table->chosen->len; i++)
		set_cell(table, line, i, get_cell(table, cells, i));
	return line;
}

void table_add(Table *table, const char *const *cells)
{
	if (table->separator)
		add_text(table, cells);
	else
		add_line(table, cells);
}

void table_add_marked(Table *table, const char *const *cells)
{
	if (table->separator) {
		add_text(table, cells);
		return;
	}
	struct libscols_line *line = add_line(table, cells);
	if (table->chosen->len)
		scols_cell_set_color(scols_line_get_cell(line, table->chosen->len - 1), MARK);
}

static void print_headers(const Table *table)
{
	for (guint i = 0; !table->no_headers && i < table->chosen->len; i++) {
		g_autofree char *header = g_ascii_strup(get_field(table, i), -1);
		printf("%s%s%s", i ? table->separator : "", header,
		       i + 1 == table->chosen->len ? "\n" : "");
	}
}

void table_stream(Table *table)
{
	if (!table->separator)
		return;
	print_headers(table);
	table->is_streamed = TRUE;
}

void table_tell(Table *table, const char *field, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *value = g_strdup_vprintf(format, args);
	va_end(args);
	const char *cells[] = { field, value };
	table_add(table, cells);
}

int table_flush(void)
{
	static int first;

	if (fflush(stdout) != 0 && !first)
		first = errno;
	return ferror(stdout) && !first ? EIO : first;
}

char *table_format_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = seconds ? g_date_time_new_from_unix_utc(seconds) : NULL;

	return time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;
}

void table_print(Table *table)
{
	if (table->separator) {
		if (!table->is_streamed)
			print_headers(table);
		fputs(table->text->str, stdout);
	} else if (!scols_table_is_empty(table->rows) || scols_table_is_json(table->rows)) {
		scols_print_table(table->rows);
	}
	table_flush();
}

char *table_describe(const Column *columns)
{
	GString *text = g_string_new("Fields for -o (* shown by default):\n");

	for (; columns->field; columns++)
		g_string_append_printf(text, "  %s %-9s %s\n", columns->is_default ? "*" : " ",
				       columns->field, columns->help);
	return g_string_free(text, FALSE);
}
