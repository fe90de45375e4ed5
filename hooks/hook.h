/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every hook needs: Ganeti's environment, a deadline, and a report that Ganeti can show.  Knows no tuning.
 *
 * Ganeti shows the output of a hook only when the hook fails.  It prints newlines as "\n" and the node as a UUID,
 * and takes output that is not UTF-8 for a failure.  When a pre hook is still running at the end of the RPC's time,
 * Ganeti goes on with the operation.  So a hook is silent when all is well; else it prints one line of ASCII that
 * names the node.  It ends itself at its deadline.  In both cases the system's log has what it did.
 */
#ifndef HOOK_H
#define HOOK_H

#include <libtune/tune.h>

typedef struct Hook Hook;

/**
 * @path, @phase: GANETI_HOOKS_PATH and GANETI_HOOKS_PHASE when Ganeti runs this hook
 * @paths: all values that GANETI_HOOKS_PATH can have, when one program serves several hooks, NULL-terminated;
 * @path is then the program's own name
 * @deadline_s: seconds after which the hook fails; 0 is 10
 * @summary: for --help
 * @failure: what its failure is called in the journal, as TUNE_VERDICT; NULL is "failed"
 * @message_id: MESSAGE_ID of its failure in the journal, 128 bits in hexadecimal; or NULL
 * @run: does the work; FALSE with an error fails the hook, and the error's message is reported
 */
typedef struct {
	const char *path;
	const char *const *paths;
	const char *phase;
	gint deadline_s;
	const char *summary;
	const char *failure;
	const char *message_id;
	gboolean (*run)(Hook *hook, GError **error);
} HookKind;

/** main() of a hook.  Exit status: 0 done or nothing to do, 1 failed, 2 called wrongly. */
int hook_main(const HookKind *kind, int argc, char *argv[]);

/** Value of GANETI_@name, or NULL when Ganeti did not set it, or the hook is run by hand. */
const char *hook_get(const Hook *hook, const char *name);

/** The host, to which the hook's deadline has been handed: commands, ssh, QEMU and locks obey it. */
TuneRoot *hook_get_root(const Hook *hook);

/** When all work must be done, so that there is time left to report: g_get_monotonic_time(), microseconds. */
gint64 hook_get_deadline(const Hook *hook);

/** Milliseconds until then. */
guint hook_get_time_left(const Hook *hook);

/** The path by which the hook was started; when Ganeti runs it, the link in the hooks directory. */
const char *hook_get_program(const Hook *hook);

/** This node's name as the cluster knows it. */
const char *hook_get_node(const Hook *hook);
gboolean hook_is_dry_run(const Hook *hook);

/** Whether @name, or else the address @ip, belongs to this node.  TRUE when @name is NULL: it was run by hand. */
gboolean hook_is_this_node(const Hook *hook, const char *name, const char *ip);

/** Whether Ganeti runs it on the master.  FALSE when it is run by hand: only Ganeti tells which node that is. */
gboolean hook_is_master(const Hook *hook);

/**
 * To the system's log; in a dry run, to standard output.  In systemd's journal the entry has the fields TUNE_NODE and, where
 * the hook is about an instance, TUNE_INSTANCE.
 */
void hook_log(const Hook *hook, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** TRUE when all of @errors are NULL; else FALSE, and @error has all messages in one line.  Frees @errors. */
gboolean hook_join_errors(GError **errors, guint n_errors, GError **error);

/** One line that names the steps of @plan that are not as wanted: "3 of 14 settings differ: ...". */
char *hook_describe(const TunePlan *plan);

#endif
