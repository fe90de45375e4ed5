/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs in files of other programs, as numbers without their meaning.  A format is a row in formats.c and a reader, which
 * fills a TuneDump from a whole text.
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
 * @number: of the CPU in the dump
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

/** tune_dump_add_cpu: append a CPU; borrowed. */
TuneDumpCpu *tune_dump_add_cpu(TuneDump *dump, guint number);

/** FALSE when @cpu has that leaf and sub-leaf already; nothing is changed. */
gboolean tune_dump_add_leaf(TuneDumpCpu *cpu, const TuneCpuLeaf *leaf);
void tune_dump_add_msr(TuneDumpCpu *cpu, guint32 index, guint64 value);

/**
 * tune_dump_make_cpu: make the CPU of a dump: not reduced, but with the features that KVM adds, and without those that it
 * hides, under @profile (NULL: the newest).
 *
 * Of several CPUs that differ, it has the features that all of them have: Linux uses no feature that one of them lacks
 * (identify_cpu() of arch/x86/kernel/cpu/common.c).  TUNE_CPU_DIFFERS tells the differences.  TUNE_ERROR_INVALID without
 * leaf 0.
 */
TuneCpu *tune_dump_make_cpu(const TuneDump *dump, const TuneCpuProfile *profile, GError **error);

/** A reader: TUNE_ERROR_INVALID with FILE:LINE:COLUMN where the text is not of its format. */
typedef gboolean TuneDumpRead(TuneDump *dump, const char *text, GError **error);

TuneDumpRead tune_dump_read_words;
TuneDumpRead tune_dump_read_aida;
TuneDumpRead tune_dump_read_cpudata;
TuneDumpRead tune_dump_read_firecracker;

/* ---- lines ---- */

/** A place in a line; @number: of the line, from 1 */
typedef struct {
	const char *file;
	guint number;
	const char *start;
	const char *at;
} TuneLine;

/** Always FALSE. */
gboolean tune_line_fail(const TuneLine *line, GError **error, const char *what);

/** Whether nothing is left but blanks and a comment. */
gboolean tune_line_is_end(TuneLine *line);

/** Skip blanks, then @text.  FALSE when another text follows the blanks. */
gboolean tune_line_accept(TuneLine *line, const char *text);

/** A hexadecimal number up to @largest, with or without "0x". */
gboolean tune_line_read_number(TuneLine *line, guint64 largest, guint64 *ret_number,
			       GError **error);
gboolean tune_line_read_word(TuneLine *line, guint32 *ret_word, GError **error);

#endif
