/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every hook needs: Ganeti's environment, a deadline, and a report that Ganeti can show.
 *
 * Ganeti prints what a hook says only when it fails, with newlines as "\n" and the node as a UUID; it calls
 * output that is not UTF-8 a failure; and it lets an operation through when a pre hook does not end before
 * the RPC does.  So: silence when all is well, else one line of ASCII that names the node, and an end of
 * our own.  What a hook did is in syslog either way.
 */
#ifndef HOOK_H
#define HOOK_H

#include <libtune/tune.h>

typedef struct Hook Hook;

/**
 * @path, @phase: what GANETI_HOOKS_PATH and GANETI_HOOKS_PHASE say when Ganeti runs it
 * @paths: of a program that is several hooks, all they can say, NULL-terminated; @path is its own name then
 * @deadline_s: after which it fails by itself; 0 is 10
 * @summary: for --help
 * @run: does the work; FALSE with an error fails the hook, whose report is then the error's message
 */
typedef struct {
	const char *path;
	const char *const *paths;
	const char *phase;
	gint deadline_s;
	const char *summary;
	gboolean (*run)(Hook *hook, GError **error);
} HookKind;

/** main() of a hook.  Exit status: 0 done or nothing to do, 1 failed, 2 called wrongly. */
int hook_main(const HookKind *kind, int argc, char *argv[]);

/** Value of GANETI_@name, or NULL: not given, or run by hand. */
const char *hook_get(const Hook *hook, const char *name);

TuneRoot *hook_get_root(const Hook *hook);

/** What it was started as: of Ganeti the link in its hooks directory. */
const char *hook_get_program(const Hook *hook);

/** This node's name as the cluster knows it. */
const char *hook_get_node(const Hook *hook);
gboolean hook_is_dry_run(const Hook *hook);

/** Whether @name, or else the address @ip, is this node's own.  NULL @name: yes, it was run by hand. */
gboolean hook_is_this_node(const Hook *hook, const char *name, const char *ip);

/** Whether Ganeti runs it on the master.  Not by hand: only Ganeti says which one that is. */
gboolean hook_is_master(const Hook *hook);

/** To syslog; to standard output when dry. */
void hook_log(const Hook *hook, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** TRUE when none of @errors is one; else FALSE with all of them in one line.  They are freed. */
gboolean hook_join_errors(GError **errors, guint n_errors, GError **error);

/** One line on the steps of @plan that are not as wanted: "3 of 14 settings differ: ...". */
char *hook_describe(const TunePlan *plan);

#endif
