/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/json.h>
#include <libtune/ganeti/node.h>
#include <libtune/qemu/guest.h>
#include <libtune/base/root.h>

/* The parts of a runtime file. */
#define RUNTIME_ARGV 0
#define RUNTIME_HVPARAMS 2

void tune_guest_free(TuneGuest *guest)
{
	if (!guest)
		return;
	g_free(guest->name);
	g_free(guest->binary);
	g_free(guest->cpu);
	g_free(guest->machine);
	g_free(guest);
}

static char *format_path(const char *kind, const char *name, const char *suffix)
{
	return g_strconcat(TUNE_GUEST_DIRECTORY "/", kind, "/", name, suffix, NULL);
}

/* ---- the command line ---- */

static GStrv read_process(TuneRoot *root, GPid pid, GError **error)
{
	g_autofree char *path = g_strdup_printf("proc/%d/cmdline", (int)pid);
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_RDONLY, 0, error);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();

	if (fd < 0 || !tune_read_all(fd, path, text, error))
		return NULL;
	for (gsize at = 0; at < text->len; at += strlen(text->str + at) + 1)
		g_strv_builder_add(words, text->str + at);
	return g_strv_builder_end(words);
}

static json_t *read_runtime(TuneRoot *root, const char *name, GError **error)
{
	g_autofree char *path = format_path("conf", name, ".runtime");
	g_autofree char *text = tune_root_read(root, path, error);

	return text ? tune_json_parse(text, strlen(text), path, error) : NULL;
}

static GStrv read_saved(TuneRoot *root, const char *name, GError **error)
{
	json_auto_t *runtime = read_runtime(root, name, error);
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();

	if (!runtime)
		return NULL;
	const json_t *argv = json_array_get(runtime, RUNTIME_ARGV);
	size_t n_words = json_array_size(argv);
	for (size_t i = 0; i < n_words; i++) {
		const char *word = json_string_value(json_array_get(argv, i));
		g_strv_builder_add(words, word ? word : "");
	}
	if (n_words == 0)
		return tune_fail_null(error, TUNE_ERROR_INVALID,
				      "the runtime file of %s holds no command line", name);
	return g_strv_builder_end(words);
}

char *tune_guest_read_cpu_type(TuneRoot *root, const char *name, GError **error)
{
	if (!tune_ganeti_check_name(name, error))
		return NULL;
	json_auto_t *runtime = read_runtime(root, name, error);
	if (!runtime)
		return NULL;
	const json_t *hvparams = json_array_get(runtime, RUNTIME_HVPARAMS);
	const char *type = json_string_value(json_object_get(hvparams, "cpu_type"));
	return type ? g_strdup(type)
		    : tune_fail_null(error, TUNE_ERROR_INVALID,
				     "the runtime file of %s holds no cpu_type", name);
}

/* ---- options ---- */

/* QEMU takes one dash or two. */
static gboolean is_option(const char *word, const char *name)
{
	if (*word != '-')
		return FALSE;
	return strcmp(word + (word[1] == '-' ? 2 : 1), name) == 0;
}

/* The value of one key in "first,key=value,..."; the first may stand without its key, @is_first. */
static char *find_key(const char *value, const char *key, gboolean is_first)
{
	g_auto(GStrv) items = g_strsplit(value, ",", -1);
	size_t length = strlen(key);
	const char *found = NULL;

	if (is_first && items[0] && !strchr(items[0], '='))
		found = items[0];
	for (char **item = items; *item; item++)
		if (strncmp(*item, key, length) == 0 && (*item)[length] == '=')
			found = *item + length + 1;
	return found && *found ? g_strdup(found) : NULL;
}

static void replace(char **place, char *value)
{
	if (!value)
		return;
	g_free(*place);
	*place = value;
}

static gboolean take_cpu(TuneGuest *guest, const char *value)
{
	replace(&guest->cpu, g_strdup(value));
	return FALSE;
}

/* "kvm:tcg" may have ended in either: where KVM may be, its rules hold. */
static gboolean take_machine(TuneGuest *guest, const char *value)
{
	g_autofree char *names = find_key(value, "accel", FALSE);
	g_auto(GStrv) all = names ? g_strsplit(names, ":", -1) : NULL;

	replace(&guest->machine, find_key(value, "type", TRUE));
	if (all)
		guest->is_kvm = g_strv_contains((const char *const *)all, "kvm");
	return all != NULL;
}

