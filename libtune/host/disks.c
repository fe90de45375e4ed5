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
	{ "hdd",        TUNE_DISK_ROTATIONAL },
	{ "ssd",        TUNE_DISK_SSD },
	{ "nvme",       TUNE_DISK_NVME },
	{ "virtio",     TUNE_DISK_VIRTIO },
	{ "xen",        TUNE_DISK_XEN },
	{ "drbd",       TUNE_DISK_DRBD },
	{ "multiqueue", TUNE_DISK_MULTIQUEUE },
};

/* By the names that drivers use (Documentation/admin-guide/devices.txt).  Of other disks, "rotational" is read. */
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

/* "sda" is one letter away from "ssd", and "drbd0" begins like "drbd", but both are names of disks. */
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

/* ---- whether a rule is about a disk ---- */

static gboolean matches_word(const TuneDisk *disk, const char *word, gboolean *is_named)
{
	guint class = tune_disk_class_from_word(word), classes;

	if (class)
		return (disk->classes & class) != 0;
	gboolean is_exact = strpbrk(word, "*?") == NULL;
	if (!g_pattern_match_simple(word, disk->name))
		return FALSE;
	/* "nvme0c*" can only mean paths. */
	if (disk->head && !g_pattern_match_simple(word, disk->head))
		*is_named = TRUE;
	/* "loop*" names loop devices explicitly, "*" does not. */
	if (is_exact || (!(disk->classes & TUNE_DISK_PATH) &&
			 g_str_has_prefix(word, find_kind(disk->name, &classes))))
		*is_named = TRUE;
	return TRUE;
}

gboolean tune_disk_matches(const TuneDisk *disk, const char *const *wanted)
{
	gboolean is_named = FALSE;

	for (; *wanted; wanted++) {
		gboolean is_opposite = **wanted == '!';
		if (matches_word(disk, *wanted + is_opposite, &is_named) == is_opposite)
			return FALSE;
	}
	return is_named || !(disk->classes & (TUNE_DISK_STACKED | TUNE_DISK_PATH));
}

/* ---- the disks of a host ---- */

static void disk_free(gpointer data)
{
	TuneDisk *disk = data;

	g_free(disk->name);
	g_free(disk->head);
	g_free(disk);
}

static guint read_rotational(TuneRoot *root, const char *name)
{
	g_autofree char *path = g_strdup_printf("sys/block/%s/queue/rotational", name);
	g_autofree char *shown = tune_root_read_attribute(root, path, NULL);

	if (!shown)
		return 0;
	return strcmp(shown, "0") == 0 ? TUNE_DISK_SSD : TUNE_DISK_ROTATIONAL;
}

/* The driver has a directory for each hardware queue. */
static guint read_queues(TuneRoot *root, const char *name)
{
	g_autofree char *path = g_strdup_printf("sys/block/%s/mq", name);
	g_autoptr(GPtrArray) queues = tune_root_list(root, path, NULL);

	return queues && queues->len > 1 ? TUNE_DISK_MULTIQUEUE : 0;
}

/* "nvme0n1" of its path "nvme0c1n1"; NULL for any other name */
static char *get_head(const char *name)
{
	const char *controller = strchr(name, 'c');
	const char *namespace = controller ? strchr(controller, 'n') : NULL;

	if (!namespace || !g_str_has_prefix(name, "nvme"))
		return NULL;
	return g_strdup_printf("%.*s%s", (int)(controller - name), name, namespace);
}

static GPtrArray *list_disks(TuneRoot *root, GError **error)
{
	g_autoptr(GPtrArray) names = tune_root_list(root, "sys/block", error);

	if (!names)
		return NULL;
	GPtrArray *disks = g_ptr_array_new_with_free_func(disk_free);
	for (guint i = 0; i < names->len; i++) {
		TuneDisk *disk = g_new0(TuneDisk, 1);
		disk->name = g_strdup(names->pdata[i]);
		disk->head = get_head(disk->name);
		find_kind(disk->name, &disk->classes);
		if (disk->head)
			disk->classes |= TUNE_DISK_PATH;
		g_ptr_array_add(disks, disk);
	}
	return disks;
}

static gboolean is_plain(const TuneDisk *disk)
{
	return !(disk->classes & TUNE_DISK_STACKED) && !disk->head;
}

const TuneDisk *tune_disks_get(const GPtrArray *disks, const char *name)
{
	for (guint i = 0; i < disks->len; i++)
		if (strcmp(((const TuneDisk *)disks->pdata[i])->name, name) == 0)
			return disks->pdata[i];
	return NULL;
}

static void climb_all(TuneStack *stack, const GPtrArray *disks)
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

GPtrArray *tune_disks_find(TuneRoot *root, guint wanted, const char *const *volume_groups,
			   GError **error)
{
	GPtrArray *disks = list_disks(root, error);

	if (!disks)
		return NULL;
	g_autoptr(TuneStack)
		stack = tune_stack_new(root, wanted & TUNE_DISK_DRBD ? volume_groups : NULL);
	climb_all(stack, disks);
	for (guint i = 0; i < disks->len; i++) {
		TuneDisk *disk = disks->pdata[i];
		/* By its name a multipath device is stacked, but it is the disk to tune. */
		if (tune_stack_is_multipath(stack, disk->name))
			disk->classes = 0;
		if (!disk->classes && wanted & (TUNE_DISK_ROTATIONAL | TUNE_DISK_SSD))
			disk->classes = read_rotational(root, disk->name);
		if (!is_plain(disk))
			continue;
		disk->classes |= tune_stack_classify(stack, disk->name);
		if (wanted & TUNE_DISK_MULTIQUEUE)
			disk->classes |= read_queues(root, disk->name);
	}
	return disks;
}
