/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows as text, as separated fields or as JSON, through libsmartcols. */
#ifndef GNT_TUNE_TABLE_H
#define GNT_TUNE_TABLE_H

#include "gnt-tune/gnt-tune.h"

/** One field that a row has; a table of them ends with a NULL.  @is_default: shown unless -o says else. */
typedef struct Column {
	const char *field;
	gboolean is_default;
	const char *help;
} Column;

typedef struct Table Table;

/** @name is the key of the list in JSON.  Fails when -o names a field that is not in @columns. */
Table *table_new(const char *name, const Column *columns, const Options *options, GError **error);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/** Whether @field is among those that are to be shown: some are not cheap to find out. */
gboolean table_shows(const Table *table, const char *field);

/** With --separator rows are printed as they come, from here on: for more of them than are good to keep. */
void table_stream(Table *table);

/** @cells: one for each of the columns, NULL where there is nothing to say. */
void table_add(Table *table, const char *const *cells);

/** The same with a word of warning about the row: its last cell stands out on a terminal. */
void table_add_marked(Table *table, const char *const *cells);

/** The columns of a table of facts: what is told, and how it is. */
extern const Column table_fact_columns[];

/** A row of such a table. */
void table_tell(Table *table, const char *field, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** To standard output. */
void table_print(Table *table);

/** Write out what waits for it: 0, or the errno of the first time that standard output did not take it. */
int table_flush(void);

/** The fields and what they mean, for a help text. */
char *table_describe(const Column *columns);

#endif
