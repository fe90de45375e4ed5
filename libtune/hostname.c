/* SPDX-License-Identifier: BSD-2-Clause */
/* The name of a guest, in its own files. */
#include <string.h>

#include <libtune/error.h>
#include <libtune/root.h>

#define MACHINE_ID "etc/machine-id"
#define DBUS_MACHINE_ID "var/lib/dbus/machine-id"

/* hostname(5), the same of old SUSE and Red Hat systems; hosts(5); mailname(5).  The name is in the first three. */
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

static char *shorten(const char *name)
{
	return g_strndup(name, strcspn(name, "."));
}

static void tell(GPtrArray *log, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void tell(GPtrArray *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *line = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(log, tune_error_clean(line));
}

/* ---- words ---- */

static gboolean is_word(const char *word, gsize length, const char *name)
{
	return strlen(name) == length && g_ascii_strncasecmp(word, name, length) == 0;
}

/* A name is never taken for a part of a longer one. */
static char *replace(const char *text, const Names *names)
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

static gboolean is_link(TuneRoot *tree, const char *path)
{
	g_autofree char *target = tune_root_read_link(tree, path, NULL);

	return target != NULL;
}

/* What is made by something else is not for us to write: it would be undone, or break what makes it. */
static gboolean change(TuneRoot *tree, const char *path, const Names *names, gboolean *is_changed,
		       GPtrArray *log, GError **error)
{
	g_autofree char *old_text = tune_root_read(tree, path, NULL);

	if (!old_text)
		return TRUE;
	g_autofree char *new_text = replace(old_text, names);
	if (strcmp(old_text, new_text) == 0)
		return TRUE;
	if (is_link(tree, path)) {
		tell(log, "%s: is a link: left alone", path);
		return TRUE;
	}
	g_autofree char *line = g_strconcat(new_text, "\n", NULL);
	if (!tune_root_save(tree, path, line, error))
		return FALSE;
	tell(log, "%s: says %s now", path, names->new_name);
	*is_changed = TRUE;
	return TRUE;
}

static gboolean change_files(TuneRoot *tree, const Names *names, GPtrArray *log, GError **error)
{
	gboolean is_named = FALSE, is_changed = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		if (!change(tree, files[i], names, &is_changed, log, error))
			return FALSE;
		if (i < N_NAMING)
			is_named = is_changed;
	}
	if (!is_named)
		tell(log,
		     "none of the files that hold a host name says %s: it keeps the name it has",
		     names->old_name);
	return TRUE;
}

/* ---- the machine ---- */

/* Empty, it is made at the next boot; "uninitialized" or no file at all would also be taken for a first boot. */
static gboolean reset_machine_id(TuneRoot *tree, GPtrArray *log, GError **error)
{
	g_autofree char *id = tune_root_read(tree, MACHINE_ID, NULL);

	if (!id || !*id || strcmp(id, "uninitialized") == 0 || is_link(tree, MACHINE_ID))
		return TRUE;
	/* systemd would take this one up again, where it is no link to the other: machine-id(5). */
	if (tune_root_exists(tree, DBUS_MACHINE_ID) && !is_link(tree, DBUS_MACHINE_ID) &&
	    !tune_root_remove(tree, DBUS_MACHINE_ID, error))
		return FALSE;
	if (!tune_root_save(tree, MACHINE_ID, "", error))
		return FALSE;
	tell(log, MACHINE_ID ": empty now, the next boot makes a new one");
	return TRUE;
}

gboolean tune_hostname_change(TuneRoot *tree, const char *old_name, const char *new_name,
			      GPtrArray *log, GError **error)
{
	g_auto(Names) names = { .old_name = old_name,
				.new_name = new_name,
				.old_short = shorten(old_name),
				.new_short = shorten(new_name) };

	if (strcmp(old_name, new_name) == 0)
		return TRUE;
	return change_files(tree, &names, log, error) && reset_machine_id(tree, log, error);
}
