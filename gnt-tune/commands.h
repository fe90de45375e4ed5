/* SPDX-License-Identifier: BSD-2-Clause */
/* One function for each subcommand, and the fields that its output has. */
#ifndef GNT_TUNE_COMMANDS_H
#define GNT_TUNE_COMMANDS_H

#include "gnt-tune/gnt-tune.h"
#include "gnt-tune/table.h"
#include "gnt-tune/verbs.h"

extern const Column doctor_columns[];
extern const Column drbd_columns[];
extern const Column explain_columns[];
extern const Column list_columns[];
extern const Column step_columns[];

Run run_apply;
Run run_cluster;
Run run_cpu;
Run run_doctor;
Run run_drbd;
Run run_explain;
Run run_export;
Run run_hooks;
Run run_list;
Run run_plan;
Run run_revert;
Run run_status;
Run run_verify;

extern const Verbs cluster_verbs;
extern const Verbs cpu_verbs;
extern const Verbs hooks_verbs;

/** The formats of export and where they belong, for a help text; free it. */
char *export_describe(void);

#endif
