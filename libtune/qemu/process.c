/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtune/base/command.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>
#include <libtune/qemu/process.h>

#define DEFAULT_CPU "qemu64"

/* A QEMU that has closed its connection gets so long to write its reason and to end. */
#define STDERR_GRACE_MS 200

/* @name is for messages. */
struct TuneQemuProcess {
	char *name;
	TuneCommandJob job;
	filedesc errors; /* its standard error, a file in memory: QEMU never waits for a reader */
	TuneQmp *qmp;
};

TuneQmp *tune_qemu_process_get_qmp(TuneQemuProcess *process)
{
	return process->qmp;
}

void tune_qemu_process_free(TuneQemuProcess *process)
{
	if (!process)
		return;
	tune_qmp_close(process->qmp);
	tune_command_job_clear(&process->job);
	filedesc_close(process->errors);
	g_free(process->name);
	g_free(process);
}

/* ---- the command line ---- */

static void add_option(GPtrArray *argv, const char *option, char *value)
{
	g_ptr_array_add(argv, g_strdup(option));
	if (value)
		g_ptr_array_add(argv, value);
}

static GPtrArray *make_argv(const TuneQemuSettings *settings)
{
	const char *cpu = settings->cpu && *settings->cpu ? settings->cpu : NULL;
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(argv, g_strdup(settings->binary));
	add_option(argv, "-S", NULL);
	add_option(argv, "-nodefaults", NULL);
	add_option(argv, "-no-user-config", NULL);
	add_option(argv, "-display", g_strdup("none"));
	add_option(argv, "-m", g_strdup("1"));
	add_option(argv, "-qmp", g_strdup("stdio"));
	add_option(argv, "-machine",
		   g_strdup_printf("%s%saccel=%s", settings->machine ? settings->machine : "",
				   settings->machine ? "," : "",
				   settings->accelerators ? settings->accelerators : "kvm"));
	if (settings->is_enforced)
		add_option(argv, "-cpu", g_strconcat(cpu ? cpu : DEFAULT_CPU, ",enforce", NULL));
	else if (cpu)
		add_option(argv, "-cpu", g_strdup(cpu));
	g_ptr_array_add(argv, NULL);
	return argv;
}

/* A comma would start another property of the machine. */
static gboolean check_machine(const TuneQemuSettings *settings, GError **error)
{
	if (!settings->machine || (*settings->machine && !strchr(settings->machine, ',')))
		return TRUE;
	g_autofree char *clean = tune_error_clean(settings->machine);
	return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is not a machine type", clean);
}

/* ---- why it ended ---- */

#define MISSING "requested feature: "

/* "CPUID.07H:EBX.avx512f [bit 16]", "MSR(10AH).rdctl-no [bit 0]"; a bit without a name is left as it is. */
static void append_missing(GString *names, const char *line)
{
	const char *feature = strstr(line, MISSING);

	if (!feature)
		return;
	feature += strlen(MISSING);
	const char *name = strstr(feature, "X.");
	name = name ? name : strstr(feature, ").");
	name = name ? name + 2 : feature;
	g_string_append_printf(names, "%s%.*s", names->len ? ", " : "",
			       name == feature ? (int)strlen(name) : (int)strcspn(name, " "), name);
}

/* The last line, with the features that QEMU has missed; of a failed assertion the line before it, which tells why. */
static char *choose_line(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) missing = g_string_new(NULL);
	const char *chosen = NULL;

	for (char **line = lines; *line; line++) {
		append_missing(missing, *line);
		if (**line && !(chosen && strstr(*line, "Assertion")))
			chosen = *line;
	}
	if (!chosen)
		return g_strdup("ended without an error message");
	if (!missing->len || !g_str_has_suffix(chosen, "requested features"))
		return tune_error_clean(chosen);
	g_autofree char *both = g_strconcat(chosen, ": ", missing->str, NULL);
	return tune_error_clean(both);
}

static char *read_reason(const TuneQemuProcess *process)
{
	char text[16384];
	off_t size = lseek(process->errors, 0, SEEK_END);
	ssize_t n = pread(process->errors, text, sizeof(text) - 1,
			  MAX(0, size - (off_t)sizeof(text) + 1));

	text[MAX(0, n)] = '\0';
	return choose_line(text);
}

/* Reports why QEMU has ended, instead of @reason, why its connection failed; after a timeout QEMU has not ended. */
static void report_end(TuneQemuProcess *process, GError *reason, GError **error)
{
	struct pollfd end = { process->job.fds[TUNE_JOB_EXIT], POLLIN, 0 };

	if (!g_error_matches(reason, TUNE_ERROR, TUNE_ERROR_IO) ||
	    TEMP_FAILURE_RETRY(poll(&end, 1, STDERR_GRACE_MS)) <= 0) {
		g_propagate_error(error, reason);
		return;
	}
	g_autofree char *text = read_reason(process);
	g_error_free(reason);
	tune_fail(error, TUNE_ERROR_REFUSED, "%s: %s", process->name, text);
}

/* ---- the process ---- */

/* @end: its standard input and output.  A QEMU that fails an assertion writes no core file. */
static TuneQemuProcess *start_process(TuneRoot *root, const TuneQemuSettings *settings, int end,
				      GError **error)
{
	g_autoptr(GPtrArray) argv = make_argv(settings);
	TuneCommand command = TUNE_COMMAND((const char *const *)argv->pdata, 0);
	g_autoptr(TuneQemuProcess) process = g_new0(TuneQemuProcess, 1);

	command.input = command.output = end;
	process->name = g_path_get_basename(settings->binary);
	tune_command_job_init(&process->job, &command);
	process->job.name = process->name;
	process->job.is_bound = TRUE;
	process->job.is_without_core = TRUE;
	process->errors = process->job.errors = memfd_create("stderr", MFD_CLOEXEC);
	if (process->errors < 0) {
		tune_fail_errno(error, process->name);
		return NULL;
	}
	if (tune_command_job_start(&process->job, root, &command, TUNE_ERRORS_IN_FILE))
		return g_steal_pointer(&process);
	g_propagate_error(error, g_steal_pointer(&process->job.error));
	return NULL;
}

TuneQemuProcess *tune_qemu_process_start(TuneRoot *root, const TuneQemuSettings *settings,
					 gint64 deadline, GError **error)
{
	GError *reason = NULL;
	int ends[2];

	if (!check_machine(settings, error))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		tune_fail_errno(error, settings->binary);
		return NULL;
	}
	g_autoptr(TuneQemuProcess) process = start_process(root, settings, ends[1], error);
	close(ends[1]);
	if (!process) {
		close(ends[0]);
		return NULL;
	}
	process->qmp = tune_qmp_new(ends[0], process->name,
				    tune_root_limit_deadline(root, deadline), &reason);
	if (process->qmp)
		return g_steal_pointer(&process);
	report_end(process, reason, error);
	return NULL;
}
