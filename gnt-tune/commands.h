/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands: one function for each, its options, and the fields that its output has. */
#ifndef GNT_TUNE_COMMANDS_H
#define GNT_TUNE_COMMANDS_H

#include "gnt-tune/options.h"
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
Run run_metrics;
Run run_plan;
Run run_revert;
Run run_status;
Run run_verify;

extern const Verbs cluster_verbs;
extern const Verbs cpu_verbs;
extern const Verbs hooks_verbs;

/**
 * @arguments: what it takes besides options, for a help text, or NULL
 * @columns: NULL where each of @verbs has its own, or there is no table
 * @options: the set that it takes; with @verbs, each of them has one
 */
typedef struct {
	const char *name;
	Run *run;
	const char *arguments;
	const Column *columns;
	guint options;
	const char *summary;
	const Verbs *verbs;
} Command;

/** Ends with a NULL for a name. */
extern const Command commands[];

/** NULL: there is none of this name. */
const Command *command_find(const char *name);

/** The set of options that @verb of @command takes; of the command itself, with all its verbs, where @verb is NULL. */
guint command_get_options(const Command *command, const Verb *verb);

/** The command or verb that takes an option of @set, as "cpu matrix"; free it. */
char *command_name_taker(guint set);

/** The formats of export and where they belong, for a help text; free it. */
char *export_describe(void);

/** " sysctl udev ...": their names; free it. */
char *export_format_names(void);

/** What bash completion has to know, one line for each command and verb, to standard output. */
void completion_print(void);

#endif
