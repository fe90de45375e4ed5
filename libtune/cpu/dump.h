/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs as files of other programs have them: numbers, not yet what they mean.  A format is a row in formats.c and a
 * reader, which takes a whole text and fills a TuneDump.
 */
#ifndef TUNE_CPU_DUMP_H
#define TUNE_CPU_DUMP_H

#include <libtune/cpu/cpu.h>

typedef struct {
	guint32 index;
	guint64 value;
} TuneDumpMsr;

/**
 * One CPU of a dump.
 *
 * @number: as the dump counts it
 * @leaves: of TuneCpuLeaf; @msrs: of TuneDumpMsr
 */
typedef struct {
	guint number;
	GArray *leaves;
	GArray *msrs;
} TuneDumpCpu;

/** @file: for messages; @cpus: of TuneDumpCpu */
typedef struct {
	const char *file;
	GPtrArray *cpus;
} TuneDump;

TuneDump *tune_dump_new(const char *file);
void tune_dump_free(TuneDump *dump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TuneDump, tune_dump_free)

/** Another CPU; borrowed. */
TuneDumpCpu *tune_dump_add_cpu(TuneDump *dump, guint number);

/** FALSE, and nothing done, when @cpu has that leaf and sub-leaf already. */
gboolean tune_dump_add_leaf(TuneDumpCpu *cpu, const TuneCpuLeaf *leaf);
void tune_dump_add_msr(TuneDumpCpu *cpu, guint32 index, guint64 value);

/**
 * The CPU that the dump tells of: not reduced, but with what KVM makes up and hides under @profile (NULL: the newest).
 * Of several CPUs that differ, what all of them have: Linux counts no feature that one of them lacks (identify_cpu()
 * of arch/x86/kernel/cpu/common.c); they are named in TUNE_CPU_DIFFERS.  TUNE_ERROR_INVALID without leaf 0.
 */
TuneCpu *tune_dump_make_cpu(const TuneDump *dump, const TuneCpuProfile *profile, GError **error);

/** A reader: TUNE_ERROR_INVALID with FILE:LINE:COLUMN for what is no such text. */
typedef gboolean TuneDumpRead(TuneDump *dump, const char *text, GError **error);

TuneDumpRead tune_dump_read_words;
TuneDumpRead tune_dump_read_aida;
TuneDumpRead tune_dump_read_cpudata;
TuneDumpRead tune_dump_read_firecracker;

/* ---- lines ---- */

/** A place in a line; for messages @number counts from 1. */
typedef struct {
	const char *file;
	guint number;
	const char *start;
	const char *at;
} TuneLine;

/** Always FALSE. */
gboolean tune_line_fail(const TuneLine *line, GError **error, const char *what);

/** Nothing is left but blanks and a comment. */
gboolean tune_line_is_end(TuneLine *line);

/** Blanks, then @text; FALSE, and nothing moved but over blanks, when something else is there. */
gboolean tune_line_take(TuneLine *line, const char *text);

/** A hexadecimal number up to @largest, with or without "0x". */
gboolean tune_line_take_number(TuneLine *line, guint64 largest, guint64 *ret_number,
			       GError **error);
gboolean tune_line_take_word(TuneLine *line, guint32 *ret_word, GError **error);

#endif
