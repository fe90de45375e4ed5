/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <libtune/base/error.h>
#include <libtune/cpu/cpu.h>
#include <libtune/qemu/process.h>
#include <libtune/base/root.h>

#define DEFAULT_CPU "qemu64"
/* One that has all features. */
#define MODEL_TYPE "x86_64-cpu"
#define CPU_TYPE "max-" MODEL_TYPE
#define LAST_WORDS_MS 200

struct TuneProbe {
	char *name;
	GPid pid;
	gboolean is_reaped;
	filedesc words; /* its standard error, a file in memory: it never waits for a reader */
	TuneQmp *qmp;
};

static const char *const environment[] = {
	"PATH=/sbin:/bin:/usr/sbin:/usr/bin",
	"LC_ALL=C",
	NULL,
};

TuneQmp *tune_probe_get_qmp(TuneProbe *probe)
{
	return probe->qmp;
}

void tune_probe_free(TuneProbe *probe)
{
	if (!probe)
		return;
	tune_qmp_close(probe->qmp);
	if (!probe->is_reaped) {
		kill(-probe->pid, SIGKILL);
		while (waitpid(probe->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	filedesc_close(probe->words);
	g_free(probe->name);
	g_free(probe);
}

/* ---- the command line ---- */

static void add(GPtrArray *argv, const char *option, char *value)
{
	g_ptr_array_add(argv, g_strdup(option));
	if (value)
		g_ptr_array_add(argv, value);
}

static char *format_machine(const TuneProbeSettings *settings)
{
	return g_strdup_printf("%s%saccel=%s", settings->machine ? settings->machine : "",
			       settings->machine ? "," : "",
			       settings->accelerators ? settings->accelerators : "kvm");
}

static char *format_cpu(const TuneProbeSettings *settings)
{
	const char *cpu = settings->cpu && *settings->cpu ? settings->cpu : NULL;

	if (settings->is_enforced)
		return g_strconcat(cpu ? cpu : DEFAULT_CPU, ",enforce", NULL);
	return g_strdup(cpu);
}

static GPtrArray *make_argv(TuneRoot *root, const TuneProbeSettings *settings)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
	char *cpu = format_cpu(settings);

	g_ptr_array_add(argv,
			g_build_filename(tune_root_get_directory(root), settings->binary, NULL));
	add(argv, "-S", NULL);
	add(argv, "-nodefaults", NULL);
	add(argv, "-no-user-config", NULL);
	add(argv, "-display", g_strdup("none"));
	add(argv, "-m", g_strdup("1"));
	add(argv, "-qmp", g_strdup("stdio"));
	add(argv, "-machine", format_machine(settings));
	if (cpu)
		add(argv, "-cpu", cpu);
	g_ptr_array_add(argv, NULL);
	return argv;
}

/* ---- the process ---- */

/*
 * In the child.  A group of its own, so that a wrapper's children can be reached, too; no core file of a
 * QEMU that asserts; and an end with the thread that wanted it, even when that ended a moment ago.
 */
static void become_probe(gpointer parent)
{
	static const struct rlimit none = { 0, 0 };

	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != GPOINTER_TO_INT(parent))
		_exit(EXIT_FAILURE);
}

static gboolean spawn(TuneProbe *probe, const GPtrArray *argv, int end, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (g_spawn_async_with_pipes_and_fds("/", (const char *const *)argv->pdata, environment,
					     G_SPAWN_DO_NOT_REAP_CHILD, become_probe,
					     GINT_TO_POINTER((int)getpid()), end, end, probe->words,
					     NULL, NULL, 0, &probe->pid, NULL, NULL, NULL, &local))
		return TRUE;
	gboolean is_absent = g_error_matches(local, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
	return tune_fail(error, is_absent ? TUNE_ERROR_ABSENT : TUNE_ERROR_IO, "%s: %s",
			 probe->name, local->message);
}

static TuneProbe *make_probe(TuneRoot *root, const TuneProbeSettings *settings, int end,
			     GError **error)
{
	g_autoptr(GPtrArray) argv = make_argv(root, settings);
	g_autofree char *name = g_path_get_basename(settings->binary);
	TuneProbe *probe = g_new0(TuneProbe, 1);

	probe->name = g_steal_pointer(&name);
	probe->is_reaped = TRUE;
	probe->words = memfd_create("stderr", MFD_CLOEXEC);
	if (probe->words < 0) {
		tune_fail_errno(error, probe->name);
	} else if (spawn(probe, argv, end, error)) {
		probe->is_reaped = FALSE;
		return probe;
	}
	tune_probe_free(probe);
	return NULL;
}

/* ---- its last words ---- */

/* Its end of the conversation is closed, so it is about to be gone. */
static gboolean is_gone(TuneProbe *probe)
{
	for (int ms = 0; ms < LAST_WORDS_MS; ms++) {
		if (waitpid(probe->pid, NULL, WNOHANG) != 0) {
			probe->is_reaped = TRUE;
			return TRUE;
		}
		g_usleep(1000);
	}
	return FALSE;
}

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

/* The last line, and what it is about; before a failed assertion QEMU tells the cause. */
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
		return g_strdup("ended without a word");
	if (!missing->len || !g_str_has_suffix(chosen, "requested features"))
		return tune_error_clean(chosen);
	g_autofree char *both = g_strconcat(chosen, ": ", missing->str, NULL);
	return tune_error_clean(both);
}

static char *read_last_words(const TuneProbe *probe)
{
	char text[16384];
	off_t size = lseek(probe->words, 0, SEEK_END);
	ssize_t n = pread(probe->words, text, sizeof(text) - 1,
			  MAX(0, size - (off_t)sizeof(text) + 1));

	text[MAX(0, n)] = '\0';
	return choose_line(text);
}

/* Why a conversation failed: when QEMU has ended, because of that, unless time was up anyway. */
static void explain(TuneProbe *probe, GError *reason, GError **error)
{
	if (!g_error_matches(reason, TUNE_ERROR, TUNE_ERROR_IO) || !is_gone(probe)) {
		g_propagate_error(error, reason);
		return;
	}
	g_autofree char *words = read_last_words(probe);
	g_error_free(reason);
	tune_fail(error, TUNE_ERROR_REFUSED, "%s: %s", probe->name, words);
}

/* A comma would start another property of the machine. */
static gboolean check_machine(const TuneProbeSettings *settings, GError **error)
{
	if (!settings->machine || (*settings->machine && !strchr(settings->machine, ',')))
		return TRUE;
	g_autofree char *clean = tune_error_clean(settings->machine);
	return tune_fail(error, TUNE_ERROR_INVALID, "'%s' is not a machine type", clean);
}

TuneProbe *tune_probe_start(TuneRoot *root, const TuneProbeSettings *settings, gint64 deadline,
			    GError **error)
{
	GError *reason = NULL;
	int ends[2];

	if (!check_machine(settings, error))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		tune_fail_errno(error, settings->binary);
		return NULL;
	}
	g_autoptr(TuneProbe) probe = make_probe(root, settings, ends[1], error);
	close(ends[1]);
	if (!probe) {
		close(ends[0]);
		return NULL;
	}
	probe->qmp = tune_qmp_new(ends[0], probe->name, tune_root_limit_deadline(root, deadline),
				  &reason);
	if (probe->qmp)
		return g_steal_pointer(&probe);
	explain(probe, reason, error);
	return NULL;
}

