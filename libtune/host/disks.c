/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <libtune/host/disks.h>
#include <libtune/base/root.h>
#include <libtune/base/text.h>
#include <libtune/host/stack.h>

/* clang-format off */
static const struct {
	const char *word;
	guint class;
} words[] = {
	{ "rotational", TUNE_DISK_ROTATIONAL },
	{ "ssd",        TUNE_DISK_SSD },
	{ "nvme",       TUNE_DISK_NVME },
	{ "virtio",     TUNE_DISK_VIRTIO },
	{ "xen",        TUNE_DISK_XEN },
	{ "drbd",       TUNE_DISK_DRBD },
};

/* By the driver's naming (Documentation/admin-guide/devices.txt); what is not here is asked whether it spins. */
static const struct {
	const char *prefix;
	guint classes;
} kinds[] = {
	{ "nvme",   TUNE_DISK_NVME },
	{ "vd",     TUNE_DISK_VIRTIO },
	{ "xvd",    TUNE_DISK_XEN },
	{ "dm-",    TUNE_DISK_STACKED },
	{ "md",     TUNE_DISK_STACKED },
	{ "drbd",   TUNE_DISK_STACKED },
	{ "loop",   TUNE_DISK_STACKED },
	{ "bcache", TUNE_DISK_STACKED },
	{ "nbd",    TUNE_DISK_STACKED },
	{ "ram",    TUNE_DISK_STACKED },
	{ "zram",   TUNE_DISK_STACKED },
	{ "zd",     TUNE_DISK_STACKED },
	{ "sr",     TUNE_DISK_STACKED },
	{ "fd",     TUNE_DISK_STACKED },
};
/* clang-format on */

guint tune_disk_class_from_word(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].class;
	return 0;
}

/* "sda" is as near to "ssd" as a slip would be, and "drbd0" is a disk: only long words that differ inside. */
const char *tune_disk_class_nearest(const char *word)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strlen(words[i].word) > 3 && !g_str_has_prefix(word, words[i].word) &&
		    tune_edit_distance(words[i].word, word) <= strlen(words[i].word) / 4)
			return words[i].word;
	return NULL;
}

static const char *find_kind(const char *name, guint *classes)
{
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_str_has_prefix(name, kinds[i].prefix)) {
			*classes = kinds[i].classes;
			return kinds[i].prefix;
		}
	*classes = 0;
	return "";
}

/* ---- does a rule mean this disk ---- */

/* "loop*" names the loop devices, "*" does not. */
static gboolean names_kind(const char *word, const char *name)
{
	guint classes;

	return g_str_has_prefix(word, find_kind(name, &classes));
}

static gboolean fits(const TuneDisk *disk, const char *word, gboolean *is_named)
{
	guint class = tune_disk_class_from_word(word);

	if (class)
		return (disk->classes & class) != 0;
	gboolean is_exact = strpbrk(word, "*?") == NULL;
	if (!g_pattern_match_simple(word, disk->name))
		return FALSE;
	if (is_exact || (!(disk->classes & TUNE_DISK_PATH) && names_kind(word, disk->name)))
		*is_named = TRUE;
	return TRUE;
}

gboolean tune_disk_matches(const TuneDisk *disk, const char *const *wanted)
{
	gboolean is_named = FALSE;

	for (; *wanted; wanted++) {
		gboolean is_opposite = **wanted == '!';
		gboolean is_fit = fits(disk, *wanted + is_opposite, &is_named);
		if (is_fit == is_opposite)
			return FALSE;
	}
	return is_named || !(disk->classes & (TUNE_DISK_STACKED | TUNE_DISK_PATH));
}

/* ---- which there are ---- */

static void disk_free(gpointer data)
{
	TuneDisk *disk = data;

	g_free(disk->name);
	g_free(disk);
}

/* Paths of an NVMe subsystem ("nvme0c1n1") are hidden behind its disk and have no queue of interest. */
static gboolean is_hidden(const char *name)
{
	return g_pattern_match_simple("nvme*c*n*", name);
}

static guint ask_rotational(TuneRoot *root, const char *name)
{
	g_autofree char *path = g_strdup_printf("sys/block/%s/queue/rotational", name);
	g_autofree char *shown = tune_root_read_attribute(root, path, NULL);

	if (!shown)
		return 0;
	return strcmp(shown, "0") == 0 ? TUNE_DISK_SSD : TUNE_DISK_ROTATIONAL;
}

static GPtrArray *list_disks(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) names = tune_root_list(root, "sys/block", error);

	if (!names)
		return NULL;
	GPtrArray *disks = g_ptr_array_new_with_free_func(disk_free);
	for (guint i = 0; i < names->len; i++) {
		if (is_hidden(names->pdata[i]))
			continue;
		TuneDisk *disk = g_new(TuneDisk, 1);
		disk->name = g_strdup(names->pdata[i]);
		find_kind(disk->name, &disk->classes);
		g_ptr_array_add(disks, disk);
	}
	return disks;
}

static gboolean is_plain(const TuneDisk *disk)
{
	return !(disk->classes & TUNE_DISK_STACKED);
}

static void walk(TuneStack *stack, const GPtrArray *disks)
{
	for (guint i = 0; i < disks->len; i++)
		if (is_plain(disks->pdata[i]))
			tune_stack_climb(stack, ((TuneDisk *)disks->pdata[i])->name);
	for (guint i = 0; i < disks->len; i++) {
		const TuneDisk *disk = disks->pdata[i];
		if (tune_stack_is_multipath(stack, disk->name))
			tune_stack_climb(stack, disk->name);
		else if (g_str_has_prefix(disk->name, "drbd"))
			tune_stack_descend(stack, disk->name);
	}
}

/* A multipath device is a stacked one by its name, and the disk to tune all the same. */
static void classify(TuneRoot *root, TuneStack *stack, guint wanted, TuneDisk *disk)
{
	if (tune_stack_is_multipath(stack, disk->name))
		disk->classes = 0;
	if (!disk->classes && wanted & (TUNE_DISK_ROTATIONAL | TUNE_DISK_SSD))
		disk->classes = ask_rotational(root, disk->name);
	if (is_plain(disk))
		disk->classes |= tune_stack_classify(stack, disk->name);
}

GPtrArray *tune_disks_find(TuneRoot *root, guint wanted, const char *const *volume_groups,
			   GError **error)
{
	GPtrArray *disks = list_disks(root, error);

	if (!disks)
		return NULL;
	g_autoptr(TuneStack)
		stack = tune_stack_new(root, wanted & TUNE_DISK_DRBD ? volume_groups : NULL);
	walk(stack, disks);
	for (guint i = 0; i < disks->len; i++)
		classify(root, stack, wanted, disks->pdata[i]);
	return disks;
}
