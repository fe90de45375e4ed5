/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows printed as text, as separated fields or as JSON, by libsmartcols. */
#ifndef GNT_TUNE_TABLE_H
#define GNT_TUNE_TABLE_H

#include "gnt-tune/gnt-tune.h"

/** One field of a row.  The last of an array has NULL for @field.  @is_default: shown without -o. */
typedef struct Column {
	const char *field;
	gboolean is_default;
	const char *help;
} Column;

typedef struct Table Table;

/** @name: the key of the list in JSON.  Fails when -o names a field that is not in @columns. */
Table *table_new(const char *name, const Column *columns, const Options *options, GError **error);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/** Whether @field is shown: some take long to find out. */
gboolean table_shows(const Table *table, const char *field);

/** From here on, with --separator, rows are printed at once: for tables of very many rows. */
void table_stream(Table *table);

/** @cells: one for each of the columns, in their order; NULL where there is no value. */
void table_add(Table *table, const char *const *cells);

/** The same for a row that needs attention: a terminal shows its last cell in colour. */
void table_add_marked(Table *table, const char *const *cells);

/** The columns of a table of facts: field and value. */
extern const Column table_fact_columns[];

/** Adds a fact to such a table. */
void table_tell(Table *table, const char *field, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** @seconds since the epoch as a cell, UTC; NULL for 0, which is unknown.  Free it. */
char *table_format_time(gint64 seconds);

/** Prints the table to standard output. */
void table_print(Table *table);

/** Flushes standard output.  Returns 0, or the errno of the first flush that failed. */
int table_flush(void);

/** The fields and what they mean, as a help text; free it. */
char *table_describe(const Column *columns);

#endif