/* ---- what a QEMU has ---- */

static void unref_names(GPtrArray *names)
{
	if (names)
		g_ptr_array_unref(names);
}

void tune_qemu_capabilities_free(TuneQemuCapabilities *capabilities)
{
	if (!capabilities)
		return;
	g_free(capabilities->version);
	unref_names(capabilities->machines);
	unref_names(capabilities->aliases);
	unref_names(capabilities->models);
	unref_names(capabilities->features);
	unref_names(capabilities->options);
	g_free(capabilities);
}

/* A name with a blank would be two in a record. */
static gboolean is_name(const char *text)
{
	return text && *text && !strpbrk(text, " \"\\");
}

static int get_length(const char *name, const char *suffix)
{
	size_t length = strlen(name);

	return (int)(suffix && g_str_has_suffix(name, suffix) ? length - strlen(suffix) : length);
}

/* The texts under @key in a list of objects, less @suffix; @prefix: NULL, or a key whose text is put before, with "=". */
static void read_names(const json_t *answer, const char *prefix, const char *key,
		       const char *suffix, GPtrArray *names)
{
	for (size_t i = 0; i < json_array_size(answer); i++) {
		const json_t *item = json_array_get(answer, i);
		const char *name = json_string_value(json_object_get(item, key));
		const char *before = prefix ? json_string_value(json_object_get(item, prefix))
					    : NULL;
		if (is_name(name) && (!prefix || is_name(before)))
			g_ptr_array_add(names, g_strdup_printf("%s%s%.*s", before ? before : "",
							       before ? "=" : "",
							       get_length(name, suffix), name));
	}
}

