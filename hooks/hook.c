/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "hooks/hook.h"

/* Far below the 900 s after which Ganeti gives up on a hook and goes on without it. */
#define DEADLINE_S 10
/* What remains of the deadline to report what did not end in time: a fifth, but at most this. */
#define RESERVE_US G_USEC_PER_SEC
#define HOOKS_VERSION "2"
/* Ganeti prints the report as one line, and keeps it in the job for ever. */
#define LONGEST_REPORT 1000
#define N_DESCRIBED 5

/* @name: in the system's log */
struct Hook {
	const HookKind *kind;
	const char *program;
	char *name;
	TuneRoot *root;
	char *root_path;
	char *node;
	gboolean is_dry_run;
	gint deadline_s;
	gint64 deadline;
};

const char *hook_get(const Hook *hook G_GNUC_UNUSED, const char *name)
{
	g_autofree char *variable = g_strconcat("GANETI_", name, NULL);

	return g_getenv(variable);
}

TuneRoot *hook_get_root(const Hook *hook)
{
	return hook->root;
}

gint64 hook_get_deadline(const Hook *hook)
{
	return hook->deadline;
}

guint hook_get_time_left(const Hook *hook)
{
	return (guint)(MAX(0, hook->deadline - g_get_monotonic_time()) / 1000);
}

const char *hook_get_program(const Hook *hook)
{
	return hook->program;
}

const char *hook_get_node(const Hook *hook)
{
	return hook->node;
}

gboolean hook_is_dry_run(const Hook *hook)
{
	return hook->is_dry_run;
}

/* ---- which node this is ---- */

gboolean hook_is_this_node(const Hook *hook, const char *name, const char *ip)
{
	if (!name || strcmp(name, hook->node) == 0)
		return TRUE;
	return ip && *ip && tune_ganeti_has_address(hook->root, ip);
}

gboolean hook_is_master(const Hook *hook)
{
	const char *master = hook_get(hook, "MASTER");

	return master && hook_is_this_node(hook, master, NULL);
}

/* ---- reports ---- */

static void add_field(GArray *fields, const char *key, const char *value)
{
	const GLogField field = { key, value, -1 };

	if (value && *value)
		g_array_append_val(fields, field);
}

/* To the journal, where its fields can be asked for; without systemd to syslog, which has the text alone. */
static void write_log(const Hook *hook, gboolean is_failure, const char *text)
{
	gint level = is_failure ? LOG_ERR : LOG_INFO;
	g_autofree char *priority = g_strdup_printf("%d", level);
	g_autofree char *facility = g_strdup_printf("%d", LOG_DAEMON >> 3);
	g_autofree char *pid = g_strdup_printf("%d", getpid());
	g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(GLogField));

	add_field(fields, "MESSAGE", text);
	add_field(fields, "PRIORITY", priority);
	add_field(fields, "SYSLOG_FACILITY", facility);
	add_field(fields, "SYSLOG_IDENTIFIER", hook->name);
	add_field(fields, "SYSLOG_PID", pid);
	add_field(fields, "TUNE_NODE", hook->node);
	add_field(fields, "TUNE_INSTANCE", hook_get(hook, "INSTANCE_NAME"));
	if (is_failure) {
		add_field(fields, "TUNE_VERDICT",
			  hook->kind->failure ? hook->kind->failure : "failed");
		add_field(fields, "MESSAGE_ID", hook->kind->message_id);
	}
	if (g_log_writer_journald(is_failure ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO,
				  (gconstpointer)fields->data, fields->len,
				  NULL) == G_LOG_WRITER_UNHANDLED)
		syslog(level, "%s", text);
}

/* Ganeti takes output that is not UTF-8 for a failure, and shows newlines as "\n": one line of ASCII has neither. */
static void report_failure(const Hook *hook, const char *text)
{
	g_autofree char *line = g_strndup(text, LONGEST_REPORT);

	for (char *c = line; *c; c++)
		if (!g_ascii_isprint(*c))
			*c = *c == '\n' || *c == '\t' ? ' ' : '?';
	printf("tune: %s: %s\n", hook->node ? hook->node : g_get_host_name(), line);
	fflush(stdout);
	if (!hook->root_path)
		write_log(hook, TRUE, line);
}

void hook_log(const Hook *hook, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	if (hook->is_dry_run)
		printf("tune: %s: %s\n", hook->node, text);
	else if (!hook->root_path)
		write_log(hook, FALSE, text);
}

static void describe_step(GString *text, const TuneStep *step)
{
	g_string_append_printf(text, " %s", step->name);
	if (step->object)
		g_string_append_printf(text, " of %s", step->object);
	if (step->have)
		g_string_append_printf(text, " have %s want %s;", step->have, step->want);
	else
		g_string_append_printf(text, " %s;", step->note ? step->note : "unknown");
}

