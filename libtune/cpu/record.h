/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the reader and the writer of a CPU's record. */
#ifndef TUNE_CPU_RECORD_H
#define TUNE_CPU_RECORD_H

#include <libtune/cpu/cpu.h>

/* A record has some 10 KiB; a larger file than this was not written by gnt-tune, and is not read. */
#define TUNE_CPU_RECORD_MAX (64 * 1024)

/*
 * Raised when a reader of the old format would misunderstand the new one.  Words are found by name and
 * not by position, so a new row of the table is no new format.  All earlier formats can be read.
 *
 * 2: added the names that QEMU on the node knows: properties, models, options, aliases
 */
#define TUNE_CPU_FORMAT 2

#define TUNE_CPU_N_SOURCES 3

/** By TuneCpuSource and TuneCpuText. */
extern const char *const tune_cpu_source_names[TUNE_CPU_N_SOURCES];
extern const char *const tune_cpu_text_names[TUNE_CPU_N_TEXTS];

#endif
