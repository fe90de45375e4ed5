/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu: the table of its verbs. */
#include "gnt-tune/cmd-cpu.h"
#include "gnt-tune/commands.h"

/* clang-format off */
static const Verb verbs[] = {
	{ "show",     run_cpu_show,     "[IMAGE]",    cpu_show_columns,
	  OPTION_ROOT | OPTIONS_IMAGE | OPTIONS_TABLE,
	  "Show a CPU: this node's, a guest's, a file's" },
	{ "record",   run_cpu_record,   "[IMAGE]",    NULL,
	  OPTION_ROOT | OPTIONS_IMAGE,
	  "Print a CPU, this node's by default, as a record (YAML)" },
	{ "guests",   run_cpu_guests,   "",           cpu_guests_columns,
	  OPTION_ROOT | OPTIONS_TABLE,
	  "Show what runs on this node, and with which cpu_type" },
	{ "compare",  run_cpu_compare,  "FROM TO",    cpu_compare_columns,
	  OPTIONS_NODE | OPTIONS_IMAGE | OPTIONS_TABLE,
	  "Say whether a guest may move, and why not" },
	{ "matrix",   run_cpu_matrix,   "[IMAGE...]", cpu_matrix_columns,
	  OPTIONS_NODE | OPTIONS_IMAGE | OPTIONS_TABLE | OPTION_PAIRS,
	  "Compare each with each; all published nodes by default" },
	{ "baseline", run_cpu_baseline, "[IMAGE...]", cpu_baseline_columns,
	  OPTION_ROOT | OPTIONS_IMAGE | OPTIONS_TABLE,
	  "Print the cpu_type that all of them can run" },
	{ "publish",  run_cpu_publish,  "",           cpu_publish_columns,
	  OPTION_ROOT | OPTIONS_TABLE,
	  "On the master: collect all nodes' records, copy them to all" },
	{ "history",  run_cpu_history,  "[NODE...]",  cpu_history_columns,
	  OPTION_ROOT | OPTIONS_TABLE | OPTION_BIT,
	  "Show what the records were before, and what has changed" },
	{ "tags",     run_cpu_tags,     "",           cpu_tags_columns,
	  OPTIONS_NODE | OPTIONS_TABLE | OPTION_DRY_RUN | OPTION_APPLY | OPTION_REMOVE,
	  "On the master: tell Ganeti's planners where guests can move" },
	{ "digest",   run_cpu_digest,   "",           NULL,
	  OPTION_ROOT,
	  "Print which records are here; publish runs it" },
	{ "store",    run_cpu_store,    "",           NULL,
	  OPTION_ROOT,
	  "Read and keep the records of all nodes; publish runs it" },
	{ "ledger",   run_cpu_ledger,   "",           NULL,
	  OPTION_ROOT,
	  "Print the migrations that this node has judged; cluster ledger runs it" },
	{ "noted",    run_cpu_noted,    "INSTANCE",   NULL,
	  OPTION_ROOT,
	  "Print what that guest saw before it left; a hook runs it" },
	{ "try",      run_cpu_try,      "CPU_TYPE",   NULL,
	  OPTION_ROOT | OPTION_QEMU,
	  "Say whether this node can run that cpu_type" },
};
/* clang-format on */

static const char image_help[] =
	"An IMAGE is host, instance NAME (or instance:NAME), qemu SOCKET (or qemu:SOCKET),\n"
	"the NAME of a node with a published record, or a FILE: a record, or a dump of cpuid -r,\n"
	"AIDA64, InstLatx64, libvirt or Firecracker.\n";

const Verbs cpu_verbs = { "cpu", verbs, G_N_ELEMENTS(verbs), image_help };

int run_cpu(const Options *options, char **arguments, GError **error)
{
	return verbs_run(&cpu_verbs, options, arguments, error);
}
