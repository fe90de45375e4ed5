/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drop-ins for the boot loader.  What the loader reads is edited itself, since nothing of the guest's is run.  Where the
 * distribution makes that from other files, these get one of ours, so that the change stays.
 */
#include <string.h>

#include "os-scripts/dropins.h"

#define GRUB_DEFAULTS "etc/default/grub"
#define GRUB_DROPIN "etc/default/grub.d/60-tune.cfg"

/**
 * @pattern: the files of the loader's configuration, below the tree
 * @keyword: the first word of a line with a kernel's command line; @n_keep: the words before that
 */
typedef struct {
	const char *pattern;
	const char *keyword;
	guint n_keep;
	gboolean is_grub;
	gboolean is_entry; /* a file about one kernel, without settings of the loader */
} Loader;

/* clang-format off */
static const Loader loaders[] = {
	{ "boot/grub/grub.cfg",           "linux",   2, TRUE,  FALSE },
	{ "boot/grub2/grub.cfg",          "linux",   2, TRUE,  FALSE },
	{ "boot/extlinux/*.conf",         "append",  1, FALSE, FALSE },
	{ "boot/extlinux/*.cfg",          "append",  1, FALSE, FALSE },
	{ "boot/syslinux/*.cfg",          "append",  1, FALSE, FALSE },
	{ "boot/loader/entries/*.conf",   "options", 1, FALSE, TRUE },
};
/* clang-format on */

/* ---- one line ---- */

static gboolean is_dropped(const char *word, const char *const *drop)
{
	for (; *drop; drop++)
		if (g_str_has_prefix(word, *drop))
			return TRUE;
	return FALSE;
}

static const char *find_last_word(const char *words)
{
	const char *blank = strrchr(words, ' ');

	return blank ? blank + 1 : words;
}

char *os_cmdline_edit(const char *line, guint n_keep, const char *const *drop, const char *add)
{
	size_t indent = strspn(line, " \t");
	g_auto(GStrv) words = g_strsplit_set(line + indent, " \t", -1);
	guint n = 0;

	/* The line has them already. */
	if (g_strv_contains((const char *const *)words, find_last_word(add)))
		return g_strdup(line);
	GString *edited = g_string_new_len(line, (gssize)indent);
	for (char **word = words; *word; word++)
		if (**word && (n < n_keep || !is_dropped(*word, drop)))
			g_string_append_printf(edited, "%s%s", n++ ? " " : "", *word);
	g_string_append_printf(edited, " %s", add);
	return g_string_free(edited, FALSE);
}

/* "linux", "linux16" and "linuxefi" of GRUB; APPEND and append of extlinux. */
static gboolean has_keyword(const char *line, const Loader *loader)
{
	const char *word = line + strspn(line, " \t");
	size_t length = strcspn(word, " \t");
	g_autofree char *lower = g_ascii_strdown(word, (gssize)length);

	if (!word[length])
		return FALSE;
	if (loader->is_grub)
		return g_strcmp0(lower, "linux") == 0 || g_strcmp0(lower, "linux16") == 0 ||
		       g_strcmp0(lower, "linuxefi") == 0;
	return strcmp(lower, loader->keyword) == 0;
}

/* ---- one file ---- */

typedef struct {
	const char *const *drop;
	const char *add;
	const char *before; /* a line with its newline, put first unless it is there; or NULL */
	const char *
		after; /* lines without the last newline, put last unless they are there; or NULL */
} Edit;

static char *edit_text(const char *text, const Loader *loader, const Edit *edit)
{
	GString *edited = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	if (edit->before && !loader->is_entry && !g_str_has_prefix(text, edit->before))
		g_string_append(edited, edit->before);
	for (char **line = lines; *line; line++) {
		if (has_keyword(*line, loader)) {
			g_autofree char *new_line = os_cmdline_edit(*line, loader->n_keep,
								    edit->drop, edit->add);
			g_string_append_printf(edited, "%s\n", new_line);
		} else {
			g_string_append_printf(edited, "%s\n", *line);
		}
	}
	if (edit->after && !strstr(text, edit->after))
		g_string_append_printf(edited, "%s\n", edit->after);
	return g_string_free(edited, FALSE);
}

static void edit_file(OsDropinRun *run, const char *path, const Loader *loader, const Edit *edit)
{
	g_autofree char *text = os_dropin_read(run, path);

	if (!text)
		return;
	g_autofree char *edited = edit_text(text, loader, edit);
	os_dropin_put(run, path, edited);
}

/* A guest has some of the loaders; without any of them it boots in a way that is not known here. */
static void edit_loaders(OsDropinRun *run, const Edit *of_grub, const Edit *of_others)
{
	guint n_found = 0;

	for (guint i = 0; i < G_N_ELEMENTS(loaders); i++) {
		const Loader *loader = &loaders[i];
		g_autoptr(GPtrArray) paths = os_tree_glob(run->tree, loader->pattern);
		n_found += paths->len;
		for (guint j = 0; j < paths->len; j++)
			edit_file(run, paths->pdata[j], loader,
				  loader->is_grub ? of_grub : of_others);
	}
	if (!n_found)
		os_dropin_log(run, "no boot loader that is known here");
}

/* ---- console ---- */

static void put_grub_defaults(OsDropinRun *run, const char *args)
{
	gint64 speed = run->facts->serial_speed;

	if (!os_tree_exists(run->tree, GRUB_DEFAULTS))
		return;
	g_autofree char *text = g_strdup_printf(
		"# ganeti-tune: serial console\n"
		"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX %s\"\n"
		"GRUB_TERMINAL=\"console serial\"\n"
		"GRUB_SERIAL_COMMAND=\"serial --unit=0 --speed=%" G_GINT64_FORMAT "\"\n",
		args, speed);
	os_dropin_put(run, GRUB_DROPIN, text);
}

/* The last console= is /dev/console, and systemd-getty-generator(8) puts a login on it. */
void os_dropin_console(OsDropinRun *run)
{
	static const char *const drop[] = { "console=ttyS0", "console=tty0", NULL };
	gint64 speed = run->facts->serial_speed;

	if (!speed || !run->facts->has_loader) {
		os_dropin_log(run, "%s",
			      speed ? "Ganeti gives the kernel its console"
				    : "the instance has no serial console");
		return;
	}
	g_autofree char *args = g_strdup_printf("console=tty0 console=ttyS0,%" G_GINT64_FORMAT "n8",
						speed);
	g_autofree char *grub = g_strdup_printf(
		"serial --unit=0 --speed=%" G_GINT64_FORMAT "\n"
		"terminal_input console serial\nterminal_output console serial",
		speed);
	g_autofree char *extlinux = g_strdup_printf("serial 0 %" G_GINT64_FORMAT "\n", speed);
	const Edit of_grub = { .drop = drop, .add = args, .after = grub };
	const Edit of_others = { .drop = drop, .add = args, .before = extlinux };
	put_grub_defaults(run, args);
	edit_loaders(run, &of_grub, &of_others);
}

/* ---- root ---- */

void os_dropin_boot_root(OsDropinRun *run)
{
	static const char *const drop[] = { "root=", NULL };
	g_autofree char *root = g_strconcat("root=UUID=", run->facts->root_uuid, NULL);
	const Edit edit = { .drop = drop, .add = root };

	if (run->facts->has_loader)
		edit_loaders(run, &edit, &edit);
}
