/* SPDX-License-Identifier: BSD-2-Clause */
/* Drop-ins that edit etc/fstab. */
#include <string.h>

#include "os-scripts/dropins.h"

#define FSTAB "etc/fstab"

enum { DEVICE, WHERE, TYPE, OPTIONS, N_NEEDED };

/* A line of fstab(5): the fields that are edited, and the rest. */
typedef struct {
	char *words[N_NEEDED];
	const char *rest; /* with the blanks before it */
} Entry;

typedef void (*EntryFunc)(Entry *entry, gpointer data);

static gboolean split_line(const char *line, Entry *entry)
{
	const char *at = line;

	for (guint i = 0; i < N_NEEDED; i++) {
		at += strspn(at, " \t");
		size_t length = strcspn(at, " \t");
		if (!length || *at == '#')
			return FALSE;
		entry->words[i] = g_strndup(at, length);
		at += length;
	}
	entry->rest = at;
	return TRUE;
}

static void clear_entry(Entry *entry)
{
	for (guint i = 0; i < N_NEEDED; i++)
		g_free(entry->words[i]);
}

/* A line stays as it is when @edit leaves its words alone. */
static char *edit_line(const char *line, EntryFunc edit, gpointer data)
{
	Entry entry = { 0 }, old = { 0 };
	char *new_line = NULL;

	if (split_line(line, &entry) && split_line(line, &old)) {
		edit(&entry, data);
		gboolean is_same = TRUE;
		for (guint i = 0; i < N_NEEDED; i++)
			is_same &= strcmp(entry.words[i], old.words[i]) == 0;
		if (!is_same)
			new_line = g_strdup_printf("%s\t%s\t%s\t%s%s", entry.words[DEVICE],
						   entry.words[WHERE], entry.words[TYPE],
						   entry.words[OPTIONS], entry.rest);
	}
	clear_entry(&entry);
	clear_entry(&old);
	return new_line ? new_line : g_strdup(line);
}

static void edit_fstab(OsDropinRun *run, EntryFunc edit, gpointer data)
{
	g_autofree char *text = os_dropin_read(run, FSTAB);
	g_autoptr(GString) edited = g_string_new(NULL);

	if (!text) {
		if (!os_tree_exists(run->tree, FSTAB))
			os_dropin_log(run, "the guest has no " FSTAB);
		return;
	}
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_autofree char *new_line = edit_line(*line, edit, data);
		g_string_append_printf(edited, "%s\n", new_line);
	}
	os_dropin_put(run, FSTAB, edited->str);
}

/* ---- noatime ---- */

/* Not for file systems in memory or on the network. */
static gboolean is_on_disk(const Entry *entry)
{
	static const char *const types[] = { "ext2",  "ext3", "ext4", "xfs",
					     "btrfs", "f2fs", "auto", NULL };

	return g_strv_contains(types, entry->words[TYPE]);
}

static void set_noatime(Entry *entry, gpointer unused G_GNUC_UNUSED)
{
	static const char *const replaced[] = { "atime",       "relatime", "norelatime",
						"strictatime", "defaults", "nodefaults",
						"noatime",     NULL };

	if (!is_on_disk(entry))
		return;
	g_auto(GStrv) options = g_strsplit(entry->words[OPTIONS], ",", -1);
	if (g_strv_contains((const char *const *)options, "noatime"))
		return;
	GString *kept = g_string_new("noatime");
	for (char **option = options; *option; option++)
		if (!g_strv_contains(replaced, *option))
			g_string_append_printf(kept, ",%s", *option);
	g_free(entry->words[OPTIONS]);
	entry->words[OPTIONS] = g_string_free(kept, FALSE);
}

void os_dropin_noatime(OsDropinRun *run)
{
	edit_fstab(run, set_noatime, NULL);
}

/* ---- root ---- */

static void set_root(Entry *entry, gpointer uuid)
{
	if (strcmp(entry->words[WHERE], "/") || !is_on_disk(entry))
		return;
	g_free(entry->words[DEVICE]);
	entry->words[DEVICE] = g_strconcat("UUID=", uuid, NULL);
}

/* A name such as /dev/vda1 depends on the kind of disk that the instance has, and a label may be there twice. */
void os_dropin_root(OsDropinRun *run)
{
	if (!run->facts->root_uuid) {
		os_dropin_log(run, "the root file system has no UUID");
		return;
	}
	edit_fstab(run, set_root, (gpointer)run->facts->root_uuid);
	os_dropin_boot_root(run);
}
