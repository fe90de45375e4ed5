/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands: a function for each, its options, and the fields of its output. */
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
 * @arguments: what it takes besides options, for a help text; NULL where it takes nothing else
 * @columns: NULL where its verbs have their own, or the output is no table
 * @options: the set of options that it takes; 0 where its verbs have theirs
 * @verbs: NULL where it has none
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

/** The last row has NULL for a name. */
extern const Command commands[];

/** Returns NULL when no command has this name. */
const Command *command_find(const char *name);

/** The options that @verb of @command takes.  Where @verb is NULL: those of the command and of all its verbs. */
guint command_get_options(const Command *command, const Verb *verb);

/** The first command or verb that takes an option of @set, as "cpu matrix"; free it. */
char *command_name_owner(guint set);

/** The formats of export and the files that they are for, as a help text; free it. */
char *export_describe(void);

/** The names of these formats, as " sysctl udev ..."; free it. */
char *export_format_names(void);

/** Prints what bash completion has to know, one line for each command and verb. */
void completion_print(void);

#endif
