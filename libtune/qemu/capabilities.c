/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/cpu/compare.h>
#include <libtune/cpu/cpu.h>
#include <libtune/qemu/capabilities.h>
#include <libtune/qemu/cpu.h>
#include <libtune/qemu/process.h>

/* QOM type of all CPU models, and that of the model which has all features. */
#define MODEL_TYPE "x86_64-cpu"
#define CPU_TYPE "max-" MODEL_TYPE

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

/* Add the texts under @key in a list of objects, without @suffix.  @prefix: NULL, or the key of a text to put before, with "=". */
static void read_names(const json_t *answer, const char *prefix, const char *key,
		       const char *suffix, GPtrArray *names)
{
	for (size_t i = 0; i < json_array_size(answer); i++) {
		const json_t *item = json_array_get(answer, i);
		const char *name = json_string_value(json_object_get(item, key));
		const char *before = prefix ? json_string_value(json_object_get(item, prefix))
					    : NULL;
		if (!is_name(name) || (prefix && !is_name(before)))
			continue;
		size_t length = strlen(name);
		if (suffix && g_str_has_suffix(name, suffix))
			length -= strlen(suffix);
		g_ptr_array_add(names, g_strdup_printf("%s%s%.*s", prefix ? before : "",
						       prefix ? "=" : "", (int)length, name));
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

/* query-cpu-definitions would tell the models, too; but QEMU compares each with KVM first, which takes 60 ms. */
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

/* When QEMU does not know the question, or the type that it asks about, the list stays NULL: unknown. */
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
 * How QEMU is started to be asked; the first settings with which it starts are used.  Its answers are the same with all
 * of them; all but the last also show that it starts "host".  The machine microvm has few devices and starts in half
 * the time, and shows the CPU that the newest "pc" shows; distributions may build QEMU without it.
 */
static const struct {
	const char *host; /* of TuneQemuCapabilities */
	TuneQemuSettings settings;
} starts[] = {
	{ "host", { .cpu = "host", .machine = "microvm", .is_enforced = TRUE } },
	{ "host", { .cpu = "host", .is_enforced = TRUE } },
	{ TUNE_QEMU_SWITCHED_HOST, { .cpu = TUNE_QEMU_SWITCHED_HOST, .is_enforced = TRUE } },
	{ TUNE_CPU_NO_HOST, { .machine = "none", .accelerators = "tcg:kvm" } },
};

/* QEMU is asked, since whether it hides the feature depends on its version, the machine type and the processor. */
static gboolean ask_arch_capabilities(TuneQmp *qmp, TuneQemuCapabilities *capabilities,
				      GError **error)
{
	gboolean is_shown;

	if (!tune_cpu_ask_feature(qmp, "arch-capabilities", &is_shown, error))
		return FALSE;
	capabilities->hides_arch_capabilities = !is_shown;
	return TRUE;
}

TuneQemuCapabilities *tune_qemu_ask_capabilities(TuneRoot *root, const char *binary,
						 gint64 deadline, GError **error)
{
	g_autoptr(GError) local = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
		TuneQemuSettings settings = starts[i].settings;
		settings.binary = binary;
		g_clear_error(&local);
		g_autoptr(TuneQemuProcess)
			process = tune_qemu_process_start(root, &settings, deadline, &local);
		if (!process && g_error_matches(local, TUNE_ERROR, TUNE_ERROR_REFUSED))
			continue;
		if (!process)
			break;
		TuneQmp *qmp = tune_qemu_process_get_qmp(process);
		g_autoptr(TuneQemuCapabilities) capabilities = ask_capabilities(qmp, &local);
		gboolean is_host = tune_cpu_type_is_host(starts[i].host);
		if (!capabilities || (is_host && !ask_arch_capabilities(qmp, capabilities, &local)))
			break;
		capabilities->host = starts[i].host;
		return g_steal_pointer(&capabilities);
	}
	g_propagate_error(error, g_steal_pointer(&local));
	return NULL;
}