char *hook_describe(const TunePlan *plan)
{
	g_autoptr(GString) steps = g_string_new(NULL);
	guint n_faults = 0, length = tune_plan_get_length(plan);

	for (guint i = 0; i < length; i++) {
		const TuneStep *step = tune_plan_get_step(plan, i);
		if (tune_step_is_fault(step) && n_faults++ < N_DESCRIBED)
			describe_step(steps, step);
	}
	if (n_faults > N_DESCRIBED)
		g_string_append_printf(steps, " and %u more;", n_faults - N_DESCRIBED);
	return g_strdup_printf("%u of %u settings differ:%s see gnt-tune verify", n_faults, length,
			       steps->str);
}

gboolean hook_join_errors(GError **errors, guint n_errors, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < n_errors; i++) {
		if (!errors[i])
			continue;
		g_string_append_printf(text, "%s%s", text->len ? "; " : "", errors[i]->message);
		g_clear_error(&errors[i]);
	}
	if (!text->len)
		return TRUE;
	g_set_error_literal(error, TUNE_ERROR, TUNE_ERROR_REFUSED, text->str);
	return FALSE;
}

/* ---- the deadline ---- */

static const char *get_path(const HookKind *kind)
{
	const char *path = g_getenv("GANETI_HOOKS_PATH");

	return path && kind->paths && g_strv_contains(kind->paths, path) ? path : kind->path;
}

static char deadline_line[256];

static void end_at_deadline(int signal_number G_GNUC_UNUSED)
{
	if (write(STDOUT_FILENO, deadline_line, strlen(deadline_line)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

/*
 * The alarm is for what knows no deadline, such as a read that the kernel does not answer.  When it ends the hook
 * in the middle of a change, `gnt-tune revert` finds in the journal what to put back.
 */
static void arm_deadline(Hook *hook)
{
	const struct itimerval timer = { .it_value.tv_sec = hook->deadline_s };
	const struct sigaction action = { .sa_handler = end_at_deadline };
	gint64 whole = hook->deadline_s * G_USEC_PER_SEC;

	hook->deadline = g_get_monotonic_time() + whole - MIN(whole / 5, RESERVE_US);
	g_snprintf(deadline_line, sizeof(deadline_line), "tune: %s: %s-%s: timed out after %d s\n",
		   g_get_host_name(), get_path(hook->kind), hook->kind->phase, hook->deadline_s);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- how it was started ---- */

static gboolean check_variable(const char *variable, const char *wanted, GError **error)
{
	const char *value = g_getenv(variable);

	if (!value || strcmp(value, wanted) == 0)
		return TRUE;
	g_set_error(error, TUNE_ERROR, TUNE_ERROR_INVALID,
		    "%s is '%s', but this hook is made for '%s': see gnt-tune hooks", variable,
		    value, wanted);
	return FALSE;
}

static gboolean parse_options(Hook *hook, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &hook->is_dry_run,
		  "Write nothing, print what would be done", NULL },
		{ "root", 0, 0, G_OPTION_ARG_FILENAME, &hook->root_path,
		  "Work on the host below DIR, not this one", "DIR" },
		{ "deadline", 0, 0, G_OPTION_ARG_INT, &hook->deadline_s,
		  "Fail after so many seconds", "SECONDS" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);

	g_option_context_set_summary(context, hook->kind->summary);
	g_option_context_set_description(
		context,
		"Ganeti runs this program without arguments, and tells what it is about in GANETI_*\n"
		"in the environment.  Without these variables it is about this node.\n");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return FALSE;
	if (*argc > 1 || hook->deadline_s < 1)
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s",
			    *argc > 1 ? "takes no arguments, see --help"
				      : "--deadline must be at least 1");
	return *error == NULL;
}

static gboolean run_hook(Hook *hook, GError **error)
{
	hook->root = tune_root_open(hook->root_path ? hook->root_path : "/", error);
	if (!hook->root)
		return FALSE;
	tune_root_set_deadline(hook->root, hook->deadline);
	hook->node = tune_ganeti_node_name(hook->root, error);
	return hook->node && check_variable("GANETI_HOOKS_VERSION", HOOKS_VERSION, error) &&
	       check_variable("GANETI_HOOKS_PATH", get_path(hook->kind), error) &&
	       check_variable("GANETI_HOOKS_PHASE", hook->kind->phase, error) &&
	       hook->kind->run(hook, error);
}

int hook_main(const HookKind *kind, int argc, char *argv[])
{
	Hook hook = { .kind = kind,
		      .program = argv[0],
		      .deadline_s = kind->deadline_s ? kind->deadline_s : DEADLINE_S };
	g_autoptr(GError) error = NULL;

	hook.name = g_strdup_printf("ganeti-tune/%s-%s", get_path(kind), kind->phase);
	tune_standard_open();
	openlog(hook.name, LOG_PID, LOG_DAEMON);
	/* When nobody reads the output any more, the log and the exit status still tell the result. */
	signal(SIGPIPE, SIG_IGN);
	if (!parse_options(&hook, &argc, &argv, &error)) {
		g_printerr("%s-%s: %s\n", kind->path, kind->phase, error->message);
		return 2;
	}
	arm_deadline(&hook);
	gboolean good = run_hook(&hook, &error);
	if (!good)
		report_failure(&hook, error->message);
	tune_root_free(hook.root);
	g_free(hook.root_path);
	g_free(hook.node);
	g_free(hook.name);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
