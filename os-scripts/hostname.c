/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes the name of a guest in the guest's own files. */
#include <string.h>

#include "os-scripts/dropins.h"

#define MACHINE_ID "etc/machine-id"
#define DBUS_MACHINE_ID "var/lib/dbus/machine-id"

/* hostname(5), the same of old SUSE and Red Hat systems; hosts(5); mailname(5).  The first three name the guest itself. */
static const char *const files[] = {
	"etc/hostname", "etc/HOSTNAME", "etc/sysconfig/network", "etc/hosts", "etc/mailname",
};
#define N_NAMING 3

typedef struct {
	const char *old_name, *new_name;
	char *old_short, *new_short;
} Names;

static void names_clear(Names *names)
{
	g_free(names->old_short);
	g_free(names->new_short);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Names, names_clear)

static char *shorten_name(const char *name)
{
	return g_strndup(name, strcspn(name, "."));
}

static void log_line(GPtrArray *log, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void log_line(GPtrArray *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(log, g_strdup_vprintf(format, args));
	va_end(args);
}

/* ---- words ---- */

static gboolean is_word(const char *word, gsize length, const char *name)
{
	return strlen(name) == length && g_ascii_strncasecmp(word, name, length) == 0;
}

/* Replaces whole names, and no part of a longer one. */
static char *replace_names(const char *text, const Names *names)
{
	static const char letters[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-._";
	GString *result = g_string_new(NULL);

	while (*text) {
		gsize gap = strcspn(text, letters);
		gsize length = strspn(text + gap, letters);
		const char *word = text + gap;
		g_string_append_len(result, text, (gssize)gap);
		if (is_word(word, length, names->old_name))
			g_string_append(result, names->new_name);
		else if (is_word(word, length, names->old_short))
			g_string_append(result, names->new_short);
		else
			g_string_append_len(result, word, (gssize)length);
		text = word + length;
	}
	return g_string_free(result, FALSE);
}

/* ---- files ---- */

static gboolean is_link(OsTree *tree, const char *path)
{
	g_autofree char *target = os_tree_read_link(tree, path, NULL);

	return target != NULL;
}

/* A link shows that something else makes the file, and that would undo the change, or fail. */
static void change_file(OsTree *tree, const char *path, const Names *names, gboolean *is_changed,
			GPtrArray *log)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *old_text = os_tree_read(tree, path, &error);

	if (!old_text) {
		if (!g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT))
			log_line(log, "%s: left as it is: %s", path, error->message);
		return;
	}
	g_autofree char *new_text = replace_names(old_text, names);
	if (strcmp(old_text, new_text) == 0)
		return;
	if (is_link(tree, path)) {
		log_line(log, "%s: is a link: left alone", path);
		return;
	}
	g_autofree char *line = g_strconcat(new_text, "\n", NULL);
	if (!os_tree_save(tree, path, line, &error)) {
		log_line(log, "%s: left as it is: %s", path, error->message);
		return;
	}
	log_line(log, "%s: says %s now", path, names->new_name);
	*is_changed = TRUE;
}

static void change_files(OsTree *tree, const Names *names, GPtrArray *log)
{
	gboolean is_named = FALSE, is_changed = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		change_file(tree, files[i], names, &is_changed, log);
		if (i < N_NAMING)
			is_named = is_changed;
	}
	if (!is_named)
		log_line(
			log,
			"none of the files that hold a host name says %s: it keeps the name it has",
			names->old_name);
}

/* ---- the machine ---- */

/* The next boot fills an empty file.  "uninitialized", or no file at all, would make that count as a first boot. */
static void reset_machine_id(OsTree *tree, GPtrArray *log)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = os_tree_read(tree, MACHINE_ID, &error);

	if (!id && !g_error_matches(error, TUNE_ERROR, TUNE_ERROR_ABSENT))
		log_line(log, MACHINE_ID ": left as it is: %s", error->message);
	if (!id || !*id || strcmp(id, "uninitialized") == 0 || is_link(tree, MACHINE_ID))
		return;
	/* systemd would take the old ID from D-Bus's file, unless that is a link to the other: machine-id(5). */
	gboolean good = !os_tree_exists(tree, DBUS_MACHINE_ID) || is_link(tree, DBUS_MACHINE_ID) ||
			os_tree_remove(tree, DBUS_MACHINE_ID, &error);
	if (good && os_tree_save(tree, MACHINE_ID, "", &error))
		log_line(log, MACHINE_ID ": empty now, the next boot makes a new one");
	else
		log_line(log, MACHINE_ID ": left as it is: %s", error->message);
}

void os_hostname_change(OsTree *tree, const char *old_name, const char *new_name, GPtrArray *log)
{
	g_auto(Names) names = { .old_name = old_name,
				.new_name = new_name,
				.old_short = shorten_name(old_name),
				.new_short = shorten_name(new_name) };

	if (strcmp(old_name, new_name) == 0)
		return;
	change_files(tree, &names, log);
	reset_machine_id(tree, log);
}
