/* SPDX-License-Identifier: BSD-2-Clause */
#include <blkid/blkid.h>
#include <fcntl.h>
#include <string.h>

#include <libtune/host/lvm.h>
#include <libtune/base/root.h>
#include <libtune/base/run.h>

#define LVM_TIMEOUT_MS 5000
#define MEMBER "LVM2_member"

char *tune_lvm_group_from_dm_name(const char *dm_name)
{
	GString *group = g_string_new(NULL);

	for (const char *c = dm_name; *c; c++) {
		if (c[0] == '-' && c[1] != '-')
			break;
		g_string_append_c(group, *c);
		c += c[0] == '-';
	}
	return g_string_free(group, FALSE);
}

/* udev has probed every disk already.  Reading its database does not wake a sleeping disk. */
static char *read_udev_database(TuneRoot *root, const char *name)
{
	g_autofree char *dev_path = g_strdup_printf("sys/class/block/%s/dev", name);
	g_autofree char *number = tune_root_read(root, dev_path, NULL);
	g_autofree char *path = number ? g_strdup_printf("run/udev/data/b%s", number) : NULL;

	return path ? tune_root_read(root, path, NULL) : NULL;
}

static gboolean probe_member(TuneRoot *root, const char *name)
{
	g_autofree char *path = g_strdup_printf("dev/%s", name);
	g_auto(filedesc) fd = tune_root_open_file(root, path, O_RDONLY | O_NONBLOCK, 0, NULL);
	const char *type = NULL;

	if (fd < 0)
		return FALSE;
	blkid_probe prober = blkid_new_probe();
	if (!prober)
		return FALSE;
	blkid_probe_enable_superblocks(prober, TRUE);
	blkid_probe_set_superblocks_flags(prober, BLKID_SUBLKS_TYPE);
	if (blkid_probe_set_device(prober, fd, 0, 0) == 0 && blkid_do_safeprobe(prober) == 0)
		blkid_probe_lookup_value(prober, "TYPE", &type, NULL);
	gboolean is_member = g_strcmp0(type, MEMBER) == 0;
	blkid_free_probe(prober);
	return is_member;
}

gboolean tune_lvm_is_physical_volume(TuneRoot *root, const char *name)
{
	g_autofree char *udev = read_udev_database(root, name);

	return udev ? strstr(udev, "E:ID_FS_TYPE=" MEMBER) != NULL : probe_member(root, name);
}

char *tune_lvm_get_kernel_name(TuneRoot *root, const char *path)
{
	g_autofree char *target = tune_root_read_link(root, path, NULL);

	return g_path_get_basename(target ? target : path);
}

GHashTable *tune_lvm_ask_pvs(TuneRoot *root, GError **error)
{
	static const char *const argv[] = { "pvs", "--noheadings",    "--separator", " ",
					    "-o",  "pv_name,vg_name", NULL };
	g_autofree char *answer = tune_command_read(root, argv, LVM_TIMEOUT_MS, error);

	if (!answer)
		return NULL;
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(g_strstrip(*line), " ", 2);
		if (words[0] && g_str_has_prefix(words[0], "/dev/"))
			g_hash_table_insert(groups, tune_lvm_get_kernel_name(root, words[0]),
					    g_strdup(words[1] ? words[1] : ""));
	}
	return groups;
}

GHashTable *tune_lvm_ask_tags(TuneRoot *root, GError **error)
{
	static const char *const argv[] = { "lvs", "--noheadings", "--separator",
					    " ",   "-o",           "vg_name,lv_name,lv_tags",
					    NULL };
	g_autofree char *answer = tune_command_read(root, argv, LVM_TIMEOUT_MS, error);

	if (!answer)
		return NULL;
	GHashTable *tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) words = g_strsplit(g_strstrip(*line), " ", 3);
		if (words[0] && words[1] && words[2])
			g_hash_table_insert(tags, g_strconcat(words[0], "/", words[1], NULL),
					    g_strdup(words[2]));
	}
	return tags;
}
