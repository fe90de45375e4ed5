/* SPDX-License-Identifier: BSD-2-Clause */
/* hooks: list the hooks of ganeti-tune on this node, switch them on and off, run one. */
#include <string.h>

#include "gnt-tune/commands.h"

static const Column hook_columns[] = {
	{ "hook", TRUE, "its name: operation and phase" },
	{ "state", TRUE,
	  "enabled, disabled, absent, broken, foreign; Ganeti runs what is enabled" },
	{ "link", TRUE, "where Ganeti finds it" },
	{ "note", TRUE, "why Ganeti does not run it, and what to do" },
	{ "target", FALSE, "where the link points" },
	{ NULL, FALSE, NULL },
};

static Run run_list_hooks, run_enable_hooks, run_disable_hooks, run_one_hook;

/* clang-format off */
static const Verb verbs[] = {
	{ "list",    run_list_hooks, "",                       hook_columns,
	  OPTION_ROOT | OPTIONS_TABLE,
	  "Say which of our hooks Ganeti runs, and why not" },
	{ "enable",  run_enable_hooks,     "[HOOK...]",              NULL,
	  OPTION_ROOT | OPTION_DRY_RUN | OPTION_MISSING,
	  "Link hooks where Ganeti finds them; all by default" },
	{ "disable", run_disable_hooks,    "[HOOK...]",              NULL,
	  OPTION_ROOT | OPTION_DRY_RUN | OPTION_MISSING,
	  "Switch hooks off; make install leaves them off" },
	{ "run",     run_one_hook,        "HOOK [KEY=VALUE...]",    NULL,
	  OPTION_ROOT | OPTION_DRY_RUN,
	  "Run one as Ganeti would, with GANETI_KEY=VALUE set" },
};
/* clang-format on */

const Verbs hooks_verbs = { "hooks", verbs, G_N_ELEMENTS(verbs), NULL };

/* ---- list ---- */

static gboolean is_fault(const TuneHook *hook)
{
	return hook->state != TUNE_HOOK_ENABLED && hook->state != TUNE_HOOK_DISABLED;
}

static int print_hooks(Table *table, const GPtrArray *hooks)
{
	int status = EXIT_AS_WANTED;

	for (guint i = 0; i < hooks->len; i++) {
		const TuneHook *hook = hooks->pdata[i];
		const char *cells[] = { hook->name, tune_hook_state_name(hook->state), hook->link,
					hook->note, hook->target };
		(is_fault(hook) ? table_add_marked : table_add)(table, cells);
		if (is_fault(hook))
			status = EXIT_DIFFERS;
	}
	table_print(table);
	return status;
}

static int run_list_hooks(const Options *options, char **arguments G_GNUC_UNUSED, GError **error)
{
	g_autoptr(Table) table = table_new("hooks", hook_columns, options, error);
	g_autoptr(TuneRoot) root = table ? options_open_root(options, error) : NULL;
	g_autoptr(GPtrArray) hooks = root ? tune_hooks_list(root, error) : NULL;

	return hooks ? print_hooks(table, hooks) : EXIT_FAILED;
}

/* ---- enable, disable ---- */

typedef gboolean Switch(TuneRoot *root, const char *name, GError **error);

/* --missing passes over a hook that an administrator has switched off, and one whose place another program has. */
static gboolean is_wanted(const Options *options, char **names, const TuneHook *hook)
{
	if (options->missing && hook->state != TUNE_HOOK_ABSENT)
		return FALSE;
	return !*names || g_strv_contains((const char *const *)names, hook->name);
}

static gboolean check_names(const GPtrArray *hooks, char **names, GError **error)
{
	for (; *names; names++) {
		guint i = 0;
		while (i < hooks->len && strcmp(((TuneHook *)hooks->pdata[i])->name, *names) != 0)
			i++;
		if (i == hooks->len) {
			g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
				    "there is no hook '%s', see gnt-tune hooks list", *names);
			return FALSE;
		}
	}
	return TRUE;
}

/* A hook that cannot be switched is reported, and the others are switched all the same. */
static gboolean switch_one(const Options *options, TuneRoot *root, const char *name,
			   TuneHookState state, Switch *act)
{
	g_autoptr(GError) error = NULL;

	if (options->dry_run ? tune_hook_try(root, name, state, &error) : act(root, name, &error))
		g_printerr("%s: %s%s\n", name, options->dry_run ? "would be " : "",
			   tune_hook_state_name(state));
	else
		g_printerr("gnt-tune: %s: %s\n", name, error->message);
	return !error;
}

static int switch_all(const Options *options, char **names, TuneHookState state, Switch *act,
		      GError **error)
{
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	g_autoptr(GPtrArray) hooks = root ? tune_hooks_list(root, error) : NULL;
	gboolean good = TRUE;

	if (!hooks || !check_names(hooks, names, error))
		return EXIT_FAILED;
	for (guint i = 0; i < hooks->len; i++) {
		const TuneHook *hook = hooks->pdata[i];
		gboolean is_again = i && hook->name == ((TuneHook *)hooks->pdata[i - 1])->name;
		if (!is_again && is_wanted(options, names, hook))
			good &= switch_one(options, root, hook->name, state, act);
	}
	return good ? EXIT_AS_WANTED : EXIT_FAILED;
}

static int run_enable_hooks(const Options *options, char **arguments, GError **error)
{
	return switch_all(options, arguments, TUNE_HOOK_ENABLED, tune_hook_enable, error);
}

static int run_disable_hooks(const Options *options, char **arguments, GError **error)
{
	return switch_all(options, arguments, TUNE_HOOK_DISABLED, tune_hook_disable, error);
}

/* ---- run ---- */

static int run_one_hook(const Options *options, char **arguments, GError **error)
{
	if (!*arguments)
		return EXIT_USAGE;
	g_autoptr(GError) local = NULL;
	g_autoptr(TuneRoot) root = options_open_root(options, error);
	if (!root)
		return EXIT_FAILED;
	g_auto(GStrv) environment = tune_hook_make_environment(
		root, *arguments, (const char *const *)arguments + 1, &local);
	if (environment)
		tune_hook_exec(root, *arguments, (const char *const *)environment, options->dry_run,
			       &local);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_INVALID))
		g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, local->message);
	else
		g_propagate_error(error, g_steal_pointer(&local));
	return EXIT_FAILED;
}

int run_hooks(const Options *options, char **arguments, GError **error)
{
	return verbs_run(&hooks_verbs, options, arguments, error);
}
