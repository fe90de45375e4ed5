/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of cpu: a function for each, and the fields of its output. */
#ifndef GNT_TUNE_CMD_CPU_H
#define GNT_TUNE_CMD_CPU_H

#include "gnt-tune/table.h"

extern const Column cpu_baseline_columns[];
extern const Column cpu_compare_columns[];
extern const Column cpu_guests_columns[];
extern const Column cpu_history_columns[];
extern const Column cpu_matrix_columns[];
extern const Column cpu_publish_columns[];
extern const Column cpu_show_columns[];
extern const Column cpu_tags_columns[];

Run run_cpu_baseline;
Run run_cpu_compare;
Run run_cpu_digest;
Run run_cpu_guests;
Run run_cpu_history;
Run run_cpu_ledger;
Run run_cpu_matrix;
Run run_cpu_noted;
Run run_cpu_publish;
Run run_cpu_record;
Run run_cpu_show;
Run run_cpu_store;
Run run_cpu_tags;
Run run_cpu_try;

#endif
