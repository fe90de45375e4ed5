/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "tests/unit/host.h"

/* ---- an LVM2 physical volume: its label in the second sector, with the checksum that readers demand ---- */

#define SECTOR 512
/* libblkid looks for no RAID or LVM on anything as small as a floppy disk. */
#define DISK_SIZE (2 * 1024 * 1024)
#define LVM_CRC_SEED 0xf597a6cfu

static guint32 crc(guint32 sum, const guint8 *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320u : 0);
	}
	return sum;
}

static void put32(guint8 *at, guint32 number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (guint8)(number >> (8 * i));
}

static gboolean write_physical_volume(const char *path)
{
	g_autofree guint8 *disk = g_malloc0(DISK_SIZE);
	guint8 *label = disk + SECTOR;

	memcpy(label, "LABELONE", 8);
	label[8] = 1;   /* stands in sector 1 */
	label[20] = 32; /* the header of the volume follows the label */
	memcpy(label + 24, "LVM2 001", 8);
	memcpy(label + 32, "abcdefghijklmnopqrstuvwxyzabcdef", 32);
	put32(label + 16, crc(LVM_CRC_SEED, label + 20, SECTOR - 20));
	return g_file_set_contents(path, (const char *)disk, DISK_SIZE, NULL);
}

/* ---- lines ---- */

static gboolean write_text(const char *path, const char *text)
{
	g_autofree char *raw = g_strcompress(text);
	g_autofree char *line = g_strconcat(raw, "\n", NULL);

	return g_file_set_contents(path, line, -1, NULL) && chmod(path, 0644) == 0;
}

static gboolean write_script(const char *path, const char *text)
{
	g_autofree char *script = g_strconcat("#!/bin/sh\n", text, "\n", NULL);

	return g_file_set_contents(path, script, -1, NULL) && chmod(path, 0755) == 0;
}

static gboolean make_link(const char *path, const char *target)
{
	return symlink(target, path) == 0;
}

static gboolean make_directory(const char *path, const char *unused G_GNUC_UNUSED)
{
	return g_mkdir_with_parents(path, 0755) == 0;
}

static gboolean make_binary(const char *path, const char *form)
{
	return strcmp(form, "lvm2-pv") == 0 && write_physical_volume(path);
}

static const struct {
	const char *mark;
	gboolean (*make)(const char *path, const char *rest);
} kinds[] = {
	{ " = ", write_text },  { " -> ", make_link },    { " ! ", write_script },
	{ " @ ", make_binary }, { " /", make_directory },
};

static gboolean make_parent(const char *path)
{
	g_autofree char *parent = g_path_get_dirname(path);

	return g_mkdir_with_parents(parent, 0755) == 0;
}

static gboolean unroll_line(const char *line, const char *directory)
{
	const char *first = NULL;
	size_t best = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const char *mark = strstr(line, kinds[i].mark);
		if (mark && (!first || mark < first)) {
			first = mark;
			best = i;
		}
	}
	if (!first)
		return FALSE;
	g_autofree char *name = g_strndup(line, (gsize)(first - line));
	g_autofree char *path = g_build_filename(directory, name, NULL);
	return make_parent(path) && kinds[best].make(path, first + strlen(kinds[best].mark));
}

char *host_unroll(const char *text, const char *directory)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i]; i++)
		if (*lines[i] && *lines[i] != '#' && !unroll_line(lines[i], directory))
			return g_strdup_printf("line %zu: '%s': %s", i + 1, lines[i],
					       g_strerror(errno));
	return NULL;
}
