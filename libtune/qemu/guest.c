/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <libtune/base/error.h>
#include <libtune/base/json.h>
#include <libtune/ganeti/node.h>
#include <libtune/qemu/guest.h>
#include <libtune/base/root.h>
#include <libtune/tune-cpu.h>

/* Where a runtime file has the command line, and the hypervisor parameters. */
#define RUNTIME_ARGV 0
#define RUNTIME_PARAMETERS 2

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

static GStrv read_process_words(TuneRoot *root, GPid pid, GError **error)
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

static json_t *load_runtime(TuneRoot *root, const char *name, GError **error)
{
	g_autofree char *path = format_path("conf", name, ".runtime");
	g_autofree char *text = tune_root_read(root, path, error);

	return text ? tune_json_parse(text, strlen(text), path, error) : NULL;
}

/* The command line that Ganeti has saved in the guest's runtime file. */
static GStrv read_saved_words(TuneRoot *root, const char *name, GError **error)
{
	json_auto_t *runtime = load_runtime(root, name, error);
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

/* ---- options ---- */

/* QEMU takes one dash or two. */
static gboolean is_option(const char *word, const char *name)
{
	if (*word != '-')
		return FALSE;
	return strcmp(word + (word[1] == '-' ? 2 : 1), name) == 0;
}

/* The value of @key in "first,key=value,..."; @is_first: a first word without a key is the value of @key. */
static char *find_value(const char *value, const char *key, gboolean is_first)
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

/* NULL leaves the text as it is. */
static void replace_text(char **text, char *value)
{
	if (!value)
		return;
	g_free(*text);
	*text = value;
}

static gboolean read_cpu(TuneGuest *guest, const char *value)
{
	replace_text(&guest->cpu, g_strdup(value));
	return FALSE;
}

/* With "kvm:tcg", QEMU runs with KVM if it can: such a guest counts as one under KVM. */
static gboolean read_machine(TuneGuest *guest, const char *value)
{
	g_autofree char *names = find_value(value, "accel", FALSE);
	g_auto(GStrv) all = names ? g_strsplit(names, ":", -1) : NULL;

	replace_text(&guest->machine, find_value(value, "type", TRUE));
	if (all)
		guest->is_kvm = g_strv_contains((const char *const *)all, "kvm");
	return all != NULL;
}

static gboolean read_accelerator(TuneGuest *guest, const char *value)
{
	g_autofree char *name = find_value(value, "accel", TRUE);

	if (g_strcmp0(name, "kvm") == 0)
		guest->is_kvm = TRUE;
	return TRUE;
}

/* @read: TRUE when the option named an accelerator */
static const struct {
	const char *name;
	gboolean (*read)(TuneGuest *guest, const char *value);
} options[] = {
	{ "cpu", read_cpu },
	{ "machine", read_machine },
	{ "M", read_machine },
	{ "accel", read_accelerator },
};

/*
 * As in QEMU, the last option counts.  Without an accelerator among them, a QEMU whose name ends in "kvm" tries KVM
 * first.
 */
static void read_options(TuneGuest *guest, const char *const *argv)
{
	gboolean has_accelerator = FALSE;

	replace_text(&guest->binary, g_strdup(argv[0]));
	for (const char *const *word = argv; *word; word++) {
		if (is_option(*word, "enable-kvm"))
			has_accelerator = guest->is_kvm = TRUE;
		for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
			if (word[1] && is_option(*word, options[i].name))
				has_accelerator |= options[i].read(guest, word[1]);
	}
	if (!has_accelerator)
		guest->is_kvm = g_str_has_suffix(guest->binary, "kvm");
}

static gboolean is_named(const char *const *argv, const char *name)
{
	for (const char *const *word = argv; *word; word++) {
		if (!word[1] || !is_option(*word, "name"))
			continue;
		g_autofree char *found = find_value(word[1], "guest", TRUE);
		if (g_strcmp0(found, name) == 0)
			return TRUE;
	}
	return FALSE;
}

/* ---- the process ---- */

/* @ret_pid: 0 without a pid file, when the guest does not run */
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

/* A process without a command line has ended already: it is a zombie. */
static gboolean read_words(TuneGuest *guest, const char *const *argv, GError **error)
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

static gboolean read_running(TuneRoot *root, TuneGuest *guest, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_auto(GStrv) argv = read_process_words(root, guest->pid, &local);

	if (argv)
		return read_words(guest, (const char *const *)argv, error);
	if (g_error_matches(local, TUNE_ERROR, TUNE_ERROR_ABSENT))
		return TRUE;
	argv = read_saved_words(root, guest->name, error);
	return argv && read_words(guest, (const char *const *)argv, error);
}

TuneGuest *tune_guest_find(TuneRoot *root, const char *name, GError **error)
{
	g_autoptr(TuneGuest) guest = g_new0(TuneGuest, 1);

	if (!tune_ganeti_check_name(name, error))
		return NULL;
	guest->name = g_strdup(name);
	if (!read_pid(root, name, &guest->pid, error))
		return NULL;
	if (guest->pid && !read_running(root, guest, error))
		return NULL;
	if (!guest->is_running)
		guest->pid = 0;
	return g_steal_pointer(&guest);
}

/* Seconds since the epoch at which the host was started, or 0. */
static gint64 read_boot_time(TuneRoot *root)
{
	g_autofree char *text = tune_root_read(root, "proc/stat", NULL);
	const char *line = text ? strstr(text, "\nbtime ") : NULL;

	return line ? g_ascii_strtoll(line + strlen("\nbtime "), NULL, 10) : 0;
}

/* proc(5): the second field is in brackets, and may have any character; the 22nd is ticks since boot. */
#define FIELD_AFTER_NAME 3
#define FIELD_START 22

gint64 tune_guest_get_start(TuneRoot *root, GPid pid)
{
	g_autofree char *path = g_strdup_printf("proc/%d/stat", (int)pid);
	g_autofree char *text = tune_root_read(root, path, NULL);
	const char *end = text ? strrchr(text, ')') : NULL;
	gint64 boot = end ? read_boot_time(root) : 0, ticks;

	if (!boot)
		return 0;
	g_auto(GStrv) fields = g_strsplit(end + 1 + (end[1] == ' '), " ", -1);
	if (g_strv_length(fields) <= FIELD_START - FIELD_AFTER_NAME ||
	    !g_ascii_string_to_signed(fields[FIELD_START - FIELD_AFTER_NAME], 10, 0, G_MAXINT64,
				      &ticks, NULL))
		return 0;
	return boot + ticks / sysconf(_SC_CLK_TCK);
}

/* proc(5): the kernel adds it to the path of a file that has been removed, or replaced by another. */
#define DELETED " (deleted)"

const char *tune_guest_find_qemu(TuneRoot *root, GPid pid)
{
	g_autofree char *path = g_strdup_printf("proc/%d/exe", (int)pid);
	g_autofree char *file = tune_root_read_link(root, path, NULL);

	if (!file)
		return NULL;
	return g_str_has_suffix(file, DELETED) ? TUNE_QEMU_REPLACED : TUNE_QEMU_INSTALLED;
}

char *tune_guest_read_parameters(TuneRoot *root, const char *name)
{
	json_auto_t *runtime = load_runtime(root, name, NULL);
	const json_t *parameters = json_array_get(runtime, RUNTIME_PARAMETERS);
	char *text = json_is_object(parameters)
			     ? json_dumps(parameters,
					  JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII)
			     : NULL;
	char *copy = g_strdup(text);

	/* jansson's own allocator. */
	free(text);
	return copy;
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
