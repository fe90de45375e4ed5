/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gnt-tune/commands.h"

/* clang-format off */
const Command commands[] = {
	{ "list",    run_list,    NULL,        list_columns,       OPTION_ROOT | OPTIONS_TABLE,
	  "Show all parameters that can be set", NULL },
	{ "plan",    run_plan,    NULL,        step_columns,       OPTIONS_NODE | OPTIONS_TABLE | OPTION_VERBOSE,
	  "Show what apply would do on this node; nothing is changed", NULL },
	{ "apply",   run_apply,   NULL,        step_columns,       OPTIONS_NODE | OPTIONS_TABLE | OPTION_VERBOSE | OPTION_DRY_RUN,
	  "Set this node as its policy says", NULL },
	{ "verify",  run_verify,  NULL,        step_columns,       OPTIONS_NODE | OPTIONS_TABLE | OPTION_VERBOSE,
	  "Say whether this node is as its policy says", NULL },
	{ "revert",  run_revert,  NULL,        step_columns,       OPTION_ROOT | OPTIONS_TABLE | OPTION_VERBOSE | OPTION_DRY_RUN,
	  "Put back what apply has changed since boot", NULL },
	{ "explain", run_explain, "PARAM",     explain_columns,    OPTIONS_NODE | OPTIONS_TABLE,
	  "Show all that is known of one parameter", NULL },
	{ "export",  run_export,  "FORMAT",    NULL,               OPTIONS_NODE,
	  "Print what the policy says as configuration of udev, ...", NULL },
	{ "status",  run_status,  NULL,        table_fact_columns, OPTIONS_NODE | OPTIONS_TABLE,
	  "Show this node on one screen", NULL },
	{ "metrics", run_metrics, "[FILE]",    NULL,               OPTIONS_NODE,
	  "Print what status and drbd tell for Prometheus, or save it", NULL },
	{ "doctor",  run_doctor,  NULL,        doctor_columns,     OPTION_ROOT | OPTION_QEMU | OPTIONS_TABLE,
	  "Say what this node lacks, and how to get it", NULL },
	{ "drbd",    run_drbd,    "[advise]",  drbd_columns,       OPTIONS_NODE | OPTIONS_TABLE | OPTION_LINK,
	  "List DRBD's minors and what limits them; advise for a link", NULL },
	{ "cpu",     run_cpu,     "VERB [IMAGE...]", NULL,         0,
	  "Compare CPUs of nodes and of running guests", &cpu_verbs },
	{ "cluster", run_cluster, "VERB [...]", NULL,              0,
	  "Look at all nodes and guests, from the master", &cluster_verbs },
	{ "hooks",   run_hooks,   "VERB [HOOK...]", NULL,          0,
	  "List our hooks, switch them on and off, run one", &hooks_verbs },
	{ NULL, NULL, NULL, NULL, 0, NULL, NULL },
};
/* clang-format on */

const Command *command_find(const char *name)
{
	for (const Command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

guint command_get_options(const Command *command, const Verb *verb)
{
	guint set = verb ? verb->options : command->options;

	for (guint i = 0; !verb && command->verbs && i < command->verbs->n_verbs; i++)
		set |= command->verbs->verbs[i].options;
	return set;
}

char *command_name_owner(guint set)
{
	for (const Command *command = commands; command->name; command++) {
		const Verbs *verbs = command->verbs;
		if (command->options & set)
			return g_strdup(command->name);
		for (guint i = 0; verbs && i < verbs->n_verbs; i++)
			if (verbs->verbs[i].options & set)
				return g_strdup_printf("%s %s", command->name,
						       verbs->verbs[i].name);
	}
	return NULL;
}