/* One question, and the lists that are made of its answer. */
typedef struct {
	const char *command;
	const char *argument; /* its name and its value, or NULL */
	const char *value;
	const char *suffix; /* of each text, left out */
	struct {
		const char *prefix;
		const char *key;
		size_t offset; /* of an array in TuneQemuCapabilities */
	} lists[3];
} CapabilityQuestion;

/* QEMU would compare each of its models with KVM before it tells query-cpu-definitions: that takes 60 ms. */
/* clang-format off */
static const CapabilityQuestion capability_questions[] = {
	{ "query-machines", NULL, NULL, NULL,
	  { { NULL, "name", G_STRUCT_OFFSET(TuneQemuCapabilities, machines) },
	    { NULL, "alias", G_STRUCT_OFFSET(TuneQemuCapabilities, machines) },
	    { "alias", "name", G_STRUCT_OFFSET(TuneQemuCapabilities, aliases) } } },
	{ "qom-list-types", "implements", MODEL_TYPE, "-" MODEL_TYPE,
	  { { NULL, "name", G_STRUCT_OFFSET(TuneQemuCapabilities, models) } } },
	{ "device-list-properties", "typename", CPU_TYPE, NULL,
	  { { NULL, "name", G_STRUCT_OFFSET(TuneQemuCapabilities, features) } } },
	{ "query-command-line-options", NULL, NULL, NULL,
	  { { NULL, "option", G_STRUCT_OFFSET(TuneQemuCapabilities, options) } } },
};
/* clang-format on */

/* A QEMU without such a type, or without the question, may know any name: its list stays NULL. */
static gboolean receive_capabilities(TuneQmp *qmp, const CapabilityQuestion *question,
				     TuneQemuCapabilities *capabilities, GError **error)
{
	g_autoptr(GError) local = NULL;
	json_auto_t *answer = tune_qmp_receive(qmp, &local);

	if (!answer && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
		return TRUE;
	if (!answer) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	for (guint i = 0; i < G_N_ELEMENTS(question->lists) && question->lists[i].key; i++) {
		GPtrArray **names = G_STRUCT_MEMBER_P(capabilities, question->lists[i].offset);
		if (!*names)
			*names = g_ptr_array_new_with_free_func(g_free);
		read_names(answer, question->lists[i].prefix, question->lists[i].key,
			   question->suffix, *names);
	}
	return TRUE;
}

static TuneQemuCapabilities *ask_capabilities(TuneQmp *qmp, GError **error)
{
	g_autoptr(TuneQemuCapabilities) capabilities = g_new0(TuneQemuCapabilities, 1);

	capabilities->version = g_strdup(tune_qmp_get_version(qmp));
	for (guint i = 0; i < G_N_ELEMENTS(capability_questions); i++)
		tune_qmp_ask(qmp, capability_questions[i].command, capability_questions[i].argument,
			     capability_questions[i].value, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(capability_questions); i++)
		if (!receive_capabilities(qmp, &capability_questions[i], capabilities, error))
			return NULL;
	return g_steal_pointer(&capabilities);
}

/*
 * What a QEMU is started as to be asked, from the best: it tells the same of itself as any, and one that starts has shown
 * that it starts "host".  KVM on AMD makes up arch-capabilities, and QEMU before 10.1 cannot set the MSR that it stands for
 * there ("failed to set MSR 0x10a"): pc_compat_10_0 in its hw/i386/pc.c.
 */
static const struct {
	const char *host; /* of TuneQemuCapabilities */
	TuneProbeSettings settings;
} starts[] = {
	{ "host", { .cpu = "host", .is_enforced = TRUE } },
	{ "host,-arch-capabilities", { .cpu = "host,-arch-capabilities", .is_enforced = TRUE } },
	{ TUNE_CPU_NO_HOST, { .machine = "none", .accelerators = "tcg:kvm" } },
};

TuneQemuCapabilities *tune_probe_ask_capabilities(TuneRoot *root, const char *binary,
						  gint64 deadline, GError **error)
{
	g_autoptr(GError) local = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
		TuneProbeSettings settings = starts[i].settings;
		settings.binary = binary;
		g_clear_error(&local);
		g_autoptr(TuneProbe) probe = tune_probe_start(root, &settings, deadline, &local);
		if (!probe && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
			continue;
		TuneQemuCapabilities *capabilities = probe ? ask_capabilities(probe->qmp, &local)
							   : NULL;
		if (!capabilities)
			break;
		capabilities->host = starts[i].host;
		return capabilities;
	}
	g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}
