/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of cpu: one function for each, and the fields that its output has. */
#ifndef GNT_TUNE_CPU_H
#define GNT_TUNE_CPU_H

#include "gnt-tune/table.h"

extern const Column cpu_baseline_columns[];
extern const Column cpu_compare_columns[];
extern const Column cpu_guests_columns[];
extern const Column cpu_matrix_columns[];
extern const Column cpu_publish_columns[];
extern const Column cpu_show_columns[];
extern const Column cpu_tags_columns[];

Run run_cpu_baseline;
Run run_cpu_compare;
Run run_cpu_digest;
Run run_cpu_guests;
Run run_cpu_matrix;
Run run_cpu_publish;
Run run_cpu_record;
Run run_cpu_show;
Run run_cpu_store;
Run run_cpu_tags;
Run run_cpu_try;

/** How long a QEMU may take to answer all that a verb asks. */
#define CPU_DEADLINE_US (5 * G_USEC_PER_SEC)

/** The QEMU to be asked, below the root. */
char *cpu_find_binary(const Options *options, TuneRoot *root);

/** Whether the QEMU to be asked was named: then it must be there. */
gboolean cpu_names_binary(const Options *options);

/** What dumps are reduced for. */
gboolean cpu_get_profile(const Options *options, TuneCpuProfile *ret_profile, GError **error);

TuneRoot *cpu_open_root(const Options *options, GError **error);

/** The verb @verb was called wrongly: EXIT_FAILED, with an error that says what it takes. */
int cpu_fail_usage(const char *verb, GError **error);

#endif