static gboolean take_accelerator(TuneGuest *guest, const char *value)
{
	g_autofree char *name = find_key(value, "accel", TRUE);

	if (g_strcmp0(name, "kvm") == 0)
		guest->is_kvm = TRUE;
	return TRUE;
}

/* Each says whether it named an accelerator. */
static const struct {
	const char *name;
	gboolean (*take)(TuneGuest *guest, const char *value);
} options[] = {
	{ "cpu", take_cpu },
	{ "machine", take_machine },
	{ "M", take_machine },
	{ "accel", take_accelerator },
};

/* As in QEMU, the last one holds; and a QEMU that is not told, but called "kvm", tries KVM first. */
static void read_options(TuneGuest *guest, const char *const *argv)
{
	gboolean is_told = FALSE;

	replace(&guest->binary, g_strdup(argv[0]));
	for (const char *const *word = argv; *word; word++) {
		if (is_option(*word, "enable-kvm"))
			is_told = guest->is_kvm = TRUE;
		for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
			if (word[1] && is_option(*word, options[i].name))
				is_told |= options[i].take(guest, word[1]);
	}
	if (!is_told)
		guest->is_kvm = g_str_has_suffix(guest->binary, "kvm");
}

static gboolean is_named(const char *const *argv, const char *name)
{
	for (const char *const *word = argv; *word; word++) {
		if (!word[1] || !is_option(*word, "name"))
			continue;
		g_autofree char *found = find_key(word[1], "guest", TRUE);
		if (g_strcmp0(found, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- the process ---- */

/* No pid file: no process, @ret_pid 0. */
static gboolean read_pid(TuneRoot *root, const char *name, GPid *ret_pid, GError **error)
{
	g_autofree char *path = format_path("pid", name, "");
	g_autoptr(GError) local = NULL;
	gint64 number = 0;

	if (!tune_root_read_number(root, path, &number, &local) &&
	    !g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (number < 0 || number > G_MAXINT || (number == 0 && !local))
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: not a process number", path);
	*ret_pid = (GPid)number;
	return TRUE;
}

/* A process without a command line has ended and waits for its parent. */
static gboolean read_live(TuneGuest *guest, const char *const *argv, GError **error)
{
	if (!argv[0])
		return TRUE;
	if (!is_named(argv, guest->name))
		return tune_fail(error, TUNE_ERROR_INVALID,
				 "process %d is not the QEMU of %s, though its pid file says so",
				 (int)guest->pid, guest->name);
	guest->is_running = TRUE;
	read_options(guest, argv);
	return TRUE;
}

static gboolean look(TuneRoot *root, TuneGuest *guest, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(GStrv) argv = read_process(root, guest->pid, &local);

	if (argv)
		return read_live(guest, (const char *const *)argv, error);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TRUE;
	argv = read_saved(root, guest->name, error);
	return argv && read_live(guest, (const char *const *)argv, error);
}

TuneGuest *tune_guest_find(TuneRoot *root, const char *name, GError **error)
{
	g_autoptr(TuneGuest) guest = g_new0(TuneGuest, 1);

	if (!tune_ganeti_check_name(name, error))
		return NULL;
	guest->name = g_strdup(name);
	if (!read_pid(root, name, &guest->pid, error))
		return NULL;
	if (guest->pid && !look(root, guest, error))
		return NULL;
	if (!guest->is_running)
		guest->pid = 0;
	return g_steal_pointer(&guest);
}

/* ---- its QEMU ---- */

TuneQmp *tune_guest_connect(TuneRoot *root, const char *name, gint64 deadline, GError **error)
{
	if (!tune_ganeti_check_name(name, error))
		return NULL;
	g_autofree char *first = format_path("ctrl", name, ".kvmd");
	g_autofree char *second = format_path("ctrl", name, ".qmp");
	gint64 now = g_get_monotonic_time();
	TuneQmp *qmp = tune_qmp_connect(root, first, now + (deadline - now) / 5, NULL);
	if (!qmp)
		return tune_qmp_connect(root, second, deadline, error);
	tune_qmp_set_deadline(qmp, deadline);
	return qmp;
}
